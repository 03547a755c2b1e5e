"""`tocsin upkeep`: what is old goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, megabytes, opened_store, print_json, settings
from tocsin.workspace.root import find_root

if TYPE_CHECKING:
    from tocsin.pipeline import UpkeepReport

DryRunOption = Annotated[bool, Parameter(name="--dry-run", negative=(), help="Only say what would be deleted.")]


def upkeep(*, dry_run: DryRunOption = False, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Delete what is older than TOCSIN_KEEP_… says and needed by nothing, and make the database smaller.

    What an open story or a waiting delivery needs stays, and so do articles that came from files. `tocsin serve` does
    it daily.
    """
    from tocsin import pipeline  # noqa: PLC0415
    from tocsin.workspace import load_for_service  # noqa: PLC0415

    root = find_root(workspace)
    keep = settings().keep
    with opened_store(root) as store:
        report = pipeline.upkeep(load_for_service(root), store, keep=keep, now=datetime.now(UTC), dry_run=dry_run)
    if json:
        print_json([report.figures() | {"dry_run": dry_run}])
    else:
        _tell(report, dry_run=dry_run)
    return 0


def _tell(report: UpkeepReport, *, dry_run: bool) -> None:
    gone = report.removed
    parts = [
        count(gone.articles, "article"),
        count(gone.matches, "match"),
        count(gone.stories, "story"),
        count(gone.alerts, "alert"),
        count(gone.ticks, "tick"),
    ]
    verb = "would be deleted" if dry_run else "deleted"
    before = megabytes(report.before)
    size = f"{before} now" if dry_run else f"{before} → {megabytes(report.after)}"
    console().print(f"{', '.join(parts)} {verb} · database {size}")
