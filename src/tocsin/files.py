"""Files that are written whole or not at all: a full disk must not leave half of what a person wrote."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Puts `content` in the place of `path`, whose folder is made. Until all of it is written, the old file stays.

    Raises:
        OSError: with `path` as its `filename`; nothing has changed.
    """
    place = path.resolve() if path.is_symlink() else path
    beside = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        if place.exists():
            shutil.copymode(place, beside)
        beside.replace(place)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
