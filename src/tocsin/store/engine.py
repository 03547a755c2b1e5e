"""Opens the database and brings its tables up to date."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from tocsin.errors import StoreError

HEAD = "0010"
"""The newest migration; a test holds that it is."""

_BUSY_SECONDS = 30
_READING = "tocsin_reading"


def open_engine(address: str) -> Engine:
    """An engine for `address` with the tables at the newest version.

    Raises:
        StoreError: the address, the database or its version cannot be used.
    """
    url = _parse(address)
    if url.get_backend_name() != "sqlite":
        raise StoreError(
            f"{url.get_backend_name()} databases are not supported yet — use sqlite:///PATH or leave it unset"
        )
    _prepare_folder(url)
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS},
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False),  # so that it can be searched
    )
    _sqlite_settings(engine)
    try:
        _migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        raise StoreError(f"{_shown(url)}: {_sentence(error)}") from error
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; errors of the database come out as StoreError."""
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StoreError(f"{_shown(engine.url)}: {_sentence(error)}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """For single questions, each of which sees what was written last and waits for no writer."""
    try:
        with engine.connect() as connection:
            yield connection.execution_options(**{_READING: True})
    except DBAPIError as error:
        raise StoreError(f"{_shown(engine.url)}: {_sentence(error)}") from error


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    """A transaction of which nothing stays: to see what would happen."""
    try:
        with engine.connect() as connection:
            yield connection  # closed without a commit
    except DBAPIError as error:
        raise StoreError(f"{_shown(engine.url)}: {_sentence(error)}") from error


def _parse(address: str) -> URL:
    try:
        url = make_url(address)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError("TOCSIN_DATABASE_URL is no database address — write sqlite:////path/to/tocsin.db") from None
    return url


def _prepare_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be made ({error.strerror}) — choose a folder that can be written to"
        ) from error


def _sqlite_settings(engine: Engine) -> None:
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
        if not connection.get_execution_options().get(_READING):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    version = _version(engine)
    if version == HEAD:
        return
    if version is not None and version not in _known_versions():
        raise StoreError(
            f"{_shown(engine.url)}: made by a newer tocsin (version {version}, this one knows {HEAD}) — upgrade tocsin"
        )
    # alembic costs 0.3 s to import; only a database that must change pays it.
    from alembic import command  # noqa: PLC0415

    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "head")


def _alembic_config(connection: Connection) -> Any:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _known_versions() -> set[str]:
    return {path.stem.split("_")[0] for path in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")}


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _shown(url: URL) -> str:
    return (
        url.database or "database" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


def _sentence(error: DBAPIError) -> str:
    reason = str(error.orig)
    hint = {
        "database is locked": f"another process has held it for {_BUSY_SECONDS} s — stop it, or try again",
        "unable to open database file": "check that the folder exists and can be written to",
        "attempt to write a readonly database": "check the permissions of the file and its folder",
        "file is not a database": "it is no SQLite file — move it away, or set TOCSIN_DATABASE_URL to another",
        "database or disk is full": "make room on the disk, then run again: nothing is lost",
        "disk I/O error": "check the disk and the folder's permissions",
    }.get(reason)
    return f"{reason} — {hint}" if hint else f"the database refused ({reason})"
