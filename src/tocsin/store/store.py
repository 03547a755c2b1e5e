"""The front door of the store."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from tocsin.errors import StoreError
from tocsin.model import FetchState
from tocsin.store import articles, retention, sources
from tocsin.store.engine import open_engine, reading, trying, writing
from tocsin.store.outbox import Outbox
from tocsin.store.workers import Worker, process_worker


class Store:
    """An open database, and this process's name among its workers."""

    def __init__(self, engine: Engine, workers: Path) -> None:
        self._engine = engine
        self._worker = Worker(workers)
        self.outbox = Outbox(engine, self.is_gone)

    @property
    def worker(self) -> str:
        """This process's name in leases."""
        return self._worker.name

    @property
    def process(self) -> str:
        """The process's own name in leases that outlive this object: they end when they are given back, or with it."""
        return process_worker(self._worker.folder).name

    def is_gone(self, worker: str) -> bool:
        """Whether that worker is known to have died."""
        return self._worker.is_gone(worker)

    def claiming(self) -> AbstractContextManager[Connection]:
        """One transaction that decides nothing but who does what; others judge and write meanwhile."""
        return writing(self._engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction: everything in it is written, or nothing."""
        return writing(self._engine, pen=True)

    def trying(self) -> AbstractContextManager[Connection]:
        """One transaction of which nothing stays: to see what would happen."""
        return trying(self._engine)

    def size(self) -> int:
        """Bytes that the database takes."""
        with reading(self._engine) as connection:
            return retention.size(connection)

    def compact(self) -> None:
        """Gives back to the disk what deleted rows have left free, once that is much of the file."""
        with reading(self._engine) as connection:
            retention.compact(connection)

    def known(self, keys: Collection[str]) -> frozenset[str]:
        """Those of the identity keys that belong to an article that is stored, or was until upkeep deleted it."""
        with reading(self._engine) as connection:
            return articles.known(connection, frozenset(keys))

    def states(self) -> dict[str, FetchState]:
        """What is remembered of each source, by its id."""
        with reading(self._engine) as connection:
            return sources.states(connection)

    def schedules(self) -> dict[str, FetchState]:
        """When each source is due, by its id; the rest of its state is left out."""
        with reading(self._engine) as connection:
            return sources.schedules(connection)

    def close(self) -> None:
        """Lets go of the database and of the worker's name."""
        self._engine.dispose()
        self._worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(address: str, folder: Path) -> Store:
    """Opens the database at `address`, made or brought up to date as needed; `folder` is the workspace's data folder.

    Raises:
        StoreError: the database cannot be used as it is.
    """
    engine = open_engine(address)
    try:
        return Store(engine, folder / "workers")
    except OSError as error:
        engine.dispose()
        todo = "make room, or let this user write there; nothing is lost"
        raise StoreError(f"{folder / 'workers'}: cannot be written ({error.strerror}) — {todo}") from error
