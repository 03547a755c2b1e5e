import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tocsin.alerts.breaker import FAILURES
from tocsin.model import DeliveryState, Rate, SendOutcome, SendResult
from tocsin.store import open_store

from .conftest import NOW

LEASE = timedelta(minutes=10)
SENT = SendResult(outcome=SendOutcome.SENT)
BUSY = SendResult(outcome=SendOutcome.TRANSIENT, detail="HTTP 503")


def claim(store, now=NOW, worker=None):
    return list(store.outbox.claim("desk", worker or store.worker, now, 10, LEASE))


def states(store):
    return [row["state"] for row in store.outbox.listing()]


def test_an_alert_survives_the_way_through_the_outbox_unchanged(store, put_alert):
    alert = put_alert()
    (delivery,) = claim(store)
    assert delivery.alert == alert


def test_what_one_worker_has_claimed_another_leaves_alone(store, put_alert, database, tmp_path):
    put_alert()
    with open_store(database, tmp_path) as other:
        assert len(claim(other)) == 1
        assert claim(store) == []
        assert store.outbox.due_channels(NOW) == []


def test_a_lease_that_ran_out_is_free_again(store, put_alert, database, tmp_path):
    put_alert()
    with open_store(database, tmp_path) as other:
        claim(other)
        later = NOW + LEASE + timedelta(seconds=1)
        assert len(claim(store, later)) == 1
        assert not other.outbox.start(claim(store, later + 2 * LEASE)[0].id, other.worker, later)


def test_a_lease_of_a_clock_that_was_ahead_is_free_again(store, put_alert, database, tmp_path):
    put_alert()
    with open_store(database, tmp_path / "far") as other:
        assert len(claim(other, NOW + timedelta(days=365))) == 1
        assert len(claim(store)) == 1


def test_what_failed_under_a_clock_that_was_ahead_is_tried_once_it_is_right(store, put_alert):
    put_alert()
    far, rate = NOW + timedelta(days=365), Rate(number=1, seconds=60)
    for _ in range(FAILURES):  # and the channel rests
        (delivery,) = claim(store, far)
        store.outbox.settle(delivery.id, store.worker, BUSY, far, far, DeliveryState.FAILED)
    assert list(store.outbox.resting(far)) == ["desk"]
    assert claim(store, far) == []
    assert store.outbox.resting(NOW) == {}
    assert store.outbox.due_channels(NOW) == ["desk"]
    assert [one.id for one in store.outbox.claim("desk", store.worker, NOW, 10, LEASE, rate)] == [delivery.id]


