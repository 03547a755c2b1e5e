"""Finds many patterns at once: an automaton over their anchors, each hit then checked in place.

The only module that knows ahocorasick_rs. Bytes over skimmed UTF-8 are its fastest way; borders are ours, and only
checked for patterns that somebody asks for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from ahocorasick_rs import BytesAhoCorasick

from tocsin.rules.patterns import Pattern
from tocsin.text import Span, fold, foreign, skim

_TOUCHING = re.compile(rb"(?:[\xd4-\xdf][\x80-\xbf]|[\xe0-\xf4][\x80-\xbf]{2,3})[0-9a-z\xc2-\xd4\xe1]")
"""A letter of a spaced script right behind a sign of another one, in skimmed text."""
_BLOCK = 256
"""Bytes for each of which is remembered how many characters stand before it."""
_LATER_BYTES = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no character."""
_MOSTLY_SPACED = 8

Occurrence = tuple[int, int, int]
"""Anchor, and where it stands in the skimmed text: start and end in bytes."""


class Skimmed:
    """A text, and the anchors that the first look found in it: unchecked, not all of them will be patterns."""

    __slots__ = ("__dict__", "_data", "_in_characters", "occurrences", "original")

    def __init__(self, original: str, data: bytes, occurrences: list[Occurrence]) -> None:
        self.original = original
        self.occurrences = occurrences
        self._data = data
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

    @cached_property
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

    Anchors of spaced scripts are looked for with the space before them, which spares most false ones. Where a letter
    stands right behind a foreign sign (`朝鲜KN-23`) there is no such space: then a second automaton does without.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        anchors: dict[tuple[str, bool], list[int]] = {}
        for index, pattern in enumerate(patterns):
            for anchor in pattern.anchors:
                anchors.setdefault((anchor, pattern.bordered), []).append(index)
        self.patterns = tuple(patterns)
        self.anchors = tuple(tuple(indexes) for indexes in anchors.values())
        """For each anchor the indexes of the patterns that have it."""
        self.spelled = tuple(anchor for anchor, _ in anchors)
        """Each anchor as text."""
        self._bordered = _automaton((b" " if bordered else b"") + skim(anchor) for anchor, bordered in anchors)
        self._open = frozenset(number for number, (_, bordered) in enumerate(anchors) if not bordered)

    def skim(self, text: str) -> Skimmed:
        """The cheap first look at a text."""
        data = skim(text)
        if not data.isascii() and _may_touch(data):
            return Skimmed(text, data, _found(self._plain, data))
        found = _found(self._bordered, b" " + data)
        if self._open:
            found = [(one[0], one[1] - 1, one[2]) if one[0] in self._open else one for one in found]
        return Skimmed(text, data, found)

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
        return _automaton(map(skim, self.spelled))


def _may_touch(data: bytes) -> bool:
    """Whether a letter may stand right behind a foreign sign; in texts of foreign scripts no need to look."""
    number = foreign(data)
    return number * _MOSTLY_SPACED > len(data) or (number > 0 and _TOUCHING.search(data) is not None)


def _any_between(places: Sequence[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def _automaton(anchors: Iterable[bytes]) -> BytesAhoCorasick | None:
    listed = list(anchors)
    return BytesAhoCorasick(listed) if listed else None


def _found(automaton: BytesAhoCorasick | None, data: bytes) -> list[Occurrence]:
    return automaton.find_matches_as_indexes(data, overlapping=True) if automaton else []


def _same_case(wanted: str, original: str, span: Span) -> bool:
    stands = "".join(char for char in original[span[0] : span[1]] if char.isalnum())
    return stands.startswith(wanted.rstrip("*~"))
