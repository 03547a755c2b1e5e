"""What can go wrong, as one tree.

TocsinError
├── UsageError        the command was called in a way that cannot work           (exit code 2)
├── WorkspaceError    what people wrote in YAML has problems; it carries them all
├── ArticleError      a text is not in the article format
├── StoreError        the database cannot be used as it is
└── ChannelError      a channel's settings cannot work

Inside a pass, a source or a delivery that fails is not an exception: it ends in a value with a reason
(`tocsin.model`). Every message says what is wrong, where, and what to do about it, and never holds a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file that a person wrote.

    `line` and `column` count from 1; 0 means that the problem is the whole file's.
    """

    file: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {'warning: ' if self.warning else ''}{self.message}"


class TocsinError(Exception):
    """Any error of ours; its text is a sentence for the person at the terminal."""


class UsageError(TocsinError):
    """The command was called in a way that cannot work."""


class WorkspaceError(TocsinError):
    """Files of the workspace cannot be used; `problems` holds every one found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class ArticleError(TocsinError):
    """A text cannot be read as an article."""


class StoreError(TocsinError):
    """The database cannot be used as it is."""


class ChannelError(TocsinError):
    """A channel cannot be used with these settings."""
