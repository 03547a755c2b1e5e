"""Who was told that something happened is told at once that it did not; who was not, hears of both in one message."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tocsin import pipeline
from tocsin.alerts.deliver import deliver
from tocsin.articles.build import build
from tocsin.model import Collected, FetchOutcome, FetchState, SendOutcome, SendResult
from tocsin.store import ledger, open_store
from tocsin.workspace import load

RULES = """
id: sunk
title: A ship was sunk
severity: high
when: {words: [sunk]}
alert: {corroborate: {origins: 2, within: 6h}}
tests: [{event: The ferry was sunk on Sunday.}, {none: A quiet Sunday.}]
---
language: en
cues: [{class: denied, words: [denied that], reach: clause}]
"""
SOURCES = """
sources:
  - {id: harbour, name: Harbour, url: 'https://harbour.example/feed'}
  - {id: lighthouse, name: Lighthouse, url: 'https://lighthouse.example/feed'}
"""
QUIET = 'quiet: {from: "22:00", to: "07:00", unless: {origins: 2}}'
EVENING = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
FERRY = "The ferry Marigold was sunk off the cape at noon, the harbour master said."
SEEN = "Two keepers of the lighthouse had watched how the ferry Marigold was sunk in the bay below them."
NOT_SO = "The harbour master denied that the ferry Marigold was sunk off the cape at noon."
BARGE = "A barge with timber was sunk at the northern locks, millers downstream said."
SENT = SendResult(outcome=SendOutcome.SENT)
ASIDE = "You were not told of it before: it was taken back while it waited to be sent."


class Tape:
    """A channel that answers as it is told to, and is well otherwise."""

    missing = ""

    def __init__(self, name, *answers):
        self.id, self.answers, self.sent = name, list(answers), []

    def send(self, message, *_):
        answer = self.answers.pop(0) if self.answers else SENT
        if answer.outcome is SendOutcome.SENT:
            self.sent.append(message)
        return answer


class Desk:
    """A workspace with one channel, `desk`, and a clock."""

    def __init__(self, root, database, channel, *answers):
        self.root, self.database, self.tape = root, database, Tape("desk", *answers)
        for name, text in {
            "rules/watch.yaml": RULES,
            "rules/channels.yaml": f"channels: [{{id: desk, url: 'json://127.0.0.1:9/', {channel}}}]\n",
            "sources/all.yaml": SOURCES,
        }.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)

    def says(self, now, *texts, outlet="harbour"):
        """The outlet publishes these texts; what the channel then gets at once."""
        articles = tuple(
            build(
                title=text.split(",")[0],
                paragraphs=[text],
                source=outlet,
                url=f"https://{outlet}.example/{len(text)}",
                published=now,
                fetched_at=now,
            )
            for text in texts
        )
        state = FetchState(source=outlet, outcome=FetchOutcome.OK, polled_at=now)
        with self.store() as store:
            pipeline.judge(load(self.root), store, [Collected(state=state, articles=articles)], now=lambda: now)
        return self.sends(now)

    def sends(self, now):
        before = len(self.tape.sent)
        with self.store() as store:
            deliver(store.outbox, {"desk": self.tape}, worker=store.worker, now=lambda: now, rng=Random(1))
        return self.tape.sent[before:]

    def store(self):
        return open_store(self.database, self.root)

    def states(self):
        """The alerts in their order: the reason, and the delivery's state, empty where there is none."""
        with self.store() as store, store.writing() as connection:
            told = sorted(ledger.list_alerts(connection, 20), key=lambda row: row["created_at"])
        assert len({row["created_at"] for row in told}) == len(told), "no two are of the same moment"
        return [(row["reason"], row["deliveries"].get("desk", "")) for row in told]


@pytest.fixture
def desk(tmp_path, database):
    return lambda channel="rate: 100/s", *answers: Desk(tmp_path, database, channel, *answers)


def minutes(number, start=EVENING):
    return start + timedelta(minutes=number)


THROTTLE = "throttle: {per: channel, at_most: 1, within: 1h}"


def test_what_was_told_is_taken_back_at_once_however_much_was_told(desk):
    watch = desk(THROTTLE)
    assert len(watch.says(EVENING, FERRY)) == 1
    assert watch.says(minutes(1), BARGE, outlet="lighthouse") == [], "throttled"
    [correction] = watch.says(minutes(2), NOT_SO)
    assert correction.subject.startswith("DENIED — HIGH — A ship was sunk")
    assert ASIDE not in correction.text


