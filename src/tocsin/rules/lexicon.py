"""Finds many patterns at once: an automaton over their anchors, each hit then checked in place.

The only module that knows ahocorasick_rs. Bytes over folded UTF-8 are its fastest way; borders are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from ahocorasick_rs import BytesAhoCorasick

from tocsin.rules.patterns import Pattern
from tocsin.text import ALPHABETIC, Span, fold_bytes

_NO_APOSTROPHES = bytes(ord(" ") if code == ord("'") else code for code in range(256))
_GLUED = re.compile(f"[^{ALPHABETIC}\\x00-\\x7f][{ALPHABETIC}]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and its folded form, character by character the same length."""

    original: str
    text: str
    data: bytes

    @classmethod
    def of(cls, original: str) -> Folded:
        """Fold a text."""
        data = fold_bytes(original)
        return cls(original, data.decode("utf-8", "surrogatepass"), data)


class Lexicon:
    """Patterns, ready to be found; `find` tells which (by index) and where.

    Anchors of spaced scripts are looked for with the space before them, which spares most false ones. Where a letter
    stands right behind a foreign sign (`朝鲜KN-23`) there is no such space: then a second automaton does without.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        anchors: dict[tuple[str, bool], list[int]] = {}
        for index, pattern in enumerate(patterns):
            anchors.setdefault((pattern.anchor, pattern.bordered), []).append(index)
        self._patterns = tuple(patterns)
        self._of_anchor = tuple(tuple(indexes) for indexes in anchors.values())
        self._shift = tuple(0 if bordered else 1 for _, bordered in anchors)
        self._bordered = _automaton(" " + anchor if bordered else anchor for anchor, bordered in anchors)
        self._plain = _automaton(anchor for anchor, _ in anchors)

    @property
    def anchors(self) -> tuple[tuple[int, ...], ...]:
        """For each anchor the patterns that have it."""
        return self._of_anchor

    def occurrences(self, folded: Folded) -> list[tuple[int, int]]:
        """Anchors in the text, unchecked, with their places in bytes: the cheap first look."""
        if self._plain is None or self._bordered is None:
            return []
        data = folded.data.translate(_NO_APOSTROPHES)
        if not folded.text.isascii() and _GLUED.search(folded.text):
            return [(anchor, start) for anchor, start, _ in self._plain.find_matches_as_indexes(data, overlapping=True)]
        found = self._bordered.find_matches_as_indexes(b" " + data, overlapping=True)
        return [(anchor, start - self._shift[anchor]) for anchor, start, _ in found]

    def find(self, folded: Folded, occurrences: Sequence[tuple[int, int]] | None = None) -> list[tuple[int, Span]]:
        """Every pattern that stands in the text, with its place in characters, each place once."""
        found: dict[tuple[int, Span], None] = {}
        raw = self.occurrences(folded) if occurrences is None else occurrences
        for anchor, place in _in_characters(folded, raw):
            for index in self._of_anchor[anchor]:
                pattern = self._patterns[index]
                span = pattern.at(folded.text, place)
                if span and (pattern.exact_case is None or _same_case(pattern.exact_case, folded.original, span)):
                    found[index, span] = None
        return list(found)


def _automaton(anchors: Iterable[str]) -> BytesAhoCorasick | None:
    encoded = [anchor.replace("'", " ").encode("utf-8", "surrogatepass") for anchor in anchors]
    return BytesAhoCorasick(encoded) if encoded else None


def _in_characters(folded: Folded, raw: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Anchors and their places in characters; offsets are converted in one sweep, so in linear time."""
    if len(folded.data) == len(folded.text):
        yield from raw
        return
    last_byte = last_char = 0
    for anchor, start in sorted(raw, key=itemgetter(1)):
        last_char += len(folded.data[last_byte:start].decode("utf-8", "surrogatepass"))
        last_byte = start
        yield anchor, last_char


def _same_case(wanted: str, original: str, span: Span) -> bool:
    stands = "".join(char for char in original[span[0] : span[1]] if char.isalnum())
    return stands.startswith(wanted.rstrip("*~"))
