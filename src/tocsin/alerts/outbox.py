"""The two joints of delivery: the outbox that remembers, and the channel that sends.

The store implements `Outbox`; `tocsin.alerts.channels` opens channels. `deliver` knows nothing else of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tocsin.alerts.render import Message
from tocsin.model import Delivery, DeliveryState, Rate, SendResult

LONGEST_WAIT = timedelta(days=2)
"""No try after a failure is planned further ahead: a later one was planned by a clock that was ahead, and is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A send may begin. `thread` is the receipt of the first message of the story on this channel, or empty."""

    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What follows from an attempt: until when the channel rests, and whether the next send may begin at once."""

    rest_until: datetime | None = None
    started: Started | None = None


class Channel(Protocol):
    """A destination. Sending never raises for what a network or a receiver does: the outcome is a value."""

    @property
    def id(self) -> str:
        """Its name in `rules/channels.yaml`."""
        ...

    @property
    def missing(self) -> str:
        """Why it cannot send yet (an unset variable, by name); empty when it can."""
        ...

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:
        """One attempt.

        `delivery_id` is the same at every attempt: an idempotency key where a receiver takes one. `thread` is the
        receipt of the story's first message here: what can be answered is answered.
        """
        ...


class Outbox(Protocol):
    """What must be told and has not been yet. Its methods are called from several threads at once."""

    def due_channels(self, now: datetime) -> Sequence[str]:
        """Names of the channels that have something to claim (pending or failed, due, not leased) and do not rest."""
        ...

    def claim(
        self, channel: str, worker: str, now: datetime, limit: int, lease: timedelta, rate: Rate | None = None
    ) -> Sequence[Delivery]:
        """Take up to `limit` due deliveries of a channel, oldest alert first; others leave them alone for `lease`.

        As many as the channel's health (`tocsin.alerts.breaker`) and its rate allow.
        """
        ...

    def claim_digest(
        self, channel: str, digest: str, worker: str, now: datetime, lease: timedelta
    ) -> Sequence[Delivery]:
        """Take what is left of a digest, one delivery of which was claimed already."""
        ...

    def start(self, delivery_id: str, worker: str, now: datetime) -> Started | None:
        """Note that a send begins. None when nothing may be sent.

        That is when the lease is no longer ours, and when a later alert of the same rule and story has arrived on the
        channel or takes this one back: the delivery is then covered.
        """
        ...

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
        """Write an attempt's outcome and end the lease; unless the channel rests now, start `following` as well.

        Both in one transaction, because each costs a write that survives a power cut. `attempts` grows by one here,
        but for UNCONFIGURED, which is no attempt. `due_at` is None for an end state.
        """
        ...

    def give_back(self, delivery_ids: Sequence[str], worker: str) -> None:
        """End the lease of deliveries that were not tried; nothing else of them changes."""
        ...

    def release(self, channel: str, since: datetime) -> int:
        """Make held deliveries of a channel pending again, those created at or after `since`; answers how many."""
        ...
