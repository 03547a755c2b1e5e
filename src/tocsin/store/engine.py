"""Opens the database and brings its tables up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from tocsin.errors import StoreError
from tocsin.store import locks, postgresql, sqlite

HEAD = "0011"
"""The newest migration; a test holds that it is."""
_WANTED = "write sqlite:////path/to/tocsin.db or postgresql://user@host/database"


def open_engine(address: str) -> Engine:
    """An engine for `address` with the tables at the newest version.

    Raises:
        StoreError: the address, the database or its version cannot be used.
    """
    url = parse(address)
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    try:
        _migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        raise told(engine, error) from error
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine, *, pen: bool = False) -> Iterator[Connection]:
    """One transaction; errors of the database come out as StoreError.

    With the `pen`, no other process that has asked for it writes at the same time.
    """
    try:
        with engine.begin() as connection:
            if pen:
                locks.hold(connection, locks.PEN)
            yield connection
    except DBAPIError as error:
        raise told(engine, error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """For single questions, each of which sees what was written last and waits for no writer."""
    try:
        with engine.connect() as connection:
            yield connection.execution_options(**{sqlite.READING: True})
    except DBAPIError as error:
        raise told(engine, error) from error


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    """A transaction of which nothing stays: to see what would happen."""
    try:
        with engine.connect() as connection:
            yield connection  # closed without a commit
    except DBAPIError as error:
        raise told(engine, error) from error


def parse(address: str) -> URL:
    """The address in its parts.

    Raises:
        StoreError: it is none, or of a database that tocsin does not know.
    """
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):
        raise StoreError(f"TOCSIN_DATABASE_URL is no database address — {_WANTED}") from None
    kind = url.get_backend_name()
    if kind == "sqlite":
        return sqlite.address(url)
    if kind not in {"postgresql", "postgres"}:
        raise StoreError(f"TOCSIN_DATABASE_URL: {kind} databases are not supported — {_WANTED}")
    if "@" in (url.host or ""):  # the rest of a password: it must not be shown as a host
        raise StoreError("TOCSIN_DATABASE_URL: there is an @ too many — in user and password it is written %40")
    return url


def _sqlite(url: URL) -> Engine:
    sqlite.prepare(url)
    engine = create_engine(url, connect_args={"timeout": sqlite.BUSY_SECONDS}, json_serializer=_json)
    sqlite.set_up(engine)
    return engine


def _postgresql(url: URL) -> Engine:
    # Asked before it is used: a server that was started again must not cost a pass.
    engine = create_engine(postgresql.address(url), pool_pre_ping=True, json_serializer=_json_without_nul)
    postgresql.set_up(engine)
    return engine


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # so that it can be searched


def _json_without_nul(value: Any) -> str:
    said = _json(value)
    return _json(postgresql.without_nul(value)) if "\\u0000" in said else said


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        version = version_of(connection)
    if version == HEAD:
        return
    if version is not None and version not in known_versions():
        raise StoreError(
            f"{shown(engine.url)}: made by a newer tocsin (version {version}, this one knows {HEAD}) — upgrade tocsin"
        )
    # alembic costs 0.3 s to import; only a database that must change pays it.
    from alembic import command  # noqa: PLC0415

    with engine.begin() as connection:
        locks.hold(connection, locks.MIGRATION)  # of several that start at once, one does it
        command.upgrade(_alembic_config(connection), "head")


def _alembic_config(connection: Connection) -> Any:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def known_versions() -> set[str]:
    """Every version of the tables that this tocsin can bring up to date."""
    return {path.stem.split("_")[0] for path in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")}


def version_of(connection: Connection) -> str | None:
    """The newest migration that the database has seen, None when it holds no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def shown(url: URL) -> str:
    """The file, or the server's address; what else an address says (a password, keys) is not shown."""
    if url.get_backend_name() == "sqlite":
        return url.database or "database"
    safe = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return safe.render_as_string()


def told(engine: Engine, error: DBAPIError) -> StoreError:
    """The database's error in a sentence: where, what, and what to do."""
    words = sqlite if engine.dialect.name == "sqlite" else postgresql
    return StoreError(f"{shown(engine.url)}: {words.sentence(str(error.orig))}")
