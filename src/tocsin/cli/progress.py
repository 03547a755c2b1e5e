"""A progress bar for anything that may take longer than two seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def progress(out: Console, text: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """Shows a bar that the yielded function moves on by one; nothing when quiet. It is gone when done."""
    columns = (SpinnerColumn(), TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=quiet) as bar:
        task = bar.add_task(text, total=total)
        yield lambda: bar.advance(task)
