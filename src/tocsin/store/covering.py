"""What is told by a later alert: one message about a story in the morning, not five, and none after it was taken back.

A correction stands for everything that it corrects and that has not arrived. Where nothing has, it takes the place of
what waits there, at its time: it must not overtake a message that nobody has read.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, RowMapping, Select, and_, exists, or_, select, update

from tocsin.alerts.timing import Heard, Plan
from tocsin.model import Alert, DeliveryState, Reason, SendOutcome
from tocsin.store.schema import alerts, attempts, deliveries

ASKED_FOR = "asked for by hand"
"""What a person wants sent is sent, whatever was told since."""

_TAKING_BACK = [reason.value for reason in Reason if reason.takes_back]
_OPEN = (DeliveryState.PENDING.value, DeliveryState.FAILED.value)
_UNTOLD = (*_OPEN, DeliveryState.HELD.value)
_FREE = {"lease_owner": None, "lease_until": None}


def cover(connection: Connection, alert: Alert, channel: str) -> int:
    """Settles what has not reached the channel of the alert's story and rule and says less; their number.

    A correction covers all but what is being sent. Others cover only what was never tried and would not go out before
    `alert` does; a word of growth no more than its like: what must be told first has its evidence.
    """
    this = select(deliveries.c.id, deliveries.c.due_at).where(deliveries.c.alert == alert.id)
    row = connection.execute(this.where(deliveries.c.channel == channel)).one_or_none()
    if row is None:
        return 0
    told = _of_the_story(alert, channel).where(deliveries.c.id != row.id, alerts.c.created_at <= alert.created_at)
    unclaimed = deliveries.c.lease_owner.is_(None)
    still = and_(deliveries.c.state.in_(_UNTOLD), deliveries.c.started_at.is_(None))
    if not alert.reason.takes_back:
        still = and_(deliveries.c.state == DeliveryState.PENDING.value, deliveries.c.started_at.is_(None), unclaimed)
        told = told.where(deliveries.c.waits != "", deliveries.c.due_at >= row.due_at, deliveries.c.attempts == 0)
    if alert.quiet:
        told = told.where(_quiet(alerts))
    ids = [one["id"] for one in connection.execute(told.where(still)).mappings()]
    values = {"state": DeliveryState.COVERED.value, "waits": f"told with {alert.reason}, alert {alert.id}", **_FREE}
    # Asked once more with the write: a sender may have taken one up in between.
    condition = and_(deliveries.c.id.in_(ids), still)
    return connection.execute(update(deliveries).where(condition).values(values)).rowcount if ids else 0


def heard(connection: Connection, correction: Alert, channel: str) -> Heard:
    """What the channel knows of that which `correction` takes back; nobody begins to send it meanwhile."""
    query = _of_the_story(correction, channel).where(alerts.c.id != correction.id, ~_quiet(alerts))
    # Locked in the order in which senders go through them: two that lock crosswise would wait for each other.
    query = query.order_by(alerts.c.created_at, deliveries.c.id).with_for_update(of=deliveries)
    rows = connection.execute(query).mappings().all()
    times = [at for row in rows if (at := _arrived(connection, row))]
    untold = (row for row in rows if row["state"] in _UNTOLD)
    waiting = min(untold, key=lambda row: row["due_at"], default=None)
    plan = Plan(due_at=waiting["due_at"], why=waiting["waits"], digest=waiting["digest"]) if waiting else None
    return Heard(at=max(times, default=None), waiting=plan)


def _arrived(connection: Connection, row: RowMapping) -> datetime | None:
    """When a delivery arrived, or may have: what failed in passing was perhaps taken."""
    in_doubt = (SendOutcome.SENT.value, SendOutcome.TRANSIENT.value)
    query = select(attempts.c.ended_at).where(attempts.c.delivery == row["id"], attempts.c.outcome.in_(in_doubt))
    tried: datetime | None = connection.execute(query.order_by(attempts.c.number.desc()).limit(1)).scalar()
    return row["started_at"] or tried or row["sent_at"]


def _of_the_story(alert: Alert, channel: str) -> Select[tuple[object, ...]]:
    its = (alerts.c.story == alert.story, alerts.c.rule == alert.rule, deliveries.c.channel == channel)
    return select(deliveries).join(alerts, alerts.c.id == deliveries.c.alert).where(*its)


def _quiet(table: FromClause) -> ColumnElement[bool]:
    return table.c.alert_json.contains('"quiet":true')


# --- when a send begins -------------------------------------------------------------------------------------------


def _later() -> Select[tuple[str]]:
    """Of the alert of an outer delivery: what has told its story since on the same channel, or has taken it back."""
    this, later, other = alerts.alias(), alerts.alias(), deliveries.alias()
    arrived = exists().where(
        other.c.alert == later.c.id,
        other.c.channel == deliveries.c.channel,
        other.c.state == DeliveryState.SENT.value,
    )
    same = and_(later.c.story == this.c.story, later.c.rule == this.c.rule, later.c.created_at > this.c.created_at)
    return (
        select("told with " + later.c.reason + ", alert " + later.c.id)
        .select_from(this.join(later, same))
        .where(this.c.id == deliveries.c.alert, ~_quiet(later), later.c.reason != Reason.THRESHOLD.value)
        .where(or_(later.c.reason.in_(_TAKING_BACK), arrived))
        .order_by(later.c.created_at.desc())
        .limit(1)
        .correlate(deliveries)
    )


_LATER = _later()
IS_OUTDATED = and_(deliveries.c.waits != ASKED_FOR, _LATER.exists())
"""A delivery that must not be sent any more: who was told that it is not so would read that it is."""
COVERED = {"state": DeliveryState.COVERED.value, "waits": _LATER.scalar_subquery(), "started_at": None, **_FREE}
"""What an outdated delivery becomes."""


def overtakes(now: datetime) -> ColumnElement[bool]:
    """Whether a delivery takes back what another sender is sending at this moment."""
    other, its = deliveries.alias(), alerts.alias()
    sending = (
        exists()
        .where(its.c.id == other.c.alert, its.c.story == alerts.c.story, its.c.rule == alerts.c.rule)
        .where(other.c.channel == deliveries.c.channel, other.c.id != deliveries.c.id)
        .where(other.c.started_at.is_not(None), other.c.lease_until > now)
        .correlate(deliveries, alerts)
    )
    return and_(alerts.c.reason.in_(_TAKING_BACK), sending)
