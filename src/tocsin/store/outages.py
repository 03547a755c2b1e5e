"""Outages of the watch itself, as they are remembered from pass to pass; and the signs of ailing channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from tocsin.alerts.health import ChannelSigns, Outage, OutageKind
from tocsin.model import DeliveryState
from tocsin.store.outbox import BY_HAND, OPEN
from tocsin.store.schema import attempts, circuits, deliveries, outages


def remembered(connection: Connection) -> tuple[Outage, ...]:
    """All outages, those that are over too for a while; the longest first."""
    rows = connection.execute(select(outages).order_by(outages.c.since, outages.c.kind, outages.c.name)).mappings()
    return tuple(Outage(**{**row, "kind": OutageKind(row["kind"])}) for row in rows)


def remember(connection: Connection, now_known: Sequence[Outage]) -> None:
    """Writes all outages anew: they are few."""
    connection.execute(outages.delete())
    if now_known:
        names = [column.name for column in outages.columns]
        connection.execute(insert(outages), [{name: getattr(one, name) for name in names} for one in now_known])


def channel_signs(connection: Connection, channels: Collection[str]) -> tuple[ChannelSigns, ...]:
    """How these channels do, by name."""
    failures = dict(connection.execute(select(circuits.c.channel, circuits.c.failures)).tuples().all())
    return tuple(_signs(connection, channel, failures.get(channel, 0)) for channel in sorted(channels))


def _signs(connection: Connection, channel: str, failures: int) -> ChannelSigns:
    ours = deliveries.c.channel == channel
    last_sent = connection.execute(select(func.max(deliveries.c.sent_at)).where(ours)).scalar()
    held = _since(select(func.count()).where(ours, _in(DeliveryState.HELD)), deliveries.c.created_at, last_sent)
    dead = select(func.count(deliveries.c.id.distinct())).join(attempts, attempts.c.delivery == deliveries.c.id)
    dead = dead.where(ours, _in(DeliveryState.DEAD), deliveries.c.last_error != BY_HAND)
    waiting = select(func.count()).where(ours, deliveries.c.state.in_(OPEN))
    error = select(deliveries.c.last_error).where(ours, deliveries.c.last_error.not_in(["", BY_HAND]))
    return ChannelSigns(
        channel=channel,
        failures=failures,
        waiting=connection.execute(waiting).scalar_one(),
        given_up=connection.execute(_since(dead, attempts.c.ended_at, last_sent)).scalar_one(),
        held=connection.execute(held).scalar_one(),
        last_error=connection.execute(error.order_by(deliveries.c.created_at.desc()).limit(1)).scalar() or "",
    )


def _in(state: DeliveryState) -> Any:
    return deliveries.c.state == state.value


def _since(query: Select[Any], column: Any, last_sent: datetime | None) -> Select[Any]:
    """Only what came after the last message that arrived: it shows how the channel does now."""
    return query if last_sent is None else query.where(column > last_sent)
