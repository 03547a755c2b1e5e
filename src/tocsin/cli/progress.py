"""A progress bar for anything that may take longer than two seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def progress(out: Console, text: str, total: int, *, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """Shows a bar that the yielded function moves on, by one or by a number; nothing when quiet. It goes when done."""
    columns = (SpinnerColumn(), TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=quiet) as bar:
        task = bar.add_task(text, total=total)
        yield partial(bar.advance, task)
