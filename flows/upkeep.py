"""Upkeep, daily: what is old and needed by nothing goes. Prefect's own history is its server's to vacuum."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run

from hush import hush
from tocsin import pipeline
from tocsin.settings import read_settings
from tocsin.store import open_store
from tocsin.times import utc_now
from tocsin.workspace import load_for_service

hush()  # at import: the engine watches the server before the flow begins


def upkeep_name() -> str:
    """`upkeep 2026-11-22`."""
    return f"upkeep {flow_run.scheduled_start_time:%Y-%m-%d}"


@flow(name="upkeep", flow_run_name=upkeep_name)
def upkeep(workspace: str = ".") -> pipeline.UpkeepReport:
    """Delete what is older than the settings say in the workspace in that folder."""
    root, settings = Path(workspace).resolve(), read_settings()
    logging.getLogger("tocsin").setLevel(logging.INFO)
    with open_store(settings.database(root), root / "data") as store:
        report = pipeline.upkeep(load_for_service(root), store, keep=settings.keep, now=utc_now())
    create_table_artifact([report.figures()], key="upkeep", description=upkeep_name())
    return report
