"""Fetch states: what must be remembered of each source between polls."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from tocsin.model import FetchOutcome, FetchReason, FetchState
from tocsin.store.schema import source_states


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


def save_state(connection: Connection, state: FetchState) -> None:
    """Writes one source's state over the old one."""
    values = asdict(state)
    rest = {name: value for name, value in values.items() if name != "source"}
    connection.execute(insert(source_states).values(values).on_conflict_do_update(index_elements=["source"], set_=rest))
