"""What is news and what was only found: which articles may be told, by rule. Pure.

Everything is stored and judged; this decides whether it may wake somebody. An undated article is as old as our first
sight of it, and a date in the future was already refused when the article was made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from tocsin.model import Article, FetchState, HeldReason
from tocsin.specs.sources import SourceSpec

STALE = timedelta(days=7)
"""An article published longer than this before it was first seen is kept and not told."""

Hold = tuple[HeldReason, str]
"""Why an article is not told, and a detail for people."""


def is_baseline(source: SourceSpec, before: FetchState, *, alert_on_first: bool) -> bool:
    """Whether this poll is the source's first good one, whose articles are the stock and not the news."""
    return before.success_at is None and not (alert_on_first or source.alert_on_first)


def holds(
    articles: Iterable[Article], now: datetime, *, first: bool, baseline: bool = False, flood: Collection[str] = ()
) -> dict[str, Hold]:
    """Why articles that a poll found are not to be told, by their id; those that may be told are not in it.

    On a source's `first` poll nothing is stale: either it is the `baseline`, or its owner wants to be told of it all.
    `flood` are the ids of those that came in a flood of new addresses with a title that is known.
    """
    quarantined = HeldReason.QUARANTINED, "its title is known, and most of the feed came with new addresses"
    reasons = {article.id: _hold(article, now, first=first, baseline=baseline) for article in articles}
    reasons |= {article: reasons[article] or quarantined for article in flood if article in reasons}
    return {article: reason for article, reason in reasons.items() if reason}


def _hold(article: Article, now: datetime, *, first: bool, baseline: bool) -> Hold | None:
    if baseline:
        return HeldReason.BASELINE, "in the feed when its source was first polled"
    if not first and _latest(article, now) < now - STALE:
        return HeldReason.STALE, f"dated {article.day}, first seen {now:%Y-%m-%d}"
    return None


def _latest(article: Article, now: datetime) -> datetime:
    """The latest moment that the article can have been published at."""
    if article.published is None:
        return now
    return article.published + timedelta(days=1) if article.day_only else article.published
