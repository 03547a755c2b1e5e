"""When to look again. Pure: the time and the dice are arguments.

A source's interval is its `every`, or else half its own rhythm (Miniflux's idea: look as often as there is something
to see). It is halved for every recent gap, doubled for every failure in a row, and pushed later, within limits, by
what the server and the feed say themselves.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from tocsin import urls
from tocsin.model import FetchOutcome, FetchState
from tocsin.specs.sources import SourceSpec

EVERY = timedelta(minutes=15)
"""When a source does not say and its rhythm is not known."""
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=6)
"""Between two polls of a source that does not say, and between two tries of a failing one."""
LONGEST_HINT = timedelta(hours=24)
"""How far a server's Retry-After can push the next poll."""
LONGEST_CACHE = timedelta(hours=1)
"""How far max-age, Expires and ttl can push a source beyond its own `every`; one without may be pushed to LONGEST."""
FULL = timedelta(hours=12)
"""How often a feed is fetched without a condition: some servers answer 304 for ever."""
_NEAREST = timedelta(minutes=1)
_JITTER = 0.1
_SKEW = timedelta(minutes=5)
"""By so much the clocks of two machines may differ; a poll further in the future says that the clock was set back."""
_DOUBLINGS = 10
_HALVINGS = 4


def interval(spec: SourceSpec, state: FetchState) -> timedelta:
    """How often the source is polled while all is well."""
    own = timedelta(seconds=state.rhythm) / 2 if state.rhythm is not None else EVERY
    wanted = spec.every or min(max(own, SHORTEST), LONGEST)
    return max(wanted / 2.0 ** min(state.gaps, _HALVINGS), min(wanted, _NEAREST))


def next_due(
    spec: SourceSpec,
    state: FetchState,
    outcome: FetchOutcome,
    now: datetime,
    rng: random.Random,
    *,
    retry_after: float | None = None,
    fresh_for: float = 0.0,
) -> datetime:
    """When the source is to be polled next.

    While it fails the interval doubles with every failure (`state.failures`, this one included) up to `LONGEST`. A
    tenth of the interval is left to chance, so that sources do not stay in step. `retry_after` and `fresh_for` are in
    seconds.
    """
    every = interval(spec, state)
    if outcome is FetchOutcome.FAILED:
        wait = min(every * 2.0 ** min(state.failures, _DOUBLINGS), max(LONGEST, every))
        wait += wait * rng.uniform(-_JITTER, _JITTER)
    else:
        # Only earlier, so that a source with `every: 5m` is never polled less often than it asks for.
        wait = max(every - every * rng.uniform(0, _JITTER), _hint(spec, state, fresh_for))
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=retry_after), LONGEST_HINT))
    return _past_skipped(now + wait, state.skip_hours)


def _hint(spec: SourceSpec, state: FetchState, fresh_for: float) -> timedelta:
    """How long the server and the feed say that nothing will change; nothing, while entries are being missed."""
    if state.gaps:
        return timedelta(0)
    limit = LONGEST if spec.every is None else LONGEST_CACHE
    return min(timedelta(seconds=max(fresh_for, state.ttl or 0)), limit)


def _past_skipped(due: datetime, skipped: tuple[int, ...]) -> datetime:
    """The time itself, or the first hour after it in which the feed may change; at most `LONGEST` later."""
    moved = due
    while moved.astimezone(UTC).hour in skipped:
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moved - due > LONGEST:
            return due + LONGEST
    return moved


def conditional(state: FetchState, now: datetime) -> bool:
    """Whether the poll may ask for changes only."""
    return state.full_at is not None and now - state.full_at < FULL


def due(sources: Iterable[SourceSpec], states: Mapping[str, FetchState], now: datetime) -> list[SourceSpec]:
    """The enabled sources to poll now, the longest overdue first; one never polled comes before all.

    Where a host answered 429, none of its sources is due before it allows.
    """
    never = datetime.min.replace(tzinfo=UTC)
    enabled = [spec for spec in sources if spec.enabled]
    held = {_host(spec, states) for spec in enabled if _held(states.get(spec.id), now)}
    waiting = [
        (_due_at(states.get(spec.id), now) or never, spec) for spec in enabled if _host(spec, states) not in held
    ]
    return [spec for since, spec in sorted(waiting, key=lambda pair: pair[0]) if since <= now]


def by_host(sources: Iterable[SourceSpec], states: Mapping[str, FetchState]) -> dict[str, list[SourceSpec]]:
    """The sources by the host that is asked, both in the order in which they come."""
    found: dict[str, list[SourceSpec]] = {}
    for spec in sources:
        found.setdefault(_host(spec, states), []).append(spec)
    return found


def _due_at(state: FetchState | None, now: datetime) -> datetime | None:
    """What a clock that was ahead has planned is worth nothing: it might be a year from now."""
    return state.due_at if state and not _from_ahead(state, now) else None


def _from_ahead(state: FetchState, now: datetime) -> bool:
    return state.polled_at is not None and state.polled_at > now + _SKEW


def _held(state: FetchState | None, now: datetime) -> bool:
    if state is None or state.hold_until is None or _from_ahead(state, now):
        return False
    return state.hold_until > now


def _host(spec: SourceSpec, states: Mapping[str, FetchState]) -> str:
    """The host that is asked; a folder is its own."""
    state = states.get(spec.id)
    return urls.host_port((state.moved_to if state else None) or spec.url or "") or f"folder {spec.id}"
