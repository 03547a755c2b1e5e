"""Word syntax: one line of YAML → a pattern that finds it in folded text.

`launch` exact word or phrase · `launch*` any ending · `launch~` inflected · `*발사` left side open · `sign* ..3 pact`
up to three other words between. In phrases each word carries its own mark. What counts as a border depends on the
script: spaces for Latin and Cyrillic, an open right side for Korean (particles), none for Han and kana.

Matched by hand, not by `re`: every word has a closed list of endings and a clear border, so there is one way to read
it, and a set of 100,000 patterns has nothing to compile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tocsin.text import ALPHABETIC, LETTERS, RUSSIAN_ENDINGS, english_forms, fold, is_hangul, is_ideographic, words

MOST_BETWEEN = 9
"""Words that a gap in a phrase may span at most."""
_LONGEST_ENDING = 40
_LONGEST_WORD = 24
"""Characters that a word in a gap is taken to have at most, on average."""
_WAYS = 8
"""Places followed in a gap at most: a text that repeats one word a thousand times says nothing more."""
_EXACT = frozenset(("",))
_ANY: frozenset[str] = frozenset()
"""Stands for every ending."""
_MIN_OPEN_STEM = 2
_RUN = re.compile(f"[{ALPHABETIC}]*")
_LONG_RUN = re.compile(f"[{ALPHABETIC}']{{0,{_LONGEST_ENDING}}}")
_CYRILLIC = re.compile("[а-яіїєґ]")
_GAP = re.compile(r"\.\.(\d+)")


class PatternError(ValueError):
    """Words that do not follow the word syntax; the text says what to write instead."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a pattern: what always stands there, and what may follow."""

    literal: str
    endings: frozenset[str] = _EXACT
    spaced: bool = True
    """Whether its script writes spaces between words."""
    gap: int = 0
    """Other words that may stand before it, at most."""

    def end(self, folded: str, after: int) -> int:
        """Where the word ends whose literal ends at `after`; -1 when something else follows it."""
        if not self.spaced:
            return after
        if self.endings is _EXACT:
            return -1 if folded[after : after + 1] in LETTERS else after
        if self.endings is _ANY:
            return _open_end(folded, after)
        end = _run(_RUN, folded, after)
        return end if folded[after:end] in self.endings else -1


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words, ready to be found."""

    source: str
    words: tuple[Word, ...]
    anchors: tuple[str, ...]
    """What always stands in a hit, in all its spellings: a word, or two with what may stand between them."""
    lead: int
    """Characters from the beginning of a hit to its anchor at most."""
    bordered: bool
    """Whether the anchor is the beginning of a word of a script that writes spaces."""
    closed: bool
    """Whether it ends where such a word must end."""
    open_left: bool = False
    exact_case: str | None = None
    """Letters and digits that must stand so in the text, when case matters."""
    has_gaps: bool = False
    """Whether other words may stand inside it."""

    def at(self, folded: str, anchor: int) -> tuple[int, int] | None:
        """Where the pattern stands around an occurrence of its anchor."""
        first = self.words[0].literal
        if self.lead == 0:
            end = self._end(folded, anchor) if folded.startswith(first, anchor) else -1
            return (anchor, end) if end > anchor else None
        last = anchor + len(first)
        start = folded.find(first, max(0, anchor - self.lead), last)
        while start >= 0:
            end = self._end(folded, start)
            if end > anchor:
                return start, end
            start = folded.find(first, start + 1, last)
        return None

    def _end(self, folded: str, start: int) -> int:
        """Where the pattern ends that begins at `start`; -1 when it does not stand there."""
        first = self.words[0]
        if start and not self.open_left and folded[start - 1] != " " and _joined(folded[start - 1], first.literal[0]):
            return -1
        end = first.end(folded, start + len(first.literal))
        if len(self.words) == 1:
            return end
        for index, word in enumerate(self.words[1:]):
            if end < 0:
                return -1
            if word.gap:
                return self._over_gaps(folded, end, index + 1)
            end = _next(folded, end, word, spaced=self.words[index].spaced and word.spaced)
        return end

    def _over_gaps(self, folded: str, end: int, index: int) -> int:
        """The same from word `index` on, where several ways must be followed."""
        ends = [end]
        for before, word in zip(self.words[index - 1 :], self.words[index:], strict=False):
            if word.gap:
                found = dict.fromkeys(one for end in ends for one in _beyond(folded, end, word))
            else:
                spaced = before.spaced and word.spaced
                found = dict.fromkeys(_next(folded, end, word, spaced=spaced) for end in ends)
            ends = [one for one in found if one >= 0][:_WAYS]
        return min(ends, default=-1)


def parse(source: str, *, case: bool = False) -> Pattern:
    """A pattern from what a person wrote.

    Raises:
        PatternError: the marks `*`, `~` and `..3` stand where they cannot.
    """
    if not case and source.isascii() and source.isalpha():
        literal = source.lower()
        return Pattern(source, (Word(literal),), (literal,), 0, bordered=True, closed=True)
    raw = source.split()
    if not case and source.isascii() and all(map(str.isalpha, raw)):
        return _pattern(source, tuple(map(Word, source.lower().split())))
    if not raw:
        raise PatternError("words are empty — write at least one word")
    open_left = raw[0].startswith("*")
    if open_left:
        raw[0] = raw[0][1:]
    parsed = tuple(_parsed(raw, source))
    if not parsed:
        raise PatternError(f"{source!r} holds no letters — write a word")
    if case and any(word.gap for word in parsed):
        raise PatternError(f"{source!r}: case: true and a gap do not go together — write two names")
    exact = "".join(char for char in source if char.isalnum()) if case else None
    return _pattern(source, parsed, open_left=open_left, exact_case=exact)


def anywhere(literal: str) -> Pattern:
    """A pattern that finds these letters (folded, without spaces) wherever they stand, in words too."""
    return Pattern(literal, (Word(literal, spaced=False),), (literal,), 0, bordered=False, closed=False, open_left=True)


def _pattern(
    source: str, parsed: tuple[Word, ...], *, open_left: bool = False, exact_case: str | None = None
) -> Pattern:
    """Found by its longest word, or by the longest two that always follow each other: `e u` is met less than `e`."""
    best = max(range(len(parsed)), key=lambda index: (len(parsed[index].literal), -index))
    anchors: tuple[str, ...] = (parsed[best].literal,)
    last = parsed[best]
    for index, (word, following) in enumerate(pairwise(parsed)):
        if _joins(word, following) and len(word.literal) + len(following.literal) >= len(anchors[0]):
            best, last, anchors = index, following, _spellings(word, following)
    return Pattern(
        source,
        parsed,
        anchors,
        lead=_lead(parsed, best) if best else 0,
        bordered=anchors[0][0] in LETTERS and not (open_left and best == 0),
        closed=last.endings is _EXACT and last.literal[-1] in LETTERS,
        open_left=open_left,
        exact_case=exact_case,
        has_gaps=".." in source and any(word.gap for word in parsed),
    )


def _joins(word: Word, following: Word) -> bool:
    """Whether nothing but space can stand between two words of a phrase."""
    return word.endings is _EXACT and not following.gap


def _spellings(word: Word, following: Word) -> tuple[str, ...]:
    """Two words as `_next` takes them: `E.U.` and `E. U.`, `미사일 공격` and `미사일공격`."""
    between = (" ", "  ") if word.spaced and following.spaced else ("", " ")
    return tuple(word.literal + space + following.literal for space in between)


# --- in the text --------------------------------------------------------------------------------------------------


def _run(letters: re.Pattern[str], folded: str, start: int) -> int:
    found = letters.match(folded, start)
    return found.end() if found else start


def _open_end(folded: str, after: int) -> int:
    """Where any ending ends; one that goes on and on ends at its last apostrophe, or is none."""
    end = _run(_LONG_RUN, folded, after)
    return end if folded[end : end + 1] not in LETTERS else folded.rfind("'", after, end)


def _next(folded: str, end: int, word: Word, *, spaced: bool) -> int:
    """Where the word ends that stands right behind `end`: after one or two spaces, or after none where none is due."""
    start = end + 1 if folded.startswith(" ", end) else end
    if spaced:
        if start == end:
            return -1
        start += folded.startswith(" ", start)
    return word.end(folded, start + len(word.literal)) if folded.startswith(word.literal, start) else -1


def _beyond(folded: str, end: int, word: Word) -> Iterator[int]:
    """Where the word ends in each place that its gap allows behind `end`."""
    last = end + (word.gap + 1) * (_LONGEST_WORD + 1) + len(word.literal)
    start = folded.find(word.literal, end, last)
    while start >= 0:
        if sum(1 for _ in words(folded, end, start)) > word.gap:
            return
        if not _joined(folded[start - 1], word.literal[0]):
            yield word.end(folded, start + len(word.literal))
        start = folded.find(word.literal, start + 1, last)


def _joined(before: str, first: str) -> bool:
    """Whether a word that begins with `first` goes on from the sign before it."""
    if first in LETTERS:
        return before in LETTERS
    if is_hangul(first):
        return is_hangul(before)
    return before in LETTERS and not is_ideographic(first)


# --- as written ---------------------------------------------------------------------------------------------------


def _lead(parsed: Sequence[Word], anchor: int) -> int:
    """Characters that the words before the anchor take at most, with what may stand between them."""
    gaps = sum(word.gap * (_LONGEST_WORD + 1) for word in parsed[1 : anchor + 1])
    return gaps + sum(map(_longest, parsed[:anchor]))


def _longest(word: Word) -> int:
    return len(word.literal) + (0 if word.endings is _EXACT else _LONGEST_ENDING) + 2


def _parsed(raw: Sequence[str], source: str) -> Iterator[Word]:
    gap = 0
    for index, part in enumerate(raw):
        if found := _GAP.fullmatch(part):
            gap = _gap(int(found[1]), source, between=0 < index < len(raw) - 1 and not gap)
            continue
        if part == "..":
            raise PatternError(f"{source!r}: a gap says how many words may stand between — write ..3")
        for word in _words(part, source):
            yield Word(word.literal, word.endings, word.spaced, gap) if gap else word
            gap = 0


def _gap(count: int, source: str, *, between: bool) -> int:
    if not between:
        raise PatternError(f"{source!r}: a gap (..{count}) stands between two words")
    if not 1 <= count <= MOST_BETWEEN:
        raise PatternError(f"{source!r}: a gap spans one to {MOST_BETWEEN} words — or use two conditions with within:")
    return count


def _words(part: str, source: str) -> Iterable[Word]:
    """The words of one space-separated part: a hyphen or stop inside it separates words too."""
    mark = part[-1] if part[-1:] in {"*", "~"} else ""
    stem = part.removesuffix(mark) if mark else part
    if "*" in stem or "~" in stem:
        raise PatternError(f"{source!r}: * and ~ stand at the end of a word (and * at the very beginning)")
    literals = fold(stem).split()
    if not literals:
        if mark:
            raise PatternError(f"{source!r}: {mark} needs a word before it")
        return ()
    if mark and not stem[-1].isalnum():
        raise PatternError(
            f"{source!r}: {mark} behind a {stem[-1]!r} would find every word that begins with {literals[-1]!r} — write"
            " out what follows, as in KN-23, or use regex:"
        )
    return [*map(_exact, literals[:-1]), _marked(literals[-1], mark, source)]


def _exact(literal: str) -> Word:
    if literal.isascii():
        return Word(literal)
    return Word(literal, spaced=not (is_hangul(literal[-1]) or is_ideographic(literal[-1])))


def _marked(literal: str, mark: str, source: str) -> Word:
    exact = _exact(literal)
    if not mark or not exact.spaced:
        return exact
    if mark == "~" and _CYRILLIC.search(literal):
        return Word(literal, RUSSIAN_ENDINGS)
    if len(literal) < _MIN_OPEN_STEM:
        raise PatternError(f"{source!r}: {literal!r} before {mark} is too short — write at least two letters")
    if mark == "*":
        return Word(literal, _ANY)
    return Word(*english_forms(literal))
