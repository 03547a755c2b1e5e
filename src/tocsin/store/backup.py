"""Backups: the whole store as one SQLite file, from either kind of database, and back into either.

The file has the store's own tables, so nothing is translated and what reads a store reads a backup. Rows are copied
table by table, of one moment: whoever works meanwhile neither waits nor is waited for.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, insert, select, text

from tocsin.errors import StoreError
from tocsin.store.engine import HEAD, known_versions, open_engine, writing
from tocsin.store.schema import metadata
from tocsin.store.view import View, open_view

_STREAM = {"yield_per": 1_000}  # rows at a time: articles of 4 KB make 4 MB

Copied = dict[str, int]
"""Table → rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Who is told how far a copy is."""

    begin: Callable[[int], None] = lambda _rows: None
    """Called once, with the number of rows."""
    step: Callable[[int], None] = lambda _rows: None
    """Called with the number of rows that were copied since."""


QUIET = Progress()


def back_up(address: str, file: Path, progress: Progress = QUIET) -> Copied:
    """Copies the store at `address` into `file`, which its owner alone may read.

    Raises:
        StoreError: the file is there already or cannot be written, or the store cannot be read.
    """
    if file.exists():
        raise StoreError(f"{file}: is there already — name another file, a backup is never written over")
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with open_view(address) as view, view.snapshot() as source:
            copied = _into(part, source, progress)
        part.rename(file)
    except OSError as error:
        raise StoreError(f"{file}: cannot be written ({error.strerror}) — choose another folder") from error
    finally:
        with suppress(OSError):  # on a disk that takes nothing it was never made
            part.unlink(missing_ok=True)
    return copied


def restore(file: Path, address: str, progress: Progress = QUIET) -> Copied:
    """Copies a backup into the store at `address`, which must be empty or not be there yet. All of it or nothing.

    Raises:
        StoreError: the file is no backup that this tocsin knows, or the store holds something already.
    """
    with _readable(file) as view, view.snapshot() as source:
        engine = open_engine(address)
        try:
            with writing(engine, pen=True) as target:
                _refuse_rows(target, address)
                copied = _copy(source, target, progress)
                _count_on(target)
        finally:
            engine.dispose()
    return copied


def _into(part: Path, source: Connection, progress: Progress) -> Copied:
    engine = open_engine(f"sqlite:///{part}")
    try:
        with writing(engine) as target:
            copied = _copy(source, target, progress)
        _make_one_file(engine)
    finally:
        engine.dispose()
    return copied


def _make_one_file(engine: Engine) -> None:
    """Ends the write-ahead log, so that nothing stands beside the file."""
    driver = engine.raw_connection()
    try:
        driver.cursor().execute("PRAGMA journal_mode=DELETE")
    finally:
        driver.close()


def _copy(source: Connection, target: Connection, progress: Progress) -> Copied:
    sizes = {table: _count(source, table) for table in metadata.sorted_tables}
    progress.begin(sum(sizes.values()))
    for table in sizes:
        # Parents stand before their children, so that every reference finds its row.
        with source.execute(select(table).order_by(*table.primary_key), execution_options=_STREAM) as answer:
            for rows in answer.mappings().partitions():
                target.execute(insert(table), [dict(row) for row in rows])
                progress.step(len(rows))
    return {table.name: size for table, size in sizes.items()}


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _refuse_rows(target: Connection, address: str) -> None:
    for table in metadata.sorted_tables:
        if target.execute(select(text("1")).select_from(table).limit(1)).first():
            what = "move that file away" if address.startswith("sqlite") else "make an empty database"
            raise StoreError(
                f"the store holds something already ({table.name}): nothing was restored — stop tocsin, {what}, then "
                "restore again"
            )


def _count_on(target: Connection) -> None:
    """PostgreSQL numbers rows by sequences of their own, which the copied rows did not move; SQLite looks."""
    if target.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        number = table.autoincrement_column
        if number is None:
            continue
        highest = target.execute(select(func.max(number))).scalar()
        if highest is not None:
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            target.execute(select(func.setval(sequence, highest)))


@contextmanager
def _readable(file: Path) -> Iterator[View]:
    """The backup; of an older tocsin, a copy of it that is brought up to date."""
    if not file.is_file():
        raise StoreError(f"{file}: there is no such file — name one that `tocsin backup` has made")
    with tempfile.TemporaryDirectory(prefix="tocsin-restore-") as folder:
        if _is_older(file):
            file = Path(shutil.copy(file, folder))
            open_engine(f"sqlite:///{file}").dispose()
        with open_view(f"sqlite:///{file}") as view:
            yield view


def _is_older(file: Path) -> bool:
    with open_view(f"sqlite:///{file}") as view:
        return view.version() in known_versions() - {HEAD}
