"""Who goes first when several processes share the store.

SQLite lets one process write at a time, and what is decided in a transaction (which story an article belongs to,
whether an alert was told) relies on that. PostgreSQL lets many write, so there whoever decides holds a lock until its
transaction ends. Whatever needs no such care (deliveries, claims of sources) takes narrower locks or none.
"""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import Connection, text

PEN = "pen"
"""Held by whoever judges and commits: decisions are made one after the other."""
MIGRATION = "migration"

_HOLD = text("SELECT pg_advisory_xact_lock(:number)")


def hold(connection: Connection, name: str) -> None:
    """Waits for the lock and holds it until the transaction ends; on SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD, {"number": _number(name)})


def channel(name: str) -> str:
    """The lock of a channel: its rate and its health are counted by one worker at a time."""
    return f"channel {name}"


def _number(name: str) -> int:
    """Advisory locks are numbers of 64 bits, shared with whatever else uses the database."""
    return int.from_bytes(blake2b(f"tocsin {name}".encode(), digest_size=8).digest(), signed=True)
