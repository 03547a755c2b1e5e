"""What compiled conditions look like, and how a rule's tree is read as 'an event word, and what must stand near it'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import Literal

from tocsin.model import Document
from tocsin.text import Span


class Unit(StrEnum):
    """Stretches of text that parts must share."""

    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    ARTICLE = "article"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Scope:
    """How near parts must stand; `count` only with words."""

    unit: Unit = Unit.SENTENCE
    count: int = 0

    @classmethod
    def parse(cls, text: str) -> Scope:
        """From `sentence`, `paragraph`, `article` or `12 words`."""
        number, _, unit = text.rpartition(" ")
        return cls(Unit(unit), int(number)) if number else cls(Unit(text))


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a leaf's words stand."""

    start: int
    end: int
    because: str

    @property
    def span(self) -> Span:
        """Start and end."""
        return (self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Any of these keys (words, a term list, an entity and all that stand for it)."""

    keys: tuple[str, ...]
    kind: Literal["entity", "terms", "words", "regex"]
    role: Literal["actor", "object"] | None = None
    field: str | None = None
    stands: Literal["before", "after"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLeaf:
    """A match of another rule."""

    rule: str
    field: str | None = None
    stands: Literal["before", "after"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the article itself must be: its language, its source, that one's tags, its address."""

    kind: Literal["language", "source", "tags", "url"]
    wanted: frozenset[str]

    def holds(self, document: Document) -> bool:
        """Whether the article is so."""
        if self.kind == "url":
            return any(part in (document.url or "").lower() for part in self.wanted)
        return not self.wanted.isdisjoint(self.given(document))

    def given(self, document: Document) -> tuple[str, ...]:
        """What the article is, to be shown."""
        if self.kind == "tags":
            return document.tags
        one = {"language": document.language, "source": document.source, "url": document.url}[self.kind]
        return (one,) if one else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A combination: `need` of the parts; 0 means none of them."""

    parts: tuple[Part, ...]
    need: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A condition with its own scope, or the scope of what it stands in."""

    what: Leaf | RuleLeaf | About | Group
    within: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One way for a rule to fire: an event word (or another rule's match), and the parts that must stand near it."""

    head: Leaf | RuleLeaf
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A rule, ready to be asked."""

    id: str
    within: Scope
    clauses: tuple[Clause, ...]
    unless: tuple[Part, ...] = ()
    required: tuple[frozenset[str], ...] = ()
    """At least one key of each must stand in the document, else the rule cannot fire; those of entities come last."""
    builds_on: tuple[str, ...] = field(default=())
    tree: Part
    """The conditions as they were written, node by node: what `explain` walks along."""


def is_action(part: Part) -> bool:
    """Whether a part holds words, a term list or a rule: something that can be the event word."""
    if isinstance(part.what, Group):
        return part.what.need > 0 and any(map(is_action, part.what.parts))
    return isinstance(part.what, RuleLeaf) or (isinstance(part.what, Leaf) and part.what.kind != "entity")


def clauses(part: Part, within: Scope | None = None) -> Iterator[Clause]:
    """Every way to satisfy a tree, each read from its event word: the first words, terms or rule in reading order."""
    scope = part.within or within
    if isinstance(part.what, About):
        return
    if not isinstance(part.what, Group):
        yield Clause(head=part.what)
        return
    group = part.what
    if group.need == 0:
        return
    if group.need == 1 and len(group.parts) > 1:
        yield from chain.from_iterable(clauses(child, scope) for child in group.parts)
        return
    leading = next((i for i, child in enumerate(group.parts) if is_action(child)), None)
    if leading is None:
        leading = next((i for i, child in enumerate(group.parts) if not _negative(child)), None)
    if leading is None:
        return
    if group.need < len(group.parts):
        yield from _some(group, scope)
        return
    others = tuple(_scoped(child, scope) for i, child in enumerate(group.parts) if i != leading)
    for clause in clauses(group.parts[leading], scope):
        yield replace(clause, parts=(*clause.parts, *others))


def _some(group: Group, scope: Scope | None) -> Iterator[Clause]:
    """`at_least` n of m: each part may lead, the others then have to bring n − 1."""
    for index, child in enumerate(group.parts):
        others = tuple(_scoped(other, scope) for i, other in enumerate(group.parts) if i != index)
        rest = Part(what=Group(parts=others, need=group.need - 1), within=scope)
        for clause in clauses(child, scope):
            yield replace(clause, parts=(*clause.parts, rest))


def _negative(part: Part) -> bool:
    """Whether a part can be no event word: it says what must not be there, or what the article is."""
    if isinstance(part.what, Group):
        return part.what.need == 0 or all(map(_negative, part.what.parts))
    return isinstance(part.what, About)


def _scoped(part: Part, within: Scope | None) -> Part:
    return part if part.within or within is None else replace(part, within=within)
