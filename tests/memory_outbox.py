"""An outbox in memory, whole but for the disk: what `tocsin.alerts.deliver` asks of one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tocsin.alerts.breaker import Circuit
from tocsin.alerts.outbox import Settled, Started
from tocsin.model import Delivery, DeliveryState, Rate, SendOutcome, SendResult

OPEN = (DeliveryState.PENDING, DeliveryState.FAILED)


@dataclass
class Row:
    """A delivery and its lease."""

    delivery: Delivery
    created_at: datetime
    owner: str = ""
    until: datetime | None = None
    started: datetime | None = None
    log: list[SendResult] = field(default_factory=list)
    receipt: str = ""
    ended: list[datetime] = field(default_factory=list)


class MemoryOutbox:
    """Holds deliveries in the order they were added."""

    def __init__(self, *deliveries: Delivery, created_at: datetime) -> None:
        self.rows = {delivery.id: Row(delivery, created_at) for delivery in deliveries}
        self.circuits: dict[str, Circuit] = {}
        self._lock = threading.Lock()

    def __getitem__(self, delivery_id: str) -> Row:
        return self.rows[delivery_id]

    def states(self) -> dict[str, str]:
        return {name: row.delivery.state.value for name, row in self.rows.items()}

    def due_channels(self, now: datetime) -> Sequence[str]:
        with self._lock:
            due = dict.fromkeys(row.delivery.channel for row in self.rows.values() if _claimable(row, now))
            return [channel for channel in due if self._circuit(channel).allows(now, 1)]

    def claim(
        self, channel: str, worker: str, now: datetime, limit: int, lease: timedelta, rate: Rate | None = None
    ) -> Sequence[Delivery]:
        with self._lock:
            allowed = self._circuit(channel).allows(now, limit)
            ours = [row for row in self.rows.values() if row.delivery.channel == channel]
            if rate:
                start = now - timedelta(seconds=rate.seconds)
                used = sum(moment > start for row in ours for moment in row.ended) + sum(
                    bool(row.until and row.until > now) for row in ours
                )
                allowed = max(0, min(allowed, rate.number - used))
            rows = [row for row in ours if _claimable(row, now) and not self._overtakes(row, now)]
            if self._circuit(channel).rest_until:
                rows.sort(key=lambda row: row.delivery.attempts)
            for row in rows[:allowed]:
                row.owner, row.until = worker, now + lease
            if rows[:allowed]:
                self.circuits[channel] = self._circuit(channel).probed(now)
            return [row.delivery for row in rows[:allowed]]

    def claim_digest(
        self, channel: str, digest: str, worker: str, now: datetime, lease: timedelta
    ) -> Sequence[Delivery]:
        with self._lock:
            wanted = [
                row for row in self.rows.values() if (row.delivery.channel, row.delivery.digest) == (channel, digest)
            ]
            free = [row for row in wanted if row.delivery.state in OPEN and not row.owner]
            for row in free:
                row.owner, row.until = worker, now + lease
            return [row.delivery for row in free]

    def start(self, delivery_id: str, worker: str, now: datetime) -> Started | None:
        with self._lock:
            return self._start(delivery_id, worker, now)

    def _start(self, delivery_id: str, worker: str, now: datetime) -> Started | None:
        row = self.rows[delivery_id]
        mine = row.owner == worker and row.until is not None and row.until > now and row.delivery.state in OPEN
        if not mine:
            return None
        if self._is_outdated(row):
            row.delivery = replace(row.delivery, state=DeliveryState.COVERED)
            row.owner, row.until, row.started = "", None, None
            return None
        row.started = now
        this = row.delivery
        others = (
            other.receipt
            for other in self.rows.values()
            if other is not row and other.receipt and other.delivery.channel == this.channel
            if other.delivery.alert.story == this.alert.story
        )
        return Started(thread=next(others, ""))

    def _alike(self, row: Row) -> list[Row]:
        """Other deliveries of the same channel, story and rule."""
        return [other for other in self.rows.values() if other is not row and _key(other) == _key(row)]

    def _is_outdated(self, row: Row) -> bool:
        later = (one for one in self._alike(row) if one.delivery.alert.created_at > row.delivery.alert.created_at)
        return any(
            not one.delivery.alert.quiet
            and (one.delivery.alert.reason.takes_back or one.delivery.state is DeliveryState.SENT)
            for one in later
        )

    def _overtakes(self, row: Row, now: datetime) -> bool:
        return row.delivery.alert.reason.takes_back and any(
            one.started is not None and one.until is not None and one.until > now for one in self._alike(row)
        )

    def _circuit(self, channel: str) -> Circuit:
        return self.circuits.get(channel, Circuit())

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
        with self._lock:
            row = self.rows[delivery_id]
            counted = result.outcome is not SendOutcome.UNCONFIGURED
            if row.delivery.state is not DeliveryState.SENT:
                row.delivery = replace(
                    row.delivery,
                    state=state,
                    attempts=row.delivery.attempts + counted,
                    due_at=due_at or row.delivery.due_at,
                    last_error="" if state is DeliveryState.SENT else result.detail,
                )
                row.owner, row.until, row.started = "", None, None
                row.receipt = result.receipt
            row.log.append(result)
            if counted:
                row.ended.append(now)
            channel = row.delivery.channel
            self.circuits[channel] = self._circuit(channel).after(result, now)
            rest = self.circuits[channel].rest_until
            go_on = following and rest is None
            return Settled(rest_until=rest, started=self._start(following, worker, now) if go_on else None)

    def give_back(self, delivery_ids: Sequence[str], worker: str) -> None:
        with self._lock:
            for name in delivery_ids:
                if self.rows[name].owner == worker and self.rows[name].delivery.state in OPEN:
                    self.rows[name].owner, self.rows[name].until = "", None

    def release(self, channel: str, since: datetime) -> int:
        with self._lock:
            rows = [
                row
                for row in self.rows.values()
                if row.delivery.channel == channel
                and row.delivery.state is DeliveryState.HELD
                and row.created_at >= since
            ]
            for row in rows:
                row.delivery = replace(row.delivery, state=DeliveryState.PENDING)
            return len(rows)


def _key(row: Row) -> tuple[str, str, str]:
    return row.delivery.channel, row.delivery.alert.story, row.delivery.alert.rule


def _claimable(row: Row, now: datetime) -> bool:
    free = not row.owner or (row.until is not None and row.until <= now)
    due = row.delivery.due_at is None or row.delivery.due_at <= now
    return row.delivery.state in OPEN and free and due
