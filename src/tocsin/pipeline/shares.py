"""What is due, claimed from the store by host: any number of workers share it, and no two are at one host at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from tocsin.model import FetchState
from tocsin.sources.schedule import by_host, due
from tocsin.specs.sources import SourceSpec
from tocsin.store import Store, claims, sources

log = logging.getLogger(__name__)

_TOGETHER = 50
"""Sources claimed at a time; more where a host has more: its sources are never parted."""
_LEASE = timedelta(minutes=5)
"""How long the sources of a worker that vanished with its machine wait; renewed while it works."""


class Lease:
    """The hosts that a worker is at: no other goes there until they are given back, or the worker is gone."""

    def __init__(self, store: Store, worker: str, now: Callable[[], datetime]) -> None:
        self._store = store
        self._worker = worker
        self._now = now
        self._until: datetime | None = None

    def busy(self, connection: Connection) -> frozenset[str]:
        """Hosts that somebody is at."""
        return claims.busy(connection, self._now(), self._store.is_gone)

    def take(self, connection: Connection, wanted: Collection[str]) -> frozenset[str]:
        """Leases those of the hosts that are free; which these are."""
        now = self._now()
        got = claims.take(connection, wanted, self._worker, now, now + _LEASE, self._store.is_gone)
        self._until = self._until or now + _LEASE
        return got

    def renew(self) -> None:
        """To be called while the work goes on: the leases are kept alive."""
        now = self._now()
        if self._until is not None and self._until - now < _LEASE * 2 / 3:
            self._until = now + _LEASE
            with self._store.claiming() as connection:
                claims.renew(connection, self._worker, self._until)

    def give_back(self) -> None:
        """Lets others have the hosts; after what was found there is written."""
        if self._until is not None:
            self._until = None
            with self._store.claiming() as connection:
                claims.give_back(connection, self._worker)


class Shares:
    """What this worker polls in one pass: iterate over it once, then `give_back`.

    `states` holds what is remembered of every source that has been handed out.
    """

    def __init__(
        self,
        store: Store,
        specs: Iterable[SourceSpec],
        *,
        worker: str,
        everything: bool,
        now: Callable[[], datetime],
    ) -> None:
        enabled = [spec for spec in specs if spec.enabled]
        known = store.schedules()
        wanted = enabled if everything else due(enabled, known, now())
        self.states: dict[str, FetchState] = {}
        self._store = store
        self._everything = everything
        self._now = now
        self._left = by_host(wanted, known)
        self._lease = Lease(store, worker, now)

    def __iter__(self) -> Iterator[SourceSpec]:
        while self._left:
            portion = self._claimed()
            if portion is None:
                log.info("%d hosts are left to other workers, which are at them", len(self._left))
                return
            yield from portion

    def renew(self) -> None:
        """To be called while the work goes on: the leases are kept alive."""
        self._lease.renew()

    def give_back(self) -> None:
        """Lets others have the hosts; after what they brought is written."""
        self._lease.give_back()

    def _claimed(self) -> list[SourceSpec] | None:
        """The next sources, none if they were polled just now; None when others are at all that is left."""
        with self._store.claiming() as connection:
            free = self._free(self._lease.busy(connection))
            if not free:
                return None
            got = self._lease.take(connection, free)
            portion = [spec for host in free if host in got for spec in self._left.pop(host)]
            # Read under the lease: another worker may have been there since this pass began.
            states = sources.states(connection, [spec.id for spec in portion])
        self.states |= states
        return portion if self._everything else due(portion, states, self._now())

    def _free(self, busy: frozenset[str]) -> list[str]:
        """The next hosts that nobody is at, enough of them for one portion."""
        chosen: list[str] = []
        number = 0
        for host in (host for host in self._left if host not in busy):
            chosen.append(host)
            number += len(self._left[host])
            if number >= _TOGETHER:
                break
        return chosen
