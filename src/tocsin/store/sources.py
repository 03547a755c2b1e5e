"""Fetch states: what must be remembered of each source between polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, insert, select

from tocsin.model import FetchOutcome, FetchReason, FetchState
from tocsin.store.schema import source_states

_NAMES = tuple(field.name for field in fields(FetchState))
_SAVE = insert(source_states).prefix_with("OR REPLACE")  # SQLAlchemy builds its own ON CONFLICT anew each time


def states(connection: Connection) -> dict[str, FetchState]:
    """Every source's state, by its id."""
    return {
        row["source"]: FetchState(
            **{
                **row,
                "outcome": FetchOutcome(row["outcome"]) if row["outcome"] else None,
                "reason": FetchReason(row["reason"]) if row["reason"] else None,
                "skip_hours": tuple(row["skip_hours"]),
                "window": tuple(row["window"]),
            }
        )
        for row in connection.execute(select(source_states)).mappings()
    }


def save_states(connection: Connection, states: Sequence[FetchState]) -> None:
    """Writes these sources' states over the old ones."""
    if states:
        connection.execute(_SAVE, [{name: getattr(state, name) for name in _NAMES} for state in states])
