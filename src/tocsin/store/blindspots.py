"""When sources could not be seen: a row for each time, from the first poll that fails to the next good one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from tocsin.model import FetchOutcome, FetchState
from tocsin.sources.blindness import BlindSpot
from tocsin.store.schema import blind_spots, source_states

_OPEN = blind_spots.c.until.is_(None)
_THIS = update(blind_spots).where(blind_spots.c.source == bindparam("this"), _OPEN)
_MOVED_ON = "nothing of its last feed was left in the next one"


def note(connection: Connection, states: Sequence[FetchState]) -> None:
    """Follows these sources' polls; to be called before their states are written over the old ones."""
    columns = (blind_spots.c.source, blind_spots.c.detail)
    blind = dict(connection.execute(select(*columns).where(_OPEN)).tuples().all())
    gaps = _gaps(connection, [state for state in states if state.gap_at])
    failed = [state for state in states if state.outcome is FetchOutcome.FAILED]
    seen = [state for state in states if state.outcome is not FetchOutcome.FAILED]
    _write(connection, insert(blind_spots), [_opened(state) for state in failed if state.source not in blind])
    still = ({"this": state.source, "detail": _why(state)} for state in failed if state.source in blind)
    _write(connection, _THIS, [row for row in still if row["detail"] != blind[row["this"]]])
    over = [
        {"this": state.source, "until": state.polled_at, "lost": state.source in gaps}
        for state in seen
        if state.source in blind
    ]
    _write(connection, _THIS, over)
    missed = [state for state in seen if state.source in gaps and state.source not in blind]
    _write(connection, insert(blind_spots), [_missed(state, gaps[state.source]) for state in missed])


def between(connection: Connection, since: datetime, until: datetime) -> list[BlindSpot]:
    """The times that lie, in part at least, between these two; the longest ago first."""
    wanted = (blind_spots.c.since < until, or_(_OPEN, blind_spots.c.until > since))
    return _read(connection, *wanted)


def open_now(connection: Connection) -> dict[str, BlindSpot]:
    """The sources that cannot be seen, by their id."""
    return {each.source: each for each in _read(connection, _OPEN)}


def forget(connection: Connection, before: datetime) -> int:
    """Takes out what was over before this time; the number of rows."""
    return connection.execute(blind_spots.delete().where(blind_spots.c.until < before)).rowcount


def _read(connection: Connection, *wanted: Any) -> list[BlindSpot]:
    columns = (blind_spots.c[name] for name in ("source", "since", "until", "lost", "detail"))
    query = select(*columns).where(*wanted).order_by(blind_spots.c.since, blind_spots.c.number)
    return [BlindSpot(**row) for row in connection.execute(query).mappings()]


def _gaps(connection: Connection, states: Sequence[FetchState]) -> dict[str, datetime | None]:
    """The sources in whose feed this poll found a gap, with the time of the good poll before it."""
    if not states:
        return {}
    old = source_states.c
    query = select(old.source, old.gap_at, old.success_at).where(old.source.in_([state.source for state in states]))
    before = {row.source: row for row in connection.execute(query)}
    return {
        state.source: before[state.source].success_at
        for state in states
        if state.source in before and before[state.source].gap_at != state.gap_at
    }


def _opened(state: FetchState) -> dict[str, Any]:
    since = state.success_at or state.polled_at
    return {"source": state.source, "since": since, "until": None, "lost": False, "detail": _why(state)}


def _missed(state: FetchState, since: datetime | None) -> dict[str, Any]:
    row = {"source": state.source, "since": since or state.gap_at, "until": state.gap_at}
    return row | {"lost": True, "detail": _MOVED_ON}


def _why(state: FetchState) -> str:
    return state.detail or str(state.reason or "")


def _write(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)
