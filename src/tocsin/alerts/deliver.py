"""Empties the outbox: claim, render, mark as started, send, settle. 'sent' is written only after the send.

Each channel has a thread of its own and is served in order, so that a slow or dead one delays nobody else. A crash
leaves a lease behind, which ends; what was started but not settled is sent again, with the same id (at-least-once).
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType

from tocsin.alerts.digest import render_digest
from tocsin.alerts.outbox import Channel, Outbox, Settled, Started
from tocsin.alerts.render import Message, enough, render
from tocsin.alerts.throttle import read_key
from tocsin.model import Delivery, DeliveryState, Rate, SendOutcome, SendResult

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
KEEP_TRYING = timedelta(hours=24)
"""A delivery is given up after so many attempts, and not before the alert is so old: outages take a night."""
HELD_FOR = timedelta(hours=24)
"""A delivery held for want of a channel's address is told if the address comes within this time; later it is stale."""

_FIRST_WAIT, _LONGEST_WAIT = 30.0, 3600.0  # seconds
_LEASE = timedelta(minutes=10)
_BATCH = 10
_THREADS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What became of one delivery in a pass."""

    delivery: Delivery
    state: DeliveryState
    outcome: SendOutcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport:
    """What one pass over the outbox did; within a channel the results stand in order."""

    results: tuple[DeliveryResult, ...] = ()
    resting: tuple[str, ...] = ()
    """Channels left alone after too many failures; their deliveries wait (`tocsin.alerts.breaker`)."""

    def __add__(self, later: DeliverReport) -> DeliverReport:
        """Both passes as one; a channel rests when it did at the end."""
        return DeliverReport(results=(*self.results, *later.results), resting=later.resting)

    @property
    def sent(self) -> int:
        """Deliveries that arrived."""
        return self._count(DeliveryState.SENT)

    @property
    def failed(self) -> int:
        """Deliveries that will be tried again."""
        return self._count(DeliveryState.FAILED)

    @property
    def dead(self) -> int:
        """Deliveries given up."""
        return self._count(DeliveryState.DEAD)

    @property
    def held(self) -> int:
        """Deliveries kept until their channel has an address."""
        return self._count(DeliveryState.HELD)

    def _count(self, state: DeliveryState) -> int:
        return Counter(result.state for result in self.results)[state]


@dataclass(frozen=True, slots=True)
class _Pass:
    """What all channels of one pass share."""

    outbox: Outbox
    worker: str
    now: Callable[[], datetime]
    rng: Random
    limit: int
    rates: Mapping[str, Rate]
    told: Callable[[DeliveryResult], None]
    stopping: threading.Event


def backoff(attempts: int, rng: Random, retry_after: float | None = None) -> timedelta:
    """The wait after so many finished attempts: 30 s doubled each time up to an hour, half of it by chance.

    Chance keeps many deliveries that failed together from coming back together. A receiver that named a time
    (`retry_after`, seconds) is not asked sooner; it cannot make us wait longer than a day.
    """
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempts - 1, 20))
    seconds = longest / 2 + rng.random() * longest / 2
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, 86400.0)))


def deliver(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    *,
    worker: str,
    now: Callable[[], datetime],
    rng: Random,
    limit: int = 1000,
    rates: Mapping[str, Rate] = MappingProxyType({}),
    told: Callable[[DeliveryResult], None] = lambda _: None,
) -> DeliverReport:
    """One pass over everything that is due, at most `limit` deliveries a channel, and no more than its rate.

    `told` is called after each delivery, from the channel's thread. Errors of the outbox itself are raised, after the
    other channels have finished.
    """
    for channel in channels.values():
        if not channel.missing:
            outbox.release(channel.id, now() - HELD_FOR)
    due = outbox.due_channels(now())
    stopping = threading.Event()
    job = _Pass(outbox, worker, now, rng, limit, rates, told, stopping)
    with ThreadPoolExecutor(min(_THREADS, max(1, len(due))), thread_name_prefix="deliver") as pool:
        waiting = [pool.submit(_channel_pass, job, name, channels.get(name)) for name in due]
        try:
            wait(waiting)
        finally:
            stopping.set()  # an interrupt lets each thread end its current send, and no more
    passes = [future.result() for future in waiting]
    return DeliverReport(
        results=tuple(result for results, _ in passes for result in results),
        resting=tuple(name for name, (_, resting) in zip(due, passes, strict=True) if resting),
    )


def _channel_pass(job: _Pass, name: str, channel: Channel | None) -> tuple[list[DeliveryResult], bool]:
    """Everything due for one channel, in order; True when it rests after failures in a row."""
    results: list[DeliveryResult] = []
    rate = job.rates.get(name)
    while len(results) < job.limit and not job.stopping.is_set():
        wanted = min(_BATCH, job.limit - len(results))
        batch = list(job.outbox.claim(name, job.worker, job.now(), wanted, _LEASE, rate))
        if not batch:
            break
        started: Started | None = None
        while batch:
            delivery = batch.pop(0)
            if delivery.digest:
                told, rests = _digest(job, _whole(job, name, delivery, batch), channel)
                started = None
            else:
                following = batch[0].id if batch and not batch[0].digest else ""
                result, settled = _one(job, delivery, channel, started, following)
                told, rests = [result] if result else [], settled.rest_until is not None
                started = settled.started
            results += told
            for one in told:
                job.told(one)
            if rests or job.stopping.is_set():
                job.outbox.give_back([left.id for left in batch], job.worker)
                return results, rests
    return results, False


def _whole(job: _Pass, channel: str, first: Delivery, batch: list[Delivery]) -> list[Delivery]:
    """All deliveries of the first one's digest, those in the batch taken out of it."""
    others = [one for one in batch if one.digest == first.digest]
    batch[:] = [one for one in batch if one.digest != first.digest]
    return [first, *others, *job.outbox.claim_digest(channel, first.digest, job.worker, job.now(), _LEASE)]


