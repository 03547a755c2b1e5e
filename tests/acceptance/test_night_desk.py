"""What waits is listed with its reason and comes at its time; what grows meanwhile comes as one message."""

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


def reported(
    number, title, now, source="wire", says="the harbour master told reporters who had waited for hours at the gate"
):
    article = build(
        title=title,
        paragraphs=[f"{title}, {says} ({number})."],
        source=source,
        url=f"https://{source}.example/{number}",
        published=now,
        fetched_at=now,
    )
    return Collected(state=FetchState(source=source, outcome=FetchOutcome.OK, polled_at=now), articles=(article,))


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


def test_a_story_that_grows_in_quiet_hours_is_one_update_in_the_morning(desk):
    (desk / "rules" / "channels.yaml").write_text(
        "channels:\n  - id: desk\n    url: json://127.0.0.1:9/desk\n    updates: true\n"
        "    quiet: {from: '22:00', to: '07:00', zone: Asia/Seoul}\n"
    )
    workspace, tape = load(desk), Tape("desk")
    with open_store(f"sqlite:///{desk}/t.db", desk) as store:
        for minutes in range(12):
            at = NIGHT + timedelta(minutes=minutes)
            collected = reported(minutes, f"Shore battery fired at dawn drill, {minutes} guns heard", at)
            pipeline.judge(workspace, store, [collected], now=lambda at=at: at)
        growth = [row for row in store.outbox.listing() if row["state"] == "covered"]
        assert len(growth) == 2
        assert {str(row["waits"]).split(",")[0] for row in growth} == {"told with updated"}
        morning = NIGHT + timedelta(hours=7)
        deliver(store.outbox, {"desk": tape}, worker=store.worker, now=lambda: morning, rng=Random(1))
        assert tape.sent == [
            "HIGH — Something was fired: Shore battery fired at dawn drill, 0 guns heard",
            "UPDATE — HIGH — Something was fired: 12 reports by 1 origin so far",
        ]
        assert sorted(row["state"] for row in store.outbox.listing()) == ["covered", "covered", "sent", "sent"]


def test_an_alert_that_breaks_through_tells_what_waited_of_its_story(desk):
    (desk / "rules" / "watch.yaml").write_text(
        RULES.replace("severity: high", "severity: high\nalert: {corroborate: {origins: 2, within: 3h}}", 1)
    )
    (desk / "rules" / "channels.yaml").write_text(
        "channels:\n  - id: desk\n    url: json://127.0.0.1:9/desk\n"
        "    quiet: {from: '22:00', to: '07:00', zone: Asia/Seoul, unless: {origins: 2}}\n"
    )
    (desk / "sources" / "a.yaml").write_text(
        "sources:\n  - {id: wire, url: 'https://wire.example/feed'}\n  - {id: post, url: 'https://post.example/feed'}\n"
    )
    workspace, tape = load(desk), Tape("desk")
    with open_store(f"sqlite:///{desk}/t.db", desk) as store:
        for minutes, source, says in (
            (0, "wire", "our reporter saw from the pier"),
            (1, "post", "a baker on the hill saw the flash and heard six shots before her windows shook"),
        ):
            at = NIGHT + timedelta(minutes=minutes)
            told = reported(minutes, "Shore battery fired at dawn drill", at, source, says)
            pipeline.judge(workspace, store, [told], now=lambda at=at: at)
        for hours in (1, 8):
            now = NIGHT + timedelta(hours=hours)
            deliver(store.outbox, {"desk": tape}, worker=store.worker, now=lambda now=now: now, rng=Random(1))
        assert [subject.split(" — ")[0] for subject in tape.sent] == ["CONFIRMED"]
