"""What waits is told by a later alert of its story, and only what waits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.alerts.timing import Plan
from tocsin.model import Reason
from tocsin.store import outbox
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
