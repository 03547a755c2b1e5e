from datetime import timedelta

import pytest

from tocsin.alerts.health import ChannelSigns, Outage, OutageKind
from tocsin.model import DeliveryState, SendOutcome, SendResult
from tocsin.store import outages

from .conftest import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def settle(store):
    """Claims the only delivery that is due and ends an attempt at it."""

    def ended(outcome, state, after, detail=""):
        now = NOW + after
        (taken,) = store.outbox.claim("desk", store.worker, now, 1, MINUTE)
        store.outbox.start(taken.id, store.worker, now)
        store.outbox.settle(taken.id, store.worker, SendResult(outcome=outcome, detail=detail), now, None, state)
        return taken.id

    return ended


def signs(store):
    with store.writing() as connection:
        return outages.channel_signs(connection, ["desk"])[0]


def test_outages_come_back_as_they_were_and_old_ones_go(store):
    first = Outage(kind=OutageKind.CHANNEL, name="desk", id="1" * 16, since=NOW, detail="refused", opened_at=NOW)
    second = Outage(kind=OutageKind.LATE, id="2" * 16, since=NOW - MINUTE, ended_at=NOW, returned=True)
    with store.writing() as connection:
        outages.remember(connection, [first, second])
        assert outages.remembered(connection) == (second, first)
        outages.remember(connection, [second])
        assert outages.remembered(connection) == (second,)
        outages.remember(connection, [])
        assert outages.remembered(connection) == ()


def test_a_channel_that_never_had_anything_to_say_is_well(store):
    assert signs(store) == ChannelSigns(channel="desk")


def test_what_fails_in_passing_waits_and_says_why(store, put_alert, settle):
    put_alert()
    settle(SendOutcome.TRANSIENT, DeliveryState.FAILED, MINUTE, "refused")
    assert signs(store) == ChannelSigns(channel="desk", failures=1, waiting=1, last_error="refused")


def test_what_was_given_up_counts_until_something_arrives(store, put_alert, settle):
    put_alert("a1")
    settle(SendOutcome.PERMANENT, DeliveryState.DEAD, MINUTE, "HTTP 404")
    assert (signs(store).given_up, signs(store).last_error) == (1, "HTTP 404")
    put_alert("a2")
    settle(SendOutcome.SENT, DeliveryState.SENT, 2 * MINUTE)
    assert signs(store).given_up == 0


def test_what_a_person_dropped_is_no_sign_of_anything(store, put_alert, settle):
    put_alert()
    dead = settle(SendOutcome.PERMANENT, DeliveryState.DEAD, MINUTE, "HTTP 404")
    store.outbox.drop([dead])
    assert signs(store) == ChannelSigns(channel="desk")


def test_what_is_held_for_want_of_an_address_counts(store, put_alert, settle):
    put_alert()
    settle(SendOutcome.UNCONFIGURED, DeliveryState.HELD, MINUTE, "DESK_URL is not set")
    assert signs(store) == ChannelSigns(channel="desk", held=1, last_error="DESK_URL is not set")
