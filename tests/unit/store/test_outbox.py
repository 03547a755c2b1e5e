import os
import subprocess
import sys
import textwrap
from datetime import timedelta

from tocsin.model import DeliveryState, SendOutcome, SendResult
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


def test_what_one_worker_has_claimed_another_leaves_alone(store, put_alert, tmp_path):
    put_alert()
    with open_store(f"sqlite:///{tmp_path}/tocsin.db", tmp_path) as other:
        assert len(claim(other)) == 1
        assert claim(store) == []
        assert store.outbox.due_channels(NOW) == []


def test_a_lease_that_ran_out_is_free_again(store, put_alert, tmp_path):
    put_alert()
    with open_store(f"sqlite:///{tmp_path}/tocsin.db", tmp_path) as other:
        claim(other)
        later = NOW + LEASE + timedelta(seconds=1)
        assert len(claim(store, later)) == 1
        assert not other.outbox.start(claim(store, later + 2 * LEASE)[0].id, other.worker, later)


def test_what_a_killed_process_had_claimed_is_free_at_once(store, put_alert, tmp_path):
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
    command = [sys.executable, "-c", textwrap.dedent(code), f"sqlite:///{tmp_path}/tocsin.db", str(tmp_path)]
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
