"""The tick as a Prefect flow: collect, judge and commit → deliver → look again.

Three coarse tasks, never one per source or article (a task costs 10–20 ms, a flow run a second). Only values cross
their borders; each opens the store for itself. A source is written as soon as it is judged, and let go. A pass that
dies is made good by the next one, so nothing retries here.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from hush import hush
from tocsin import pipeline
from tocsin.alerts.deliver import DeliverReport
from tocsin.settings import read_settings
from tocsin.store import Store, open_store, ticks
from tocsin.times import utc_now
from tocsin.workspace import load_for_service

hush()  # at import: the engine watches the server before the flow begins

FIGURES = (
    "sources",
    "ok",
    "unchanged",
    "failed",
    "articles",
    "matches",
    "alerts",
    "held",
    "sent",
    "to_retry",
    "given_up",
)
"""The columns of a tick's table in Prefect's pages."""


def _store(root: Path) -> Store:
    return open_store(read_settings().database(root), root / "data")


@task(name="collect, judge and commit")
def take_in(root: Path, *, number: int, everything: bool) -> pipeline.Taken:
    """Poll the sources that are due, each judged and written at once; then look at how the watch itself does."""
    settings, workspace = read_settings(), load_for_service(root)
    with _store(root) as store:
        taken = pipeline.take_in(
            workspace,
            store,
            everything=everything,
            user_agent=settings.user_agent,
            limits=settings.limits,
            alert_on_first=settings.alert_on_first,
        )
        pipeline.watch_self(workspace, store, every=timedelta(seconds=settings.every), now=utc_now(), number=number)
    return taken


@task(name="deliver")
def deliver(root: Path) -> DeliverReport:
    """Send what the outbox holds. The outbox alone retries."""
    with _store(root) as store:
        return pipeline.send(load_for_service(root), store)


@task(name="look again")
def look_again(root: Path) -> pipeline.Judged:
    """Look at articles behind alerts again at their sources; most passes have none that is due."""
    settings, judged = read_settings(), pipeline.Judged()
    with _store(root) as store:
        pipeline.look_again(
            load_for_service(root), store, judged, user_agent=settings.user_agent, limits=settings.limits
        )
    return judged


def tick_name() -> str:
    """`tick 2026-11-22 23:50`: after the minute for which it was planned."""
    return f"tick {flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


@flow(name="watch", flow_run_name=tick_name)
def watch(workspace: str = ".", *, everything: bool = False) -> pipeline.TickReport | State[None]:
    """One pass over the workspace in that folder; `everything` polls sources that are not due too.

    A run that comes so late that a later pass has been made is over at once: missed ticks are not made up twice.
    """
    root = Path(workspace).resolve()
    log = get_run_logger()
    logging.getLogger("tocsin").setLevel(logging.INFO)  # Prefect shows it (PREFECT_LOGGING_EXTRA_LOGGERS)
    if made_up(root, flow_run.scheduled_start_time):
        return Completed(name="Skipped", message="A later pass has been made already.")
    for problem in load_for_service(root).problems:
        log.error("%s — the last good version of this file is in use, or none", problem)
    with _store(root) as store:
        number = pipeline.begin(store, utc_now())
    taken = take_in(root, number=number, everything=everything)
    delivered, looked = deliver(root), look_again(root)
    taken.judged.add(looked)
    if looked.alerts:
        delivered += deliver(root)
    report = pipeline.report_of(taken.collected, taken.judged, delivered)
    with _store(root) as store:
        pipeline.finish(store, number, report, utc_now())
        pipeline.ping(store, read_settings().ping_url, number)
    for source, why in report.failures.items():
        log.warning("%s: %s", source, why)
    figures = report.figures() | {"to_retry": report.delivered.failed, "given_up": report.delivered.dead}
    log.info(", ".join(f"{name} {number}" for name, number in figures.items()))
    create_table_artifact([{name: figures[name] for name in FIGURES}], key="tick", description=tick_name())
    return report


def made_up(root: Path, planned: datetime) -> bool:
    """Whether a pass has begun, and ended, since the time for which this run was planned.

    A pass that began in the future says nothing: the clock was set back since.
    """
    now = utc_now()
    with _store(root) as store, store.writing() as connection:
        last = ticks.last(connection)
    return last is not None and planned < last["started_at"] <= now
