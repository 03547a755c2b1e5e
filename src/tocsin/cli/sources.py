"""`tocsin sources list | check`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.markup import escape

from tocsin.cli.common import (
    JsonOption,
    WorkspaceOption,
    console,
    opened_store,
    print_json,
    settings,
    table,
    tell_problems,
)
from tocsin.cli.progress import progress
from tocsin.errors import UsageError
from tocsin.model import FetchState, Health
from tocsin.specs.sources import SourceSpec
from tocsin.times import utc_now
from tocsin.workspace import find_root, load_for_service

if TYPE_CHECKING:
    from tocsin.store import Store
    from tocsin.workspace import Workspace

_STYLES = {"ok": "green", "unchanged": "green", "failed": "red"}


def list_(*, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """List the sources: how the last poll of each ended, when something new last came, and what is wrong.

    Failing: the last poll failed. Silent: nothing new for three times its rhythm, and a day at least. Gap: entries may
    have been missed within a day. Undated, teaser only: so were nine in ten of its articles of the last 30 days.
    """
    from tocsin.store import articles  # noqa: PLC0415

    root = find_root(workspace)
    loaded = load_for_service(root)
    tell_problems(loaded)
    with opened_store(root) as store:
        states = store.states()
        with store.writing() as connection:
            counts = articles.counts(connection)
        wrong = healths(loaded, store)
    rows = [
        _row(source, states.get(source.id), counts.get(source.id, 0)) | {"health": wrong[source.id]}
        for source in loaded.sources
    ]
    if json:
        print_json(rows)
        return int(bool(loaded.problems))
    names = ("id", "language", "tier", "outcome", "articles", "last success", "last new", "health", "reason")
    console().print(table(names, map(_cells, rows)), soft_wrap=False)
    return int(bool(loaded.problems))


def healths(workspace: Workspace, store: Store) -> dict[str, tuple[Health, ...]]:
    """What is wrong with each source, by its id."""
    from tocsin.sources.health import LOOK_BACK, health  # noqa: PLC0415
    from tocsin.store import articles  # noqa: PLC0415

    now, states = utc_now(), store.states()
    with store.writing() as connection:
        intake = articles.intake(connection, now - LOOK_BACK)
    return {each.id: health(each, states.get(each.id), intake.get(each.id), now) for each in workspace.sources}


def _cells(row: Mapping[str, Any]) -> list[str]:
    outcome = row["outcome"] or ("not polled yet" if row["enabled"] else "switched off")
    style = _STYLES.get(str(row["outcome"]), "dim")
    times = [f"{row[name]:%Y-%m-%d %H:%M UTC}" if row[name] else "" for name in ("last_success", "last_new")]
    wrong = ", ".join(f"[{'red' if each is Health.FAILING else 'yellow'}]{each}[/]" for each in row["health"])
    reason = row["detail"] if str(row["outcome"]) == "failed" else row["reason"]
    cells = (row["id"], row["language"] or "", str(row["tier"]), f"[{style}]{outcome}[/]", str(row["articles"]))
    return [*cells, *times, wrong, escape(str(reason or ""))]


def _row(source: SourceSpec, state: FetchState | None, number: int) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name or source.id,
        "url": source.url or source.path,
        "language": source.language,
        "tier": source.tier,
        "publisher": source.publisher,
        "enabled": source.enabled,
        "outcome": state and state.outcome,
        "reason": state and state.reason,
        "detail": state.detail if state else "",
        "failures": state.failures if state else 0,
        "articles": number,
        "last_success": state and state.success_at,
        "last_new": state and state.new_at,
        "rhythm": state and state.rhythm,
        "next_due": state and state.due_at,
    }


def check(
    *ids: Annotated[str, Parameter(help="Sources to check; all that are switched on when absent.")],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Fetch each source once and say what came; nothing is stored. Ends with 1 when one fails."""
    from tocsin.sources.check import CheckResult, check_all  # noqa: PLC0415

    root = find_root(workspace)
    known = settings()
    loaded = load_for_service(root)
    tell_problems(loaded)
    unknown = set(ids) - {source.id for source in loaded.sources}
    if unknown:
        raise UsageError(f"unknown source {', '.join(sorted(unknown))} — tocsin sources list shows the ids")
    chosen = [source for source in loaded.sources if (source.id in ids if ids else source.enabled)]
    out = console()

    async def run(advance: Any) -> list[CheckResult]:
        done = []
        results = check_all(chosen, root=root, now=utc_now, user_agent=known.user_agent, limits=known.limits)
        async for result in results:
            advance()
            done.append(result)
        return done

    with progress(out, "checking sources", len(chosen), quiet=json or not out.is_terminal) as advance:
        results = sorted(asyncio.run(run(advance)), key=lambda result: result.source)
    if json:
        print_json(
            {
                "id": r.source,
                "ok": r.ok,
                "sentence": r.sentence,
                "entries": r.entries,
                "newest": r.newest,
                "notes": r.notes,
            }
            for r in results
        )
    else:
        for result in results:
            mark = "[green]ok    [/]" if result.ok else "[red]failed[/]"
            out.print(f"{mark} {result.source}: ", end="")
            out.print(result.sentence, markup=False)
            for note in result.notes:
                out.print(f"       {note}", style="yellow", markup=False)
        out.print(f"{sum(r.ok for r in results)} of {len(results)} sources answer")
    return int(not all(result.ok for result in results))
