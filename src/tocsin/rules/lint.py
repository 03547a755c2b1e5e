"""What is not wrong with rules but hardly meant: the warnings of `tocsin check`, over a book that is sound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from tocsin.errors import Problem
from tocsin.model import Document, Field, Status
from tocsin.rules.book import RuleBook
from tocsin.rules.check import as_tuple, walk, wordings
from tocsin.rules.compile import Judge, compile_rules
from tocsin.rules.filters import filters_of
from tocsin.specs.base import Located
from tocsin.specs.filters import FilterSpec
from tocsin.specs.rules import Node, RuleSpec


def warnings(book: RuleBook) -> tuple[Problem, ...]:
    """All warnings, in file order."""
    found = chain(_same_rules(book), _unused_lists(book), _words(book), _shadowed_filters(book))
    return tuple(sorted(set(found)))


# --- rules and lists ----------------------------------------------------------------------------------------------


def _same_rules(book: RuleBook) -> Iterator[Problem]:
    """Rules that fire on exactly the same."""
    first: dict[str, str] = {}
    for one in book.rules:
        tree = one.spec.model_dump_json(include={"when", "unless", "assertion"}, exclude_none=True)
        if tree in first:
            message = f"the same conditions as rule {first[tree]!r} — delete one of the two, or build on it with rule:"
            yield one.problem(("when",), message, warning=True)
        first.setdefault(tree, one.spec.id)


def _unused_lists(book: RuleBook) -> Iterator[Problem]:
    nodes = [*(one.spec.when for one in book.rules), *(node for one in book.rules for node in one.spec.unless)]
    nodes += [one.spec.filter for one in book.filters]
    used = {name for root in nodes for node, _ in walk(root, ()) for name in as_tuple(node.terms)}
    for one in book.terms:
        if one.spec.id not in used:
            message = f"no rule or filter uses term list {one.spec.id!r} — name it under terms:, or delete it"
            yield one.problem(("id",), message, warning=True)


# --- words --------------------------------------------------------------------------------------------------------


def _words(book: RuleBook) -> Iterator[Problem]:
    """Words that stand twice in a list, and words that another one of the list finds anyway."""
    finders = _finders(word for one in book.terms for words in one.spec.words.values() for word in words)
    for one in book.terms:
        for language, words in one.spec.words.items():
            for index, word in enumerate(words):
                if message := _needless(index, words, finders[word]):
                    yield one.problem(("words", language, index), message, warning=True)


def _needless(index: int, words: Sequence[str], found_by: Collection[str]) -> str:
    """Why a word of a list in one language is not needed; empty when it is."""
    word = words[index]
    if word in words[:index]:
        return f"{word!r} stands twice in this list — delete one"
    wider = next((other for other in words if other in found_by and _as_open(other, word)), None)
    return f"{word!r} is found by {wider!r} already — delete it" if wider else ""


def _as_open(wide: str, narrow: str) -> bool:
    """Whether what may stand around the narrow word may stand around the wide one too."""
    left = wide.startswith("*") or not narrow.startswith("*")
    return left and (wide.endswith("*") or not narrow.endswith(("*", "~")))


def _finders(words: Iterable[str]) -> dict[str, frozenset[str]]:
    """Each word → the other words that find the whole of its letters."""
    by_id = {f"w{number}": word for number, word in enumerate(sorted(set(words)))}
    judge = _one_rule_each(by_id)
    found: dict[str, frozenset[str]] = {}
    for word in by_id.values():
        bare = " ".join(part.strip("*~") for part in word.split())
        document = Document(id="word", text=bare, fields=(Field("body", 0, len(bare)),))
        wider = (match for match in judge.matches(document) if match.evidence[0].text == bare) if judge else ()
        found[word] = frozenset(by_id[match.rule] for match in wider) - {word}
    return found


def _one_rule_each(by_id: Mapping[str, str]) -> Judge | None:
    rules = (RuleSpec(id=name, title=name, status=Status.DRAFT, when=Node(words=word)) for name, word in by_id.items())
    return compile_rules(RuleBook(rules=tuple(Located(spec, "", {}) for spec in rules)))[0]


# --- filters ------------------------------------------------------------------------------------------------------


def _shadowed_filters(book: RuleBook) -> Iterator[Problem]:
    """Filters that another one leaves nothing to do for."""
    under = filters_of(book)
    rules = {one.spec.id: {rule for rule, found in under.items() if one.spec in found} for one in book.filters}
    for index, one in enumerate(book.filters):
        for place, other in enumerate(book.filters):
            covers = place != index and rules[one.spec.id] <= rules[other.spec.id] and _covers(other, one)
            if covers and (place < index or not _covers(one, other) or rules[one.spec.id] != rules[other.spec.id]):
                message = f"filter {other.spec.id!r} takes all of this already — delete this one, or narrow that one"
                yield one.problem(("filter",), message, warning=True)
                break


def _covers(wide: Located[FilterSpec], narrow: Located[FilterSpec]) -> bool:
    return _alternatives(narrow.spec.filter) <= _alternatives(wide.spec.filter)


def _alternatives(node: Node) -> frozenset[str]:
    """The ways to satisfy a condition, each in one form; words and lists one by one."""
    rest: dict[str, Any] = {"within": node.within, "as": node.as_, "field": node.field, "stands": node.stands}
    if node.any is not None and node.within is None:
        return frozenset(chain.from_iterable(map(_alternatives, node.any)))
    plain = {"words": wordings(node), "terms": as_tuple(node.terms), "entity": as_tuple(node.entity)}
    for kind, values in plain.items():
        if values:
            return frozenset(f"{kind} {value} {sorted(rest.items(), key=str)}" for value in values)
    return frozenset({node.model_dump_json(exclude_none=True)})
