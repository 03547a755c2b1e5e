"""The store to look at only: nothing is made, brought up to date or written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from tocsin.errors import StoreError
from tocsin.store import postgresql
from tocsin.store.engine import HEAD, known_versions, parse, shown, told, version_of

_PATIENCE = 5.0
"""Seconds; who looks on waits no longer for a lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the database is."""

    kind: str
    """sqlite, postgresql"""
    schema: str
    """The newest migration that it has seen."""
    place: str
    """File, or address without its password."""
    size: int | None
    """Bytes; None where that cannot be told."""


class View:
    """An open database that is not written to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """For questions.

        Raises:
            StoreError: the database cannot be read, or is not of the version that this tocsin reads.
        """
        try:
            with self._engine.connect() as connection:
                self._check(version_of(connection))
                yield connection
        except DBAPIError as error:
            raise self._told(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """For many questions about one moment, however long they take; nobody waits for it.

        Raises:
            StoreError: as `reading` does.
        """
        with self.reading() as connection:
            connection.rollback()  # the look at the version was a transaction
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")
            yield connection

    def version(self) -> str | None:
        """The newest migration that the database has seen, None when it holds no tables of ours.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            with self._engine.connect() as connection:
                return version_of(connection)
        except DBAPIError as error:
            raise self._told(error) from error

    def facts(self, connection: Connection) -> Facts:
        """What the database is."""
        url = self._engine.url
        kind = url.get_backend_name()
        return Facts(
            kind=kind,
            schema=version_of(connection) or "",
            place=shown(url),
            size=_file_size(url.database) if kind == "sqlite" else _size(connection),
        )

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _told(self, error: DBAPIError) -> StoreError:
        if "locked" in str(error.orig):  # the engine's sentence speaks of a longer wait than ours
            return StoreError(f"{shown(self._engine.url)}: another process holds it — try again, or stop that process")
        return told(self._engine, error)

    def _check(self, version: str | None) -> None:
        where = shown(self._engine.url)
        if version is None:
            raise StoreError(f"{where}: holds no tables of tocsin yet — tocsin run makes them")
        if version not in known_versions():
            known = f"version {version}, this one knows {HEAD}"
            raise StoreError(f"{where}: made by a newer tocsin ({known}) — upgrade tocsin")
        if version != HEAD:
            raise StoreError(f"{where}: of an older tocsin (version {version}) — tocsin run brings it up to {HEAD}")


def open_view(address: str) -> View:
    """Opens the database at `address` to be read.

    Raises:
        StoreError: the address is none, or there is no database.
    """
    url = parse(address)
    if url.get_backend_name() != "sqlite":
        return View(_server(url))
    if not url.database or not Path(url.database).is_file():
        raise StoreError(f"{url.database}: there is no database yet — tocsin run makes it")
    engine = create_engine(url, connect_args={"timeout": _PATIENCE})
    event.listen(engine, "connect", _read_only)
    return View(engine)


def _server(url: URL) -> Engine:
    engine = create_engine(postgresql.address(url), pool_pre_ping=True, execution_options={"postgresql_readonly": True})
    postgresql.set_up(engine)
    return engine


def _read_only(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # each question sees what was written last, and holds up no writer
    connection.execute("PRAGMA query_only=ON")


def _file_size(database: str | None) -> int:
    """With what waits in the write-ahead log."""
    files = [Path(f"{database}{end}") for end in ("", "-wal")]
    return sum(file.stat().st_size for file in files if file.is_file())


def _size(connection: Connection) -> int | None:
    if connection.dialect.name != "postgresql":
        return None
    return connection.execute(text("SELECT pg_database_size(current_database())")).scalar()
