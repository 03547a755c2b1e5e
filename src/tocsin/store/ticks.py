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


def note(connection: Connection, number: int, more: Mapping[str, Any]) -> None:
    """Adds to what is kept of a pass."""
    this = ticks.c.number == number
    kept = connection.execute(select(ticks.c.report_json).where(this)).scalar() or "{}"
    text = json.dumps({**json.loads(kept), **more}, ensure_ascii=False)
    connection.execute(update(ticks).where(this).values(report_json=text))


def ended(connection: Connection, since: datetime) -> list[tuple[datetime, datetime]]:
    """When passes began and ended, those that ended after `since` and the last one before it, in order."""
    columns, over = (ticks.c.started_at, ticks.c.ended_at), ticks.c.ended_at.is_not(None)
    earlier = select(*columns).where(over, ticks.c.ended_at <= since).order_by(ticks.c.number.desc()).limit(1)
    later = select(*columns).where(over, ticks.c.ended_at > since).order_by(ticks.c.number)
    return [(row.started_at, row.ended_at) for query in (earlier, later) for row in connection.execute(query)]


def last(connection: Connection, *, finished: bool = True) -> dict[str, Any] | None:
    """The newest pass (that has ended): started_at, ended_at, and its report's figures."""
    query = select(ticks).order_by(ticks.c.number.desc()).limit(1)
    if finished:
        query = query.where(ticks.c.ended_at.is_not(None))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    times = {name: row[name] for name in ("number", "started_at", "ended_at")}
    return {**json.loads(row["report_json"]), **times}


def started_at(connection: Connection, number: int) -> datetime | None:
    """When a pass began."""
    found: datetime | None = connection.execute(select(ticks.c.started_at).where(ticks.c.number == number)).scalar()
    return found
