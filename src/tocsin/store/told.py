"""Alerts to be read by others: the newest, and one with those that it goes on from."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tocsin.model import Alert
from tocsin.store.outbox import alert_type
from tocsin.store.schema import alerts


def newest(connection: Connection, limit: int) -> list[Alert]:
    """The newest alerts, whoever got them, newest first."""
    query = select(alerts.c.alert_json).order_by(alerts.c.created_at.desc(), alerts.c.id).limit(limit)
    return [alert_type().validate_json(text) for text in connection.execute(query).scalars()]


def with_earlier(connection: Connection, alert: str) -> tuple[Alert, list[Alert]] | None:
    """The alert with this id, and those of its rule and story that came before it; None when there is none."""
    found = connection.execute(select(alerts.c.alert_json).where(alerts.c.id == alert)).scalar()
    if found is None:
        return None
    one = alert_type().validate_json(found)
    its = (alerts.c.rule == one.rule, alerts.c.story == one.story, alerts.c.created_at < one.created_at)
    query = select(alerts.c.alert_json).where(*its).order_by(alerts.c.created_at)
    return one, [alert_type().validate_json(text) for text in connection.execute(query).scalars()]
