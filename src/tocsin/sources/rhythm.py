"""How often a source brings something new: from its own dates, or else from when its articles came. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.model import FetchState

QUIET = timedelta(days=1)
"""No source counts as silent earlier: newsrooms sleep."""
_LOOK_BACK = timedelta(days=30)
_NEWEST = 50
_FEW = 3
"""Dates; from fewer no rhythm is told."""


def from_dates(dates: Iterable[datetime | None], now: datetime) -> int | None:
    """Seconds between two entries, on the average of the newest ones up to now; None when too few are dated."""
    past = sorted((date for date in dates if date and now - _LOOK_BACK < date <= now), reverse=True)[:_NEWEST]
    return None if len(past) < _FEW else max(1, int((now - past[-1]).total_seconds() / len(past)))


def from_arrivals(before: FetchState, arrived: int, now: datetime) -> int | None:
    """The rhythm so far, moved a quarter of the way to what the last `arrived` new articles show."""
    if not arrived or before.new_at is None:
        return before.rhythm
    shown = (now - before.new_at).total_seconds() / arrived
    return max(1, int(shown if before.rhythm is None else before.rhythm + (shown - before.rhythm) / 4))


def is_silent(state: FetchState, now: datetime) -> bool:
    """Whether nothing new came for three times as long as it should take, and for a day at least."""
    if state.new_at is None or state.rhythm is None:
        return False
    return now - state.new_at > max(QUIET, 3 * timedelta(seconds=state.rhythm))