def test_what_waits_for_a_throttle_is_told_with_its_correction_at_the_time_of_the_rest(desk):
    watch = desk(THROTTLE)
    watch.says(EVENING, BARGE, outlet="lighthouse")
    assert watch.says(minutes(1), FERRY) == [], "throttled"
    assert watch.says(minutes(2), NOT_SO) == [], "nobody here was told, so nobody is corrected"
    assert watch.sends(minutes(59)) == []
    [rest] = watch.sends(minutes(60))
    assert rest.subject == "1 more alert up to 2026-11-22 22:00 UTC"
    assert "DENIED — HIGH — A ship was sunk\nDenied in Harbour" in rest.text
    assert ASIDE in rest.text
    assert watch.states() == [("first", "sent"), ("first", "covered"), ("corrected", "sent")]
    assert watch.sends(minutes(300)) == []


def test_what_waits_for_a_digest_is_told_with_its_correction_in_it(desk):
    watch = desk('digest: {at: "08:00"}')
    for at, text in ((0, FERRY), (2, NOT_SO), (4, BARGE)):
        assert watch.says(minutes(at), text) == []
    [digest] = watch.sends(MIDNIGHT + timedelta(hours=8))
    assert digest.subject == "Digest: 2 alerts up to 2026-11-23 08:00 UTC"
    assert digest.text.count(ASIDE) == 1
    assert digest.text.count("A ship was sunk (unconfirmed)") == 1, "the barge alone"


def test_what_waits_for_the_morning_is_told_with_its_correction_in_the_morning(desk):
    watch = desk(QUIET)
    assert watch.says(MIDNIGHT, FERRY) == []
    assert watch.says(minutes(2, MIDNIGHT), NOT_SO) == []
    [morning] = watch.sends(MIDNIGHT + timedelta(hours=7))
    assert morning.subject.startswith("DENIED — HIGH — A ship was sunk")
    assert morning.text.splitlines()[2] == ASIDE
    assert "What it denies was reported by:\n- Harbour" in morning.text


def test_who_was_told_in_quiet_hours_is_told_in_them_that_it_is_not_so(desk):
    watch = desk(QUIET)
    assert watch.says(MIDNIGHT, FERRY) == []
    [woken] = watch.says(minutes(5, MIDNIGHT), SEEN, outlet="lighthouse")
    assert woken.subject.startswith("CONFIRMED — ")
    [correction] = watch.says(minutes(9, MIDNIGHT), NOT_SO)
    assert correction.subject.startswith("DENIED — ")
    assert ASIDE not in correction.text


def test_who_was_told_in_the_evening_hears_in_the_morning_that_it_is_not_so(desk):
    watch = desk('quiet: {from: "22:00", to: "07:00"}')
    assert len(watch.says(EVENING, FERRY)) == 1
    assert watch.says(MIDNIGHT, NOT_SO) == []
    [morning] = watch.sends(MIDNIGHT + timedelta(hours=7))
    assert morning.subject.startswith("DENIED — ")
    assert ASIDE not in morning.text


def test_a_channel_that_refused_the_alert_is_not_corrected(desk):
    watch = desk("rate: 100/s", SendResult(outcome=SendOutcome.PERMANENT, detail="no such room"))
    assert watch.says(EVENING, FERRY) == []
    assert watch.says(minutes(2), NOT_SO) == []
    assert watch.states() == [("first", "dead"), ("corrected", "")]


def test_what_may_have_arrived_is_corrected_at_once_and_never_sent_again(desk):
    watch = desk("rate: 100/s", SendResult(outcome=SendOutcome.TRANSIENT, detail="no answer"))
    assert watch.says(EVENING, FERRY) == []
    [correction] = watch.says(minutes(2), NOT_SO)
    assert correction.subject.startswith("DENIED — ")
    assert ASIDE not in correction.text, "it may have been told"
    assert watch.states() == [("first", "covered"), ("corrected", "sent")]
    assert watch.sends(minutes(600)) == []


def test_event_and_denial_of_one_pass_are_one_message(desk):
    watch = desk()
    [message] = watch.says(EVENING, FERRY, NOT_SO)
    assert message.subject.startswith("DENIED — ")
    assert ASIDE in message.text
    assert watch.states() == [("first", "covered"), ("corrected", "sent")]
