"""Claims: which worker polls which hosts. A host's sources are claimed together, so that two workers never meet there.

A row stands for a host only while somebody is at it; a lease that ran out, or whose worker has died, is free.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, bindparam, delete, not_, or_, select, update

from tocsin.store.schema import hosts, json_each
from tocsin.store.upsert import put_new

IsGone = Callable[[str], bool]
"""Whether a worker's process has died."""

_THESE = hosts.c.host.in_(select(json_each(bindparam("these", type_=JSON)).table_valued("value").c.value))
_GIVE = update(hosts).where(_THESE).values(lease_owner=bindparam("worker"), lease_until=bindparam("until"))


LONGEST = timedelta(hours=1)
"""No lease is given for longer: one that ends later was given while the clock was ahead."""


def over(until: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Whether a lease that ends `until` then is over, or cannot be true."""
    return or_(until <= now, until > now + LONGEST)


def busy(connection: Connection, now: datetime, is_gone: IsGone) -> frozenset[str]:
    """Hosts that somebody is at."""
    query = select(hosts.c.host, hosts.c.lease_owner).where(not_(over(hosts.c.lease_until, now)))
    found = connection.execute(query).tuples().all()
    gone = {owner for owner in {owner for _, owner in found} if owner and is_gone(owner)}
    return frozenset(host for host, owner in found if owner not in gone)


def take(
    connection: Connection, wanted: Collection[str], worker: str, now: datetime, until: datetime, is_gone: IsGone
) -> frozenset[str]:
    """Leases those of the hosts that are free to `worker`; which these are.

    One that another worker is taking at this moment is left to it.
    """
    these = sorted(wanted)  # always in the same order: two that insert crosswise would wait for each other
    put_new(connection, hosts, [{"host": host, "lease_owner": None, "lease_until": None} for host in these])
    query = select(hosts.c.host).where(_THESE, _free(connection, now, is_gone)).with_for_update(skip_locked=True)
    got = connection.execute(query, {"these": these}).scalars().all()
    connection.execute(_GIVE, {"these": list(got), "worker": worker, "until": until})
    return frozenset(got)


def renew(connection: Connection, worker: str, until: datetime) -> None:
    """The worker is still at its hosts."""
    connection.execute(update(hosts).where(hosts.c.lease_owner == worker).values(lease_until=until))


def give_back(connection: Connection, worker: str) -> None:
    """Ends all leases of the worker."""
    connection.execute(delete(hosts).where(hosts.c.lease_owner == worker))


def _free(connection: Connection, now: datetime, is_gone: IsGone) -> ColumnElement[bool]:
    owners: Sequence[str | None] = connection.execute(select(hosts.c.lease_owner).distinct()).scalars().all()
    gone = [owner for owner in owners if owner and is_gone(owner)]
    return or_(hosts.c.lease_owner.is_(None), over(hosts.c.lease_until, now), hosts.c.lease_owner.in_(gone))
