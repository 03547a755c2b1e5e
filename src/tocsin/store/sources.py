"""Fetch states: what must be remembered of each source between polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, select

from tocsin.model import FetchOutcome, FetchReason, FetchState
from tocsin.store import blindspots
from tocsin.store.schema import source_states
from tocsin.store.upsert import put

_NAMES = tuple(field.name for field in fields(FetchState))
_OUTCOME = ("source", "outcome", "reason", "detail", "failures", "polled_at", "new_at", "rhythm")


def states(connection: Connection, wanted: Sequence[str] | None = None) -> dict[str, FetchState]:
    """Every source's state, or that of the wanted ones, by its id."""
    query = select(source_states)
    if wanted is not None:
        query = query.where(source_states.c.source.in_(wanted))
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
        for row in connection.execute(query).mappings()
    }


def outcomes(connection: Connection) -> dict[str, FetchState]:
    """Every source's state by its id, only with how its last poll ended and when it last brought something.

    What only the next poll needs (validators, the window) is most of a state, and left at its default.
    """
    return {
        row.source: FetchState(
            source=row.source,
            outcome=FetchOutcome(row.outcome) if row.outcome else None,
            reason=FetchReason(row.reason) if row.reason else None,
            detail=row.detail,
            failures=row.failures,
            polled_at=row.polled_at,
            new_at=row.new_at,
            rhythm=row.rhythm,
        )
        for row in connection.execute(select(*(source_states.c[name] for name in _OUTCOME)))
    }


def schedules(connection: Connection) -> dict[str, FetchState]:
    """Every source's state by its id, only with what says when it is due and which host it is at."""
    names = ("source", "due_at", "hold_until", "moved_to", "polled_at")
    query = select(*(source_states.c[name] for name in names))
    return {row["source"]: FetchState(**row) for row in connection.execute(query).mappings()}


def save_states(connection: Connection, states: Sequence[FetchState]) -> None:
    """Writes these sources' states over the old ones; what could not be seen since then is noted."""
    if states:
        blindspots.note(connection, states)
        put(connection, source_states, [{name: getattr(state, name) for name in _NAMES} for state in states])
