"""Ticks: when a pass began, when it ended, and what it did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tocsin.store.schema import ticks


def begin(connection: Connection, now: datetime) -> int:
    """Notes that a pass begins; its number."""
    key = connection.execute(insert(ticks).values(started_at=now, report_json="{}")).inserted_primary_key
    return int(key[0]) if key else 0


def end(connection: Connection, number: int, now: datetime, report: Mapping[str, Any]) -> None:
    """Notes that a pass has ended, and what it did."""
    values = {"ended_at": now, "report_json": json.dumps(report, ensure_ascii=False)}
    connection.execute(update(ticks).where(ticks.c.number == number).values(values))


def last(connection: Connection, *, finished: bool = True) -> dict[str, Any] | None:
    """The newest pass (that has ended): started_at, ended_at, and its report's figures."""
    query = select(ticks).order_by(ticks.c.number.desc()).limit(1)
    if finished:
        query = query.where(ticks.c.ended_at.is_not(None))
    row = connection.execute(query).mappings().first()
    return None if row is None else {**json.loads(row["report_json"]), **row}


def started_at(connection: Connection, number: int) -> datetime | None:
    """When a pass began."""
    found: datetime | None = connection.execute(select(ticks.c.started_at).where(ticks.c.number == number)).scalar()
    return found
