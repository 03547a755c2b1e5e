"""One document as the rules see it: what stands where, its sentences, and which fields they belong to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice

from tocsin.model import Document, Evidence
from tocsin.rules.entities import Kinship, RawHit, one_key, resolve
from tocsin.rules.lexicon import Skimmed
from tocsin.rules.nodes import Hit, Scope, Unit
from tocsin.rules.patterns import Pattern
from tocsin.rules.quotes import without_names
from tocsin.rules.vocabulary import Meaning, Vocabulary, expression, is_entity, is_expression
from tocsin.text import Span, sentences, words

_LONGEST_WORD = 24
"""Characters taken a word at most when a scope of N words is measured; keeps it linear on texts without spaces."""


_LEAD = 2
"""Paragraphs that say what an article is about."""
_KANA = re.compile("[\u3041-\u30ff]")


class View:
    """A document with what stands in it by key, looked for when asked for; made for one judgement."""

    def __init__(self, document: Document, skimmed: Skimmed, vocabulary: Vocabulary, kinship: Kinship) -> None:
        self.document = document
        self._skimmed = skimmed
        self._vocabulary = vocabulary
        self._kinship = kinship
        self._field_starts = [one.start for one in document.fields]
        self._hits: dict[str, list[Hit]] = {}
        self._starts: dict[str, list[int]] = {}
        self._resolved: dict[str, list[Hit]] = {}
        self._sentences: dict[int, tuple[Span, ...]] = {}
        self._sentence_at: dict[int, Span] = {}
        self._around: dict[tuple[Span, int], Span] = {}
        self._with_hits: dict[Collection[str], list[str]] = {}
        self._any_hit: dict[frozenset[str], bool] = {}
        self._near: dict[Span, list[str]] = {}

    @property
    def folded(self) -> str:
        """The folded text, character by character as long as the document's."""
        return self._skimmed.text

    @cached_property
    def han(self) -> str:
        """Japanese and Chinese share Han characters: which of the two this document is written in."""
        language = self.document.language
        return language if language in {"ja", "zh"} else _language_of_han(self.document.text)

    # --- what stands here ---------------------------------------------------------------------------------------

    def hits(self, key: str) -> Sequence[Hit]:
        """The hits of a key in reading order, none overlapping another of the same key."""
        if key not in self._hits:
            found = self._of(key)
            if found and not is_entity(key):
                found = without_names(found, self.document.text, self._resolved_between)
            self._hits[key] = found
            self._starts[key] = [hit.start for hit in found]
        return self._hits[key]

    def of_these(self, keys: Collection[str]) -> list[str]:
        """The keys that have hits, in their order."""
        if keys not in self._with_hits:
            named = self._vocabulary.entities_among(keys)
            standing = named.intersection(self._entities) if named else named
            self._with_hits[keys] = [key for key in keys if key in standing or (key not in named and self.hits(key))]
        return self._with_hits[keys]

    def any_of(self, keys: frozenset[str]) -> bool:
        """Whether any of the keys has a hit."""
        if keys not in self._any_hit:
            named = self._vocabulary.entities_among(keys)
            words = any(self.hits(key) for key in keys if key not in named)
            self._any_hit[keys] = words or (bool(named) and not named.isdisjoint(self._entities))
        return self._any_hit[keys]

    @cached_property
    def entity_hits(self) -> list[Hit]:
        """Hits of all entities, in reading order."""
        return _in_order(self._entities)

    @cached_property
    def entity_starts(self) -> list[int]:
        """Where each of the entities' hits begins."""
        return [hit.start for hit in self.entity_hits]

    @cached_property
    def _entities(self) -> dict[str, list[Hit]]:
        raw = self._raw(self._vocabulary.entities_standing(self._skimmed))
        return resolve(raw, self.document.text, self._kinship)

    def _resolved_between(self, start: int, end: int) -> list[Hit]:
        """Hits of all keys that begin inside a stretch, also those that quotation marks make a name."""
        return [hit for key in self._keys_near(start, end) for hit in self._of(key) if start <= hit.start < end]

    def _keys_near(self, start: int, end: int) -> list[str]:
        """The keys that may stand in the fields that share characters with a stretch: no hit leaves its field."""
        first = max(bisect_right(self._field_starts, start) - 1, 0)
        last = bisect_left(self._field_starts, end, lo=first)
        if (first, last) not in self._near:
            fields = self.document.fields[first:last]
            anchors = self._skimmed.anchors_between(fields[0].start, fields[-1].end) if fields else ()
            self._near[first, last] = self._vocabulary.keys(anchors)
        return self._near[first, last]

    def _of(self, key: str) -> list[Hit]:
        """The hits of a key, also those that quotation marks make a name."""
        if is_entity(key):
            return self._entities.get(key, [])
        if key not in self._resolved and is_expression(key):
            self._resolved[key] = self._expression(key)
        elif key not in self._resolved:
            self._resolved[key] = one_key(self._raw(self._vocabulary.standing(key, self._skimmed)))
        return self._resolved[key]

    def _raw(self, standing: Iterable[tuple[int, Pattern, Meaning]]) -> Iterator[RawHit]:
        """Where patterns stand, each in one field."""
        starts, fields = self._field_starts, self.document.fields
        for anchor, pattern, meaning in standing:
            for span in self._skimmed.spans(anchor, pattern):
                place = bisect_right(starts, span[0]) - 1
                if place < 0 or span[1] > fields[place].end:
                    continue
                # Words that stand apart belong together in one sentence only.
                if not pattern.has_gaps or span[1] <= self.sentence(span[0])[1]:
                    yield RawHit(meaning.key, span, meaning.weak, meaning.kills)

    def _expression(self, key: str) -> list[Hit]:
        """Where a regular expression stands, each time in one field."""
        places = self._vocabulary.expressions.find(expression(key), self.document.text)
        fields = ((self.field_index(start), start, end) for start, end in places)
        return [
            Hit(at, end, key)
            for index, at, end in fields
            if index is not None and end <= self.document.fields[index].end
        ]

    def between(self, key: str, scope: Span) -> Sequence[Hit]:
        """The hits of a key that share characters with a stretch."""
        hits = self.hits(key)
        if not hits:
            return ()
        starts = self._starts[key]
        first = bisect_left(starts, scope[0])
        if first and hits[first - 1].end > scope[0]:
            first -= 1
        return hits[first : bisect_left(starts, scope[1])]

    def entities_between(self, start: int, end: int) -> list[Hit]:
        """Hits of any entity that begin inside a stretch, in reading order."""
        return self.entity_hits[bisect_left(self.entity_starts, start) : bisect_left(self.entity_starts, end)]

    def overlapped(self, span: Span) -> bool:
        """Whether any hit shares characters with a stretch: `March 12` in the rocket `Long March 12`."""
        return any(self.between(key, span) for key in self._keys_near(*span))

    # --- where it stands ----------------------------------------------------------------------------------------

    def field_index(self, place: int) -> int | None:
        """Which field holds a place."""
        index = bisect_right(self._field_starts, place) - 1
        return index if index >= 0 and place < self.document.fields[index].end else None

    def field_name(self, place: int) -> str:
        """Name of the field that holds a place; `body` for a text outside every field."""
        index = self.field_index(place)
        return "body" if index is None else self.document.fields[index].name

    def in_field(self, place: int, name: str) -> bool:
        """Whether a place is in a field: title, deck, body, or lead, the body's first two paragraphs."""
        if name != "lead":
            return self.field_name(place) == name
        index = self.field_index(place)
        body = (number for number, field in enumerate(self.document.fields) if field.name == "body")
        return index in set(islice(body, _LEAD))

    def sentence(self, place: int) -> Span:
        """The sentence that holds a place."""
        if place not in self._sentence_at:
            self._sentence_at[place] = self._sentence(place)
        return self._sentence_at[place]

    def _sentence(self, place: int) -> Span:
        index = self.field_index(place)
        if index is None:
            return (place, place)
        if index not in self._sentences:
            field = self.document.fields[index]
            self._sentences[index] = sentences(self.document.text, field.start, field.end)
        spans = self._sentences[index]
        found = bisect_right(spans, place, key=lambda span: span[0]) - 1
        return spans[max(found, 0)] if spans else (place, place)

    def reach(self, scope: Scope, hit: Hit) -> Span:
        """A stretch that holds `stretch` and is quickly told."""
        if scope.unit is not Unit.WORDS:
            return self.stretch(scope, hit)
        (first, last), most = self.sentence(hit.start), (scope.count + 1) * _LONGEST_WORD
        return (max(first, hit.start - most), max(min(last, hit.end + most), hit.end))

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
        if (hit.span, count) in self._around:
            return self._around[hit.span, count]
        first, last = self.sentence(hit.start)
        reach = (count + 1) * _LONGEST_WORD
        before = [m.end() for m in words(self.folded, max(first, hit.start - reach), hit.start)]
        after = [m.start() for m in words(self.folded, hit.end, min(max(last, hit.end), hit.end + reach))]
        start = before[-count - 1] - 1 if len(before) > count else max(first, hit.start - reach)
        end = after[count] + 1 if len(after) > count else min(last, hit.end + reach)
        self._around[hit.span, count] = (start, max(end, hit.end))
        return self._around[hit.span, count]

    def evidence(self, span: Span, because: str = "") -> Evidence:
        """An exact stretch of the document."""
        start, end = span
        return Evidence(self.field_name(start), start, end, self.document.text[start:end], because)


def _in_order(hits: Mapping[str, Sequence[Hit]]) -> list[Hit]:
    return sorted(chain.from_iterable(hits.values()), key=lambda hit: hit.span)


def _language_of_han(text: str) -> str:
    return "ja" if not text.isascii() and _KANA.search(text) else "zh"
