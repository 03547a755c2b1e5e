"""The outbox: deliveries waiting, leased, sent, failed. 'sent' is written only after the send.

A delivery is claimed with a lease, marked as started, sent, and settled with its outcome. Attempts are counted when
their outcome is known, never when they are claimed: a worker that is killed has used up nothing. What it had started
may have arrived; it is sent again (at-least-once), with the same id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from tocsin.alerts.outbox import LONGEST_WAIT, Settled, Started
from tocsin.alerts.timing import Plan
from tocsin.model import Alert, Delivery, DeliveryState, Rate, SendOutcome, SendResult
from tocsin.store import circuits, claims, covering, locks
from tocsin.store.engine import writing
from tocsin.store.schema import alerts, articles, attempts, deliveries
from tocsin.store.schema import circuits as circuits_table
from tocsin.store.upsert import put_new

OPEN = (DeliveryState.PENDING.value, DeliveryState.FAILED.value)
"""States in which a delivery is still to be sent."""

BY_HAND = "dropped by hand"
"""The last error of a delivery that a person gave up."""

_COLUMNS = (deliveries, alerts.c.alert_json)
_RECEIPT_LIMIT = 255
_FREE: dict[str, Any] = {"lease_owner": None, "lease_until": None, "started_at": None}

# What every single send asks is built once: building a statement costs SQLAlchemy more than running it.
_THIS = deliveries.c.id == bindparam("this")
_MINE = and_(_THIS, deliveries.c.lease_owner == bindparam("worker"), deliveries.c.lease_until > bindparam("now"))
_MINE_TO_SEND = and_(_MINE, deliveries.c.state.in_(OPEN))
_START = update(deliveries).where(_MINE_TO_SEND, ~covering.IS_OUTDATED).values(started_at=bindparam("now"))
_COVER = update(deliveries).where(_MINE_TO_SEND, covering.IS_OUTDATED).values(covering.COVERED)
_TRIED = select(deliveries.c.started_at, deliveries.c.channel).where(_THIS)
_LOG = insert(attempts)
_SETTLE = (
    update(deliveries)
    # A late outcome of a send that another worker repeated must not turn 'sent' back.
    .where(_THIS, deliveries.c.state != DeliveryState.SENT.value)
    .values(_FREE)
    .values(
        state=bindparam("new"),
        sent_at=bindparam("when"),
        last_error=bindparam("error"),
        attempts=deliveries.c.attempts + bindparam("more"),
        due_at=func.coalesce(bindparam("due", type_=deliveries.c.due_at.type), deliveries.c.due_at),
        receipt=func.coalesce(bindparam("its"), deliveries.c.receipt),
    )
)


def _first_receipt() -> Select[tuple[str]]:
    """The receipt of the first delivery that arrived on the same channel for the same story as `this`."""
    this, its = deliveries.alias(), alerts.alias()
    return (
        select(deliveries.c.receipt)
        .join(alerts, alerts.c.id == deliveries.c.alert)
        .join(its, its.c.story == alerts.c.story)
        .join(this, and_(this.c.alert == its.c.id, this.c.channel == deliveries.c.channel))
        .where(this.c.id == bindparam("this"), deliveries.c.id != this.c.id)
        .where(deliveries.c.state == DeliveryState.SENT.value, deliveries.c.receipt != "")
        .order_by(deliveries.c.sent_at, deliveries.c.id)
        .limit(1)
    )


_THREAD = _first_receipt()


@cache
def alert_type() -> TypeAdapter[Alert]:
    """How an alert is kept as JSON; built once, on first use."""
    return TypeAdapter(Alert)


class Outbox:
    """Deliveries of one database. `is_gone(worker)` tells whether a worker's process has died."""

    def __init__(self, engine: Engine, is_gone: Callable[[str], bool]) -> None:
        self._engine = engine
        self._is_gone = is_gone

    def due_channels(self, now: datetime) -> Sequence[str]:
        """Channels that have something to claim and do not rest."""
        with writing(self._engine) as connection:
            query = select(deliveries.c.channel).where(self._claimable(connection, now)).distinct()
            found = connection.execute(query).scalars()
            return sorted(set(found) - circuits.resting(connection, now).keys())

    def wanted_channels(self, now: datetime) -> frozenset[str]:
        """Channels that have something to claim, or held deliveries that might be released."""
        held = deliveries.c.state == DeliveryState.HELD.value
        with writing(self._engine) as connection:
            query = select(deliveries.c.channel).where(or_(held, self._claimable(connection, now))).distinct()
            return frozenset(connection.execute(query).scalars())

    def claim(
        self, channel: str, worker: str, now: datetime, limit: int, lease: timedelta, rate: Rate | None = None
    ) -> Sequence[Delivery]:
        """Leases up to `limit` due deliveries of a channel to `worker`, oldest alert first.

        Fewer, or none, when the channel rests or its rate is used up. After a rest it is one: that which was tried
        least, so that a long outage wears out none of them.
        """
        with writing(self._engine) as connection:
            locks.hold(connection, locks.channel(channel))
            circuit, free = circuits.circuit(connection, channel), self._claimable(connection, now)
            allowed = circuits.left(connection, channel, rate, now, circuit.allows(now, limit), free)
            if not allowed:
                return ()
            probe = (deliveries.c.attempts,) if circuit.rest_until else ()
            query = (
                select(*_COLUMNS)
                .join(alerts, alerts.c.id == deliveries.c.alert)
                .where(deliveries.c.channel == channel, free, ~covering.overtakes(now))
                .order_by(*probe, alerts.c.created_at, deliveries.c.id)
                .limit(allowed)
                .with_for_update(of=deliveries, skip_locked=True)
            )
            rows = connection.execute(query).mappings().all()
            if rows:
                leased = deliveries.c.id.in_([row["id"] for row in rows])
                values = {"lease_owner": worker, "lease_until": now + lease}
                connection.execute(update(deliveries).where(leased).values(values))
                circuits.keep(connection, channel, circuit, circuit.probed(now))
        return [_delivery(row) for row in rows]

    def claim_digest(
        self, channel: str, digest: str, worker: str, now: datetime, lease: timedelta
    ) -> Sequence[Delivery]:
        """Leases what is left of a digest, one delivery of which is claimed already; oldest alert first."""
        with writing(self._engine) as connection:
            wanted = and_(deliveries.c.channel == channel, deliveries.c.digest == digest)
            query = select(*_COLUMNS).join(alerts, alerts.c.id == deliveries.c.alert)
            # Due or not: what failed is tried again at a time of its own, and the digest must stay whole.
            query = query.where(wanted, self._free(connection, now)).order_by(alerts.c.created_at, deliveries.c.id)
            query = query.with_for_update(of=deliveries, skip_locked=True)
            rows = connection.execute(query).mappings().all()
            leased = deliveries.c.id.in_([row["id"] for row in rows])
            connection.execute(update(deliveries).where(leased).values(lease_owner=worker, lease_until=now + lease))
        return [_delivery(row) for row in rows]

    def start(self, delivery_id: str, worker: str, now: datetime) -> Started | None:
        """Marks that a send begins; None when another worker has the delivery, or a later alert has told it."""
        with writing(self._engine) as connection:
            return _started(connection, delivery_id, worker, now)

    def settle(
        self,
        delivery_id: str,
        worker: str,
        result: SendResult,
        now: datetime,
        due_at: datetime | None,
        state: DeliveryState,
        following: str = "",
    ) -> Settled:
        """Writes an attempt's outcome and the delivery's new state, gives the lease back, and starts the next."""
        counted = result.outcome is not SendOutcome.UNCONFIGURED
        sent = state is DeliveryState.SENT
        with writing(self._engine) as connection:
            tried = connection.execute(_TRIED, {"this": delivery_id}).one()
            if counted:
                row = {"delivery": delivery_id, "worker": worker, "started_at": tried.started_at, "ended_at": now}
                connection.execute(_LOG, row | {"outcome": result.outcome.value, "detail": result.detail})
            locks.hold(connection, locks.channel(tried.channel))
            before = circuits.circuit(connection, tried.channel)
            after = before.after(result, now)
            circuits.keep(connection, tried.channel, before, after)
            values: dict[str, Any] = {
                "this": delivery_id,
                "new": state.value,
                "when": now if sent else None,
                "due": due_at,
            }
            values |= {"error": "" if sent else result.detail, "more": int(counted)}
            connection.execute(_SETTLE, values | {"its": result.receipt[:_RECEIPT_LIMIT] if sent else None})
            go_on = following and after.rest_until is None
            started = _started(connection, following, worker, now) if go_on else None
        return Settled(rest_until=after.rest_until, started=started)

    def give_back(self, delivery_ids: Sequence[str], worker: str) -> None:
        """Ends the lease of deliveries that were not tried."""
        mine = and_(deliveries.c.id.in_(delivery_ids), deliveries.c.lease_owner == worker, deliveries.c.state.in_(OPEN))
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(mine).values(_FREE))

    def release(self, channel: str, since: datetime) -> int:
        """Sets held deliveries of a channel, created at `since` or later, free to be sent; their number."""
        held = and_(
            deliveries.c.channel == channel,
            deliveries.c.state == DeliveryState.HELD.value,
            deliveries.c.created_at >= since,
        )
        return self._set_pending(held)

    def retry(self, ids: Sequence[str] | None, now: datetime) -> int:
        """Sets dead, failed and held deliveries (these, or all) free to be sent now, with new tries; their number.

        Those that a later one tells only when they are named: then they are sent all the same.
        """
        again = [DeliveryState.DEAD.value, DeliveryState.FAILED.value, DeliveryState.HELD.value]
        if ids is None:
            return self._again(deliveries.c.state.in_(again), now)
        again.append(DeliveryState.COVERED.value)
        named = and_(deliveries.c.state.in_(again), deliveries.c.id.in_(ids))
        return self._again(named, now, waits=covering.ASKED_FOR)

    def resend(self, alert: str, now: datetime) -> int:
        """Sets every delivery of an alert, sent ones too, free to be sent now; their number."""
        return self._again(deliveries.c.alert == alert, now, waits=covering.ASKED_FOR)

    def drop(self, ids: Sequence[str]) -> int:
        """Gives up unsent deliveries; their number. They stay listed as dead."""
        unsent = and_(deliveries.c.id.in_(ids), deliveries.c.state != DeliveryState.SENT.value)
        values = {"state": DeliveryState.DEAD.value, "last_error": BY_HAND}
        with writing(self._engine) as connection:
            return connection.execute(update(deliveries).where(unsent).values(values)).rowcount

    def listing(self, states: Sequence[str] = (), limit: int = 100) -> list[dict[str, object]]:
        """The newest deliveries as plain rows (no alert inside), in these states or all.

        `waits` says why one was not due at once, `rest_until` until when its channel is left alone, if it ever was.
        """
        columns = (deliveries, alerts.c.rule, alerts.c.title, articles.c.title.label("headline"))
        query = select(*columns, circuits_table.c.rest_until).join(alerts, alerts.c.id == deliveries.c.alert)
        query = query.outerjoin(articles, articles.c.id == alerts.c.article)
        query = query.outerjoin(circuits_table, circuits_table.c.channel == deliveries.c.channel)
        if states:
            query = query.where(deliveries.c.state.in_(states))
        with writing(self._engine) as connection:
            rows = connection.execute(query.order_by(deliveries.c.created_at.desc()).limit(limit)).mappings()
            return [dict(row) for row in rows]

    def resting(self, now: datetime) -> dict[str, datetime]:
        """Channels left alone after failures, and until when."""
        with writing(self._engine) as connection:
            return circuits.resting(connection, now)

    def told(self, limit: int) -> list[Alert]:
        """The newest alerts, whoever got them, newest first."""
        query = select(alerts.c.alert_json).order_by(alerts.c.created_at.desc(), alerts.c.id).limit(limit)
        with writing(self._engine) as connection:
            return [alert_type().validate_json(text) for text in connection.execute(query).scalars()]

    def tally(self) -> dict[str, dict[str, int]]:
        """Channel → state → number of deliveries."""
        query = select(deliveries.c.channel, deliveries.c.state, func.count()).group_by("channel", "state")
        found: dict[str, dict[str, int]] = defaultdict(dict)
        with writing(self._engine) as connection:
            for channel, state, number in connection.execute(query):
                found[channel][state] = number
        return found

    def find(self, wanted: str) -> dict[str, object] | None:
        """The delivery whose id begins so, as a plain row; None when there is none, or more than one."""
        query = select(deliveries).where(deliveries.c.id.startswith(wanted, autoescape=True)).limit(2)
        with writing(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return dict(rows[0]) if len(rows) == 1 else None

    def attempts(self, delivery: str) -> list[dict[str, object]]:
        """Every attempt at a delivery, oldest first: started_at, ended_at, outcome, detail, worker."""
        columns = (attempts.c[name] for name in ("started_at", "ended_at", "outcome", "detail", "worker"))
        query = select(*columns).where(attempts.c.delivery == delivery).order_by(attempts.c.number)
        with writing(self._engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _again(self, condition: ColumnElement[bool], now: datetime, **values: str) -> int:
        """Sets deliveries free to be sent now, with new tries, by channels that rest too: a person asks for it."""
        with writing(self._engine) as connection:
            channels = connection.execute(select(deliveries.c.channel).where(condition).distinct()).scalars().all()
            circuits.wake(connection, list(channels))
        return self._set_pending(condition, due_at=now, attempts=0, **values)

    def _set_pending(self, condition: ColumnElement[bool], **values: datetime | int | str) -> int:
        pending = {"state": DeliveryState.PENDING.value, **_FREE, **values}
        with writing(self._engine) as connection:
            return connection.execute(update(deliveries).where(condition).values(pending)).rowcount

    def _claimable(self, connection: Connection, now: datetime) -> ColumnElement[bool]:
        ahead = and_(deliveries.c.state == DeliveryState.FAILED.value, deliveries.c.due_at > now + LONGEST_WAIT)
        return and_(self._free(connection, now), or_(deliveries.c.due_at <= now, ahead))

    def _free(self, connection: Connection, now: datetime) -> ColumnElement[bool]:
        """Still to be sent, and nobody is at it."""
        query = select(deliveries.c.lease_owner).where(deliveries.c.lease_owner.is_not(None)).distinct()
        gone = [owner for owner in connection.execute(query).scalars() if self._is_gone(owner)]
        free = or_(
            deliveries.c.lease_owner.is_(None),
            claims.over(deliveries.c.lease_until, now),
            deliveries.c.lease_owner.in_(gone),
        )
        return and_(deliveries.c.state.in_(OPEN), free)


def save_alert(connection: Connection, alert: Alert) -> bool:
    """Stores an alert; False when the same decision stands already."""
    values = {
        "id": alert.id,
        "rule": alert.rule,
        "story": alert.story,
        "article": alert.article.article,
        "reason": alert.reason.value,
        "severity": alert.severity.value,
        "title": alert.title,
        "alert_json": alert_type().dump_json(alert).decode(),
        "created_at": alert.created_at,
    }
    return put_new(connection, alerts, [values]) == 1


def save_delivery(connection: Connection, alert: Alert, channel: str, plan: Plan | None = None) -> None:
    """Puts an alert into the outbox for one channel, once; due as planned, or at once."""
    values = {
        "id": delivery_id(alert.id, channel),
        "alert": alert.id,
        "channel": channel,
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "last_error": "",
        "created_at": alert.created_at,
        "due_at": plan.due_at if plan else alert.created_at,
        "waits": plan.why if plan else "",
        "digest": plan.digest if plan else "",
        "unheard": bool(plan and plan.unheard),
    }
    put_new(connection, deliveries, [values])


def channels_told(connection: Connection, story: str, rule: str) -> tuple[str, ...]:
    """Channels that got, or are to get, an alert of the rule about the story."""
    query = select(deliveries.c.channel).join(alerts, alerts.c.id == deliveries.c.alert).distinct()
    query = query.where(alerts.c.story == story, alerts.c.rule == rule)
    return tuple(sorted(connection.execute(query).scalars()))


def delivery_id(alert: str, channel: str) -> str:
    """Stable: the same alert to the same channel is the same delivery."""
    return sha256(f"{alert}\n{channel}".encode()).hexdigest()[:32]


def _started(connection: Connection, delivery: str, worker: str, now: datetime) -> Started | None:
    this = {"this": delivery, "worker": worker, "now": now}
    if connection.execute(_START, this).rowcount != 1:
        connection.execute(_COVER, this)
        return None
    return Started(thread=connection.execute(_THREAD, {"this": delivery}).scalar() or "")


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        alert=alert_type().validate_json(row["alert_json"]),
        channel=row["channel"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        due_at=row["due_at"],
        last_error=row["last_error"],
        digest=row["digest"],
        unheard=row["unheard"],
    )
