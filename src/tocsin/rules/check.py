"""Everything that can be wrong with rules although each file by itself is well-formed; all of it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import Any, NamedTuple

from tocsin.errors import Problem
from tocsin.model import Status
from tocsin.rules.book import RuleBook
from tocsin.rules.expressions import LONGEST_GAP, refuse, slow_gap
from tocsin.rules.patterns import PatternError, parse
from tocsin.specs.base import Located, Path
from tocsin.specs.rules import EntitySpec, Name, Node, Proof, RuleSpec

_LISTS = ("all", "any", "none", "of")
_LEAVES = ("entity", "terms", "words", "regex", "rule")
_ABOUT = ("language", "source", "tags", "url")
"""Conditions on the article, not on its text: no event word."""
KINDS = (*_LISTS, *_LEAVES, *_ABOUT)
_LABELS = {"entity": "entity", "terms": "term list", "rule": "rule"}


def problems(book: RuleBook) -> tuple[Problem, ...]:
    """All problems of a book, in file order."""
    known = _known(book)
    found = chain(
        _twice("rule", [*book.rules, *book.thresholds]),
        _twice("filter", book.filters),
        _twice("entity", book.entities),
        _twice("term list", book.terms),
        chain.from_iterable(_entity(one, known) for one in book.entities),
        chain.from_iterable(_lists(one, one.spec.words) for one in book.terms),
        chain.from_iterable(_not(one, one.spec.not_) for one in book.terms),
        _cues(book),
        chain.from_iterable(_rule(one, known) for one in book.rules),
        _cycles("of", book.entities, {one.spec.id: _of(one.spec) for one in book.entities}),
        _cycles("when", book.rules, {one.spec.id: _built_on(one.spec) for one in book.rules}),
    )
    return tuple(sorted(set(found)))


def walk(node: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    """A condition and all conditions inside it, each with its path."""
    yield node, path
    for kind, children in (("all", node.all), ("any", node.any), ("none", node.none), ("of", node.of)):
        if children:
            for index, child in enumerate(children):
                yield from walk(child, (*path, kind, index))


def conditions(spec: RuleSpec) -> Iterator[tuple[Node, Path]]:
    """Every condition of a rule, `unless` included."""
    yield from walk(spec.when, ("when",))
    for index, node in enumerate(spec.unless):
        yield from walk(node, ("unless", index))


def nodes(spec: RuleSpec) -> list[Node]:
    """The same without the paths, in the same order and several times as fast."""
    found: list[Node] = []
    waiting = [*reversed(spec.unless), spec.when]
    while waiting:
        node = waiting.pop()
        found.append(node)
        for children in (node.of, node.none, node.any, node.all):
            if children:
                waiting += reversed(children)
    return found


def as_tuple(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """A name or several, as several."""
    return () if value is None else (value,) if isinstance(value, str) else value


class Wording(NamedTuple):
    """Words as a condition asks for them."""

    name: str
    case: bool = False


def wordings(node: Node) -> tuple[Wording, ...]:
    """The words of a condition, each with whether its case matters."""
    given = (node.words,) if isinstance(node.words, str) else node.words
    return tuple([Wording(one) if isinstance(one, str) else Wording(one.name, one.case) for one in given or ()])


# --- names --------------------------------------------------------------------------------------------------------


def _twice(what: str, documents: Sequence[Located[Any]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for one in documents:
        line, _ = one.positions.get(("id",), (1, 1))
        if one.spec.id in first:
            yield one.problem(("id",), f"{what} id {one.spec.id!r} stands already in {first[one.spec.id]} — rename one")
        first.setdefault(one.spec.id, f"{one.file}:{line}")


def _known(book: RuleBook) -> dict[str, Collection[str]]:
    """The ids that conditions may name, by the key that names them."""
    documents: dict[str, Sequence[Located[Any]]] = {"entity": book.entities, "terms": book.terms, "rule": book.rules}
    return {kind: dict.fromkeys(one.spec.id for one in found) for kind, found in documents.items()}


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """The sentence for a name that does not exist."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = (
        f"did you mean {close[0]!r}?"
        if close
        else f"add it, or use one of the {len(known)} known"
        if known
        else "there is none yet"
    )
    return f"no {what} is called {name!r} — {hint}"


