"""`tocsin backup` and `tocsin restore`: the store as one file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tocsin.cli.common import WorkspaceOption, console, count, settings
from tocsin.workspace.root import find_root

if TYPE_CHECKING:
    from rich.console import Console

    from tocsin.store.backup import Copied, Progress

_NAMED = {"articles": "article", "stories": "story", "alerts": "alert", "deliveries": "delivery"}

FileArgument = Annotated[Path, Parameter(help="The backup: one SQLite file, from whatever database.")]


def backup(file: FileArgument, *, workspace: WorkspaceOption = None) -> int:
    """Copy the store into a file, while tocsin goes on working. Nothing is written over."""
    from tocsin.store.backup import back_up  # noqa: PLC0415

    root, out = find_root(workspace), console()
    address = settings().database(root)
    with _shown(out, "copying") as progress:
        copied = back_up(address, file, progress)
    out.print(f"{file}: {_told(copied)} ({file.stat().st_size / 2**20:.1f} MB)", markup=False)
    return 0


def restore(file: FileArgument, *, workspace: WorkspaceOption = None) -> int:
    """Copy a backup into the store, which must be empty or not be there yet. Stop tocsin first.

    The backup may be of the other kind of database (so a watch moves from SQLite to PostgreSQL), or of an older tocsin.
    """
    from tocsin.store.backup import restore as copy_back  # noqa: PLC0415

    root, out = find_root(workspace), console()
    address = settings().database(root)
    with _shown(out, "restoring") as progress:
        copied = copy_back(file, address, progress)
    out.print(f"restored {_told(copied)}", markup=False)
    return 0


@contextmanager
def _shown(out: Console, text: str) -> Iterator[Progress]:
    from rich.progress import Progress as Bar  # noqa: PLC0415

    from tocsin.store.backup import Progress  # noqa: PLC0415

    with Bar(console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(text, total=None)
        yield Progress(begin=lambda rows: bar.update(task, total=rows), step=lambda rows: bar.advance(task, rows))


def _told(copied: Copied) -> str:
    return (
        ", ".join(count(copied[name], noun) for name, noun in _NAMED.items()) + f", {sum(copied.values())} rows in all"
    )
