"""One document as the rules see it: what stands where, its sentences, and which fields they belong to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tocsin.model import Document, Evidence
from tocsin.rules.lexicon import Folded
from tocsin.rules.nodes import Hit, Scope, Unit
from tocsin.text import Span, sentences, words

_LONGEST_WORD = 24
"""Characters taken a word at most when a scope of N words is measured; keeps it linear on texts without spaces."""


_KANA = re.compile("[\u3041-\u30ff]")


class View:
    """A document with its hits by key. Made for one judgement, thrown away after it."""

    __slots__ = ("_sentences", "_starts", "document", "entity_hits", "entity_starts", "folded", "han", "hits")

    def __init__(self, document: Document, folded: Folded, hits: dict[str, list[Hit]]) -> None:
        self.document = document
        self.folded = folded
        self.hits = hits
        """Key → its hits in reading order, none overlapping another of the same key."""
        self.entity_hits: list[Hit] = sorted(
            (hit for key, found in hits.items() if key.startswith("entity:") for hit in found), key=lambda hit: hit.span
        )
        self.entity_starts = [hit.start for hit in self.entity_hits]
        self._starts = {key: [hit.start for hit in found] for key, found in hits.items()}
        self.han = document.language if document.language in {"ja", "zh"} else _language_of_han(document.text)
        """Japanese and Chinese share Han characters: which of the two this document is written in."""
        self._sentences: dict[int, tuple[Span, ...]] = {}

    def between(self, key: str, scope: Span) -> Sequence[Hit]:
        """The hits of a key that share characters with a stretch."""
        starts = self._starts.get(key)
        if not starts:
            return ()
        first = bisect_left(starts, scope[0])
        if first and self.hits[key][first - 1].end > scope[0]:
            first -= 1
        return self.hits[key][first : bisect_left(starts, scope[1])]

    def entities_between(self, start: int, end: int) -> list[Hit]:
        """Hits of any entity that begin inside a stretch, in reading order."""
        return self.entity_hits[bisect_left(self.entity_starts, start) : bisect_left(self.entity_starts, end)]

    def overlapped(self, span: Span) -> bool:
        """Whether any hit shares characters with a stretch: `March 12` in the rocket `Long March 12`."""
        around = (span[0] - _LONGEST_WORD, span[1] + _LONGEST_WORD)
        return any(hit.start < span[1] and span[0] < hit.end for key in self.hits for hit in self.between(key, around))

    def field_index(self, place: int) -> int | None:
        """Which field holds a place."""
        index = bisect_right(self.document.fields, place, key=lambda field: field.start) - 1
        return index if index >= 0 and place < self.document.fields[index].end else None

    def field_name(self, place: int) -> str:
        """Name of the field that holds a place; `body` for a text outside every field."""
        index = self.field_index(place)
        return "body" if index is None else self.document.fields[index].name

    def sentence(self, place: int) -> Span:
        """The sentence that holds a place."""
        index = self.field_index(place)
        if index is None:
            return (place, place)
        if index not in self._sentences:
            field = self.document.fields[index]
            self._sentences[index] = sentences(self.document.text, field.start, field.end)
        spans = self._sentences[index]
        found = bisect_right(spans, place, key=lambda span: span[0]) - 1
        return spans[max(found, 0)] if spans else (place, place)

    def stretch(self, scope: Scope, hit: Hit) -> Span:
        """The text that a scope covers around a hit."""
        if scope.unit is Unit.ARTICLE:
            return (0, len(self.document.text))
        if scope.unit is Unit.WORDS:
            return self._words_around(hit, scope.count)
        index = self.field_index(hit.start)
        if scope.unit is Unit.SENTENCE or index is None:
            start, end = self.sentence(hit.start)
            return (start, max(end, hit.end))
        return (self.document.fields[index].start, self.document.fields[index].end)

    def _words_around(self, hit: Hit, count: int) -> Span:
        """The stretch that begins `count` words before a hit and ends so after it, touching the next word."""
        first, last = self.sentence(hit.start)
        reach = (count + 1) * _LONGEST_WORD
        before = [m.end() for m in words(self.folded.text, max(first, hit.start - reach), hit.start)]
        after = [m.start() for m in words(self.folded.text, hit.end, min(max(last, hit.end), hit.end + reach))]
        start = before[-count - 1] - 1 if len(before) > count else max(first, hit.start - reach)
        end = after[count] + 1 if len(after) > count else min(last, hit.end + reach)
        return (start, max(end, hit.end))

    def evidence(self, span: Span, because: str = "") -> Evidence:
        """An exact stretch of the document."""
        start, end = span
        return Evidence(self.field_name(start), start, end, self.document.text[start:end], because)


def _language_of_han(text: str) -> str:
    return "ja" if _KANA.search(text) else "zh"
