"""What people wrote → a judge, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tocsin.errors import Problem
from tocsin.rules import kinds
from tocsin.rules.assertion import CompiledCue, Cues
from tocsin.rules.book import RuleBook
from tocsin.rules.check import as_tuple, conditions, problems
from tocsin.rules.entities import Kinship
from tocsin.rules.filters import Filters, filtered_book, filters_of
from tocsin.rules.judge import Judge, Meaning
from tocsin.rules.lexicon import Lexicon
from tocsin.rules.nodes import CompiledRule, Group, Leaf, Part, RuleLeaf, Scope, clauses
from tocsin.rules.patterns import Pattern, parse
from tocsin.specs.rules import EntitySpec, Name, Node, RuleSpec
from tocsin.text import fold

__all__ = ["Judge", "RuleBook", "compile_rules"]


def compile_rules(book: RuleBook) -> tuple[Judge | None, tuple[Problem, ...]]:
    """A judge and the warnings; or None and every problem, located."""
    found = tuple(sorted({*problems(book), *kinds.problems(book)}))
    if any(not problem.warning for problem in found):
        return None, found
    judge = _judge(book)
    if book.filters:
        judge = replace(judge, filters=Filters(by_rule=filters_of(book), judge=_judge(filtered_book(book))))
    return judge, found


def _judge(book: RuleBook) -> Judge:
    """A judge from a sound book, filters left aside."""
    rules = {one.spec.id: one.spec for one in book.rules}
    entities = {one.spec.id: one.spec for one in book.entities}
    kinship = Kinship.of(entities)
    patterns = list(_patterns(book))
    return Judge(
        rules=rules,
        entities=entities,
        compiled=_compile_all(rules, kinship),
        lexicon=Lexicon([pattern for pattern, _ in patterns]),
        meanings=[meaning for _, meaning in patterns],
        cues=_cues(book),
        kinship=kinship,
    )


# --- patterns -----------------------------------------------------------------------------------------------------


def _patterns(book: RuleBook) -> Iterator[tuple[Pattern, Meaning]]:
    """Every pattern with what it stands for; words written in several rules are found once."""
    for entity in (one.spec for one in book.entities):
        yield from _entity_patterns(entity)
    for terms in (one.spec for one in book.terms):
        key = f"terms:{terms.id}"
        yield from ((parse(word), Meaning(key)) for words in terms.words.values() for word in words)
        yield from ((parse(word), Meaning(key, kills=True)) for word in terms.not_)
    inline = {words: None for one in book.rules for node, _ in conditions(one.spec) if (words := as_tuple(node.words))}
    for words in inline:
        yield from ((parse(word), Meaning(_words_key(words))) for word in words)


def _entity_patterns(entity: EntitySpec) -> Iterator[tuple[Pattern, Meaning]]:
    key = f"entity:{entity.id}"
    for names in entity.names.values():
        for name in names:
            full = name if isinstance(name, Name) else Name(name=name)
            yield parse(full.name, case=full.case), Meaning(key, weak=full.weak)
    yield from ((parse(word), Meaning(key, kills=True)) for word in entity.not_)


def _words_key(words: tuple[str, ...]) -> str:
    return "words:" + "|".join(words)


def _cues(book: RuleBook) -> Cues:
    cues, stops, small = [], [], set[str]()
    for spec in (one.spec for one in book.cues):
        for cue in spec.cues:
            compiled = CompiledCue(language=spec.language, cls=cue.class_, direction=cue.direction, reach=cue.reach)
            cues += [(parse(word), compiled) for word in cue.words]
        stops += [(parse(word), spec.language) for word in spec.stops]
        small |= {fold(word) for word in spec.small}
    return Cues(cues, stops, frozenset(small))


# --- rules --------------------------------------------------------------------------------------------------------


def _compile_all(rules: Mapping[str, RuleSpec], kinship: Kinship) -> dict[str, CompiledRule]:
    compiled: dict[str, CompiledRule] = {}
    for spec in rules.values():
        _compile(spec, rules, kinship, compiled)
    return {name: compiled[name] for name in rules}


def _compile(
    spec: RuleSpec, rules: Mapping[str, RuleSpec], kinship: Kinship, compiled: dict[str, CompiledRule]
) -> CompiledRule:
    """One rule, after those it builds on (there are no circles: `check` has seen to it)."""
    if spec.id in compiled:
        return compiled[spec.id]
    built_on = [_compile(rules[node.rule], rules, kinship, compiled) for node, _ in conditions(spec) if node.rule]
    root = _part(spec.when, kinship)
    compiled[spec.id] = CompiledRule(
        id=spec.id,
        within=root.within or Scope(),
        tree=root,
        clauses=tuple(clauses(root)),
        unless=tuple(_part(node, kinship) for node in spec.unless),
        required=tuple(_required(root, compiled)),
        builds_on=tuple(dict.fromkeys(name for one in built_on for name in (one.id, *one.builds_on))),
    )
    return compiled[spec.id]


def _part(node: Node, kinship: Kinship) -> Part:
    within = Scope.parse(node.within) if node.within else None
    if node.rule:
        return Part(what=RuleLeaf(rule=node.rule, field=node.field), within=within)
    if node.entity or node.terms or node.words:
        return Part(what=_leaf(node, kinship), within=within)
    children, need = _group(node)
    return Part(what=Group(parts=tuple(_part(child, kinship) for child in children), need=need), within=within)


def _group(node: Node) -> tuple[tuple[Node, ...], int]:
    if node.all is not None:
        return node.all, len(node.all)
    if node.none is not None:
        return node.none, 0
    if node.of is not None:
        return node.of, node.at_least or 1
    return node.any or (), 1


def _leaf(node: Node, kinship: Kinship) -> Leaf:
    if node.entity:
        keys = dict.fromkeys(key for name in as_tuple(node.entity) for key in kinship.standing_for(name))
        return Leaf(keys=tuple(keys), kind="entity", role=node.as_, field=node.field)
    if node.terms:
        return Leaf(keys=tuple(f"terms:{name}" for name in as_tuple(node.terms)), kind="terms", field=node.field)
    return Leaf(keys=(_words_key(as_tuple(node.words)),), kind="words", field=node.field)


def _required(part: Part, compiled: Mapping[str, CompiledRule]) -> Iterator[frozenset[str]]:
    """Sets of keys of which a document must hold one each, or the tree cannot be satisfied."""
    what = part.what
    if isinstance(what, RuleLeaf):
        yield from compiled[what.rule].required
    elif isinstance(what, Leaf):
        yield frozenset(what.keys)
    elif what.need == len(what.parts):
        for child in what.parts:
            yield from _required(child, compiled)
    elif what.need:
        yield from _either(what.parts, compiled)


def _either(parts: Iterable[Part], compiled: Mapping[str, CompiledRule]) -> Iterator[frozenset[str]]:
    """For alternatives: the union of each one's smallest set, unless one of them demands nothing."""
    smallest = [min(_required(part, compiled), key=len, default=frozenset[str]()) for part in parts]
    if all(smallest):
        yield frozenset().union(*smallest)
