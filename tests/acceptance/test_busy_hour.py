"""An hour in which a rule fires again and again: so many at once, the rest in one message, nothing dropped."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tocsin import pipeline
from tocsin.alerts.deliver import deliver
from tocsin.articles.build import build
from tocsin.model import Collected, FetchOutcome, FetchState, SendOutcome, SendResult
from tocsin.store import open_store
from tocsin.workspace import load

RULES = """
id: fired
title: Something was fired
severity: high
when: {words: [fired]}
tests: [{event: The battery fired on Sunday.}, {none: A quiet Sunday.}]
---
id: sunk
title: A ship was sunk
severity: critical
when: {words: [sunk]}
tests: [{event: The ferry was sunk on Sunday.}, {none: A quiet Sunday.}]
"""
CHANNELS = """
channels:
  - id: desk
    url: json://127.0.0.1:9/desk
    throttle: {per: channel, at_most: 2, within: 1h, unless: {severity: critical}}
  - {id: press, url: json://127.0.0.1:9/press}
"""
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NIGHT = (
    (0, "Coastal battery fired at a drone", "Fishermen of Adel saw sparks above their nets and rowed home at once."),
    (5, "Marine gunners fired on smugglers", "Crates of tobacco drifted into Brock bay, where customs gathered them."),
    (10, "Garrison fired warning shots", "A goat herd had strayed into Colm barracks through an open gate."),
    (20, "Ferry sunk off the cape", "Forty travellers were brought ashore, wet and unhurt, by two pilot boats."),
    (40, "Frigate fired a flare by mistake", "The Dunmore cook had leaned on a lever while he looked for matches."),
    (
        61,
        "Old fort fired its noon gun twice",
        "Tourists on Farrow hill clapped, and pigeons did not come back all day.",
    ),
)


class Tape:
    missing = ""

    def __init__(self, name):
        self.id = name
        self.sent = []

    def send(self, message, *_):
        self.sent.append(message)
        return SendResult(outcome=SendOutcome.SENT)


@pytest.fixture
def desk(tmp_path):
    for name, text in {
        "rules/watch.yaml": RULES,
        "rules/channels.yaml": CHANNELS,
        "sources/a.yaml": "sources: [{id: wire, url: 'https://wire.example/feed'}]\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def reported(title, more, now):
    article = build(
        title=title,
        paragraphs=[f"{title} this morning.", more],
        source="wire",
        url=f"https://wire.example/{title.split()[0]}",
        published=now,
        fetched_at=now,
    )
    return Collected(state=FetchState(source="wire", outcome=FetchOutcome.OK, polled_at=now), articles=(article,))


def test_what_is_above_the_throttle_comes_in_one_message_and_the_gravest_at_once(desk):
    workspace, tapes, got = load(desk), {name: Tape(name) for name in ("desk", "press")}, {}
    with open_store(f"sqlite:///{desk}/t.db", desk) as store:
        for minutes in range(130):
            now = START + timedelta(minutes=minutes)
            for _, title, more in (one for one in NIGHT if one[0] == minutes):
                pipeline.judge(workspace, store, [reported(title, more, now)], now=lambda now=now: now)
            before = len(tapes["desk"].sent)
            deliver(store.outbox, tapes, worker=store.worker, now=lambda now=now: now, rng=Random(1))
            if new := tapes["desk"].sent[before:]:
                got[minutes] = [message.subject for message in new]
        waits = {row["headline"]: row["waits"] for row in store.outbox.listing() if row["channel"] == "desk"}
        assert {row["state"] for row in store.outbox.listing()} == {"sent"}
    assert got == {
        0: [f"HIGH — Something was fired: {NIGHT[0][1]}"],
        5: [f"HIGH — Something was fired: {NIGHT[1][1]}"],
        20: ["CRITICAL — A ship was sunk: Ferry sunk off the cape"],
        60: ["2 more alerts up to 2026-11-22 10:00 UTC"],
        80: ["1 more alert up to 2026-11-22 10:20 UTC"],
    }
    assert len(tapes["press"].sent) == len(NIGHT)
    assert waits[NIGHT[2][1]].startswith(
        "throttled: 2 of any kind within 1 h were told; what is more comes together at"
    )
