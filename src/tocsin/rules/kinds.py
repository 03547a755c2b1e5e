"""What can be wrong with filters, threshold rules, proofs and story tests although each is well-formed by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from tocsin.errors import Problem
from tocsin.rules.book import RuleBook
from tocsin.rules.check import demanded, leaf_key, node_problems, proof_problems, unknown
from tocsin.rules.filters import filters_of
from tocsin.specs.base import Located
from tocsin.specs.filters import FilterProof, FilterSpec
from tocsin.specs.proofs import ProofsSpec, StorySpec
from tocsin.specs.thresholds import ThresholdSpec


def problems(book: RuleBook) -> tuple[Problem, ...]:
    """All problems of these kinds of documents, in file order."""
    rules = [one.spec.id for one in book.rules]
    under = filters_of(book)
    alerting = [*rules, *(one.spec.id for one in book.thresholds)]
    found = chain(
        chain.from_iterable(_filter(one, under, book) for one in book.filters),
        chain.from_iterable(_threshold(one, rules) for one in book.thresholds),
        chain.from_iterable(_proofs(one, rules) for one in book.proofs),
        chain.from_iterable(_story(one, alerting) for one in book.stories),
    )
    return tuple(sorted(set(found)))


# --- filters ------------------------------------------------------------------------------------------------------


def _filter(one: Located[FilterSpec], under: Mapping[str, tuple[FilterSpec, ...]], book: RuleBook) -> Iterator[Problem]:
    yield from node_problems(one, one.spec.filter, ("filter",), book)
    yield from _filtered_rules(one, book)
    yield from _swallowed(one, under, book)
    for index, proof in enumerate(one.spec.tests):
        yield from _filter_proof(one, index, proof)
    given = {kind for proof in one.spec.tests for kind in ("suppresses", "keeps") if getattr(proof, kind) is not None}
    if given != {"suppresses", "keeps"}:
        yield one.problem(
            ("tests",) if one.spec.tests else ("id",),
            "a filter needs at least one suppresses and one keeps test — add what it must stop and what it must not",
        )


def _filtered_rules(one: Located[FilterSpec], book: RuleBook) -> Iterator[Problem]:
    if one.spec.rules == "all":
        return
    if not one.spec.rules:
        yield one.problem(("rules",), "rules is empty — name ids or tags of rules, or write all")
    known = {name for rule in book.rules for name in (rule.spec.id, *rule.spec.tags)}
    for index, name in enumerate(one.spec.rules):
        if name not in known:
            yield one.problem(("rules", index), unknown("rule or tag", name, known))


def _swallowed(
    one: Located[FilterSpec], under: Mapping[str, tuple[FilterSpec, ...]], book: RuleBook
) -> Iterator[Problem]:
    """Rules that the filter leaves nothing of, because each of their matches holds what it asks for."""
    keys = {key for node in (one.spec.filter, *(one.spec.filter.any or ())) if (key := leaf_key(node))}
    for rule in book.rules:
        if one.spec not in under.get(rule.spec.id, ()):
            continue
        if not keys.isdisjoint({("rule", rule.spec.id), *demanded(rule.spec.when)}):
            yield one.problem(
                ("filter",), f"this suppresses rule {rule.spec.id!r} entirely: every match of it holds this — narrow it"
            )


def _filter_proof(one: Located[FilterSpec], index: int, proof: FilterProof) -> Iterator[Problem]:
    given = [text for text in (proof.suppresses, proof.keeps) if text is not None]
    if len(given) != 1:
        yield one.problem(
            ("tests", index), "a filter's test is exactly one of suppresses or keeps — write one text under one of them"
        )
    elif not given[0].strip():
        yield one.problem(("tests", index), "a test without text proves nothing — write a sentence")


# --- threshold rules, proofs, stories -----------------------------------------------------------------------------


def _threshold(one: Located[ThresholdSpec], rules: list[str]) -> Iterator[Problem]:
    given = one.spec.threshold
    for index, name in enumerate(given.rules):
        if name not in rules:
            place = ("threshold", "rule") if isinstance(given.rule, str) else ("threshold", "rule", index)
            yield one.problem(place, unknown("rule", name, rules))
    if given.per == "rule" and len(given.rules) < 2:  # noqa: PLR2004
        yield one.problem(
            ("threshold", "per"), "per: rule needs several rules to tell apart — name them under rule:, or delete per:"
        )


def _proofs(one: Located[ProofsSpec], rules: list[str]) -> Iterator[Problem]:
    if one.spec.proofs not in rules:
        yield one.problem(("proofs",), unknown("rule", one.spec.proofs, rules))
    for index, proof in enumerate(one.spec.tests):
        yield from proof_problems(one, index, proof)


def _story(one: Located[StorySpec], rules: list[str]) -> Iterator[Problem]:
    steps = one.spec.articles
    for index, step in enumerate(steps):
        if index and step.at < steps[index - 1].at:
            yield one.problem(("articles", index, "at"), "earlier than the step before it — put the steps in order")
        for number, expected in enumerate(step.expected):
            if expected.rule not in rules:
                yield one.problem(("articles", index, "alerts", number), unknown("rule", expected.rule, rules))
