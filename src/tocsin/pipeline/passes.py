"""The order of calls: collect → judge and commit → deliver. It makes no decisions of its own.

Each step can be run alone and again: collecting writes nothing, judging writes each source's pass in one transaction,
delivering takes up whatever the outbox holds. A process that dies between any two loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.alerts.deliver import DeliverReport, deliver
from tocsin.alerts.outbox import Channel
from tocsin.errors import ChannelError
from tocsin.model import Alert, Collected, FetchOutcome
from tocsin.pipeline.commit import Judged, Unwritten, commit_quiet, commit_source, read_source
from tocsin.pipeline.heartbeat import counts, ping
from tocsin.pipeline.looking import look_again
from tocsin.pipeline.selfwatch import watch_self
from tocsin.pipeline.shares import Shares
from tocsin.pipeline.thresholds import commit_thresholds
from tocsin.sources.answers import Limits
from tocsin.specs.channels import ChannelSpec
from tocsin.store import Store, claims, ticks, totals
from tocsin.times import utc_now
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)

_TOGETHER = 100
"""Quiet sources written in one transaction."""
_ARTICLES_TOGETHER = 400
"""Articles of quiet sources written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """What one pass did."""

    judged: Judged
    delivered: DeliverReport
    failures: Mapping[str, str]
    """Source → why it failed."""
    notes: tuple[str, ...]
    health: tuple[Alert, ...] = ()
    """What was told of the watch itself."""

    def figures(self) -> dict[str, int]:
        """The pass in numbers, as kept with the tick."""
        outcomes = self.judged.outcomes
        return {
            "sources": sum(outcomes.values()),
            "ok": outcomes[FetchOutcome.OK],
            "unchanged": outcomes[FetchOutcome.UNCHANGED],
            "failed": outcomes[FetchOutcome.FAILED],
            "articles": self.judged.articles,
            "revisions": self.judged.revisions,
            "matches": self.judged.matches,
            "alerts": len(self.judged.alerts),
            "held": len(self.judged.not_told),
            "sent": self.delivered.sent,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What polling and judging brought."""

    collected: tuple[Collected, ...]
    """Each source's outcome, without its articles."""
    judged: Judged


def collect(
    workspace: Workspace,
    store: Store,
    *,
    everything: bool = False,
    now: Callable[[], datetime] = utc_now,
    user_agent: str | None = None,
    limits: Limits | None = None,
    alert_on_first: bool = False,
    on_collected: Callable[[Collected], None] = lambda _: None,
) -> list[Collected]:
    """Polls the sources that are due (or all that are enabled), in parallel; a failing one stops no other.

    `on_collected` is called with each source's outcome as it comes. With `alert_on_first` the first poll of a source
    is told of too. Other workers leave these sources alone until they are judged, or this process ends.
    """
    done: list[Collected] = []

    def keep(collected: Collected) -> None:
        on_collected(collected)
        done.append(collected)

    _poll(
        workspace,
        store,
        Shares(store, workspace.sources, worker=store.process, everything=everything, now=now),
        keep,
        now=now,
        user_agent=user_agent,
        limits=limits,
        alert_on_first=alert_on_first,
    )
    return done


def _poll(
    workspace: Workspace,
    store: Store,
    shares: Shares,
    take: Callable[[Collected], None],
    *,
    now: Callable[[], datetime],
    user_agent: str | None,
    limits: Limits | None,
    alert_on_first: bool,
) -> None:
    """Hands over each source's outcome as it comes, and keeps none: 2,000 feeds at once would fill the memory."""
    from tocsin.sources.collect import collect as collect_all  # noqa: PLC0415 - brings httpx and the parsers

    async def gather() -> None:
        async for collected in collect_all(
            shares,
            shares.states,
            known=store.known,
            root=workspace.root,
            now=now,
            user_agent=user_agent,
            limits=limits,
            alert_on_first=alert_on_first,
        ):
            log.info(
                "%s: %s (%s), %d new articles",
                collected.state.source,
                collected.state.outcome,
                collected.state.detail or collected.state.reason,
                len(collected.articles),
                extra={"source": collected.state.source},
            )
            take(collected)
            shares.renew()

    asyncio.run(gather())


def judge(
    workspace: Workspace, store: Store, collected: Iterable[Collected], *, now: Callable[[], datetime] = utc_now
) -> Judged:
    """Judges each source's new articles and writes its pass in one transaction."""
    writer = _Writer(workspace, store, now)
    for one in collected:
        writer.add(one)
    writer.close()
    with store.claiming() as connection:
        claims.give_back(connection, store.process)
    commit_thresholds(workspace, store, writer.judged, now())
    return writer.judged


class _Writer:
    """Judges and writes what polls bring: each source that has something to tell at once, in its own transaction.

    The quiet ones, in which no rule found anything, are written together; none of them is ever written in part. When
    the process dies before, they are simply polled again.
    """

    def __init__(self, workspace: Workspace, store: Store, now: Callable[[], datetime]) -> None:
        self.judged = Judged()
        self._workspace = workspace
        self._store = store
        self._now = now
        self._specs = {source.id: source for source in workspace.sources}
        self._waiting: list[Unwritten] = []

    def add(self, collected: Collected) -> None:
        now = self._now()
        one = read_source(self._workspace, self._specs[collected.state.source], collected, self.judged, now)
        if not one.is_quiet:
            self.close()  # first come, first kept
            commit_source(self._workspace, self._store, one, self.judged, now)
            return
        self._waiting.append(one)
        articles = sum(len(each.readings) for each in self._waiting)
        if len(self._waiting) >= _TOGETHER or articles >= _ARTICLES_TOGETHER:
            self.close()

    def close(self) -> None:
        """Writes what still waits."""
        if self._waiting:
            commit_quiet(self._store, self._waiting, self.judged, self._now())
            self._waiting = []


def send(
    workspace: Workspace, store: Store, *, now: Callable[[], datetime] = utc_now, rng: random.Random | None = None
) -> DeliverReport:
    """Sends what the outbox holds."""
    wanted = store.outbox.wanted_channels(now())
    if not wanted:
        return DeliverReport()
    specs = [spec for spec in workspace.channels.channels if spec.id in wanted]
    channels = {spec.id: _channel(spec, workspace.root) for spec in specs}
    rates = {spec.id: spec.rate for spec in specs if spec.rate}
    rng = rng or random.Random()  # noqa: S311 - jitter, no secret
    return deliver(store.outbox, channels, worker=store.worker, now=now, rng=rng, rates=rates)


def _channel(spec: ChannelSpec, root: Path) -> Channel:
    """The channel; one whose address cannot work keeps its deliveries, and stops no other."""
    from tocsin.alerts.channels import WaitingChannel, open_channel  # noqa: PLC0415 - an alert is rare

    try:
        return open_channel(spec, os.environ, root)
    except ChannelError as error:
        return WaitingChannel(id=spec.id, missing=str(error))


def tick(
    workspace: Workspace,
    store: Store,
    *,
    everything: bool = False,
    now: Callable[[], datetime] = utc_now,
    user_agent: str | None = None,
    limits: Limits | None = None,
    alert_on_first: bool = False,
    every: timedelta = timedelta(minutes=1),
    ping_url: str | None = None,
    on_collected: Callable[[Collected], None] = lambda _: None,
) -> TickReport:
    """One pass: each source is judged and committed as soon as it is collected, then everything due is sent.

    `every` is the time between two passes: one that comes much later is told of. `ping_url` is asked at the end.
    """
    number = begin(store, now())
    taken = take_in(
        workspace,
        store,
        everything=everything,
        now=now,
        user_agent=user_agent,
        limits=limits,
        alert_on_first=alert_on_first,
        on_collected=on_collected,
    )
    health = watch_self(workspace, store, every=every, now=now(), number=number)
    delivered = send(workspace, store, now=now)  # no alert waits for the looks
    before = len(taken.judged.alerts)
    look_again(workspace, store, taken.judged, now=now, user_agent=user_agent, limits=limits)
    if len(taken.judged.alerts) > before:
        delivered += send(workspace, store, now=now)
    report = report_of(taken.collected, taken.judged, delivered, health)
    finish(store, number, report, now())
    ping(store, ping_url, number)
    return report


def take_in(
    workspace: Workspace,
    store: Store,
    *,
    everything: bool = False,
    now: Callable[[], datetime] = utc_now,
    user_agent: str | None = None,
    limits: Limits | None = None,
    alert_on_first: bool = False,
    on_collected: Callable[[Collected], None] = lambda _: None,
) -> Taken:
    """Polls the sources that are due; each is judged and committed as soon as it is collected, and then let go."""
    writer = _Writer(workspace, store, now)
    shares = Shares(store, workspace.sources, worker=store.worker, everything=everything, now=now)
    told: list[Collected] = []

    def at_once(collected: Collected) -> None:
        writer.add(collected)
        told.append(replace(collected, articles=(), sightings=(), revisions=(), held={}))
        on_collected(collected)

    try:
        _poll(
            workspace,
            store,
            shares,
            at_once,
            now=now,
            user_agent=user_agent,
            limits=limits,
            alert_on_first=alert_on_first,
        )
    finally:
        writer.close()
        shares.give_back()
    commit_thresholds(workspace, store, writer.judged, now())
    return Taken(collected=tuple(told), judged=writer.judged)


def begin(store: Store, now: datetime) -> int:
    """Notes that a pass begins; its number."""
    with store.writing() as connection:
        return ticks.begin(connection, now)


def finish(store: Store, number: int, report: TickReport, now: datetime) -> None:
    """Notes that the pass has ended, with its figures, which are added to the totals."""
    with store.writing() as connection:
        ticks.end(connection, number, now, report.figures())
        totals.add(connection, counts(report))


def report_of(
    collected: Sequence[Collected], judged: Judged, delivered: DeliverReport, health: tuple[Alert, ...] = ()
) -> TickReport:
    """The report of a pass from what its steps brought."""
    return TickReport(
        judged=judged,
        delivered=delivered,
        failures={one.state.source: one.state.detail for one in collected if one.state.outcome is FetchOutcome.FAILED},
        notes=(*(note for one in collected for note in one.notes), *judged.notes),
        health=health,
    )
