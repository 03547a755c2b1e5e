"""The last good version of each YAML file, kept under `data/last-good/`.

A service must not fall silent because someone saved a typo: it goes on with what it had, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from tocsin.files import write_whole

log = logging.getLogger(__name__)

FOLDER = Path("data", "last-good")


def last_good(root: Path, name: str) -> str | None:
    """The text of file `name` (relative to the workspace) when the whole workspace was last without problems."""
    try:
        return (root / FOLDER / name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def remember(root: Path, files: Mapping[str, str]) -> None:
    """Keeps these texts as the good ones, and forgets files that are gone. Writes only what has changed."""
    folder = root / FOLDER
    try:
        for name, text in files.items():
            if last_good(root, name) != text:
                write_whole(folder / name, text.encode("utf-8"))
        for path in folder.rglob("*.y*ml"):
            if path.relative_to(folder).as_posix() not in files:
                path.unlink(missing_ok=True)
    except OSError as error:
        # Only the safety net is missing: the pass itself can go on with the files at hand.
        log.warning("%s: the good version of the rules cannot be kept (%s)", folder, error.strerror)
