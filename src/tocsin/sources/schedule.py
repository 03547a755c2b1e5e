"""When to look again. Pure: the time and the dice are arguments."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from tocsin.model import FetchOutcome, FetchState
from tocsin.specs.sources import SourceSpec

EVERY = timedelta(minutes=15)
"""When a source does not say."""
LONGEST = timedelta(hours=6)
"""Between two tries of a failing source; a source that is polled less often keeps its own rhythm."""
LONGEST_HINT = timedelta(hours=24)
"""How far a server's Retry-After can push the next poll."""
_JITTER = 0.1
_DOUBLINGS = 10


def next_due(
    spec: SourceSpec,
    state: FetchState,
    outcome: FetchOutcome,
    now: datetime,
    rng: random.Random,
    *,
    retry_after: float | None = None,
) -> datetime:
    """When the source is to be polled next.

    While it fails the interval doubles with every failure (`state.failures`, this one included) up to `LONGEST`. A
    tenth of the interval is left to chance, so that sources do not stay in step. `retry_after` is in seconds.
    """
    every = spec.every or EVERY
    if outcome is FetchOutcome.FAILED:
        wait = min(every * 2.0 ** min(state.failures, _DOUBLINGS), max(LONGEST, every))
        wait += wait * rng.uniform(-_JITTER, _JITTER)
    else:
        # Only earlier, so that a source with `every: 5m` is never polled less often than it asks for.
        wait = every - every * rng.uniform(0, _JITTER)
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=retry_after), LONGEST_HINT))
    return now + wait


def due(sources: Iterable[SourceSpec], states: Mapping[str, FetchState], now: datetime) -> list[SourceSpec]:
    """The enabled sources to poll now, the longest overdue first; one never polled comes before all."""
    never = datetime.min.replace(tzinfo=UTC)
    waiting = [(_due_at(states.get(spec.id)) or never, spec) for spec in sources if spec.enabled]
    return [spec for since, spec in sorted(waiting, key=lambda pair: pair[0]) if since <= now]


def _due_at(state: FetchState | None) -> datetime | None:
    return state.due_at if state else None
