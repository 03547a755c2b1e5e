"""Silences: who does not want to be told of what, why, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tocsin.model import Silence
from tocsin.store.schema import silences


def add(connection: Connection, silence: Silence) -> Silence:
    """Stores a silence; with its number."""
    columns = (column.name for column in silences.columns if column.name != "number")
    key = connection.execute(
        insert(silences).values({name: getattr(silence, name) for name in columns})
    ).inserted_primary_key
    return replace(silence, number=int(key[0]) if key else 0)


def open_at(connection: Connection, now: datetime) -> tuple[Silence, ...]:
    """The silences that hold at `now`, the one that ends last first."""
    query = select(silences).where(silences.c.created_at <= now, silences.c.until > now)
    return tuple(Silence(**row) for row in connection.execute(query.order_by(silences.c.until.desc())).mappings())


def newest(connection: Connection, limit: int) -> tuple[Silence, ...]:
    """The newest silences, ended ones too."""
    query = select(silences).order_by(silences.c.number.desc()).limit(limit)
    return tuple(Silence(**row) for row in connection.execute(query).mappings())


def end(connection: Connection, number: int, now: datetime) -> bool:
    """Ends a silence before its time; False when none with that number still holds."""
    open_still = (silences.c.number == number) & (silences.c.until > now)
    return connection.execute(update(silences).where(open_still).values(until=now)).rowcount == 1