def test_what_a_killed_process_had_claimed_is_free_at_once(store, put_alert, database, tmp_path):
    put_alert()
    code = """
        import os, signal, sys
        from datetime import datetime, timedelta
        from tocsin.store import open_store
        store = open_store(sys.argv[1], __import__("pathlib").Path(sys.argv[2]))
        now = datetime.fromisoformat(sys.argv[3])
        (delivery,) = store.outbox.claim("desk", store.worker, now, 10, timedelta(minutes=10))
        store.outbox.start(delivery.id, store.worker, now)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), database, str(tmp_path)]
    killed = subprocess.run([*command, NOW.isoformat()], check=False, env=os.environ, timeout=60)
    assert killed.returncode == -9
    (delivery,) = claim(store)
    assert delivery.attempts == 0


def test_sent_is_final(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    assert store.outbox.start(delivery.id, store.worker, NOW)
    store.outbox.settle(delivery.id, store.worker, SENT, NOW, None, DeliveryState.SENT)
    store.outbox.settle(delivery.id, "late worker", BUSY, NOW, NOW, DeliveryState.FAILED)
    assert states(store) == ["sent"]
    assert claim(store, NOW + 100 * LEASE) == []


def test_a_failure_waits_until_it_is_due_and_counts_at_its_outcome(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    due = NOW + timedelta(minutes=1)
    store.outbox.settle(delivery.id, store.worker, BUSY, NOW, due, DeliveryState.FAILED)
    assert claim(store) == []
    (again,) = claim(store, due)
    assert (again.attempts, again.last_error) == (1, "HTTP 503")


def test_a_delivery_that_was_not_tried_is_given_back_as_it_was(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    store.outbox.give_back([delivery.id], store.worker)
    assert claim(store) == [delivery]


def test_held_deliveries_are_released_while_they_are_news(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    no_address = SendResult(outcome=SendOutcome.UNCONFIGURED, detail="DESK_URL is not set")
    store.outbox.settle(delivery.id, store.worker, no_address, NOW, None, DeliveryState.HELD)
    assert store.outbox.release("desk", NOW + timedelta(seconds=1)) == 0
    assert store.outbox.release("desk", NOW) == 1
    (again,) = claim(store)
    assert again.attempts == 0


def test_dead_deliveries_come_back_by_hand_only(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    store.outbox.settle(delivery.id, store.worker, BUSY, NOW, None, DeliveryState.DEAD)
    assert claim(store, NOW + 100 * LEASE) == []
    assert store.outbox.retry([delivery.id], NOW) == 1
    assert len(claim(store)) == 1


def test_dropped_deliveries_are_listed_and_not_sent(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    store.outbox.give_back([delivery.id], store.worker)
    assert store.outbox.drop([delivery.id]) == 1
    assert claim(store) == []
    assert [row["last_error"] for row in store.outbox.listing(["dead"])] == ["dropped by hand"]


def test_the_same_alert_is_put_out_once(store, put_alert):
    put_alert(channels=("desk", "mail"))
    put_alert(channels=("desk", "mail"))
    assert store.outbox.due_channels(NOW) == ["desk", "mail"]
    assert len(states(store)) == 2


def settle(store, delivery, result, now=NOW, due=None, state=DeliveryState.SENT):
    return store.outbox.settle(delivery.id, store.worker, result, now, due, state)


def test_second_alert_of_a_story_learns_what_the_channel_called_the_first(store, put_alert):
    put_alert("a1", channels=("desk", "mail"))
    put_alert("a2")
    first, second = claim(store)
    assert store.outbox.start(first.id, store.worker, NOW).thread == ""
    settle(store, first, SendResult(outcome=SendOutcome.SENT, receipt="$event1"))
    assert store.outbox.start(second.id, store.worker, NOW).thread == "$event1"
    settle(store, second, SendResult(outcome=SendOutcome.SENT, receipt="$event2"))
    put_alert("a3", channels=("desk", "mail"))
    (third,) = claim(store)
    assert store.outbox.start(third.id, store.worker, NOW).thread == "$event1", "the root, not the last"
    mails = store.outbox.claim("mail", store.worker, NOW, 10, LEASE)
    assert store.outbox.start(mails[0].id, store.worker, NOW).thread == "", "another channel, another thread"


def test_next_send_begins_with_the_outcome_of_the_last_unless_the_lease_is_lost(store, put_alert):
    for number in range(3):
        put_alert(f"a{number}")
    first, second, third = claim(store)
    receipt = SendResult(outcome=SendOutcome.SENT, receipt="$event1")
    done = store.outbox.settle(first.id, store.worker, receipt, NOW, None, DeliveryState.SENT, second.id)
    assert done.started
    assert done.started.thread == "$event1"
    late = NOW + 2 * LEASE
    assert not store.outbox.settle(second.id, store.worker, SENT, late, None, DeliveryState.SENT, third.id).started


def test_channel_that_keeps_failing_rests_for_every_sender_and_one_of_them_tries_it(
    store, put_alert, database, tmp_path
):
    for number in range(5):
        put_alert(f"a{number}")
    failed = [settle(store, one, BUSY, due=NOW, state=DeliveryState.FAILED) for one in claim(store)[:3]]
    rests = [one.rest_until for one in failed]
    assert rests[:2] == [None, None]
    assert list(store.outbox.resting(NOW)) == ["desk"]
    with open_store(database, tmp_path) as other:
        assert claim(other) == []
        assert other.outbox.due_channels(NOW) == []
        (probe,) = claim(other, rests[2] + LEASE)
        assert probe.attempts == 0, "that which was tried least"
        assert claim(store, rests[2] + LEASE) == [], "while one tries it out the others wait"
        assert settle(other, probe, SENT, rests[2] + LEASE).rest_until is None
    assert len(claim(store, rests[2] + LEASE)) == 4


def test_person_who_asks_for_another_try_gets_it_at_once(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    for _ in range(3):
        settle(store, delivery, BUSY, due=NOW + LEASE, state=DeliveryState.FAILED)
    assert claim(store) == []
    assert store.outbox.retry([delivery.id], NOW) == 1
    (again,) = claim(store)
    assert again.attempts == 0


def test_rate_counts_what_was_tried_and_what_is_under_way_by_anybody(store, put_alert, database, tmp_path):
    rate = Rate(3, 60)
    for number in range(6):
        put_alert(f"a{number}")
    with open_store(database, tmp_path) as other:
        (mine,) = store.outbox.claim("desk", store.worker, NOW, 1, LEASE, rate)
        theirs = other.outbox.claim("desk", other.worker, NOW, 10, LEASE, rate)
        assert len(theirs) == 2
        settle(store, mine, SENT)
        assert store.outbox.claim("desk", store.worker, NOW, 10, LEASE, rate) == ()
        other.outbox.give_back([one.id for one in theirs], other.worker)
        later = NOW + timedelta(seconds=61)
        assert len(store.outbox.claim("desk", store.worker, later, 10, LEASE, rate)) == 3


def test_every_attempt_is_kept_with_its_reason(store, put_alert):
    put_alert()
    (delivery,) = claim(store)
    store.outbox.start(delivery.id, store.worker, NOW)
    settle(store, delivery, BUSY, due=NOW, state=DeliveryState.FAILED)
    settle(store, delivery, SENT)
    tries = store.outbox.attempts(delivery.id)
    assert [(one["outcome"], one["detail"]) for one in tries] == [("transient", "HTTP 503"), ("sent", "")]
    assert tries[0]["started_at"] == NOW


def test_two_senders_on_one_outbox_send_everything_once(store, put_alert, database, tmp_path):
    from random import Random

    from tocsin.alerts.deliver import deliver

    for number in range(40):
        put_alert(f"a{number}", channels=("desk", "mail"))
    sent = []

    class Tape:
        missing = ""

        def __init__(self, name):
            self.id = name

        def send(self, _message, delivery_id, _thread=""):
            sent.append(delivery_id)
            return SENT

    def work(one):
        deliver(one.outbox, channels, worker=one.worker, now=lambda: NOW, rng=Random(1))

    channels = {name: Tape(name) for name in ("desk", "mail")}
    with (
        open_store(database, tmp_path) as other,
        ThreadPoolExecutor(2) as pool,
    ):
        for done in [pool.submit(work, store), pool.submit(work, other)]:
            done.result()
    assert len(sent) == len(set(sent)) == 80
    assert set(states(store)) == {"sent"}
