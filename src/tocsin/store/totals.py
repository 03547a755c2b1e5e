"""What was done in all since the store was made: counters that only grow, whatever is deleted for its age."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from tocsin.store.schema import totals

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A counter's name, and its labels in the order of their names."""


def key(name: str, **labels: str) -> Key:
    """The key of a counter."""
    return name, tuple(sorted(labels.items()))


def add(connection: Connection, more: Mapping[Key, int]) -> None:
    """Adds to these counters; those that are new start from 0."""
    for (name, labels), number in more.items():
        text = json.dumps(dict(labels), ensure_ascii=False)
        this = (totals.c.name == name) & (totals.c.labels == text)
        found = connection.execute(update(totals).where(this).values(value=totals.c.value + number))
        if not found.rowcount:
            connection.execute(insert(totals).values(name=name, labels=text, value=number))


def counted(connection: Connection) -> Counter[Key]:
    """All counters."""
    rows = connection.execute(select(totals.c.name, totals.c.labels, totals.c.value))
    return Counter({(name, tuple(json.loads(labels).items())): value for name, labels, value in rows})
