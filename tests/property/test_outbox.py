"""The outbox on SQLite and the one in memory, which the tests of `deliver` stand on, answer alike whatever is asked."""

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting import NOON, alert
from memory_outbox import MemoryOutbox
from tocsin.model import Delivery, DeliveryState, Rate, Reason, SendOutcome, SendResult
from tocsin.store import open_store, outbox

LEASE = timedelta(minutes=10)
REASONS = [Reason.FIRST, Reason.FIRST, Reason.CORROBORATED, Reason.WITHDRAWN, Reason.FIRST]
ALERTS = [
    alert(id=f"{at:032x}", story=f"{at % 2 + at // 4 * 2:016x}", reason=reason, created_at=NOON + timedelta(seconds=at))
    for at, reason in enumerate(REASONS)
]
NAMES = [outbox.delivery_id(one.id, "desk") for one in ALERTS]
ENDS = {
    SendOutcome.SENT: DeliveryState.SENT,
    SendOutcome.TRANSIENT: DeliveryState.FAILED,
    SendOutcome.PERMANENT: DeliveryState.DEAD,
    SendOutcome.UNCONFIGURED: DeliveryState.HELD,
}

workers = st.sampled_from(["w1", "w2"])
names = st.sampled_from(NAMES)
results = st.builds(
    SendResult,
    outcome=st.sampled_from(SendOutcome),
    detail=st.just("why"),
    retry_after=st.none() | st.sampled_from([5.0, 500.0]),
    receipt=st.sampled_from(["", "m1", "m2"]),
)
rates = st.none() | st.builds(Rate, st.integers(1, 4), st.sampled_from([60, 3600]))
steps = st.one_of(
    st.tuples(st.just("claim"), workers, st.integers(1, 4), rates),
    st.tuples(st.just("start"), names, workers),
    st.tuples(st.just("settle"), names, workers, results, st.just("") | names),
    st.tuples(st.just("give back"), st.lists(names, max_size=3, unique=True), workers),
    st.tuples(st.just("release")),
    st.tuples(st.just("wait"), st.sampled_from([20, 90, 700])),
)


def ask(box, now, step):
    """What an outbox answers to one step."""
    match step:
        case "claim", worker, number, rate:
            return [(one.id, one.state, one.attempts) for one in box.claim("desk", worker, now, number, LEASE, rate)]
        case "start", name, worker:
            return box.start(name, worker, now) is not None
        case "settle", name, worker, result, following:
            due = now + timedelta(seconds=30) if result.outcome is SendOutcome.TRANSIENT else None
            done = box.settle(name, worker, result, now, due, ENDS[result.outcome], following)
            return done.rest_until, done.started is not None
        case "give back", several, worker:
            return box.give_back(several, worker)
        case ("release",):
            return box.release("desk", NOON)
    return None


@settings(max_examples=60)
@given(st.lists(steps, min_size=20, max_size=40))
def test_both_outboxes_answer_alike(story):
    deliveries = {outbox.delivery_id(one.id, "desk"): one for one in ALERTS}
    memory = MemoryOutbox(
        *(Delivery(id=name, alert=one, channel="desk", due_at=one.created_at) for name, one in deliveries.items()),
        created_at=NOON,
    )
    with tempfile.TemporaryDirectory() as folder, open_store("sqlite://", Path(folder)) as store:
        with store.writing() as connection:
            for one in ALERTS:
                outbox.save_alert(connection, one)
                outbox.save_delivery(connection, one, "desk")
        store.outbox._is_gone = lambda _: False
        now = NOON
        for step in story:
            now += timedelta(seconds=step[1] if step[0] == "wait" else 0)
            assert ask(store.outbox, now, step) == ask(memory, now, step), step
            assert list(store.outbox.due_channels(now)) == list(memory.due_channels(now)), step
        states = {row["id"]: row["state"] for row in store.outbox.listing()}
        assert states == memory.states()
