"""Judges documents: which rules fire, on what evidence, and whether it is news."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from tocsin.model import Assertion, Document, Evidence, Grade, Match
from tocsin.rules.assertion import Cues, Memory
from tocsin.rules.entities import Kinship, RawHit, resolve
from tocsin.rules.filters import Filters
from tocsin.rules.lexicon import Folded, Lexicon
from tocsin.rules.match import Asked, Candidate
from tocsin.rules.nodes import CompiledRule
from tocsin.rules.quotes import without_names
from tocsin.rules.view import View
from tocsin.specs.rules import EntitySpec, RuleSpec
from tocsin.text import Span


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a pattern of the lexicon stands for."""

    key: str
    weak: bool = False
    kills: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A compiled set of rules. Immutable; judging keeps nothing between documents."""

    rules: Mapping[str, RuleSpec]
    entities: Mapping[str, EntitySpec]
    compiled: Mapping[str, CompiledRule] = field(repr=False)
    lexicon: Lexicon = field(repr=False)
    meanings: Sequence[Meaning] = field(repr=False)
    """What each pattern of the lexicon stands for, by its index."""
    cues: Cues = field(repr=False)
    kinship: Kinship = field(repr=False)
    filters: Filters | None = field(default=None, repr=False)

    @property
    def kin(self) -> dict[str, str]:
        """Which entity each one stands for, where it does: a leader's or an army's state."""
        return {entity.id: entity.of for entity in self.entities.values() if entity.of}

    def matches(self, document: Document) -> tuple[Match, ...]:
        """Every rule that fires, building rules and drafts included; one match a rule, the best one."""
        folded = Folded.of(document.text)
        occurrences = self.lexicon.occurrences(folded)
        possible = self._askable(self._keys(anchor for anchor, _ in occurrences))
        if not possible:
            return ()
        view = self._view(document, folded, self.lexicon.find(folded, occurrences))
        asked = Asked(view, self.compiled, self.kinship)
        memory: Memory = {}
        matches = (self._best(rule.id, view, asked, memory) for rule in self._askable(view.hits.keys(), possible))
        found = tuple(match for match in matches if match)
        return self.filters.apply(document, found) if self.filters else found

    def entities_in(self, document: Document) -> tuple[str, ...]:
        """Ids of the entities that stand in a document, sorted."""
        return tuple(sorted({hit.because.removeprefix("entity:") for hit in self.view(document).entity_hits}))

    def view(self, document: Document) -> View:
        """The document with everything that the lexicon finds in it."""
        folded = Folded.of(document.text)
        return self._view(document, folded, self.lexicon.find(folded))

    def _view(self, document: Document, folded: Folded, found: Sequence[tuple[int, Span]]) -> View:
        starts = [one.start for one in document.fields]
        raw = []
        for index, span in found:
            place = bisect_right(starts, span[0]) - 1
            if place >= 0 and span[1] <= document.fields[place].end:
                meaning = self.meanings[index]
                raw.append(RawHit(meaning.key, span, meaning.weak, meaning.kills))
        hits = resolve(raw, document.text, self.kinship)
        return View(document, folded, without_names(hits, document.text))

    def _keys(self, anchors: Iterable[int]) -> set[str]:
        """What could stand in the document, going by anchors alone."""
        return {self.meanings[index].key for anchor in set(anchors) for index in self.lexicon.anchors[anchor]}

    def _askable(self, present: AbstractSet[str], among: Sequence[CompiledRule] | None = None) -> list[CompiledRule]:
        """The rules of which every required group has a key in the document."""
        rules = self.compiled.values() if among is None else among
        return [rule for rule in rules if all(not present.isdisjoint(group) for group in rule.required)]

    def _best(self, rule: str, view: View, asked: Asked, memory: Memory) -> Match | None:
        """The first candidate said as the rule wants it — the title comes first —, else the first of all."""
        wanted = self.rules[rule].assertion
        first: tuple[Candidate, Assertion, Evidence | None] | None = None
        for candidate in asked.candidates(rule):
            assertion, cue = self.cues.judge(view, candidate.head, memory)
            if assertion in wanted:
                return self._match(rule, view, candidate, assertion, cue)
            first = first or (candidate, assertion, cue)
        return self._match(rule, view, *first) if first else None

    def _match(self, rule: str, view: View, candidate: Candidate, assertion: Assertion, cue: Evidence | None) -> Match:
        spec = self.rules[rule]
        evidence = [
            view.evidence(hit.span, "words" if hit.because.startswith("words:") else hit.because)
            for hit in candidate.hits
        ]
        if cue:
            evidence.append(cue)
        start, end = view.sentence(candidate.head.start)
        return Match(
            rule=rule,
            title=spec.title,
            severity=spec.severity,
            grade=Grade.EVENT if assertion in spec.assertion else Grade.MENTION,
            assertion=assertion,
            evidence=tuple(sorted(evidence, key=lambda one: (one.start, one.end))),
            sentence=view.evidence((start, end)),
            cue=cue,
            builds_on=self.compiled[rule].builds_on,
            entities=tuple(sorted({hit.because.removeprefix("entity:") for hit in view.entities_between(start, end)})),
            tags=spec.tags,
            status=spec.status,
        )
