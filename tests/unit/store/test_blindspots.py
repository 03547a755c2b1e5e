from datetime import timedelta

import pytest

from tocsin.model import FetchOutcome, FetchReason, FetchState
from tocsin.sources.blindness import BlindSpot
from tocsin.store import blindspots, sources, ticks, totals
from tocsin.store.totals import key

from .conftest import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def poll(store):
    """Writes how a poll of the source ended, so many minutes after the beginning."""
    last_good = {}

    def ended(source, minute, *, ok, gap_at=None, detail=""):
        now = NOW + minute * MINUTE
        if ok:
            last_good[source] = now
        state = FetchState(
            source=source,
            outcome=FetchOutcome.OK if ok else FetchOutcome.FAILED,
            reason=FetchReason.NEW_CONTENT if ok else FetchReason.TIMEOUT,
            detail=detail,
            polled_at=now,
            success_at=last_good.get(source),
            gap_at=gap_at and NOW + gap_at * MINUTE,
        )
        with store.writing() as connection:
            sources.save_states(connection, [state])

    return ended


def spots(store, since=-1000, until=1000):
    with store.writing() as connection:
        return blindspots.between(connection, NOW + since * MINUTE, NOW + until * MINUTE)


def spot(source, since, until, *, lost=False, detail="timed out"):
    end = None if until is None else NOW + until * MINUTE
    return BlindSpot(source=source, since=NOW + since * MINUTE, until=end, lost=lost, detail=detail)


def test_a_source_that_answers_leaves_no_row(store, poll):
    for minute in range(5):
        poll("wire", minute, ok=True)
    assert spots(store) == []


def test_a_source_is_blind_from_its_last_good_poll_to_the_next(store, poll):
    poll("wire", 0, ok=True)
    poll("other", 5, ok=True)
    for minute, why in ((10, "DNS"), (20, "HTTP 503"), (30, "HTTP 502")):
        poll("wire", minute, ok=False, detail=why)
    assert spots(store) == [spot("wire", 0, None, detail="HTTP 502")]
    with store.writing() as connection:
        assert set(blindspots.open_now(connection)) == {"wire"}
    poll("wire", 40, ok=True)
    assert spots(store) == [spot("wire", 0, 40, detail="HTTP 502")]
    with store.writing() as connection:
        assert not blindspots.open_now(connection)


def test_a_source_never_seen_is_blind_from_its_first_poll(store, poll):
    poll("wire", 3, ok=False)
    poll("wire", 6, ok=False)
    assert spots(store) == [spot("wire", 3, None)]


def test_what_its_feed_no_longer_holds_afterwards_may_be_lost(store, poll):
    poll("wire", 0, ok=True)
    poll("wire", 10, ok=False)
    poll("wire", 60, ok=True, gap_at=60)
    poll("wire", 70, ok=True, gap_at=60)
    assert spots(store) == [spot("wire", 0, 60, lost=True)]


def test_a_gap_without_a_failure_is_a_blind_spot_too(store, poll):
    poll("wire", 0, ok=True)
    poll("wire", 60, ok=True, gap_at=60)
    poll("wire", 70, ok=True, gap_at=60)
    (found,) = spots(store)
    assert (found.since, found.until, found.lost) == (NOW, NOW + 60 * MINUTE, True)


def test_only_what_touches_the_stretch_is_reported_and_what_is_old_can_be_forgotten(store, poll):
    for start in (0, 100):
        poll("wire", start, ok=True)
        poll("wire", start + 10, ok=False)
        poll("wire", start + 20, ok=True)
    assert spots(store, 20, 100) == []
    assert spots(store, 15, 101) == [spot("wire", 0, 20), spot("wire", 100, 120)]
    with store.writing() as connection:
        assert blindspots.forget(connection, NOW + 50 * MINUTE) == 1
    assert spots(store) == [spot("wire", 100, 120)]


def test_totals_add_up_for_each_set_of_labels(store):
    sent, dead = (key("deliveries", outcome=each, channel='d"\\\n') for each in ("sent", "dead"))
    with store.writing() as connection:
        totals.add(connection, {sent: 2, key("ticks"): 1})
        totals.add(connection, {sent: 3, dead: 1})
        assert totals.counted(connection) == {sent: 5, dead: 1, key("ticks"): 1}


def test_passes_are_listed_from_the_one_before_the_stretch(store):
    with store.writing() as connection:
        for minute in (0, 10, 20):
            number = ticks.begin(connection, NOW + minute * MINUTE)
            ticks.end(connection, number, NOW + (minute + 1) * MINUTE, {"articles": 1})
        ticks.begin(connection, NOW + 30 * MINUTE)  # which never ended
        ended = ticks.ended(connection, NOW + 12 * MINUTE)
        assert [int((start - NOW) / MINUTE) for start, _ in ended] == [10, 20]
        ticks.note(connection, number, {"ping": "ok"})
        last = ticks.last(connection)
        assert last
        assert (last["number"], last["articles"], last["ping"]) == (number, 1, "ok")
