"""Where a workspace is, and where the one we ship is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tocsin.errors import UsageError
from tocsin.settings import read_settings

DATA = "data"
"""The folder inside a workspace that we write to."""


def template_root() -> Path:
    """The shipped workspace: inside the installed package, or the repository itself in an editable install."""
    package = Path(str(files("tocsin")))
    for root in (package / "_workspace", package.parent.parent):
        if (root / "rules").is_dir() and (root / "sources").is_dir():
            return root
    raise UsageError(f"the workspace that belongs to tocsin is missing beside {package} — install tocsin again")


def find_root(given: Path | None) -> Path:
    """The workspace's root: as given, else as the environment says, else the nearest folder at or above this one.

    Raises:
        UsageError: there is none.
    """
    given = given or read_settings().workspace
    if given is not None:
        if not given.is_dir():
            raise UsageError(f"{given}: no such folder — name a workspace, or make one: tocsin init {given}")
        if not _is_workspace(given):
            raise UsageError(f"{given}: no workspace (it has no sources/ and rules/) — make one: tocsin init {given}")
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _is_workspace(folder):
            return folder
    raise UsageError(f"{here}: no workspace here or above (no sources/ and rules/) — make one: tocsin init DIR")


def _is_workspace(folder: Path) -> bool:
    return (folder / "sources").is_dir() and (folder / "rules").is_dir()
