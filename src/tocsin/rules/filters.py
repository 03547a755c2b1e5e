"""Filters at work: matches that stand in a filtered context are kept as mentions, with the filter's name.

A filter is read as an `unless` that stands outside the rule. So nothing new has to be matched: for every filtered rule
two kinds of further rules are compiled, `the rule, without its filters' conditions` and `the rule, with this filter's
condition`, into a judge of their own that is asked only about documents on which a filtered rule fired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tocsin.model import Assertion, Document, Grade, Match
from tocsin.rules.book import RuleBook
from tocsin.specs.base import Located
from tocsin.specs.filters import FilterSpec
from tocsin.specs.rules import Node, RuleSpec

if TYPE_CHECKING:
    from tocsin.rules.judge import Judge

_UNFILTERED = "unfiltered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of a rule set, compiled; `by_rule` tells which of them each rule is under."""

    by_rule: Mapping[str, tuple[FilterSpec, ...]]
    judge: Judge

    def apply(self, document: Document, found: Sequence[Match]) -> tuple[Match, ...]:
        """The matches, each as it stands outside filtered contexts, or marked with the filter that took it."""
        if not any(match.rule in self.by_rule for match in found):
            return tuple(found)
        asked = {match.rule: match for match in self.judge.matches(document)}
        return tuple(self._filtered(match, asked) for match in found)

    def _filtered(self, match: Match, asked: Mapping[str, Match]) -> Match:
        filters = self.by_rule.get(match.rule, ())
        taken = next((one for one in filters if _name(one.id, match.rule) in asked), None)
        if taken is None:
            return match
        left = asked.get(_name(_UNFILTERED, match.rule))
        if left is None or (left.grade is not Grade.EVENT and match.grade is Grade.EVENT):
            return replace(match, grade=Grade.MENTION, filter=taken.id, filter_reason=taken.reason)
        return replace(left, rule=match.rule, builds_on=match.builds_on)


def filters_of(book: RuleBook) -> dict[str, tuple[FilterSpec, ...]]:
    """Rule id → the filters it is under, in file order; a filter on a rule holds for those built on it too."""
    if not book.filters:
        return {}
    specs = {one.spec.id: one.spec for one in book.rules}
    found = {name: tuple(one.spec for one in book.filters if _is_under(name, one.spec, specs)) for name in specs}
    return {rule: filters for rule, filters in found.items() if filters}


def filtered_book(book: RuleBook) -> RuleBook:
    """The rules that `Filters` asks: those under a filter with and without it, and what they build on."""
    under = filters_of(book)
    specs = {one.spec.id: one.spec for one in book.rules}
    needed = {name for rule in under for name in (rule, *_built_on(rule, specs))}
    rules = [one for one in book.rules if one.spec.id in needed]
    made = [twin for one in rules if one.spec.id in under for twin in _twins(one, under[one.spec.id])]
    return replace(book, rules=(*rules, *made), filters=())


def _twins(one: Located[RuleSpec], filters: Sequence[FilterSpec]) -> list[Located[RuleSpec]]:
    base = Node(rule=one.spec.id)
    without = Node(none=tuple(each.filter for each in filters))
    twins = [(_UNFILTERED, Node(all=(base, without)), one.spec.assertion)]
    twins += [(each.id, Node(all=(base, each.filter)), tuple(Assertion)) for each in filters]
    return [
        replace(
            one,
            spec=one.spec.model_copy(
                update={"id": _name(name, one.spec.id), "when": when, "unless": (), "assertion": assertion}
            ),
        )
        for name, when, assertion in twins
    ]


def _name(name: str, rule: str) -> str:
    """An id that no person can write."""
    return f"{name}/{rule}"


def _is_under(rule: str, spec: FilterSpec, specs: Mapping[str, RuleSpec]) -> bool:
    if spec.rules == "all":
        return True
    kin = [specs[name] for name in (rule, *_built_on(rule, specs)) if name in specs]
    return any(name in spec.rules for one in kin for name in (one.id, *one.tags))


def _built_on(rule: str, specs: Mapping[str, RuleSpec]) -> frozenset[str]:
    """Ids of the rules that a rule uses, all levels; names that do not exist lead nowhere."""
    found: set[str] = set()
    waiting = [rule]
    while waiting:
        spec = specs.get(waiting.pop())
        for name in _rules_in((spec.when, *spec.unless)) if spec else ():
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)


def _rules_in(nodes: Sequence[Node]) -> list[str]:
    inner = [
        name
        for node in nodes
        for name in _rules_in((*(node.all or ()), *(node.any or ()), *(node.none or ()), *(node.of or ())))
    ]
    return [*(node.rule for node in nodes if node.rule), *inner]
