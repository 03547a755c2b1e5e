"""What all specs share: strictness, small types, and the way back from a value to its line in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

from tocsin.errors import Problem

Path = tuple[str | int, ...]
"""Keys and indexes from the document's root to a value, as pydantic's `loc`."""

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Spec(BaseModel):
    """A part of a YAML document. An unknown key is refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def duration(value: object) -> timedelta:
    """`5m`, `3h`, `30d` → timedelta.

    Raises:
        ValueError: the text is no duration; the message says what to write.
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        msg = f"{value!r} is no duration: write a number and s, m, h, d or w, as in 5m or 12h"
        raise ValueError(msg)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*(s|m|h|d|w)$", "examples": ["5m", "3h", "30d"]}),
]
"""`5m`, `3h`, `30d` → timedelta."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
"""Lower-case letters, digits and hyphens."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""ISO 639 code: en, ko, ja, ru, zh."""

T = TypeVar("T", bound=Spec)


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A spec and where each of its values stands in its file."""

    spec: T
    file: str
    positions: Mapping[Path, tuple[int, int]] = field(repr=False)
    """Path → line and column, both from 1; a mapping's key has the path of its value."""

    def problem(self, path: Path, message: str, *, warning: bool = False) -> Problem:
        """A problem at `path`, or at the nearest part of it that stands in the file."""
        line, column = position(self.positions, path)
        return Problem(self.file, line, column, message, warning=warning)


def position(positions: Mapping[Path, tuple[int, int]], path: Path) -> tuple[int, int]:
    """Line and column of `path`, or of its nearest ancestor that is known."""
    for end in range(len(path), -1, -1):
        if path[:end] in positions:
            return positions[path[:end]]
    return (1, 1)
