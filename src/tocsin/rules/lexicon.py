"""Finds many patterns at once: an automaton over their anchors, each hit then checked in place.

The only module that knows ahocorasick_rs. Bytes over skimmed UTF-8 are its fastest way; borders are ours, and only
checked for patterns that somebody asks for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from ahocorasick_rs import BytesAhoCorasick, Implementation

from tocsin.rules.patterns import Pattern
from tocsin.text import Span, fold, foreign, skim

_TOUCHING = re.compile(
    rb"(?:[\xd4-\xdf][\x80-\xbf]|[\xe0-\xf4][\x80-\xbf]{2,3})[0-9a-z\xc2-\xd4\xe1]"
    rb"|(?:[0-9a-z]|[\xc2-\xd4][\x80-\xbf]|\xe1[\x80-\xbf]{2})[\xd4-\xf4]"
)
"""A letter of a spaced script right behind a sign of another one, or right before it, in skimmed text."""
_BLOCK = 256
"""Bytes for each of which is remembered how many characters stand before it."""
_LATER_BYTES = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no character."""
_MOSTLY_SPACED = 8
_TABLE = 1 << 24
"""Bytes that a table of all states by all signs may take: one look a byte of text, as long as it stays in the cache."""
_ROW = 32
"""What it takes for each state at least."""
_NEVER = (b"\xff", b"\xfe", b"\xfd", b"\xfc")
"""Bytes of no text. Among anchors that all begin with a space the library would leap from space to space, and that
takes half as long again as reading on; where they begin with more than three different bytes it reads on."""

Occurrence = tuple[int, int, int]
"""Anchor, and where it stands in the skimmed text: start and end in bytes."""


class Skimmed:
    """A text, and the anchors that the first look found in it: unchecked, not all of them will be patterns."""

    __slots__ = ("__dict__", "_behind", "_data", "_in_characters", "occurrences", "original")

    def __init__(
        self, original: str, data: bytes, occurrences: list[Occurrence], behind: frozenset[int] = frozenset()
    ) -> None:
        self.original = original
        self.occurrences = occurrences
        self._data = data
        self._behind = behind
        """Anchors that stand one byte before the place told."""
        self._in_characters: dict[int, Sequence[int]] = {}

    @cached_property
    def text(self) -> str:
        """The folded text, character by character as long as the original."""
        return fold(self.original)

    @cached_property
    def anchors(self) -> dict[int, list[int]]:
        """Anchor → where it stands, in bytes of the skimmed text, in order."""
        places: dict[int, list[int]] = {}
        for anchor, start, _ in self.occurrences:
            places.setdefault(anchor, []).append(start)
        behind = self._behind  # a frozenset & a view of keys goes through all of the set
        for anchor in [one for one in places if one in behind]:
            places[anchor] = [start - 1 for start in places[anchor]]
        return places

    def anchors_between(self, start: int, end: int) -> list[int]:
        """The anchors that stand in a stretch of the text, in characters."""
        return [anchor for anchor in self.anchors if _any_between(self._places(anchor), start, end)]

    def _places(self, anchor: int) -> Sequence[int]:
        """Where an anchor stands, in characters of the text."""
        if anchor not in self._in_characters:
            found = self.anchors.get(anchor, [])
            self._in_characters[anchor] = found if self._one_byte_each else [*map(self._characters, found)]
        return self._in_characters[anchor]

    def spans(self, anchor: int, pattern: Pattern) -> list[Span]:
        """Where a pattern that has this anchor stands, in characters, in reading order; a place may come twice."""
        text, at = self.text, pattern.at
        found = [span for place in self._places(anchor) if (span := at(text, place))]
        if found and pattern.exact_case is not None:
            return [span for span in found if _same_case(pattern.exact_case, self.original, span)]
        return found

    @property
    def _one_byte_each(self) -> bool:
        return len(self._data) == len(self.original)

    @cached_property
    def _before(self) -> list[int]:
        """How many characters begin before each block of bytes."""
        counts = (
            len(self._data[at : at + _BLOCK].translate(None, _LATER_BYTES)) for at in range(0, len(self._data), _BLOCK)
        )
        return [0, *accumulate(counts)]

    def _characters(self, byte: int) -> int:
        block = byte // _BLOCK
        return self._before[block] + len(self._data[block * _BLOCK : byte].translate(None, _LATER_BYTES))


