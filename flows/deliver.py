"""The outbox alone, between ticks: digests, ends of quiet hours, retries, and what a long tick has decided so far.

A tick sends too. Both may run at once: deliveries are leased, so that nothing is sent twice.
"""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.runtime import flow_run

from hush import hush
from tocsin import pipeline
from tocsin.alerts.deliver import DeliverReport
from tocsin.settings import read_settings
from tocsin.store import open_store
from tocsin.workspace import load_for_service

hush()  # at import: the engine watches the server before the flow begins


def deliver_name() -> str:
    """`deliver 2026-11-22 23:50`."""
    return f"deliver {flow_run.scheduled_start_time:%Y-%m-%d %H:%M}"


@flow(name="deliver", flow_run_name=deliver_name)
def deliver(workspace: str = ".") -> DeliverReport:
    """Send what is due in the outbox of the workspace in that folder."""
    root = Path(workspace).resolve()
    logging.getLogger("tocsin").setLevel(logging.INFO)
    with open_store(read_settings().database(root), root / "data") as store:
        report = pipeline.send(load_for_service(root), store)
    if report.results:
        told = f"sent {report.sent}, to retry {report.failed}, given up {report.dead}, held {report.held}"
        get_run_logger().info(told)
    return report
