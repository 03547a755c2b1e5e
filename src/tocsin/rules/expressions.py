"""Regular expressions of users, in linear time. The only module that knows RE2.

An expression is looked for in the text as it stands, not folded; letters of either case match unless it says `(?-i)`.
RE2 has no back references and no look-around, and so no expression that takes forever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import re2

from tocsin.rules.patterns import PatternError
from tocsin.text import Span

LONGEST_GAP = 80
"""Characters that `.{0,n}` may span before `check` warns: such gaps multiply the automaton's states."""
_GAP = re.compile(r"\{\d*,(\d+)\}")
_ASCII_ONLY = re.compile(r"(?<!\\)(?:\\\\)*\\([bBwW])")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Expressions:
    """Expressions, compiled when first needed."""

    def __init__(self, sources: Sequence[str]) -> None:
        self.sources = tuple(dict.fromkeys(sources))
        self._compiled: dict[str, re2._Regexp] = {}

    def standing(self, text: str) -> list[str]:
        """Which of the expressions stand in a text, in one pass."""
        if self._set is None:
            return []
        return [self.sources[index] for index in self._set.Match(_encodable(text)) or ()]

    def find(self, source: str, text: str) -> Iterator[Span]:
        """Where an expression stands, in characters; a match of no characters is none."""
        if source not in self._compiled:
            self._compiled[source] = re2.compile(_in_lines(source), _options())
        for found in self._compiled[source].finditer(_encodable(text)):
            if found.end() > found.start():
                yield found.span()

    @cached_property
    def _set(self) -> re2.Set | None:
        if not self.sources:
            return None
        made = re2.Set.SearchSet(_options())
        for source in self.sources:
            made.Add(_in_lines(source))
        made.Compile()
        return made


def refuse(source: str) -> None:
    """Says what is wrong with an expression.

    Raises:
        PatternError: it is none that RE2 knows, or would not do what it says.
    """
    try:
        compiled = re2.compile(_encodable(source), _options())
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "bad syntax"
        hint = " — RE2 has no back references and no look-around" if "escape" in reason or "(?" in reason else ""
        raise PatternError(f"'{source}' is no regular expression: {reason}{hint}") from None
    found = _ASCII_ONLY.search(source)
    if found and not source.isascii():
        raise PatternError(
            f"'{source}': \\{found[1]} knows ASCII letters only and would never hold beside others — "
            "use words: for whole words, or \\pL for a letter"
        )
    if compiled.search("") is not None:
        raise PatternError(f"'{source}' matches nothing at all, so it would hold everywhere — demand a character")


def slow_gap(source: str) -> int:
    """The longest gap of an expression when it is too long; else 0."""
    longest = max((int(found) for found in _GAP.findall(source)), default=0)
    return longest if longest > LONGEST_GAP else 0


def _in_lines(source: str) -> str:
    """`^` and `$` are the ends of a line: a title is one, a paragraph another."""
    return f"(?m){source}"


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return options


def _encodable(text: str) -> str:
    """Halves of characters cannot be written as UTF-8; each becomes one sign that stands for nothing."""
    return _SURROGATES.sub("\ufffd", text)
