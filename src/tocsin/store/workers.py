"""Who is at work: a lock file per worker, which the operating system lets go of when the worker dies.

A lease that ran out is free anyway. But a process that was killed a second ago should not hold its deliveries for
the rest of its lease: whoever can take its lock knows that it is gone. All workers of an SQLite file are on one
machine, so file locks tell the truth.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class Worker:
    """This process's name among the workers of one folder, as long as it lives or until closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / self.name
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

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


def sweep(folder: Path, older: float = 86_400.0) -> int:
    """Removes the files that killed workers left behind; their number.

    Only those that have not been touched for `older` seconds: a worker makes its file a moment before it locks it.
    """
    before = time.time() - older
    old = [path for path in folder.glob("*") if path.stat().st_mtime < before]
    return sum(is_gone(folder, path.name) for path in old)