class Lexicon:
    """Patterns, ready to be found; `find` tells which (by index) and where.

    Anchors of spaced scripts are looked for with the space before them, and behind them where the word ends there,
    which spares most false ones. Where a letter touches a foreign sign (`朝鲜KN-23`) there is no such space: then a
    second automaton does without.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        anchors: dict[tuple[str, bool, bool], list[int]] = {}
        for index, pattern in enumerate(patterns):
            for anchor in pattern.anchors:
                anchors.setdefault((anchor, pattern.bordered, pattern.closed), []).append(index)
        self.patterns = tuple(patterns)
        self.anchors = tuple(tuple(indexes) for indexes in anchors.values())
        """For each anchor the indexes of the patterns that have it."""
        self.spelled = tuple(anchor for anchor, _, _ in anchors)
        """Each anchor as text."""
        borders = ((skim(anchor), b" " * left, b" " * right) for anchor, left, right in anchors)
        self._bordered = _automaton([left + anchor + right for anchor, left, right in borders])
        self._open = frozenset(number for number, (_, bordered, _) in enumerate(anchors) if not bordered)

    def skim(self, text: str) -> Skimmed:
        """The cheap first look at a text."""
        data = skim(text)
        if not data.isascii() and _may_touch(data):
            return Skimmed(text, data, _found(self._plain, data))
        return Skimmed(text, data, _found(self._bordered, b" %b " % data), self._open)

    def find(self, text: str) -> list[tuple[int, Span]]:
        """Every pattern that stands in the text, with its place in characters, each place once."""
        skimmed = self.skim(text)
        return list(dict.fromkeys(self.checked(skimmed, skimmed.anchors)))

    def checked(self, skimmed: Skimmed, anchors: Collection[int]) -> Iterator[tuple[int, Span]]:
        """The patterns that really stand at these anchors; a place may come twice."""
        for anchor in anchors:
            for index in self.anchors[anchor]:
                for span in skimmed.spans(anchor, self.patterns[index]):
                    yield index, span

    @cached_property
    def _plain(self) -> BytesAhoCorasick | None:
        return _automaton([*map(skim, self.spelled)])


def _may_touch(data: bytes) -> bool:
    """Whether a letter may stand right behind a foreign sign; in texts of foreign scripts no need to look."""
    number = foreign(data)
    return number * _MOSTLY_SPACED > len(data) or (number > 0 and _TOUCHING.search(data) is not None)


def _any_between(places: Sequence[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def _automaton(anchors: Sequence[bytes]) -> BytesAhoCorasick | None:
    if not anchors:
        return None
    states = sum(map(len, anchors))
    if states * _ROW > _TABLE or states * _row(anchors) > _TABLE:
        return BytesAhoCorasick(anchors)
    return BytesAhoCorasick([*anchors, *_NEVER], implementation=Implementation.DFA)


def _row(anchors: Sequence[bytes]) -> int:
    """Bytes that the table takes for each state: a number for each of the signs, their count a power of two."""
    signs = len(set().union(*anchors)) + len(_NEVER) + 1
    return 4 << (signs - 1).bit_length()


def _found(automaton: BytesAhoCorasick | None, data: bytes) -> list[Occurrence]:
    return automaton.find_matches_as_indexes(data, overlapping=True) if automaton else []


def _same_case(wanted: str, original: str, span: Span) -> bool:
    stands = "".join(char for char in original[span[0] : span[1]] if char.isalnum())
    return stands.startswith(wanted.rstrip("*~"))