def _digest(job: _Pass, message: list[Delivery], channel: Channel | None) -> tuple[list[DeliveryResult], bool]:
    """One message for many deliveries. Its id is the digest's own: sent again after a crash, it is the same one."""
    if channel is None or channel.missing:
        mine, outcome = message, _unconfigured(message[0], channel)
    else:
        mine = [one for one in message if job.outbox.start(one.id, job.worker, job.now()) is not None]
        if not mine:
            return [], False
        at, more = read_key(mine[0].digest)
        unheard = frozenset(one.alert.id for one in mine if one.unheard)
        made = render_digest([one.alert for one in mine], at, more=more, unheard=unheard)
        outcome = _sent(channel, made, digest_id(mine[0]), "", mine[0])
    results, rests = [], False
    for delivery in mine:
        ended = job.now()
        state, due_at = _settled(outcome, delivery, ended, job.rng)
        settled = job.outbox.settle(delivery.id, job.worker, outcome, ended, due_at, state)
        rests = settled.rest_until is not None
        results.append(DeliveryResult(delivery=delivery, state=state, outcome=outcome.outcome, detail=outcome.detail))
    return results, rests


def digest_id(delivery: Delivery) -> str:
    """32 hex digits: the same digest of the same channel has the same id."""
    return hashlib.sha256(f"{delivery.channel}\n{delivery.digest}".encode()).hexdigest()[:32]


def _one(
    job: _Pass, delivery: Delivery, channel: Channel | None, started: Started | None, following: str
) -> tuple[DeliveryResult | None, Settled]:
    """Sends and settles one delivery and starts the following one; None when another worker has taken it over."""
    if channel is None or channel.missing:
        outcome, following = _unconfigured(delivery, channel), ""
    elif (started := started or job.outbox.start(delivery.id, job.worker, job.now())) is None:
        return None, Settled()
    else:
        outcome = _send(channel, delivery, started.thread)
    ended = job.now()
    state, due_at = _settled(outcome, delivery, ended, job.rng)
    settled = job.outbox.settle(delivery.id, job.worker, outcome, ended, due_at, state, following)
    log.info("delivery %s to %s: %s", delivery.id, delivery.channel, outcome.detail or state, extra=_named(delivery))
    return DeliveryResult(delivery=delivery, state=state, outcome=outcome.outcome, detail=outcome.detail), settled


def _named(delivery: Delivery) -> dict[str, str]:
    """What a log line about it is found by."""
    alert = delivery.alert
    return {"delivery": delivery.id, "channel": delivery.channel, "alert": alert.id, "rule": alert.rule}


def _unconfigured(delivery: Delivery, channel: Channel | None) -> SendResult:
    gone = f"no channel is called {delivery.channel!r} any more — add it to rules/channels.yaml, or drop the delivery"
    return SendResult(outcome=SendOutcome.UNCONFIGURED, detail=channel.missing if channel else gone)


def _send(channel: Channel, delivery: Delivery, thread: str) -> SendResult:
    message = render(delivery.alert, stop=enough(delivery.alert), unheard=delivery.unheard)
    return _sent(channel, message, delivery.id, thread, delivery)


def _sent(channel: Channel, message: Message, message_id: str, thread: str, delivery: Delivery) -> SendResult:
    try:
        return channel.send(message, message_id, thread)
    except Exception as error:  # noqa: BLE001  # the boundary of a delivery: whatever it was, it is recorded and tried again
        # The error's text may hold the channel's address; its type may not.
        why = type(error).__name__
        log.warning("delivery %s to %s: %s", delivery.id, delivery.channel, why, extra=_named(delivery))
        return SendResult(outcome=SendOutcome.TRANSIENT, detail=f"internal error ({type(error).__name__})")


def _settled(
    result: SendResult, delivery: Delivery, ended: datetime, rng: Random
) -> tuple[DeliveryState, datetime | None]:
    """The state that an attempt's outcome leads to, and when to try again."""
    finished = delivery.attempts + 1
    worn_out = finished >= MAX_ATTEMPTS and ended - delivery.alert.created_at >= KEEP_TRYING
    if result.outcome is SendOutcome.SENT:
        return DeliveryState.SENT, None
    if result.outcome is SendOutcome.UNCONFIGURED:
        return DeliveryState.HELD, None
    if result.outcome is SendOutcome.PERMANENT or worn_out:
        return DeliveryState.DEAD, None
    return DeliveryState.FAILED, ended + backoff(finished, rng, result.retry_after)
