"""Judges documents: which rules fire, on what evidence, and whether it is news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.model import Assertion, Document, Evidence, Grade, Match
from tocsin.rules.assertion import Cues, Memory
from tocsin.rules.entities import MEDIA, Kinship
from tocsin.rules.filters import Filters
from tocsin.rules.gate import Gate
from tocsin.rules.lexicon import Lexicon, Skimmed
from tocsin.rules.match import Asked, Candidate
from tocsin.rules.nodes import CompiledRule
from tocsin.rules.possible import Possible
from tocsin.rules.view import View
from tocsin.rules.vocabulary import Vocabulary
from tocsin.specs.rules import EntitySpec, RuleSpec
from tocsin.stories.origin import Voice
from tocsin.text import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A compiled set of rules. Immutable; judging keeps nothing between documents."""

    rules: Mapping[str, RuleSpec]
    entities: Mapping[str, EntitySpec]
    compiled: Mapping[str, CompiledRule] = field(repr=False)
    vocabulary: Vocabulary = field(repr=False)
    possible: Possible = field(repr=False)
    gate: Gate = field(repr=False)
    cues: Cues = field(repr=False)
    kinship: Kinship = field(repr=False)
    sayings: Lexicon = field(repr=False)
    """Words by which texts quote somebody."""
    filters: Filters | None = field(default=None, repr=False)

    @property
    def kin(self) -> dict[str, str]:
        """Which entity each one stands for, where it does: a leader's or an army's state."""
        return {entity.id: entity.of for entity in self.entities.values() if entity.of}

    def matches(self, document: Document) -> tuple[Match, ...]:
        """Every rule that fires, building rules and drafts included; one match a rule, the best one."""
        return self._matches(document)[0]

    def matches_and_entities(self, document: Document) -> tuple[tuple[Match, ...], tuple[str, ...]]:
        """`matches`, and `entities_in` where any rule fires: quicker than asking twice."""
        matches, view = self._matches(document)
        return matches, _names(view) if matches and view else ()

    def _matches(self, document: Document) -> tuple[tuple[Match, ...], View | None]:
        """And what they were looked for in, if it came to that."""
        skimmed = self.vocabulary.skim(document.text)
        possible = self._possible(skimmed)
        if not possible:
            return (), None
        view = View(document, skimmed, self.vocabulary, self.kinship)
        asked = Asked(view, self.compiled, self.kinship)
        memory: Memory = {}
        askable = (rule for rule in possible if all(map(view.any_of, rule.required)))
        matches = (self._best(rule.id, view, asked, memory) for rule in askable)
        found = tuple(match for match in matches if match)
        return (self.filters.apply(document, found) if self.filters else found), view

    def may_match(self, text: str) -> bool:
        """Whether a document with this text needs to be made and judged at all; most texts need not."""
        return bool(self._possible(self.vocabulary.skim(text)))

    def _possible(self, skimmed: Skimmed) -> list[CompiledRule]:
        """The rules that need to be asked: first by a look at all words, then by a look at those they demand."""
        return self.gate.through(self.possible.among(skimmed), skimmed)

    def entities_in(self, document: Document) -> tuple[str, ...]:
        """Ids of the entities that stand in a document, sorted."""
        return _names(self.view(document))

    def voices(self, document: Document) -> tuple[tuple[Voice, ...], tuple[Span, ...]]:
        """Who is named in a document and can speak, and the words of saying in it; both in reading order."""
        view = self.view(document)
        voices = (self._voice(hit.because.removeprefix("entity:"), hit.span) for hit in view.entity_hits)
        said = sorted(span for _, span in self.sayings.find(document.text))
        return tuple(voice for voice in voices if voice), tuple(said)

    def _voice(self, entity: str, span: Span) -> Voice | None:
        name = self.entities[entity].title
        if self.entities[entity].kind in MEDIA:
            return Voice(id=entity, name=name, start=span[0], end=span[1], media=True)
        if f"entity:{entity}" in self.kinship.things:
            return None
        side = (entity, *self.above(entity))[-1]
        return Voice(id=entity, name=name, start=span[0], end=span[1], side=side)

    def above(self, entity: str) -> tuple[str, ...]:
        """What an entity stands for, step by step: a minister's ministry, its state."""
        found: list[str] = []
        while (entity in self.entities) and (higher := self.entities[entity].of):
            found.append(higher)
            entity = higher
        return tuple(found)

    def view(self, document: Document) -> View:
        """The document with everything that the rules' words find in it."""
        return View(document, self.vocabulary.skim(document.text), self.vocabulary, self.kinship)

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
        evidence = [view.evidence(hit.span, reason(hit.because)) for hit in candidate.hits]
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


def _names(view: View) -> tuple[str, ...]:
    return tuple(sorted({hit.because.removeprefix("entity:") for hit in view.entity_hits}))


def reason(key: str) -> str:
    """A key as evidence names it: words and expressions by their kind alone."""
    return next((kind for kind in ("words", "regex") if key.startswith(f"{kind}:")), key)
