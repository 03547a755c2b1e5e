"""What the commands share: the options that many have, opening things, and printing lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from tocsin import logs
from tocsin.errors import UsageError
from tocsin.settings import Settings, read_settings

if TYPE_CHECKING:
    from tocsin.store import Store
    from tocsin.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    Parameter(name=["--workspace", "-w"], help="The workspace; found at or above the current folder when absent."),
]
_WIDE = 200  # characters, where no terminal says
_LONGEST = timedelta(days=365 * 1000)  # so long before or after now there is still a date

LimitOption = Annotated[int, Parameter(name="--limit", help="At most so many.")]

JsonOption = Annotated[bool, Parameter(name="--json", negative=(), help="One JSON object a line.")]


LogOption = Annotated[
    Literal["text", "json"] | None,
    Parameter(name="--log", help="How log lines look; as TOCSIN_LOG says when absent."),
]


def settings(log: str | None = None) -> Settings:
    """Settings from the environment; logging is set up by them, in the form `log` if that is given."""
    found = read_settings()
    logs.set_up(found.log_level, log or found.log)
    return found


def console() -> Console:
    """Where people read: colours on a terminal only, and no narrow lines where there is no terminal."""
    out = Console(highlight=False, soft_wrap=True)
    return out if out.is_terminal else Console(highlight=False, soft_wrap=True, width=_WIDE)


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table for people. What must be copied (ids) and short columns keep their width; the last two give way."""
    made = Table(box=None, pad_edge=False)
    for place, name in enumerate(names):
        made.add_column(name, no_wrap=place < len(names) - 2, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def print_table(names: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Prints rows as a table for people; times in UTC."""
    cells = ([_cell(row[name]) for name in names] for row in rows)
    console().print(table([name.replace("_", " ") for name in names], cells), soft_wrap=False)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    return str(value if value is not None else "").replace("[", r"\[")


def count(number: int, noun: str) -> str:
    """`1 alert`, `2 alerts`, `2 stories`, `2 matches`."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("ch"):
        return f"{number} {noun}es"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def tell_problems(workspace: Workspace) -> None:
    """Says on the standard error what is wrong with files, and what is used instead."""
    for problem in workspace.problems:
        print(problem, file=sys.stderr)
    if workspace.problems:
        print("tocsin: going on with the last good version of these files, or without them", file=sys.stderr)


def opened_store(root: Path, known: Settings | None = None) -> Store:
    """The workspace's store; closed at the end of its `with`. `known` are the settings, where they are read already."""
    from tocsin.store import open_store  # noqa: PLC0415 - half a second, which --help must not pay

    return open_store((known or settings()).database(root), root / "data")


def length(option: str, text: str) -> timedelta:
    """The length of time that is given with an option: `90m`, `24h`, `7d`.

    Raises:
        UsageError: it is none, or so long that the calendar ends before it.
    """
    from tocsin.specs.base import duration  # noqa: PLC0415 - pydantic, which --help must not pay

    try:
        span = duration(text)
    except ValueError:
        raise UsageError(f"{option}: {text!r} is no length of time — write 90m, 24h, 7d or 2w") from None
    except OverflowError:
        span = timedelta.max
    if span > _LONGEST:
        raise UsageError(f"{option}: {text!r} is longer than {_LONGEST.days // 365} years — write a shorter one")
    return span


def moment(option: str, text: str | None, now: datetime) -> datetime | None:
    """The moment given with an option: a day or time (`2026-01-31`), or how long ago it is (`30d`).

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        if not text[:1].isdecimal() or "-" in text:
            raise UsageError(
                f"{option}: {text!r} is no day and no duration — write it like 2026-01-31 or 30d"
            ) from None
        return now - length(option, text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def megabytes(size: int) -> str:
    """A size in bytes for a person, in units of 10⁶: `1,204.5 MB`."""
    return f"{size / 1e6:,.1f} MB"


def print_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line."""
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    message = f"{type(value).__name__} has no JSON form"
    raise TypeError(message)
