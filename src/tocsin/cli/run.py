"""`tocsin run`, `serve`, `status`."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from tocsin.cli.common import (
    JsonOption,
    LogOption,
    WorkspaceOption,
    console,
    count,
    opened_store,
    print_json,
    settings,
    tell_problems,
)
from tocsin.errors import UsageError
from tocsin.logs import JSON
from tocsin.model import HeldReason
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
    log: LogOption = None,
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
    known = settings(log)
    loaded = load_for_service(root)
    tell_problems(loaded)
    out = console()
    gc.freeze()  # modules and rules stay to the end: the collector need not walk through them again and again
    with opened_store(root, known) as store, _progress(out, loaded, quiet=json) as advance:
        report = pipeline.tick(
            loaded,
            store,
            everything=everything,
            user_agent=known.user_agent,
            limits=known.limits,
            alert_on_first=alert_on_first or known.alert_on_first,
            every=timedelta(seconds=known.every),
            ping_url=known.ping_url,
            on_collected=lambda _: advance(),
        )
    if json:
        print_json([report.figures() | {"failures": dict(report.failures), "notes": list(report.notes)}])
    else:
        tell(out, report)
    left_out = bool(loaded.problems or report.failures or report.notes)
    return int(left_out or bool(report.delivered.failed or report.delivered.dead))


def serve(*, log: LogOption = None, workspace: WorkspaceOption = None) -> int:
    """Watch on a schedule until Ctrl-C.

    Runs the workspace's flows/serve.py as a child, with a Prefect server of its own when none is configured.
    """
    root = find_root(workspace)
    known = settings(log)
    flow = root / "flows" / "serve.py"
    if not flow.is_file():
        raise UsageError(f"{flow}: not there — `tocsin init {root}` writes it (your files are left alone)")
    # A process group of its own: Ctrl-C reaches us, and we stop the whole tree in order.
    command = [sys.executable, str(flow), str(root)]
    environment = {**os.environ, "TOCSIN_LOG": log or known.log}
    if environment["TOCSIN_LOG"] == JSON:  # Prefect logs in the child, in a JSON form of its own
        environment.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER", "json")
    child = subprocess.Popen(command, cwd=root, env=environment, start_new_session=True)  # noqa: S603 - our interpreter, the user's flow
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
