"""What SQLite needs: a folder, settings for every connection, and plain words for its errors."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL

from tocsin.errors import StoreError

BUSY_SECONDS = 30
READING = "tocsin_reading"
"""Option of connections that only read."""

_HINTS = {
    "database is locked": f"another process has held it for {BUSY_SECONDS} s — stop it, or try again",
    "unable to open database file": "check that the folder exists and can be written to",
    "attempt to write a readonly database": "check the permissions of the file and its folder",
    "already exists": "there are tables without their version — restore a backup, or name another file",
    "no such": "its tables are not those of its version — restore a backup, or name another file",
    "file is not a database": "it is no SQLite file — move it away, or set TOCSIN_DATABASE_URL to another",
    "database or disk is full": "make room on the disk, then run again: nothing is lost",
    "database disk image is malformed": "the file is damaged — restore a backup (`tocsin restore`)",
    "disk I/O error": "check that the disk has room and is sound, and the folder's permissions; nothing is lost",
}


def address(url: URL) -> URL:
    """The address with Python's own driver, whichever it names.

    Raises:
        StoreError: it names a host, or a folder.
    """
    wanted = "write sqlite:////path/to/tocsin.db, with four strokes"
    if url.host or url.port or url.username or url.password:
        raise StoreError(f"TOCSIN_DATABASE_URL: an SQLite database is a file and has no host — {wanted}")
    if url.database and Path(url.database).is_dir():
        raise StoreError(f"{url.database}: is a folder — name a file in it: sqlite:///{url.database}/tocsin.db")
    return url.set(drivername="sqlite")


def prepare(url: URL) -> None:
    """Makes the folder of the database.

    Raises:
        StoreError: it cannot be made.
    """
    if not url.database or url.database == ":memory:":
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be made ({error.strerror}) — choose a folder that can be written to"
        ) from error


def set_up(engine: Engine) -> None:
    """Settings of every connection and transaction."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        # We begin transactions ourselves (below); the driver must not begin its own.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # 'sent' must survive a power cut, or it is sent twice
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-32768")  # KiB: the keys of many articles lie all over their index
        cursor.execute("PRAGMA wal_autocheckpoint=8000")  # pages: what is written again and again is copied once
        cursor.close()
        # SQLite's own lower() knows only ASCII.
        connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE: a transaction that reads and then writes must not find the lock taken in between.
        if not connection.get_execution_options().get(READING):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def sentence(reason: str) -> str:
    """What the database says, and what to do about it."""
    hint = next((hint for said, hint in _HINTS.items() if said in reason), None)
    return f"{reason} — {hint}" if hint else f"the database refused ({reason})"
