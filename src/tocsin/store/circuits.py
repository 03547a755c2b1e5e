"""What holds a channel back: its health, and the rate that it may have."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, not_, select

from tocsin.alerts.breaker import LONGEST_REST, Circuit
from tocsin.model import Rate
from tocsin.store.schema import attempts, circuits, deliveries
from tocsin.store.upsert import put

_WELL = Circuit()
_CIRCUIT = select(circuits.c.failures, circuits.c.rest_until).where(circuits.c.channel == bindparam("this"))


def circuit(connection: Connection, channel: str) -> Circuit:
    """The channel's health."""
    row = connection.execute(_CIRCUIT, {"this": channel}).one_or_none()
    return Circuit(failures=row.failures, rest_until=row.rest_until) if row else _WELL


def keep(connection: Connection, channel: str, before: Circuit, after: Circuit) -> None:
    """Writes a channel's health when it has changed."""
    if before == after:
        return
    values = {"failures": after.failures, "rest_until": after.rest_until}
    put(connection, circuits, [{"channel": channel, **values}])


def resting(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Channels that rest, and until when."""
    query = select(circuits.c.channel, circuits.c.rest_until).where(
        circuits.c.rest_until > now, circuits.c.rest_until <= now + LONGEST_REST
    )
    return {row.channel: row.rest_until for row in connection.execute(query)}


def wake(connection: Connection, channels: list[str]) -> None:
    """Forgets that these channels rest: somebody has put them right."""
    connection.execute(circuits.delete().where(circuits.c.channel.in_(channels)))


def left(
    connection: Connection, channel: str, rate: Rate | None, now: datetime, wanted: int, free: ColumnElement[bool]
) -> int:
    """How many of the wanted deliveries the rate still allows.

    Attempts of the window count, and what somebody is about to try; `free` is what nobody is.
    """
    if rate is None or not wanted:
        return wanted
    ours = deliveries.c.channel == channel
    tried = select(func.count()).select_from(attempts.join(deliveries, deliveries.c.id == attempts.c.delivery))
    window = timedelta(seconds=rate.seconds)
    tried = tried.where(ours, attempts.c.ended_at > now - window, attempts.c.ended_at < now + window)
    under_way = select(func.count()).where(ours, deliveries.c.lease_until > now, not_(free))
    used = connection.execute(tried).scalar_one() + connection.execute(under_way).scalar_one()
    return max(0, min(wanted, rate.number - int(used)))
