"""What waits is told by a later alert of its story, and only what waits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.alerts.timing import Plan
from tocsin.model import DeliveryState, Reason, SendOutcome, SendResult
from tocsin.store import open_store, outbox, throttles
from tocsin.store.covering import cover

from .conftest import NOW, make_alert

MORNING, LEASE = NOW + timedelta(hours=7), timedelta(minutes=10)


@pytest.fixture
def wait(store):
    """Puts an alert out that waits until a time, and covers what it tells."""

    def put(name, due_at=MORNING, why="quiet hours until 07:00", **changes):
        alert = replace(make_alert(name), **changes)
        with store.writing() as connection:
            outbox.save_alert(connection, alert)
            outbox.save_delivery(connection, alert, "desk", Plan(due_at=due_at, why=why))
            return cover(connection, alert, "desk")

    return put


def states(store):
    return {row["alert"]: row["state"] for row in store.outbox.listing()}


def test_later_alert_of_the_story_tells_what_waits(store, wait):
    assert wait("first") == 0
    assert wait("official", reason=Reason.OFFICIAL) == 1
    assert states(store) == {"first": "covered", "official": "pending"}
    [covered] = store.outbox.listing(["covered"])
    assert covered["waits"] == "told with official, alert official"
    assert [one.alert.id for one in store.outbox.claim("desk", store.worker, MORNING, 10, LEASE)] == ["official"]


@pytest.mark.parametrize("changes", [{"story": "s2"}, {"rule": "other"}])
def test_another_story_or_rule_is_left_alone(store, wait, changes):
    wait("first")
    assert wait("other", **changes) == 0
    assert set(states(store).values()) == {"pending"}


def test_growth_covers_growth_and_not_the_alert_that_has_the_evidence(store, wait):
    wait("first")
    wait("three", reason=Reason.UPDATED, quiet=True)
    assert wait("six", reason=Reason.UPDATED, quiet=True) == 1
    assert states(store) == {"first": "pending", "three": "covered", "six": "pending"}


def test_what_goes_out_sooner_is_not_covered(store, wait):
    wait("first", due_at=NOW + timedelta(hours=1))
    assert wait("official") == 0


def test_what_is_told_at_once_covers_what_waits_and_nothing_that_was_due_at_once(store, wait):
    wait("first", due_at=NOW, why="")
    wait("second")
    assert wait("official", due_at=NOW, why="") == 1
    assert states(store) == {"first": "pending", "second": "covered", "official": "pending"}


def test_what_a_sender_has_taken_up_is_left_to_it(store, wait):
    wait("first")
    store.outbox.claim("desk", store.worker, MORNING, 10, LEASE)
    assert wait("official") == 0


def test_what_is_covered_comes_back_when_it_is_named(store, wait):
    wait("first")
    wait("official")
    [covered] = store.outbox.listing(["covered"])
    assert store.outbox.retry(None, NOW) == 0
    assert store.outbox.retry([str(covered["id"])], NOW) == 1
    assert states(store)["first"] == "pending"


# --- corrections, and what comes after later alerts ---------------------------------------------------------------


@pytest.fixture
def tell(store):
    """Puts an alert out at a time, due at once."""

    def put(name, minutes, **changes):
        at = NOW + timedelta(minutes=minutes)
        alert = replace(make_alert(name), created_at=at, **changes)
        with store.writing() as connection:
            outbox.save_alert(connection, alert)
            outbox.save_delivery(connection, alert, "desk")
            cover(connection, alert, "desk")
        return outbox.delivery_id(name, "desk")

    return put


@pytest.fixture
def other(database, tmp_path):
    """Another sender."""
    with open_store(database, tmp_path) as opened:
        yield opened


def claim(store, now=MORNING):
    return [one.alert.id for one in store.outbox.claim("desk", store.worker, now, 10, LEASE)]


def settle(store, delivery, result, state, now=MORNING):
    store.outbox.settle(delivery, store.worker, result, now, now + timedelta(hours=1), state)


SENT, BUSY = SendResult(outcome=SendOutcome.SENT), SendResult(outcome=SendOutcome.TRANSIENT, detail="busy")


def test_correction_does_not_overtake_what_another_sender_is_sending(store, other, tell):
    first = tell("first", 0)
    assert claim(store) == ["first"]
    assert store.outbox.start(first, store.worker, MORNING)
    tell("denied", 1, reason=Reason.CORRECTED)
    tell("elsewhere", 2, reason=Reason.CORRECTED, story="s2")
    assert claim(other) == ["elsewhere"], "the first one is on its way"
    settle(store, first, SENT, DeliveryState.SENT)
    assert claim(other) == ["denied"]


def test_correction_waits_no_longer_than_the_lease_of_a_sender_that_vanished(store, other, tell):
    first = tell("first", 0)
    claim(store)
    store.outbox.start(first, store.worker, MORNING)
    tell("denied", 1, reason=Reason.CORRECTED)
    assert claim(other, MORNING + LEASE) == ["first", "denied"]


def test_what_was_claimed_and_not_begun_is_not_sent_once_it_is_taken_back(store, tell):
    first = tell("first", 0)
    assert claim(store) == ["first"]
    tell("denied", 1, reason=Reason.CORRECTED)
    assert store.outbox.start(first, store.worker, MORNING) is None
    assert states(store) == {"first": "covered", "denied": "pending"}


@pytest.mark.parametrize(
    "changes", [{"reason": Reason.CORRECTED}, {"reason": Reason.WITHDRAWN}, {"reason": Reason.OFFICIAL}], ids=str
)
def test_what_failed_is_not_sent_after_the_later_alert_that_tells_it(store, tell, changes):
    first = tell("first", 0)
    claim(store)
    store.outbox.start(first, store.worker, MORNING)
    later = tell("later", 1, **changes)
    settle(store, first, BUSY, DeliveryState.FAILED)
    assert claim(store) == ["later"]
    store.outbox.start(later, store.worker, MORNING)
    settle(store, later, SENT, DeliveryState.SENT)
    again = MORNING + timedelta(hours=2)
    assert claim(store, again) == ["first"]
    assert store.outbox.start(first, store.worker, again) is None
    [covered] = store.outbox.listing(["covered"])
    assert (covered["alert"], covered["waits"]) == ("first", f"told with {changes['reason']}, alert later")
    assert claim(store, again + LEASE) == []


def test_what_failed_is_sent_again_when_nothing_later_has_arrived(store, tell):
    first = tell("first", 0)
    tell("other story", 1, story="s2", reason=Reason.WITHDRAWN)
    tell("growth", 2, quiet=True, reason=Reason.UPDATED)
    tell("official", 3, reason=Reason.OFFICIAL)
    claim(store)
    store.outbox.start(first, store.worker, MORNING)
    settle(store, first, BUSY, DeliveryState.FAILED)
    again = MORNING + timedelta(hours=2)
    assert claim(store, again)[0] == "first"
    assert store.outbox.start(first, store.worker, again)


def test_retry_of_everything_leaves_out_what_was_taken_back_and_a_named_one_is_sent_all_the_same(store, tell):
    first = tell("first", 0)
    claim(store)
    store.outbox.start(first, store.worker, MORNING)
    refused = SendResult(outcome=SendOutcome.PERMANENT, detail="no such room")
    settle(store, first, refused, DeliveryState.DEAD)
    with store.writing() as connection:  # for the record: this channel was never told
        outbox.save_alert(connection, replace(make_alert("denied"), reason=Reason.CORRECTED, created_at=MORNING))
    for named in (None, [first]):
        assert store.outbox.retry(named, MORNING) == 1
        assert claim(store) == ["first"]
        assert (store.outbox.start(first, store.worker, MORNING) is not None) == (named is not None)


def test_what_is_covered_uses_up_no_throttle(store, wait):
    wait("first")
    wait("second", reason=Reason.CORROBORATED, created_at=NOW + timedelta(minutes=1))
    with store.writing() as connection:
        assert [one.alert.id for one in throttles.told_since(connection, "desk", NOW - timedelta(hours=1))] == [
            "second"
        ]
