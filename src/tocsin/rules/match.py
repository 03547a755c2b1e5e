"""Asks compiled rules of one document: candidates by their event word, and the parts that must stand near it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.rules.entities import Kinship
from tocsin.rules.nodes import About, Clause, CompiledRule, Group, Hit, Leaf, Part, RuleLeaf, Scope
from tocsin.rules.roles import plays
from tocsin.rules.view import View
from tocsin.text import Span

PER_SENTENCE = 32
"""Event words asked in one sentence: a sentence that says the same thing more often says nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One event word with everything that the rule asks for beside it."""

    head: Hit
    hits: tuple[Hit, ...]
    """Head included, in reading order."""

    @property
    def span(self) -> Span:
        """From the first to the last of the hits."""
        return (self.hits[0].start, max(hit.end for hit in self.hits))


class Asked:
    """The rules of a set, asked of one document; every rule is worked out once."""

    __slots__ = ("_found", "_kinship", "_rules", "_view")

    def __init__(self, view: View, rules: Mapping[str, CompiledRule], kinship: Kinship) -> None:
        self._view = view
        self._rules = rules
        self._kinship = kinship
        self._found: dict[str, tuple[Candidate, ...]] = {}

    def candidates(self, rule: str) -> tuple[Candidate, ...]:
        """All candidates of a rule, in reading order of their event words."""
        if rule not in self._found:
            compiled = self._rules[rule]
            by_head: dict[Span, Candidate] = {}
            for clause in compiled.clauses:
                for candidate in self._of_clause(compiled, clause):
                    by_head.setdefault(candidate.head.span, candidate)
            self._found[rule] = tuple(by_head[span] for span in sorted(by_head))
        return self._found[rule]

    def seeds(self, rule: str) -> Iterator[Candidate]:
        """Every event word from which a rule could fire, whether or not its other parts stand near."""
        for clause in self._rules[rule].clauses:
            yield from self._seeds(clause.head)

    def _of_clause(self, rule: CompiledRule, clause: Clause) -> Iterator[Candidate]:
        if not all(map(self._may_hold, clause.parts)):
            return
        unless = [part for part in rule.unless if self._may_hold(part)]
        in_sentence: dict[Span, int] = {}
        for seed in self._seeds(clause.head):
            sentence = self._view.sentence(seed.head.start)
            in_sentence[sentence] = in_sentence.get(sentence, 0) + 1
            if in_sentence[sentence] > PER_SENTENCE:
                continue
            candidate = self._complete(rule, clause, seed)
            if candidate and not self._killed(rule, unless, candidate):
                yield candidate

    def _seeds(self, head: Leaf | RuleLeaf) -> Iterator[Candidate]:
        if isinstance(head, RuleLeaf):
            found = self.candidates(head.rule)
            yield from (one for one in found if _in_field(self._view, one.head, head.field))
            return
        hits = {hit.span: hit for key in self._view.of_these(head.keys) for hit in self._view.hits(key)}
        for span in sorted(hits):
            hit = hits[span]
            if _in_field(self._view, hit, head.field):
                yield Candidate(head=hit, hits=(hit,))

    def _complete(self, rule: CompiledRule, clause: Clause, seed: Candidate) -> Candidate | None:
        hits = set(seed.hits)
        for part in clause.parts:
            found = self.satisfies(part, seed.head, rule.within)
            if found is None:
                return None
            hits.update(found)
        return Candidate(head=seed.head, hits=tuple(sorted(hits, key=lambda hit: (hit.span, hit.because))))

    def _may_hold(self, part: Part) -> bool:
        """Whether a part could be satisfied anywhere: asked once, and not again at every event word."""
        if isinstance(part.what, Leaf):
            return bool(self._view.of_these(part.what.keys))
        if isinstance(part.what, Group):
            return sum(map(self._may_hold, part.what.parts)) >= part.what.need
        return True

    def _killed(self, rule: CompiledRule, unless: Iterable[Part], candidate: Candidate) -> bool:
        return any(self.satisfies(part, candidate.head, rule.within) is not None for part in unless)

    def satisfies(self, part: Part, head: Hit, within: Scope) -> tuple[Hit, ...] | None:
        """The hits near the event word that satisfy a part; None when it is not satisfied."""
        if isinstance(part.what, About):
            return () if part.what.holds(self._view.document) else None
        scope = part.within or within
        if isinstance(part.what, Group):
            return self._group(part.what, head, scope)
        if isinstance(part.what, RuleLeaf):
            return self._built_on(part.what, self._view.stretch(scope, head), head)
        return self._leaf(part.what, scope, head)

    def _group(self, group: Group, head: Hit, scope: Scope) -> tuple[Hit, ...] | None:
        found = [hits for part in group.parts if (hits := self.satisfies(part, head, scope)) is not None]
        if group.need == 0:
            return None if found else ()
        if len(found) < group.need:
            return None
        return tuple(hit for hits in found for hit in hits)

    def _leaf(self, leaf: Leaf, scope: Scope, head: Hit) -> tuple[Hit, ...] | None:
        view, keys = self._view, self._view.of_these(leaf.keys)
        # Counting words is dear: first whether anything stands in the widest stretch that they could cover.
        reach = view.reach(scope, head)
        if not any(view.between(key, reach) for key in keys):
            return None
        stretch = view.stretch(scope, head)
        if leaf.role:
            hit = plays(self._view, leaf.role, leaf.keys, head, stretch, self._kinship)
            return (
                (hit,) if hit and _in_field(self._view, hit, leaf.field) and _on_side(hit, head, leaf.stands) else None
            )
        near: Hit | None = None
        for key in keys:
            for hit in view.between(key, stretch):
                if (hit.start < head.end and head.start < hit.end) or not _in_field(self._view, hit, leaf.field):
                    continue
                if not _on_side(hit, head, leaf.stands):
                    continue
                if near is None or _distance(hit, head) < _distance(near, head):
                    near = hit
        return None if near is None else (near,)

    def _built_on(self, leaf: RuleLeaf, stretch: Span, head: Hit) -> tuple[Hit, ...] | None:
        inside = [
            one
            for one in self.candidates(leaf.rule)
            if stretch[0] <= one.span[0] and one.span[1] <= stretch[1] and _in_field(self._view, one.head, leaf.field)
            if _on_side(one.head, head, leaf.stands)
        ]
        return min(inside, key=lambda one: _distance(one.head, head)).hits if inside else None


def _distance(hit: Hit, head: Hit) -> int:
    """Characters between two hits; 0 when they touch or overlap."""
    return max(hit.start - head.end, head.start - hit.end, 0)


def _in_field(view: View, hit: Hit, name: str | None) -> bool:
    return name is None or view.in_field(hit.start, name)


def _on_side(hit: Hit, head: Hit, side: str | None) -> bool:
    """Whether a hit stands on a side of the event word."""
    return side is None or (hit.end <= head.start if side == "before" else hit.start >= head.end)
