"""Which sources a rule can hear of: by what it asks of the article's source, tags and language, and by its words. Pure.

It is told from the YAML alone, and in doubt a source counts: words without a language may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from tocsin.model import Status
from tocsin.rules.book import RuleBook
from tocsin.specs.rules import EntitySpec, Node, RuleSpec, TermsSpec
from tocsin.specs.sources import SourceSpec


@dataclass(frozen=True, slots=True)
class Reach:
    """The rules, to be asked which sources each can fire on."""

    rules: Mapping[str, RuleSpec]
    entities: Mapping[str, EntitySpec]
    terms: Mapping[str, TermsSpec]

    @classmethod
    def of(cls, book: RuleBook) -> Self:
        """Of everything in `rules/`."""
        return cls(
            rules={each.spec.id: each.spec for each in book.rules},
            entities={each.spec.id: each.spec for each in book.entities},
            terms={each.spec.id: each.spec for each in book.terms},
        )

    def sources(self, rule: str, among: Iterable[SourceSpec]) -> frozenset[str]:
        """Ids of the sources on whose articles the rule can fire."""
        return frozenset(source.id for source in among if self._fires(self.rules[rule], source))

    def told(self) -> tuple[str, ...]:
        """Ids of the rules that are in use: all but drafts."""
        return tuple(rule.id for rule in self.rules.values() if rule.status is not Status.DRAFT)

    def _fires(self, rule: RuleSpec, source: SourceSpec) -> bool:
        return self._may(rule.when, source) and not any(_must(node, source) for node in rule.unless)

    def _may(self, node: Node, source: SourceSpec) -> bool:
        """Whether the condition can hold for an article of the source."""
        if node.all is not None:
            return all(self._may(part, source) for part in node.all)
        if node.any is not None:
            return any(self._may(part, source) for part in node.any)
        if node.none is not None:
            return not any(_must(part, source) for part in node.none)
        if node.of is not None:
            return sum(self._may(part, source) for part in node.of) >= (node.at_least or 1)
        return self._leaf(node, source)

    def _leaf(self, node: Node, source: SourceSpec) -> bool:
        if node.rule is not None:
            return self._fires(self.rules[node.rule], source)
        about = _about(node, source)
        return self._has_words(node, source.language) if about is None else about

    def _has_words(self, node: Node, language: str | None) -> bool:
        if language is None:
            return True
        if node.terms is not None:
            return any(_spoken(self.terms[each].words, language) for each in _ids(node.terms) if each in self.terms)
        if node.entity is not None:
            return any(self._named(each, language) for each in _ids(node.entity))
        return True

    def _named(self, entity: str, language: str) -> bool:
        """Whether it, or what stands for it, has a name in the language."""
        kin = {entity}
        while more := {each.id for each in self.entities.values() if each.of in kin} - kin:
            kin |= more
        return any(_spoken(self.entities[each].names, language) for each in kin if each in self.entities)


def _must(node: Node, source: SourceSpec) -> bool:
    """Whether the condition holds for every article of the source, whatever it says."""
    if node.all is not None:
        return all(_must(part, source) for part in node.all)
    if node.any is not None:
        return any(_must(part, source) for part in node.any)
    return node.language is None and bool(_about(node, source))


def _about(node: Node, source: SourceSpec) -> bool | None:
    """What a condition on the article's origin says of the source; None when it is no such condition."""
    if node.source is not None:
        return source.id in _ids(node.source)
    if node.tags is not None:
        return not set(_ids(node.tags)).isdisjoint(source.tags)
    if node.language is not None:
        return source.language is None or source.language in _ids(node.language)
    return None


def _ids(given: str | Collection[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _spoken(words: Collection[str], language: str) -> bool:
    return language in words
