"""What a channel was told of late, for its throttle."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from tocsin.alerts.throttle import Told, read_key
from tocsin.model import DeliveryState
from tocsin.store.outbox import alert_type
from tocsin.store.schema import alerts, deliveries


def told_since(connection: Connection, channel: str, since: datetime) -> list[Told]:
    """What the channel was told after `since`, one by one or as the rest of a throttle, and what waits to be.

    What a later alert tells uses nothing up: no message was made of it.
    """
    alone = and_(deliveries.c.digest == "", alerts.c.created_at > since)
    together = and_(deliveries.c.digest != "", deliveries.c.due_at > since)
    query = select(alerts.c.alert_json, alerts.c.created_at, deliveries.c.digest)
    query = query.join(deliveries, deliveries.c.alert == alerts.c.id)
    query = query.where(deliveries.c.channel == channel, or_(alone, together))
    query = query.where(deliveries.c.state != DeliveryState.COVERED.value)
    return [
        Told(
            alert_type().validate_json(row.alert_json),
            read_key(row.digest)[0] if row.digest else row.created_at,
            together=bool(row.digest),
        )
        for row in connection.execute(query)
    ]
