"""What waits for a channel and is told by a later alert: one message about a story in the morning, not five."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select, update

from tocsin.model import Alert, DeliveryState
from tocsin.store.schema import alerts, deliveries


def cover(connection: Connection, alert: Alert, channel: str) -> int:
    """Settles what still waits for the channel about the alert's story and rule and says less; their number.

    Only what was never tried and would not go out before `alert` does. A word of growth covers others of its kind
    alone: what must be told first has its evidence.
    """
    this = select(deliveries.c.id, deliveries.c.due_at).where(deliveries.c.alert == alert.id)
    row = connection.execute(this.where(deliveries.c.channel == channel)).one_or_none()
    if row is None:
        return 0
    waiting = (
        select(deliveries.c.id, alerts.c.alert_json)
        .join(alerts, alerts.c.id == deliveries.c.alert)
        .where(alerts.c.story == alert.story, alerts.c.rule == alert.rule, deliveries.c.channel == channel)
        .where(deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.id != row.id)
        .where(deliveries.c.waits != "", deliveries.c.due_at >= row.due_at, deliveries.c.attempts == 0)
        .where(deliveries.c.lease_owner.is_(None), deliveries.c.started_at.is_(None))
    )
    if alert.quiet:
        waiting = waiting.where(alerts.c.alert_json.contains('"quiet":true'))
    ids = [one.id for one in connection.execute(waiting)]
    values = {"state": DeliveryState.COVERED.value, "waits": f"told with {alert.reason}, alert {alert.id}"}
    # Asked once more with the write: a sender may have taken one up in between.
    unclaimed = and_(deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.lease_owner.is_(None))
    condition = and_(deliveries.c.id.in_(ids), unclaimed)
    return connection.execute(update(deliveries).where(condition).values(values)).rowcount if ids else 0
