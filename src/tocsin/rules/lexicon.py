"""Finds many patterns at once: an automaton over their anchors, each hit then checked in place.

The only module that knows ahocorasick_rs. FACTS: bytes over folded UTF-8 are its fastest way; borders are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from ahocorasick_rs import BytesAhoCorasick

from tocsin.rules.patterns import Pattern
from tocsin.text import Span, fold_bytes


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
    """Patterns, ready to be found; `find` tells which (by index) and where."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        anchors: dict[str, list[int]] = {}
        for index, pattern in enumerate(patterns):
            anchors.setdefault(pattern.anchor, []).append(index)
        self._patterns = tuple(patterns)
        self._of_anchor = tuple(tuple(indexes) for indexes in anchors.values())
        encoded = [anchor.encode("utf-8", "surrogatepass") for anchor in anchors]
        self._automaton = BytesAhoCorasick(encoded) if encoded else None

    @property
    def anchors(self) -> tuple[tuple[int, ...], ...]:
        """For each anchor the patterns that have it."""
        return self._of_anchor

    def occurrences(self, folded: Folded) -> list[tuple[int, int, int]]:
        """Anchors in the text, unchecked, with their places in bytes: the cheap first look."""
        return self._automaton.find_matches_as_indexes(folded.data, overlapping=True) if self._automaton else []

    def find(self, folded: Folded, occurrences: Sequence[tuple[int, int, int]] | None = None) -> list[tuple[int, Span]]:
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


def _in_characters(folded: Folded, raw: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Anchors and their places in characters; offsets are converted in one sweep, so in linear time."""
    if len(folded.data) == len(folded.text):
        yield from ((anchor, start) for anchor, start, _ in raw)
        return
    last_byte = last_char = 0
    for anchor, start, _ in sorted(raw, key=itemgetter(1)):
        last_char += len(folded.data[last_byte:start].decode("utf-8", "surrogatepass"))
        last_byte = start
        yield anchor, last_char


def _same_case(wanted: str, original: str, span: Span) -> bool:
    stands = "".join(char for char in original[span[0] : span[1]] if char.isalnum())
    return stands.startswith(wanted.rstrip("*~"))
