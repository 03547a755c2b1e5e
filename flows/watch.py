"""The tick as a Prefect flow: collect → judge and commit → deliver → look again.

Four coarse tasks, never one per source or article (a task costs 10–20 ms, a flow run a second). Only values cross
their borders; each opens the store for itself. A pass that dies is made good by the next one, so nothing retries here.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from prefect import flow, get_run_logger, task

from tocsin import pipeline
from tocsin.alerts.deliver import DeliverReport
from tocsin.model import Collected
from tocsin.settings import read_settings
from tocsin.store import Store, open_store
from tocsin.times import utc_now
from tocsin.workspace import load_for_service


def _store(root: Path) -> Store:
    return open_store(read_settings().database(root), root / "data")


@task(name="collect")
def collect(root: Path, *, everything: bool) -> list[Collected]:
    """Poll the sources that are due, in parallel; nothing is written."""
    settings = read_settings()
    with _store(root) as store:
        return pipeline.collect(
            load_for_service(root),
            store,
            everything=everything,
            user_agent=settings.user_agent,
            limits=settings.limits,
            alert_on_first=settings.alert_on_first,
        )


@task(name="judge and commit")
def judge_and_commit(root: Path, collected: list[Collected], number: int) -> pipeline.Judged:
    """Judge the new articles, each source's pass in one transaction; then look at how the watch itself does."""
    workspace, every = load_for_service(root), timedelta(seconds=read_settings().every)
    with _store(root) as store:
        judged = pipeline.judge(workspace, store, collected)
        pipeline.watch_self(workspace, store, every=every, now=utc_now(), number=number)
    return judged


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


@flow(name="watch")
def watch(workspace: str = ".", *, everything: bool = False) -> pipeline.TickReport:
    """One pass over the workspace in that folder; `everything` polls sources that are not due too."""
    root = Path(workspace).resolve()
    log = get_run_logger()
    logging.getLogger("tocsin").setLevel(logging.INFO)  # Prefect shows it (PREFECT_LOGGING_EXTRA_LOGGERS)
    for problem in load_for_service(root).problems:
        log.error("%s — the last good version of this file is in use, or none", problem)
    with _store(root) as store:
        number = pipeline.begin(store, utc_now())
    collected = collect(root, everything=everything)
    judged = judge_and_commit(root, collected, number)
    delivered = deliver(root)
    looked = look_again(root)
    judged.add(looked)
    if looked.alerts:
        delivered += deliver(root)
    report = pipeline.report_of(collected, judged, delivered)
    with _store(root) as store:
        pipeline.finish(store, number, report, utc_now())
        pipeline.ping(store, read_settings().ping_url, number)
    for source, why in report.failures.items():
        log.warning("%s: %s", source, why)
    log.info(", ".join(f"{name} {number}" for name, number in report.figures().items()))
    return report
