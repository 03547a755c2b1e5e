"""Word syntax: one line of YAML → a pattern that finds it in folded text.

`launch` exact word or phrase · `launch*` any ending · `launch~` inflected · `*발사` left side open. In phrases each
word carries its own mark. What counts as a border depends on the script: spaces for Latin and Cyrillic, an open right
side for Korean (particles), none for Han and kana.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tocsin.text import ALPHABETIC, HANGUL, RUSSIAN_ENDINGS, english_forms, fold, is_hangul, is_ideographic

_ALPHABETIC = re.compile(f"[{ALPHABETIC}]")
_BORDER_LEFT = f"(?<![{ALPHABETIC}])"
_BORDER_RIGHT = f"(?![{ALPHABETIC}])"
_HANGUL_LEFT = f"(?<![{HANGUL}])"
_LONGEST_ENDING = 40
_RUSSIAN_ENDING = "([а-я]{0,14})"
"""Its groups are looked up in the closed list: an expression of all endings takes milliseconds to compile."""
_ANY_ENDING = f"[{ALPHABETIC}']{{0,{_LONGEST_ENDING}}}"
_MIN_OPEN_STEM = 2


class PatternError(ValueError):
    """Words that do not follow the word syntax; the text says what to write instead."""


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a pattern: what always stands there, and what may follow."""

    literal: str
    ending: str = ""
    mark: str = ""

    @property
    def spaced(self) -> bool:
        """Whether its script writes spaces between words."""
        return not (is_hangul(self.literal[-1]) or is_ideographic(self.literal[-1]))


@dataclass(frozen=True)
class Pattern:
    """Compiled words; `anchor` always stands in a hit."""

    source: str
    anchor: str
    lead: int
    tail: int
    expression: str
    bordered: bool
    """Whether the anchor is the beginning of a word of a script that writes spaces."""
    exact_case: str | None = None
    """Letters and digits that must stand so in the text, when case matters."""
    plain: bool = False
    """One word as it stands: borders are all there is to check, without an expression to compile."""
    open_left: bool = False

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when first needed: most patterns never meet their anchor."""
        return re.compile(self.expression)

    def at(self, folded: str, anchor: int) -> tuple[int, int] | None:
        """Where the pattern stands around an occurrence of its anchor."""
        if self.plain:
            return self._plain_at(folded, anchor)
        start, end = max(0, anchor - self.lead), anchor + self.tail + 1
        while start <= anchor:
            found = self.regex.search(folded, start, end) if start < anchor else self.regex.match(folded, start, end)
            if not found or found.start() > anchor:
                return None
            if found.end() > anchor and RUSSIAN_ENDINGS.issuperset(found.groups()):
                return found.span()
            start = found.start() + 1
        return None

    def _plain_at(self, folded: str, start: int) -> tuple[int, int] | None:
        end = start + len(self.anchor)
        if folded[start:end] != self.anchor:
            return None
        if start and not self.open_left and _joined(folded[start - 1], self.anchor[0]):
            return None
        if _is_alphabetic(self.anchor[-1]) and end < len(folded) and _is_alphabetic(folded[end]):
            return None
        return (start, end)


def parse(source: str, *, case: bool = False) -> Pattern:
    """A pattern from what a person wrote.

    Raises:
        PatternError: the marks `*` and `~` stand where they cannot.
    """
    raw = source.split()
    if not raw:
        raise PatternError("words are empty — write at least one word")
    open_left = raw[0].startswith("*")
    if open_left:
        raw[0] = raw[0][1:]
    parsed = [word for part in raw for word in _words(part, source)]
    if not parsed:
        raise PatternError(f"{source!r} holds no letters — write a word")
    best = max(range(len(parsed)), key=lambda index: (len(parsed[index].literal), -index))
    lengths = [len(word.literal) + (_LONGEST_ENDING if word.ending else 0) + 2 for word in parsed]
    return Pattern(
        source=source,
        anchor=parsed[best].literal,
        lead=sum(lengths[:best]),
        tail=sum(lengths[best:]),
        expression=_expression(parsed, open_left=open_left),
        bordered=_is_alphabetic(parsed[best].literal[0]) and not (open_left and best == 0),
        plain=len(parsed) == 1 and not parsed[0].ending and not _mixed(parsed[0].literal),
        open_left=open_left,
        exact_case="".join(char for char in source if char.isalnum()) if case else None,
    )


def _is_alphabetic(char: str) -> bool:
    return bool(_ALPHABETIC.match(char))


def _joined(before: str, first: str) -> bool:
    """Whether a word that begins with `first` goes on from the sign before it."""
    if is_ideographic(first):
        return False
    return is_hangul(before) if is_hangul(first) else _is_alphabetic(before)


def _mixed(literal: str) -> bool:
    """Whether a word ends in a script that is neither spaced, Hangul nor Han: the expression knows what to do."""
    return not (_is_alphabetic(literal[-1]) or is_hangul(literal[-1]) or is_ideographic(literal[-1]))


def _words(part: str, source: str) -> list[_Word]:
    """The words of one space-separated part: a hyphen or stop inside it separates words too."""
    mark = part[-1] if part[-1:] in {"*", "~"} else ""
    stem = part.removesuffix(mark) if mark else part
    if "*" in stem or "~" in stem:
        raise PatternError(f"{source!r}: * and ~ stand at the end of a word (and * at the very beginning)")
    literals = fold(stem).split()
    if not literals:
        if mark:
            raise PatternError(f"{source!r}: {mark} needs a word before it")
        return []
    return [*(_Word(literal) for literal in literals[:-1]), _marked(literals[-1], mark, source)]


def _marked(literal: str, mark: str, source: str) -> _Word:
    if not mark or is_hangul(literal[-1]) or is_ideographic(literal[-1]):
        return _Word(literal, mark=mark)
    if mark == "*" and len(literal) < _MIN_OPEN_STEM:
        raise PatternError(f"{source!r}: {literal!r} before {mark} is too short — write at least two letters")
    if mark == "*":
        return _Word(literal, _ANY_ENDING, mark)
    if re.search("[а-яіїєґ]", literal):
        return _Word(literal, _RUSSIAN_ENDING, mark)
    stem, ending = english_forms(literal)
    return _Word(stem, ending, mark)


def _expression(parsed: list[_Word], *, open_left: bool) -> str:
    first = parsed[0].literal[0]
    parts = ["" if open_left or is_ideographic(first) else _HANGUL_LEFT if is_hangul(first) else _BORDER_LEFT]
    for index, word in enumerate(parsed):
        if index:
            parts.append(" {1,2}" if parsed[index - 1].spaced and word.spaced else " ?")
        parts.append(re.escape(word.literal) + word.ending)
        if word.spaced:
            parts.append(_BORDER_RIGHT)
    return "".join(parts)
