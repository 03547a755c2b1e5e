"""`tocsin run`, `serve`, `status`."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from tocsin.cli.common import (
    JsonOption,
    WorkspaceOption,
    console,
    count,
    opened_store,
    print_json,
    settings,
    tell_problems,
)
from tocsin.errors import UsageError
from tocsin.model import FetchOutcome, Health, HeldReason
from tocsin.workspace.root import find_root

if TYPE_CHECKING:
    from tocsin.pipeline import TickReport
    from tocsin.workspace import Workspace

AllOption = Annotated[bool, Parameter(name="--all", negative=(), help="Poll every enabled source now, due or not.")]


FirstOption = Annotated[
    bool,
    Parameter(
        name="--alert-on-first",
        negative=(),
        help="Tell of what a source's first poll finds too; without it, that is the source's baseline.",
    ),
]


def run(
    *,
    everything: AllOption = False,
    alert_on_first: FirstOption = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """One pass now, without a server: fetch, judge, deliver.

    Ends with 1 when a file of the workspace is bad, a source failed, something had to be left out or a delivery
    failed; everything else was still done.
    """
    from tocsin import pipeline  # noqa: PLC0415
    from tocsin.workspace import load_for_service  # noqa: PLC0415

    root = find_root(workspace)
    known = settings()
    loaded = load_for_service(root)
    tell_problems(loaded)
    out = console()
    gc.freeze()  # modules and rules stay to the end: the collector need not walk through them again and again
    with opened_store(root) as store, _progress(out, loaded, quiet=json) as advance:
        report = pipeline.tick(
            loaded,
            store,
            everything=everything,
            user_agent=known.user_agent,
            limits=known.limits,
            alert_on_first=alert_on_first or known.alert_on_first,
            every=timedelta(seconds=known.every),
            on_collected=lambda _: advance(),
        )
    if json:
        print_json([report.figures() | {"failures": dict(report.failures), "notes": list(report.notes)}])
    else:
        tell(out, report)
    left_out = bool(loaded.problems or report.failures or report.notes)
    return int(left_out or bool(report.delivered.failed or report.delivered.dead))


def serve(*, workspace: WorkspaceOption = None) -> int:
    """Watch on a schedule until Ctrl-C.

    Runs the workspace's flows/serve.py as a child, with a Prefect server of its own when none is configured.
    """
    root = find_root(workspace)
    settings()
    flow = root / "flows" / "serve.py"
    if not flow.is_file():
        raise UsageError(f"{flow}: not there — `tocsin init {root}` writes it (your files are left alone)")
    # A process group of its own: Ctrl-C reaches us, and we stop the whole tree in order.
    command = [sys.executable, str(flow), str(root)]
    child = subprocess.Popen(command, cwd=root, start_new_session=True)  # noqa: S603 - our interpreter, the user's flow
    return _until_stopped(child)


def _until_stopped(child: subprocess.Popen[bytes]) -> int:
    """Waits for the child; passes Ctrl-C and SIGTERM on to it, and leaves none of its processes behind."""
    asked: list[int] = []

    def stop(number: int, _frame: object) -> None:
        asked.append(number)
        child.send_signal(signal.SIGINT)  # to which Prefect, too, listens best

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _end_group(child.pid)
    return 0 if asked else code


def _end_group(group: int) -> None:
    with suppress(ProcessLookupError):  # the usual case: they are all gone
        os.killpg(group, signal.SIGKILL)


def status(*, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """How the watch is doing: the last pass, the sources, the outbox. Ends with 1 when something is wrong.

    Outages are what has been wrong for long enough to be told (health: in rules/channels.yaml).
    """
    from tocsin.alerts.health import late_after  # noqa: PLC0415
    from tocsin.cli.sources import healths  # noqa: PLC0415
    from tocsin.store import articles, outages, ticks  # noqa: PLC0415
    from tocsin.workspace import load_for_service  # noqa: PLC0415

    root = find_root(workspace)
    loaded = load_for_service(root)
    with opened_store(root) as store:
        states = store.states()
        deliveries = Counter(str(row["state"]) for row in store.outbox.listing(limit=100_000))
        with store.writing() as connection:
            last, stored = ticks.last(connection), sum(articles.counts(connection).values())
            known = outages.remembered(connection)
        unwell = healths(loaded, store)
    enabled = [source.id for source in loaded.sources if source.enabled]
    failing = [source for source in enabled if source in states and states[source].outcome is FetchOutcome.FAILED]
    never = [source for source in enabled if source not in states]
    late = late_after(loaded.channels.health, timedelta(seconds=settings().every))
    is_late = bool(last and datetime.now(UTC) - last["ended_at"] > late)
    broken = [outage for outage in known if outage.opened_at and outage.ended_at is None]
    wrong = bool(failing or loaded.problems or deliveries["dead"] or deliveries["failed"] or broken or is_late)
    row: dict[str, Any] = {
        "workspace": root,
        "ok": not wrong,
        "last_tick": last,
        "late": is_late,
        "outages": [{name: getattr(outage, name) for name in _OUTAGE} for outage in broken],
        "sources": len(enabled),
        "failing": failing,
        "health": {source: wrong for source, wrong in unwell.items() if wrong},
        "never_polled": len(never),
        "articles": stored,
        "deliveries": dict(deliveries),
        "problems": [str(problem) for problem in loaded.problems],
    }
    if json:
        print_json([row])
    else:
        _print_status(row, states)
    return int(wrong)


_OUTAGE = ("kind", "name", "since", "detail", "id")


def _print_status(row: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    out = console()
    last = row["last_tick"]
    out.print(f"Workspace   {row['workspace']}")
    late = " — late: is tocsin serve running?" if row["late"] else ""
    out.print(f"Last pass   {_ago(last['ended_at']) + late if last else 'never — tocsin run'}")
    out.print(
        f"Sources     {row['sources']}: {len(row['failing'])} failing, {row['never_polled']} not polled yet",
    )
    others: dict[Health, list[str]] = {}
    for source, each in ((source, each) for source, found in row["health"].items() for each in found):
        others.setdefault(each, []).append(source)
    for each, names in sorted(others.items()):
        if each is not Health.FAILING:
            out.print(f"            [yellow]{each}[/]: {', '.join(names)}")
    for source in row["failing"]:
        out.print(f"            [red]{source}[/]: {states[source].detail}", markup=True)
    for number, outage in enumerate(row["outages"]):
        what = f"{outage['kind']} {outage['name']}".strip()
        detail = f": {outage['detail']}" if outage["detail"] else ""
        line = f"{what}, since {outage['since']:%Y-%m-%d %H:%M} UTC{detail}"
        out.print(f"{'' if number else 'Outages':<12}{line}", style="red", markup=False)
    out.print(f"Articles    {row['articles']}")
    told = ", ".join(f"{number} {state}" for state, number in sorted(row["deliveries"].items())) or "none"
    out.print(f"Deliveries  {told}")
    for problem in row["problems"]:
        out.print(f"[red]{problem}[/]" if out.is_terminal else problem, markup=out.is_terminal)
    if row["problems"]:
        out.print("These files are used as they last were good, or not at all.")


def _ago(then: datetime) -> str:
    seconds = int((datetime.now(UTC) - then).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def tell(out: Console, report: TickReport) -> None:
    """What a pass did, for a person: alerts, what was held back and why, failures, and the figures."""
    from tocsin.alerts.terminal import print_alert  # noqa: PLC0415

    for alert in (*report.judged.alerts, *report.health):
        print_alert(out, alert)
    told = {alert.story for alert in report.judged.alerts}
    _tell_not_told(out, report)
    for note in report.notes:
        out.print(f"note: {note}", style="yellow", markup=False)
    for source, why in report.failures.items():
        out.print(f"failed: {source}: {why}", style="red", markup=False)
    for result in report.delivered.results:
        if result.state.value != "sent":
            out.print(
                f"delivery to {result.delivery.channel}: {result.state.value} — {result.detail}",
                style="red",
                markup=False,
            )
    figures = report.figures()
    out.print(
        f"{count(figures['sources'], 'source')} ({figures['unchanged']} unchanged, {figures['failed']} failed) · "
        f"{count(figures['articles'], 'new article')} · "
        f"{count(figures['alerts'], 'alert')} in {count(len(told), 'story')} · "
        f"{figures['held']} not told · {figures['sent']} sent"
    )


def _tell_not_told(out: Console, report: TickReport) -> None:
    # That the general rule is covered by the special one is no news to a person; `alerts list --held` has it.
    # Nor is the stock of a source that was polled for the first time.
    quiet = {HeldReason.COVERED, HeldReason.BASELINE}
    kept = [one for one in report.judged.not_told if one.held.reason not in quiet]
    stock = Counter(one.source for one in report.judged.not_told if one.held.reason is HeldReason.BASELINE)
    if stock:
        out.print(
            f"{count(stock.total(), 'match')} in what {count(len(stock), 'source')} held at the first poll: kept, not "
            "told (tocsin alerts list --held; --alert-on-first tells them)",
            style="dim",
        )
    if kept:
        out.print("[bold]Not told, and why[/]")
    for (title, source), ones in groupby(kept, key=lambda one: (one.title, one.source)):
        out.print(f"  {title}  ({source})", markup=False)
        for one in ones:
            detail = f" — {one.held.detail}" if one.held.detail else ""
            out.print(f"    {one.held.rule}: {one.held.reason.value}{detail}", style="dim", markup=False)


def _progress(out: Console, workspace: Workspace, *, quiet: bool) -> Any:
    from tocsin.cli.progress import progress  # noqa: PLC0415

    total = sum(source.enabled for source in workspace.sources)
    return progress(out, "fetching and judging", total, quiet=quiet or not out.is_terminal)
