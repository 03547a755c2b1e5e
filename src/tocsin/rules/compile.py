"""What people wrote → a judge, or everything that is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Literal

from tocsin.errors import Problem, WorkspaceError
from tocsin.rules import kinds
from tocsin.rules.assertion import CompiledCue, Cues
from tocsin.rules.book import RuleBook
from tocsin.rules.check import Wording, as_tuple, nodes, problems, wordings
from tocsin.rules.demands import demands
from tocsin.rules.entities import Kinship
from tocsin.rules.filters import Filters, filtered_book, filters_of
from tocsin.rules.gate import Gate
from tocsin.rules.judge import Judge
from tocsin.rules.lexicon import Lexicon
from tocsin.rules.nodes import About, CompiledRule, Group, Leaf, Part, RuleLeaf, Scope, clauses
from tocsin.rules.patterns import Pattern, anywhere, parse
from tocsin.rules.possible import Possible
from tocsin.rules.vocabulary import Meaning, Vocabulary, expression_key, is_entity
from tocsin.specs.rules import EntitySpec, Name, Node, RuleSpec
from tocsin.text import fold

__all__ = ["Judge", "RuleBook", "compile_rules", "compiled"]


def compile_rules(book: RuleBook) -> tuple[Judge | None, tuple[Problem, ...]]:
    """A judge and the warnings; or None and every problem, located."""
    with nothing_to_collect():
        return _compiled(book)


def compiled(book: RuleBook) -> Judge:
    """The book's judge.

    Raises:
        WorkspaceError: with every problem of the rules.
    """
    judge, found = compile_rules(book)
    if judge is None:
        raise WorkspaceError(problem for problem in found if not problem.warning)
    return judge


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """What is made of rules stays: looking through it for garbage, again and again as it grows, takes as long again.

    Afterwards it is put, unread, among the things that have stayed long: else the next thing made would have all of it
    looked through at once.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _compiled(book: RuleBook) -> tuple[Judge | None, tuple[Problem, ...]]:
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
    written = [node for one in book.rules for node in nodes(one.spec)]
    vocabulary = Vocabulary(_patterns(book, written), [node.regex for node in written if node.regex])
    compiled = _compile_all(rules, kinship)
    return Judge(
        rules=rules,
        entities=entities,
        compiled=compiled,
        vocabulary=vocabulary,
        possible=Possible(compiled.values(), vocabulary),
        gate=Gate(vocabulary),
        cues=_cues(book),
        kinship=kinship,
        sayings=Lexicon([parse(word) for one in book.cues for word in one.spec.saying]),
    )


# --- patterns -----------------------------------------------------------------------------------------------------


def _patterns(book: RuleBook, written: Iterable[Node]) -> Iterator[tuple[Pattern, Meaning]]:
    """Every pattern with what it stands for; words written in several rules are found once."""
    for entity in (one.spec for one in book.entities):
        yield from _entity_patterns(entity)
    read = cache(parse)
    for terms in (one.spec for one in book.terms):
        key = f"terms:{terms.id}"
        yield from ((parse(word), Meaning(key)) for words in terms.words.values() for word in words)
        yield from ((parse(word), Meaning(key, kills=True)) for word in terms.not_)
    for words in dict.fromkeys([wordings(node) for node in written if node.words]):
        meaning = Meaning(_words_key(words))
        for name, case in words:
            yield read(name, case=True) if case else read(name), meaning
    for expression in dict.fromkeys(node.regex for node in written if node.regex):
        yield from ((anywhere(letters), Meaning(expression_key(expression))) for letters in demands(expression))


def _entity_patterns(entity: EntitySpec) -> Iterator[tuple[Pattern, Meaning]]:
    key = f"entity:{entity.id}"
    for names in entity.names.values():
        for name in names:
            full = name if isinstance(name, Name) else Name(name=name)
            yield parse(full.name, case=full.case), Meaning(key, weak=full.weak)
    yield from ((parse(word), Meaning(key, kills=True)) for word in entity.not_)


def _words_key(words: Iterable[Wording]) -> str:
    return "words:" + "|".join([f"{name} (case)" if case else name for name, case in words])


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
    built_on = [_compile(rules[node.rule], rules, kinship, compiled) for node in nodes(spec) if node.rule]
    root = _part(spec.when, kinship)
    compiled[spec.id] = CompiledRule(
        id=spec.id,
        within=root.within or Scope(),
        tree=root,
        clauses=tuple(clauses(root)),
        unless=tuple(_part(node, kinship) for node in spec.unless),
        required=tuple(sorted(_required(root, compiled), key=lambda group: any(map(is_entity, group)))),
        builds_on=tuple(dict.fromkeys(name for one in built_on for name in (one.id, *one.builds_on))),
    )
    return compiled[spec.id]


def _part(node: Node, kinship: Kinship, around: Node | None = None) -> Part:
    """A node with all inside it; `field` and `stands` are handed down."""
    if around and not (node.field and node.stands):
        node = node.model_copy(update={"field": node.field or around.field, "stands": node.stands or around.stands})
    within = Scope.parse(node.within) if node.within else None
    if node.rule:
        return Part(what=RuleLeaf(rule=node.rule, field=node.field, stands=node.stands), within=within)
    if about := _about(node):
        return Part(what=about, within=within)
    if node.entity or node.terms or node.words or node.regex:
        return Part(what=_leaf(node, kinship), within=within)
    children, need = _group(node)
    outer = node if node.field or node.stands else None
    return Part(what=Group(parts=tuple(_part(child, kinship, outer) for child in children), need=need), within=within)


def _about(node: Node) -> About | None:
    if node.url:
        return About(kind="url", wanted=frozenset((node.url.lower(),)))
    if node.language:
        return About(kind="language", wanted=frozenset(as_tuple(node.language)))
    if node.source:
        return About(kind="source", wanted=frozenset(as_tuple(node.source)))
    return About(kind="tags", wanted=frozenset(as_tuple(node.tags))) if node.tags else None


def _group(node: Node) -> tuple[tuple[Node, ...], int]:
    if node.all is not None:
        return node.all, len(node.all)
    if node.none is not None:
        return node.none, 0
    if node.of is not None:
        return node.of, node.at_least or 1
    return node.any or (), 1


def _leaf(node: Node, kinship: Kinship) -> Leaf:
    keys: Iterable[str]
    kind: Literal["entity", "terms", "words", "regex"]
    if node.entity:
        kind, keys = "entity", dict.fromkeys(k for name in as_tuple(node.entity) for k in kinship.standing_for(name))
    elif node.terms:
        kind, keys = "terms", (f"terms:{name}" for name in as_tuple(node.terms))
    elif node.regex:
        kind, keys = "regex", (expression_key(node.regex),)
    else:
        kind, keys = "words", (_words_key(wordings(node)),)
    return Leaf(keys=tuple(keys), kind=kind, role=node.as_, field=node.field, stands=node.stands)


def _required(part: Part, compiled: Mapping[str, CompiledRule]) -> Iterator[frozenset[str]]:
    """Sets of keys of which a document must hold one each, or the tree cannot be satisfied."""
    what = part.what
    if isinstance(what, RuleLeaf):
        yield from compiled[what.rule].required
    elif isinstance(what, About):
        return
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
