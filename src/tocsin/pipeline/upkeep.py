"""Upkeep: what is old goes, in small transactions; then the database gives the room back. Daily is often enough."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.settings import Keep
from tocsin.store import Store
from tocsin.store.retention import Cutoffs, Removed, remove
from tocsin.store.workers import sweep
from tocsin.stories.assign import OPEN_FOR
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)

_TOGETHER = 200
"""Rows of a kind deleted in one transaction: a few hundredths of a second, which a tick can wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepReport:
    """What upkeep did, or would do; sizes of the database in bytes."""

    removed: Removed
    workers: int
    before: int
    after: int

    def figures(self) -> dict[str, int]:
        """All of it as one row."""
        return {**asdict(self.removed), "workers": self.workers, "bytes_before": self.before, "bytes_after": self.after}


def cutoffs(keep: Keep, now: datetime, needed: timedelta = timedelta(0)) -> Cutoffs:
    """The times before which things may go.

    However short the ages: stories outlive the time in which they take reports, and articles, stories and alerts are
    there for as long as threshold rules count back (`needed`).
    """

    def before(days: int, least: timedelta = timedelta(0)) -> datetime | None:
        return now - max(timedelta(days=days), least) if days else None

    return Cutoffs(
        articles=before(keep.articles, max(needed, OPEN_FOR)),
        stories=before(keep.stories, max(needed, OPEN_FOR)),
        alerts=before(keep.alerts, max(needed, OPEN_FOR)),
        keys=before(keep.keys),
        ticks=before(keep.ticks),
    )


def upkeep(
    workspace: Workspace,
    store: Store,
    *,
    keep: Keep,
    now: datetime,
    dry_run: bool = False,
    on_removed: Callable[[Removed], None] = lambda _: None,
) -> UpkeepReport:
    """Deletes what is older than `keep` says and needed by nothing; with `dry_run` it is only counted."""
    needed = max((one.spec.threshold.reach for one in workspace.book.thresholds), default=timedelta(0))
    limits, before = cutoffs(keep, now, needed), store.size()
    if dry_run:
        return UpkeepReport(removed=_rehearsed(store, limits), workers=0, before=before, after=before)
    removed = Removed()
    while part := _some(store, limits):
        removed += part
        on_removed(part)
    workers = sweep(_workers(workspace.root))
    store.compact()
    report = UpkeepReport(removed=removed, workers=workers, before=before, after=store.size())
    log.info("upkeep: %s", ", ".join(f"{name} {number}" for name, number in report.figures().items()))
    return report


def _some(store: Store, limits: Cutoffs) -> Removed:
    with store.writing() as connection:
        return remove(connection, limits, _TOGETHER)


def _rehearsed(store: Store, limits: Cutoffs) -> Removed:
    removed = Removed()
    with store.trying() as connection:
        while part := remove(connection, limits, _TOGETHER):
            removed += part
    return removed


def _workers(root: Path) -> Path:
    return root / "data" / "workers"
