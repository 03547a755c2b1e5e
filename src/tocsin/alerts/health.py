"""What is wrong with the watch itself, and what of it has lasted long enough to be told. Pure: `now` is an argument.

A fault is what shows at one look; an outage is a fault that is followed from look to look. It is told once when it has
lasted its time and once when it is over. A fault that comes back soon is the same outage and needs an hour to be told
again, so that what comes and goes does not ring the bell each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.alerts.breaker import FAILURES
from tocsin.errors import Problem
from tocsin.model import FetchOutcome, FetchState
from tocsin.sources.rhythm import is_silent
from tocsin.specs.health import HealthSpec
from tocsin.specs.sources import SourceKind, SourceSpec

SAME = timedelta(hours=1)
"""A fault that comes back within this time is the same outage, and then takes as long to be told again."""
_REMEMBERED = timedelta(days=1)
"""How long an outage that is over is kept: longer than any source's wait between two polls."""
_LATE_PASSES = 5
_LATE = timedelta(minutes=10)
"""Passes are not late earlier than this, whatever the schedule."""
_MANY = 5
"""So many failing sources, half of all at least, are one outage: that of the line, not of each."""
_POLLS = 2


class OutageKind(StrEnum):
    """What can be wrong with the watch."""

    SOURCE = "source failing"
    SOURCES = "sources failing"  # so many at once that the line is to blame
    SILENT = "source silent"
    CHANNEL = "channel dead"
    LATE = "pass late"
    FILES = "files unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A fault that is followed; told when `opened_at` is set, over when `ended_at` is."""

    kind: OutageKind
    name: str = ""
    """Of the source or channel; empty for what there is only one of."""
    id: str
    """16 hex digits; what is told of it stands in one thread."""
    since: datetime
    detail: str = ""
    """The last error, as others worded it."""
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    returned: bool = False
    """It was over and came back soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What shows at one look."""

    kind: OutageKind
    name: str = ""
    since: datetime | None = None
    """When it began; None: when it was first seen."""
    seen_at: datetime
    """When it last showed: a poll that failed an hour ago says nothing of now."""
    detail: str = ""
    after: timedelta = timedelta(0)
    """How long it must last to be told."""
    opens: bool = True
    """False: it is no outage yet, however long it lasts."""

    @property
    def key(self) -> tuple[OutageKind, str]:
        """The same for the same fault at every look."""
        return self.kind, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSigns:
    """How a channel does. Only what came after the last message that arrived is counted."""

    channel: str
    failures: int = 0
    """Attempts in a row that failed in passing."""
    waiting: int = 0
    """Deliveries still to be sent."""
    given_up: int = 0
    held: int = 0
    """Deliveries that wait for the channel's address."""
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """All that the watch can tell of itself at one look."""

    sources: Sequence[SourceSpec] = ()
    states: Mapping[str, FetchState]
    channels: Sequence[ChannelSigns] = ()
    last_pass: datetime | None = None
    """When the pass before ended; None when there was none."""
    this_pass: datetime | None = None
    """When the pass that looks began; None when nobody's pass does."""
    every: timedelta
    """Between two passes."""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How outages go on: all to remember, and those to be told of."""

    outages: tuple[Outage, ...] = ()
    opened: tuple[Outage, ...] = ()
    ended: tuple[Outage, ...] = ()


# --- what shows ---------------------------------------------------------------------------------------------------


def faults(signs: Signs, spec: HealthSpec, now: datetime) -> tuple[Fault, ...]:
    """Everything that is wrong at `now`, long enough to be told or not."""
    return (
        *_sources(signs, spec),
        *(_silent(signs, now) if spec.silent else ()),
        *(fault for one in signs.channels if (fault := _channel(one, spec, now))),
        *_late(signs, spec, now),
        *_files(signs, spec, now),
    )


def late_after(spec: HealthSpec, every: timedelta) -> timedelta:
    """How long no pass may end before that is told."""
    return spec.late or max(_LATE_PASSES * every, _LATE)


def _sources(signs: Signs, spec: HealthSpec) -> Iterator[Fault]:
    polled = [signs.states[one.id] for one in signs.sources if one.enabled and one.id in signs.states]
    failing = [state for state in polled if _fails(state)]
    many = len(failing) >= max(_MANY, len(polled) / 2)
    for state in failing:
        # A first failure begins a row of them; how a longer one began is remembered with the outage.
        yield Fault(
            kind=OutageKind.SOURCE,
            name=state.source,
            since=state.polled_at if state.failures == 1 else None,
            seen_at=_polled(state),
            detail=state.detail or str(state.reason or ""),
            after=spec.failing,
            opens=state.failures >= _POLLS and not many,
        )
    if many:
        newest = max(failing, key=_polled)
        said = newest.detail or str(newest.reason or "")
        yield Fault(
            kind=OutageKind.SOURCES,
            seen_at=_polled(newest),
            detail=f"{len(failing)} of {len(polled)} sources fail; {newest.source}: {said}",
            after=spec.failing,
        )


def _fails(state: FetchState) -> bool:
    """A source that waits because its host asked for it does not fail: such polls are not counted."""
    return state.outcome is FetchOutcome.FAILED and state.failures > 0 and state.polled_at is not None


def _polled(state: FetchState) -> datetime:
    if state.polled_at is None:
        raise ValueError(f"{state.source} was never polled")
    return state.polled_at


def _silent(signs: Signs, now: datetime) -> Iterator[Fault]:
    for source in signs.sources:
        state = signs.states.get(source.id)
        if state is None or not source.enabled or source.kind is SourceKind.FILES or not is_silent(state, now):
            continue
        # While it fails, that is what is told; what is silent already stays so.
        opens = state.outcome is not FetchOutcome.FAILED
        yield Fault(kind=OutageKind.SILENT, name=source.id, since=state.new_at, seen_at=now, opens=opens)


def _channel(signs: ChannelSigns, spec: HealthSpec, now: datetime) -> Fault | None:
    rests = signs.failures >= FAILURES and signs.waiting > 0
    if not (rests or signs.given_up or signs.held):
        return None
    counts = ((signs.given_up, "given up"), (signs.waiting, "waiting"), (signs.held, "held for want of its address"))
    what = ", ".join(f"{number} {state}" for number, state in counts if number)
    # What is given up is lost unless somebody acts; the rest may still mend itself.
    after = timedelta(0) if signs.given_up else spec.dead
    detail = f"{what}; {signs.last_error}" if signs.last_error else what
    return Fault(kind=OutageKind.CHANNEL, name=signs.channel, seen_at=now, detail=detail, after=after)


def _late(signs: Signs, spec: HealthSpec, now: datetime) -> Iterator[Fault]:
    if signs.last_pass and (signs.this_pass or now) - signs.last_pass > late_after(spec, signs.every):
        yield Fault(kind=OutageKind.LATE, since=signs.last_pass, seen_at=now)


def _files(signs: Signs, spec: HealthSpec, now: datetime) -> Iterator[Fault]:
    bad = [problem for problem in signs.problems if not problem.warning]
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        yield Fault(kind=OutageKind.FILES, seen_at=now, detail=f"{bad[0]}{more}", after=spec.unusable)


def watched(known: Sequence[Outage], signs: Signs, spec: HealthSpec) -> tuple[Outage, ...]:
    """The outages of what is still watched: what a person took out or switched off is neither well nor ill."""
    on = {one.id for one in signs.sources if one.enabled}
    names: dict[OutageKind, Collection[str]] = {
        OutageKind.SOURCE: on,
        OutageKind.SILENT: on if spec.silent else (),
        OutageKind.CHANNEL: [one.channel for one in signs.channels],
    }
    return tuple(one for one in known if one.kind not in names or one.name in names[one.kind])


# --- what becomes of it -------------------------------------------------------------------------------------------


def follow(before: Sequence[Outage], found: Sequence[Fault], now: datetime) -> Course:
    """The outages after a look that showed `found`; `before` is what was remembered."""
    known = {(one.kind, one.name): one for one in before}
    showing = {fault.key for fault in found}
    line = known.get((OutageKind.SOURCES, ""))
    went_on = [_went_on(known.get(fault.key), fault, line, now) for fault in found]
    gone = [kept for key, one in known.items() if key not in showing and (kept := _gone(one, now))]
    return Course(
        outages=tuple(sorted((*went_on, *gone), key=lambda one: (one.since, one.kind, one.name))),
        opened=tuple(one for one in went_on if one.opened_at == now and not _was_open(known.get((one.kind, one.name)))),
        ended=tuple(one for one in gone if one.ended_at == now and _was_open(known[one.kind, one.name])),
    )


def _was_open(outage: Outage | None) -> bool:
    return outage is not None and outage.opened_at is not None and outage.ended_at is None


def _went_on(old: Outage | None, fault: Fault, line: Outage | None, now: datetime) -> Outage:
    outage = replace(_followed(old, fault), detail=fault.detail)
    if outage.opened_at or not fault.opens or _of_the_line(fault, line, now):
        return outage
    after = max(fault.after, SAME) if outage.returned else fault.after
    return replace(outage, opened_at=now) if fault.seen_at - outage.since >= after else outage


def _followed(old: Outage | None, fault: Fault) -> Outage:
    """The outage that the fault belongs to."""
    since = fault.since or fault.seen_at
    if old is None or (old.ended_at and fault.seen_at - old.ended_at > SAME):
        made = hashlib.sha256(f"{fault.kind}\n{fault.name}\n{since.isoformat()}".encode()).hexdigest()
        return Outage(kind=fault.kind, name=fault.name, id=made[:16], since=since)
    if old.ended_at:
        return replace(old, since=since, opened_at=None, ended_at=None, returned=True)
    return old if old.opened_at else replace(old, since=fault.since or old.since)


def _of_the_line(fault: Fault, line: Outage | None, now: datetime) -> bool:
    """Whether a source last failed while the line did: it is asked again before it is said to fail by itself."""
    return fault.kind is OutageKind.SOURCE and line is not None and fault.seen_at <= (line.ended_at or now)


def _gone(outage: Outage, now: datetime) -> Outage | None:
    """An outage whose fault shows no longer: over, and forgotten in time."""
    if outage.ended_at is None:
        # What was never told is forgotten, but for the line: its sources' faults are judged by it.
        told = outage.opened_at or outage.returned or outage.kind is OutageKind.SOURCES
        return replace(outage, ended_at=now) if told else None
    return outage if now - outage.ended_at <= _REMEMBERED else None