def _entity(one: Located[EntitySpec], known: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    if one.spec.of and one.spec.of not in known["entity"]:
        yield one.problem(("of",), unknown("entity", one.spec.of, known["entity"]))
    yield from _lists(one, one.spec.names)
    yield from _not(one, one.spec.not_)
    names = [name for names in one.spec.names.values() for name in names]
    if names and all(isinstance(name, Name) and name.weak for name in names):
        yield one.problem(
            ("names",), "every name is weak, so none ever counts — give at least one name without weak: true"
        )


def _lists(one: Located[Any], lists: Mapping[str, Sequence[Any]]) -> Iterator[Problem]:
    """The named lists per language of an entity or term list."""
    key = "names" if isinstance(one.spec, EntitySpec) else "words"
    if not any(lists.values()):
        yield one.problem(
            (key,), f"{one.spec.id!r} has no {key} — write at least one, under its language (en, ko, ja, ru, zh)"
        )
    for language, items in lists.items():
        if not items and any(lists.values()):
            yield one.problem((key, language), f"the list for {language!r} is empty — add words or delete the line")
        for index, item in enumerate(items):
            name = item if isinstance(item, Name) else Name(name=item)
            yield from _words(one, (key, language, index), name.name, case=name.case)


def _not(one: Located[Any], wordings: Sequence[str]) -> Iterator[Problem]:
    for index, text in enumerate(wordings):
        yield from _words(one, ("not", index), text)


def _words(one: Located[Any], path: Path, text: str, *, case: bool = False) -> Iterator[Problem]:
    try:
        parse(text, case=case)
    except PatternError as error:
        yield one.problem(path, str(error))


def _cues(book: RuleBook) -> Iterator[Problem]:
    for one in book.cues:
        for index, cue in enumerate(one.spec.cues):
            for number, text in enumerate(cue.words):
                yield from _words(one, ("cues", index, "words", number), text)
        for number, text in enumerate(one.spec.stops):
            yield from _words(one, ("stops", number), text)
        for number, text in enumerate(one.spec.saying):
            yield from _words(one, ("saying", number), text)


# --- rules --------------------------------------------------------------------------------------------------------


def _rule(one: Located[RuleSpec], known: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    for node, path in conditions(one.spec):
        yield from _shape(one, node, path)
        yield from _references(one, node, path, known)
    yield from _possible(one)
    yield from _proofs(one)
    if not one.spec.assertion:
        yield one.problem(
            ("assertion",), "assertion is empty, so the rule never alerts — write [asserted], or delete the line"
        )


def node_problems(one: Located[Any], node: Node, path: Path, book: RuleBook) -> Iterator[Problem]:
    """Everything wrong with a condition and those inside it."""
    for inner, place in walk(node, path):
        yield from _shape(one, inner, place)
        yield from _references(one, inner, place, _known(book))


def _shape(one: Located[Any], node: Node, path: Path) -> Iterator[Problem]:
    given = node.model_fields_set
    kinds = [kind for kind in KINDS if kind in given and getattr(node, kind) is not None]
    if not kinds:
        wanted = (
            "of: beside at_least:"
            if node.at_least
            else f"one of {', '.join(KINDS[:3])}, at_least, {', '.join((*_LEAVES, *_ABOUT))}"
        )
        yield one.problem(path, f"a condition without content — write {wanted}")
    if len(kinds) > 1:
        yield one.problem(
            (*path, kinds[1]), f"a condition is either {kinds[0]} or {kinds[1]} — put both under all: as two conditions"
        )
    for kind in kinds:
        if getattr(node, kind) == ():
            yield one.problem((*path, kind), f"{kind} is empty — write at least one, or delete the line")
    if node.of is not None and node.at_least is None:
        yield one.problem((*path, "of"), "of needs at_least: how many of these must hold")
    if node.of is not None and node.at_least is not None and node.at_least > len(node.of):
        yield one.problem(
            (*path, "at_least"),
            f"at_least {node.at_least} of {len(node.of)} can never hold — lower the number or add conditions",
        )
    if node.as_ and node.entity is None:
        yield one.problem((*path, "as"), "as tells the part an entity plays — it needs entity: beside it")
    if node.any or node.of or _says_about(node):
        yield from _qualifiers(one, node, path)


def _qualifiers(one: Located[Any], node: Node, path: Path) -> Iterator[Problem]:
    """What stands beside a condition on the article itself, and such conditions beside words."""
    about = next((kind for kind in _ABOUT if getattr(node, kind) is not None), None)
    for key in ("within", "field", "stands") if about else ():
        if getattr(node, key):
            yield one.problem((*path, key), f"{about} is about the whole article — delete {key}")
    for kind, children in (("any", node.any), ("of", node.of)):
        abouts = [index for index, child in enumerate(children) if _about_only(child)] if children else ()
        if abouts and len(abouts) < len(children or ()):
            yield one.problem(
                (*path, kind, abouts[0]),
                f"beside words under {kind}: this could hold without any event word — put it under all: beside them",
            )


def _about_only(node: Node) -> bool:
    """Whether a condition says only what the article is."""
    children = node.all or node.any or node.of
    return all(map(_about_only, children)) if children else _says_about(node)


def _says_about(node: Node) -> bool:
    return not (node.language is None and node.source is None and node.tags is None and node.url is None)


def _references(one: Located[Any], node: Node, path: Path, known: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    for kind, value in (("entity", node.entity), ("terms", node.terms), ("rule", node.rule)):
        for index, name in enumerate(as_tuple(value)) if value else ():
            if name not in known[kind]:
                place = (*path, kind) if isinstance(value, str) else (*path, kind, index)
                yield one.problem(place, unknown(_LABELS[kind], name, known[kind]))
    for index, word in enumerate(wordings(node)):
        if word.name.isascii() and word.name.replace(" ", "").isalpha():
            continue  # by far most words: nothing can be wrong with them
        place = (*path, "words") if isinstance(node.words, str) else (*path, "words", index)
        yield from _words(one, place, word.name, case=word.case)
    if node.regex:
        yield from _regex(one, (*path, "regex"), node.regex)


def _regex(one: Located[Any], path: Path, source: str) -> Iterator[Problem]:
    try:
        refuse(source)
    except PatternError as error:
        yield one.problem(path, str(error))
        return
    if gap := slow_gap(source):
        yield one.problem(
            path,
            f"a gap of up to {gap} characters makes every article slow — at most {LONGEST_GAP}, "
            "or two conditions with within: sentence",
            warning=True,
        )


def _possible(one: Located[RuleSpec]) -> Iterator[Problem]:
    """Rules that can never match: nothing to find, or a condition both demanded and excluded."""
    if not _positive(one.spec.when):
        yield one.problem(("when",), "this can never match: it only says what must not be there — add what must be")
        return
    if not _has_words(one.spec.when):
        yield one.problem(
            ("when",), "this can never match: it only says what the article is — add words, terms or a rule"
        )
        return
    for node, path in _event_words(one.spec.when, ("when",)):
        if node.stands:
            yield one.problem(
                (*path, "stands"),
                "this is the event word itself: it stands neither before nor after it — put stands on the other parts",
            )
    excluded = (*_excluded(one.spec.when, ("when",)), *((n, ("unless", i)) for i, n in enumerate(one.spec.unless)))
    wanted = set(demanded(one.spec.when)) if excluded else ()
    for node, path in excluded:
        if leaf_key(node) and leaf_key(node) in wanted:
            yield one.problem(
                path, "this can never match: the same condition is demanded and excluded — delete one of the two"
            )


def _positive(node: Node) -> bool:
    if node.none is not None:
        return False
    children = node.all or node.any or node.of
    return any(map(_positive, children)) if children else True


def _has_words(node: Node) -> bool:
    if node.none is not None:
        return False
    children = node.all or node.any or node.of
    return any(map(_has_words, children)) if children else not _about_only(node)


def _event_words(node: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    """The conditions that a rule is read from, and those around them (as `nodes.clauses` chooses)."""
    yield node, path
    if node.all:
        possible = [index for index, child in enumerate(node.all) if _has_words(child)]
        first = next((index for index in possible if _is_action(node.all[index])), possible[0] if possible else 0)
        yield from _event_words(node.all[first], (*path, "all", first))
    for kind, children in (("any", node.any), ("of", node.of)):
        for index, child in enumerate(children or ()):
            yield from _event_words(child, (*path, kind, index))


def _is_action(node: Node) -> bool:
    children = node.all or node.any or node.of
    return any(map(_is_action, children)) if children else _has_words(node) and node.entity is None


def leaf_key(node: Node) -> tuple[object, ...] | None:
    """What a plain leaf asks for; None for a combination and for a leaf that is narrowed."""
    if node.within or node.as_ or node.field or node.stands:
        return None
    return next(((kind, getattr(node, kind)) for kind in (*_LEAVES, *_ABOUT) if getattr(node, kind)), None)


def demanded(node: Node) -> Iterator[tuple[object, ...]]:
    """Keys of the plain leaves without which the condition cannot hold."""
    key = leaf_key(node)
    if key:
        yield key
    for child in node.all or ():
        yield from demanded(child)


def _excluded(node: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    for index, child in enumerate(node.none or ()):
        yield child, (*path, "none", index)
    for index, child in enumerate(node.all or ()):
        yield from _excluded(child, (*path, "all", index))


def _proofs(one: Located[RuleSpec]) -> Iterator[Problem]:
    counts: Counter[str] = Counter()
    for index, proof in enumerate(one.spec.tests):
        counts.update(_given(proof))
        yield from proof_problems(one, index, proof)
    if one.spec.status is Status.STABLE and not (counts["event"] and counts["mention"] + counts["none"]):
        yield one.problem(
            ("tests",) if one.spec.tests else ("id",),
            "a stable rule needs at least one event test and one mention or none test — add them, or use status: draft",
        )


def proof_problems(one: Located[Any], index: int, proof: Proof) -> Iterator[Problem]:
    """What is wrong with one test of a rule."""
    given = _given(proof)
    if len(given) != 1:
        yield one.problem(
            ("tests", index), "a test is exactly one of event, mention or none — write one text under one of them"
        )
    elif not getattr(proof, given[0]).strip():
        yield one.problem(("tests", index, given[0]), "a test without text proves nothing — write a sentence")


def _given(proof: Proof) -> list[str]:
    return [kind for kind in ("event", "mention", "none") if getattr(proof, kind) is not None]


# --- cycles -------------------------------------------------------------------------------------------------------


def _of(spec: EntitySpec) -> tuple[str, ...]:
    return (spec.of,) if spec.of else ()


def _built_on(spec: RuleSpec) -> tuple[str, ...]:
    return tuple([node.rule for node in nodes(spec) if node.rule])


def _cycles(key: str, documents: Iterable[Located[Any]], leads: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """One problem for each document on a cycle of references."""
    for one in documents:
        way = _way_back(one.spec.id, leads)
        if way:
            yield one.problem((key,), f"a circle: {' → '.join(way)} — one of them must not build on the next")


def _way_back(start: str, leads: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a document to itself; empty when there is none."""
    if not leads[start]:
        return ()
    frontier: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while frontier:
        longer: list[tuple[str, ...]] = []
        for way in frontier:
            for name in leads.get(way[-1], ()):
                if name == start:
                    return (*way, start)
                if name not in seen:
                    seen.add(name)
                    longer.append((*way, name))
        frontier = longer
    return ()
