"""Who is at work: a lock file per worker, which the operating system lets go of when the worker dies.

A lease that ran out is free anyway. But a process that was killed a second ago should not hold its deliveries for
the rest of its lease: whoever can take its lock knows that it is gone. Only workers of the same machine and folder can
tell that of each other, so a name begins with both; of all others nothing is known, and their leases are waited for.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import secrets
import socket
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

_HERE = "here"
"""The file with the mark of the folder."""


class Worker:
    """This process's name among the workers of one folder, as long as it lives or until closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._place = f"{socket.gethostname()[:60]}-{_mark(folder)}-"
        self.name = f"{self._place}{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / self.name
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def is_gone(self, name: str) -> bool:
        """True when that worker is known to have died; False for one of another machine or folder."""
        return name.startswith(self._place) and is_gone(self.folder, name)

    def close(self) -> None:
        """Leaves; the name is not used again."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@cache
def process_worker(folder: Path) -> Worker:
    """The process itself as a worker: for what it holds beyond one opening of the store."""
    worker = Worker(folder)
    atexit.register(worker.close)
    return worker


def is_gone(folder: Path, name: str) -> bool:
    """True when that worker's process no longer lives."""
    path = folder / name
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    path.unlink(missing_ok=True)
    return True


def _mark(folder: Path) -> str:
    """What tells this folder from one of the same name on another machine; made by whoever comes first."""
    path = folder / _HERE
    if not path.exists():
        own = folder / f"{_HERE}-{secrets.token_hex(8)}"
        own.write_text(secrets.token_hex(4))
        with suppress(FileExistsError):
            path.hardlink_to(own)  # whole or not at all
        own.unlink()
    return path.read_text()


def sweep(folder: Path, older: float = 86_400.0) -> int:
    """Removes the files that killed workers left behind; their number.

    Only those that have not been touched for `older` seconds: a worker makes its file a moment before it locks it.
    """
    before = time.time() - older
    old = [path for path in folder.glob("*") if path.name != _HERE and path.stat().st_mtime < before]
    return sum(is_gone(folder, path.name) for path in old)
