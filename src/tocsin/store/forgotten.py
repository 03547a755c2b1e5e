"""Keys of articles that upkeep deleted, as 64-bit hashes: a feed that lists old articles must not bring them anew."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, Connection, bindparam, cast, select

from tocsin.store.schema import forgotten_keys, json_each
from tocsin.store.upsert import put_new

_ASKED = select(cast(json_each(bindparam("hashes", type_=JSON)).table_valued("value").c.value, BigInteger))
_THERE = select(forgotten_keys.c.key).where(forgotten_keys.c.key.in_(_ASKED))
_SECONDS_A_DAY = 86_400


def among(connection: Connection, keys: Collection[str]) -> frozenset[str]:
    """Those of the keys that belonged to an article that was deleted."""
    named = {_hash(key): key for key in keys}
    found = connection.execute(_THERE, {"hashes": list(named)}).scalars()
    return frozenset(named[key] for key in found)


def keep(connection: Connection, keys: Collection[str], at: datetime) -> None:
    """Remembers the keys of articles that are deleted, with the day."""
    hashes = sorted({_hash(key) for key in keys})
    put_new(connection, forgotten_keys, [{"key": key, "day": day(at)} for key in hashes])


def day(at: datetime) -> int:
    """The day as a number, which takes less room than its date."""
    return int(at.astimezone(UTC).timestamp()) // _SECONDS_A_DAY


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
