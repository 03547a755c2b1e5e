"""A night on a virtual clock: quiet hours hold, the gravest breaks through, a digest gathers, nothing is dropped."""

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
---
id: rumour
title: Something on trial
severity: low
status: experimental
when: {words: [flares]}
tests: [{event: Flares rose on Sunday.}, {none: A quiet Sunday.}]
"""
CHANNELS = """
channels:
  - id: desk
    url: json://127.0.0.1:9/desk
    quiet: {from: "22:00", to: "07:00", zone: Asia/Seoul, unless: {severity: critical}}
  - id: daily
    url: json://127.0.0.1:9/daily
    digest: {at: "08:00", zone: Asia/Seoul}
routes:
  - {rule: rumour, to: [daily]}
  - {to: [desk, daily]}
"""
NIGHT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # midnight in Seoul


class Tape:
    missing = ""

    def __init__(self, name):
        self.id = name
        self.sent = []

    def send(self, message, *_):
        self.sent.append(message.subject)
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


def reported(number, title, now):
    article = build(
        title=title,
        paragraphs=[f"{title}, the harbour master told reporters who had waited for hours at the gate ({number})."],
        source="wire",
        url=f"https://wire.example/{number}",
        published=now,
        fetched_at=now,
    )
    return Collected(state=FetchState(source="wire", outcome=FetchOutcome.OK, polled_at=now), articles=(article,))


def test_night_alerts_wait_for_morning_but_the_gravest_and_none_is_lost(desk):
    workspace = load(desk)
    tapes = {name: Tape(name) for name in ("desk", "daily")}
    with open_store(f"sqlite:///{desk}/t.db", desk) as store:

        def send(now):
            before = {name: len(tape.sent) for name, tape in tapes.items()}
            deliver(store.outbox, tapes, worker=store.worker, now=lambda: now, rng=Random(1))
            return {name: tape.sent[before[name] :] for name, tape in tapes.items() if tape.sent[before[name] :]}

        for minutes, title in (
            (0, "Shore battery fired at dawn drill"),
            (5, "Ferry sunk off the cape"),
            (9, "Red flares over the pier"),
        ):
            at = NIGHT + timedelta(minutes=minutes)
            pipeline.judge(workspace, store, [reported(minutes, title, at)], now=lambda at=at: at)
        waits = {(row["channel"], row["rule"]): row["waits"] for row in store.outbox.listing()}
        assert waits == {
            ("desk", "fired"): "quiet hours until 2026-11-23 07:00 Asia/Seoul",
            ("desk", "sunk"): "",
            ("daily", "fired"): "digest at 2026-11-23 08:00 Asia/Seoul",
            ("daily", "sunk"): "digest at 2026-11-23 08:00 Asia/Seoul",
            ("daily", "rumour"): "digest at 2026-11-23 08:00 Asia/Seoul",
        }
        assert send(NIGHT + timedelta(minutes=10)) == {"desk": ["CRITICAL — A ship was sunk: Ferry sunk off the cape"]}
        assert send(NIGHT + timedelta(hours=6, minutes=59)) == {}
        assert send(NIGHT + timedelta(hours=7)) == {
            "desk": ["HIGH — Something was fired: Shore battery fired at dawn drill"]
        }
        assert send(NIGHT + timedelta(hours=8)) == {"daily": ["Digest: 3 alerts up to 2026-11-22 23:00 UTC"]}
        assert send(NIGHT + timedelta(days=2)) == {}
        assert {row["state"] for row in store.outbox.listing()} == {"sent"}
