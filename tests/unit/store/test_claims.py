"""Hosts are leased to one worker at a time; what a dead or vanished worker held is free again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from tocsin.store import claims, open_store

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=5)


def take(store, *wanted, now=NOW):
    with store.claiming() as connection:
        return claims.take(connection, wanted, store.worker, now, now + timedelta(minutes=5), store.is_gone)


def busy(store, now=NOW):
    with store.claiming() as connection:
        return claims.busy(connection, now, store.is_gone)


@pytest.fixture
def other(database, tmp_path):
    """A worker on the same machine."""
    with open_store(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def far(database, tmp_path):
    """A worker on another machine: it has a folder of its own."""
    with open_store(database, tmp_path / "far") as opened:
        yield opened


def test_host_that_one_worker_is_at_is_left_alone_by_the_others(store, other, far):
    assert take(store, "a:80", "b:80") == {"a:80", "b:80"}
    assert take(other, "b:80", "c:80") == {"c:80"}
    assert take(far, "a:80", "b:80", "c:80") == frozenset()
    assert busy(far) == {"a:80", "b:80", "c:80"}


def test_host_that_was_given_back_is_free(store, other):
    take(store, "a:80")
    with store.claiming() as connection:
        claims.give_back(connection, store.worker)
    assert busy(other) == frozenset()
    assert take(other, "a:80") == {"a:80"}


def test_hosts_of_a_worker_that_died_on_this_machine_are_free_at_once(store, database, tmp_path):
    gone = open_store(database, tmp_path)
    take(gone, "a:80")
    gone.close()
    assert busy(store) == frozenset()
    assert take(store, "a:80") == {"a:80"}


def test_hosts_of_a_worker_that_vanished_with_its_machine_are_free_when_the_lease_is_over(store, database, tmp_path):
    gone = open_store(database, tmp_path / "far")
    take(gone, "a:80")
    gone.close()
    assert take(store, "a:80", now=UNTIL - timedelta(seconds=1)) == frozenset()
    assert take(store, "a:80", now=UNTIL) == {"a:80"}


def test_lease_of_a_clock_that_was_ahead_is_over(store, far):
    take(far, "a:80", now=NOW + timedelta(days=365))
    assert busy(store) == frozenset()
    assert take(store, "a:80") == {"a:80"}


def test_lease_that_is_renewed_goes_on(store, far):
    take(store, "a:80")
    with store.claiming() as connection:
        claims.renew(connection, store.worker, UNTIL + timedelta(minutes=5))
    assert take(far, "a:80", now=UNTIL) == frozenset()


def test_workers_that_claim_at_the_same_moment_share_the_hosts(store, other, far):
    wanted = [f"h{number}:80" for number in range(40)]
    together = Barrier(3)

    def claim(one):
        together.wait(30)
        return take(one, *wanted)

    with ThreadPoolExecutor(3) as pool:
        got = [host for hosts in pool.map(claim, (store, other, far)) for host in hosts]
    assert sorted(got) == sorted(wanted)
