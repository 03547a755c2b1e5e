"""How the watch does, read from the store at one moment: what the status, the health page and the metrics all tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tocsin.alerts.breaker import FAILURES
from tocsin.alerts.health import ChannelSigns, Outage, OutageKind, late_after
from tocsin.errors import Problem
from tocsin.model import DeliveryState, FetchOutcome, FetchState, Health
from tocsin.sources.blindness import BlindSpot
from tocsin.sources.health import LOOK_BACK, health
from tocsin.store import articles, backlog, blindspots, circuits, looks, outages, sources, ticks
from tocsin.store.looks import Standing
from tocsin.times import lasting
from tocsin.workspace import Workspace

_STOPS_WORK = frozenset({OutageKind.SOURCES, OutageKind.CHANNEL})
_SENDING = (DeliveryState.PENDING.value, DeliveryState.FAILED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """One thing that is not well."""

    text: str
    """A sentence without its full stop."""
    stops: bool = False
    """tocsin does not do its work: nothing is looked at, or somebody is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSource:
    """A source that cannot be seen."""

    id: str
    since: datetime | None
    """When it was last seen; None when that was never."""
    failures: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCondition:
    """How a channel does."""

    id: str
    resting_until: datetime | None
    failures: int
    """Attempts in a row that failed in passing."""
    last_sent: datetime | None
    deliveries: Mapping[str, int]
    last_error: str

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.resting_until:
            return "resting"
        if self.failures >= FAILURES:
            return "failing"
        return "no address" if self.deliveries.get(DeliveryState.HELD.value) else "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Everything at one moment. Times are in UTC."""

    now: datetime
    last: Mapping[str, Any] | None
    """The last pass that ended: started_at, ended_at, number and its figures."""
    late_after: timedelta
    sources: Mapping[str, int]
    """Number of sources by how their last poll ended: ok, unchanged, failed, never polled, off."""
    failing: tuple[FailingSource, ...]
    health: Mapping[str, tuple[Health, ...]]
    """What is wrong with each source that is not well."""
    channels: tuple[ChannelCondition, ...]
    deliveries: Mapping[str, int]
    oldest: datetime | None
    """Since when something has waited to be sent."""
    outages: tuple[Outage, ...]
    """Those that are open."""
    problems: tuple[Problem, ...]
    articles: int
    looks: Standing
    """Of the articles behind alerts, at their sources; what has vanished, since a day ago."""

    @property
    def lag(self) -> timedelta | None:
        """How long ago the last pass ended."""
        return self.now - self.last["ended_at"] if self.last else None

    @property
    def is_late(self) -> bool:
        """Whether passes should have been made and were not."""
        return self.lag is not None and self.lag > self.late_after

    @property
    def ailments(self) -> tuple[Ailment, ...]:
        """What is not well; empty when all is."""
        return tuple(_ailments(self))


def condition(workspace: Workspace, connection: Connection, *, every: timedelta, now: datetime) -> Condition:
    """How the watch over `workspace` does at `now`; `every` is the time between two passes."""
    states = sources.outcomes(connection)
    blind = blindspots.open_now(connection)
    watched = [source.id for source in workspace.sources if source.enabled]
    return Condition(
        now=now,
        last=ticks.last(connection),
        late_after=late_after(workspace.channels.health, every),
        sources=_sources(workspace, states),
        failing=tuple(_failing(states[each], blind.get(each)) for each in watched if _fails(states.get(each))),
        health=_health(workspace, connection, states, now),
        channels=_channels(workspace, connection, now),
        deliveries=_all(backlog.tally(connection)),
        oldest=backlog.oldest(connection, now),
        outages=tuple(each for each in outages.remembered(connection) if each.opened_at and each.ended_at is None),
        problems=tuple(problem for problem in workspace.problems if not problem.warning),
        articles=sum(articles.counts(connection).values()),
        looks=looks.standing(connection, now, now - timedelta(days=1)),
    )


def _fails(state: FetchState | None) -> bool:
    return state is not None and state.outcome is FetchOutcome.FAILED


