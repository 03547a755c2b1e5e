"""The workspace as its files are now."""

from __future__ import annotations

import threading
from pathlib import Path

from tocsin.workspace import Workspace, load_for_service

_Seen = frozenset[tuple[str, int, int]]


class Latest:
    """The workspace at `root`, read anew only when a file has changed: reading costs half a second."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._seen: _Seen = frozenset()
        self._workspace: Workspace | None = None

    def __call__(self) -> Workspace:
        """The workspace; what is wrong with its files is in it.

        Raises:
            WorkspaceError: no file at all can be used.
        """
        with self._lock:
            seen = self._look()
            if self._workspace is None or seen != self._seen:
                self._workspace = load_for_service(self._root, keep=False)
                self._seen = seen
            return self._workspace

    def _look(self) -> _Seen:
        """Every file with its time and size."""
        files = (path for folder in ("sources", "rules") for path in (self._root / folder).rglob("*.y*ml"))
        found = ((str(path), path.stat()) for path in files if path.is_file())
        return frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)
