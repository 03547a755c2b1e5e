"""The outbox as a whole: what waits, what was given up, what arrived last."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from tocsin.store.outbox import BY_HAND, OPEN
from tocsin.store.schema import deliveries

DROPPED = "dropped"
"""What was given up by hand, as opposed to dead."""


def tally(connection: Connection) -> dict[str, dict[str, int]]:
    """Channel → state → number of deliveries."""
    state = case((deliveries.c.last_error == BY_HAND, DROPPED), else_=deliveries.c.state).label("how")
    # By its name: PostgreSQL takes the same expression with other parameters for another one.
    query = select(deliveries.c.channel, state, func.count()).group_by("channel", "how")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for channel, how, number in connection.execute(query):
        found[channel][how] = number
    return found


def last_sent(connection: Connection) -> dict[str, datetime]:
    """When a message last arrived, by channel."""
    sent = deliveries.c.sent_at
    query = select(deliveries.c.channel, func.max(sent)).where(sent.is_not(None)).group_by(deliveries.c.channel)
    return dict(connection.execute(query).tuples().all())


def oldest(connection: Connection, now: datetime) -> datetime | None:
    """Since when something has waited to be sent: since it was made, or since the time that was planned for it."""
    since = case((deliveries.c.waits != "", deliveries.c.due_at), else_=deliveries.c.created_at)
    query = select(func.min(since, type_=deliveries.c.due_at.type)).where(deliveries.c.state.in_(OPEN), since <= now)
    found: datetime | None = connection.execute(query).scalar()
    return found
