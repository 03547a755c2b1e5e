"""Rows that may be there already: kept, or written over. The same SQL on SQLite and PostgreSQL.

Written as text, once for each table and set of columns: SQLAlchemy has an ON CONFLICT for each dialect apart, and
builds it anew each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, bindparam, text

Row = Mapping[str, Any]
"""Column → value. The rows of one call have the same columns, and defaults made in Python are not filled in."""


def put_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Inserts those of the rows whose key is not there yet; their number."""
    if not rows:
        return 0
    return connection.execute(_statement(table, tuple(rows[0]), ()), rows).rowcount


def put(connection: Connection, table: Table, rows: Sequence[Row], over: Collection[str] | None = None) -> None:
    """Inserts the rows; of one whose key is there, these columns (or all that are given) are written over."""
    if rows:
        names = tuple(rows[0])
        changed = names if over is None else tuple(over)
        connection.execute(_statement(table, names, changed), rows)


@cache
def _statement(table: Table, names: tuple[str, ...], changed: tuple[str, ...]) -> TextClause:
    keys = [column.name for column in table.primary_key]
    over = ", ".join(f'"{name}" = excluded."{name}"' for name in changed if name not in keys)
    action = f"({', '.join(keys)}) DO UPDATE SET {over}" if over else "DO NOTHING"
    columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({values}) ON CONFLICT {action}"  # noqa: S608 - names of ours
    return text(sql).bindparams(*(bindparam(name, type_=table.c[name].type) for name in names))
