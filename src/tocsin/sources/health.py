"""How a source does, against what is usual for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin.model import FetchOutcome, FetchState, Health, Intake
from tocsin.sources.rhythm import is_silent
from tocsin.sources.window import GAP_REMEMBERED
from tocsin.specs.sources import SourceKind, SourceSpec

LOOK_BACK = timedelta(days=30)
"""How far back a source's articles say something about how it is now."""
_FEW = 3
"""Articles; fewer say nothing."""
_MOST = 0.9


def health(source: SourceSpec, state: FetchState | None, intake: Intake | None, now: datetime) -> tuple[Health, ...]:
    """Everything that is wrong with the source; `intake` is that of the last `LOOK_BACK`."""
    if not source.enabled or state is None:
        return ()
    return tuple(_found(source, state, intake, now))


def _found(source: SourceSpec, state: FetchState, intake: Intake | None, now: datetime) -> Iterator[Health]:
    if state.outcome is FetchOutcome.FAILED:
        yield Health.FAILING
    if source.kind is SourceKind.FILES:
        return  # people fill it when they like, with what they like
    if is_silent(state, now):
        yield Health.SILENT
    if state.gap_at and now - state.gap_at <= GAP_REMEMBERED:
        yield Health.GAP
    if intake and intake.articles >= _FEW:
        if intake.undated >= _MOST * intake.articles:
            yield Health.UNDATED
        if intake.teasers >= _MOST * intake.articles:
            yield Health.TEASER_ONLY