def _failing(state: FetchState, blind: BlindSpot | None) -> FailingSource:
    since = blind.since if blind else state.polled_at
    detail = state.detail or str(state.reason or "")
    return FailingSource(id=state.source, since=since, failures=state.failures, detail=detail)


def _sources(workspace: Workspace, states: Mapping[str, FetchState]) -> dict[str, int]:
    found = dict.fromkeys([*(each.value for each in FetchOutcome), "never polled", "off"], 0)
    for source in workspace.sources:
        state = states.get(source.id)
        polled = state.outcome.value if state and state.outcome else "never polled"
        found[polled if source.enabled else "off"] += 1
    return found


def _health(
    workspace: Workspace, connection: Connection, states: Mapping[str, FetchState], now: datetime
) -> dict[str, tuple[Health, ...]]:
    intake = articles.intake(connection, now - LOOK_BACK)
    gaps = {each.source for each in blindspots.between(connection, now - timedelta(days=1), now) if each.lost}
    found = {}
    for source in workspace.sources:
        wrong = health(source, states.get(source.id), intake.get(source.id), now)
        more = (Health.GAP,) if source.enabled and source.id in gaps and Health.GAP not in wrong else ()
        if wrong or more:
            found[source.id] = (*wrong, *more)
    return found


def _channels(workspace: Workspace, connection: Connection, now: datetime) -> tuple[ChannelCondition, ...]:
    resting, sent, tally = circuits.resting(connection, now), backlog.last_sent(connection), backlog.tally(connection)
    signs = outages.channel_signs(connection, [channel.id for channel in workspace.channels.channels])
    return tuple(_channel(one, resting, sent, tally.get(one.channel, {})) for one in signs)


def _channel(
    signs: ChannelSigns,
    resting: Mapping[str, datetime],
    sent: Mapping[str, datetime],
    deliveries: Mapping[str, int],
) -> ChannelCondition:
    return ChannelCondition(
        id=signs.channel,
        resting_until=resting.get(signs.channel),
        failures=signs.failures,
        last_sent=sent.get(signs.channel),
        deliveries=deliveries,
        last_error=signs.last_error if any(deliveries.get(each) for each in (*_SENDING, "held", "dead")) else "",
    )


def _all(tally: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for states in tally.values():
        for state, number in states.items():
            found[state] = found.get(state, 0) + number
    return found


# --- what is not well ---------------------------------------------------------------------------------------------


def _ailments(now: Condition) -> Iterator[Ailment]:
    yield from _passes(now)
    for outage in now.outages:
        if outage.kind in _STOPS_WORK:
            name = f" {outage.name}" if outage.name else ""
            yield Ailment(text=f"{outage.kind}{name} since {_day(outage.since)}", stops=True)
    for problem in now.problems:
        yield Ailment(text=str(problem))
    for source in now.failing:
        since = f" since {_day(source.since)}" if source.since else ""
        yield Ailment(text=f"source {source.id} fails{since}: {source.detail}")
    yield from _outbox(now)


def _passes(now: Condition) -> Iterator[Ailment]:
    if now.lag is None:
        yield Ailment(text="no pass has ended yet", stops=True)
    elif now.is_late:
        yield Ailment(text=f"the last pass ended {lasting(now.lag)} ago", stops=True)
    if now.last and now.last.get("ping", "ok") != "ok":
        yield Ailment(text=f"the address of TOCSIN_PING_URL could not be told of the last pass: {now.last['ping']}")


def _outbox(now: Condition) -> Iterator[Ailment]:
    for channel in now.channels:
        if channel.resting_until:
            yield Ailment(text=f"channel {channel.id} rests until {_day(channel.resting_until)}: {channel.last_error}")
    for state, what in ((DeliveryState.FAILED, "failed and will be tried again"), (DeliveryState.DEAD, "given up")):
        if number := now.deliveries.get(state.value):
            yield Ailment(text=f"{number} {'delivery' if number == 1 else 'deliveries'} {what}")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
