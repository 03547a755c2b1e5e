from datetime import timedelta

import pytest

from tocsin.alerts.timing import Plan
from tocsin.model import DeliveryState, SendOutcome, SendResult
from tocsin.store import backlog, outbox

from .conftest import NOW, make_alert

MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def settle(store):
    """Claims what is due on a channel and ends an attempt at it."""

    def ended(channel, outcome, state):
        (taken,) = store.outbox.claim(channel, store.worker, NOW + MINUTE, 1, MINUTE)
        store.outbox.start(taken.id, store.worker, NOW + MINUTE)
        store.outbox.settle(
            taken.id, store.worker, SendResult(outcome=outcome, detail="no"), NOW + MINUTE, LATER, state
        )
        return taken.id

    return ended


def ask(store, question, *arguments):
    with store.writing() as connection:
        return question(connection, *arguments)


def test_what_was_dropped_by_hand_is_not_counted_as_dead(store, put_alert, settle):
    put_alert("a1", ("desk", "mail", "room"))
    settle("desk", SendOutcome.PERMANENT, DeliveryState.DEAD)
    settle("room", SendOutcome.SENT, DeliveryState.SENT)
    store.outbox.drop([settle("mail", SendOutcome.PERMANENT, DeliveryState.DEAD)])
    assert ask(store, backlog.tally) == {"desk": {"dead": 1}, "mail": {"dropped": 1}, "room": {"sent": 1}}


def test_the_last_message_that_arrived_is_known_by_channel(store, put_alert, settle):
    put_alert("a1", ("desk", "mail"))
    settle("desk", SendOutcome.SENT, DeliveryState.SENT)
    assert ask(store, backlog.last_sent) == {"desk": NOW + MINUTE}


def test_what_fails_has_waited_since_it_was_made_however_late_its_next_try(store, put_alert, settle):
    assert ask(store, backlog.oldest, LATER) is None
    put_alert()
    settle("desk", SendOutcome.TRANSIENT, DeliveryState.FAILED)
    assert ask(store, backlog.oldest, NOW + 5 * MINUTE) == NOW


def test_what_waits_by_plan_waits_only_from_its_time_on(store):
    alert = make_alert("a1")
    with store.writing() as connection:
        outbox.save_alert(connection, alert)
        outbox.save_delivery(connection, alert, "desk", Plan(due_at=LATER, why="quiet hours"))
    assert ask(store, backlog.oldest, LATER - MINUTE) is None
    assert ask(store, backlog.oldest, LATER + MINUTE) == LATER


def test_what_arrived_does_not_wait(store, put_alert, settle):
    put_alert()
    settle("desk", SendOutcome.SENT, DeliveryState.SENT)
    assert ask(store, backlog.oldest, LATER) is None
