"""What the proofs of a rule set touch: every condition of every rule, and every word of the lists they use.

A condition is touched when it decides something in a proof: below `when` it holds while the whole holds, below
`none` and `unless` it is what stops the rule. Words are touched when they stand in any proof's text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.errors import Problem
from tocsin.model import Document, Status
from tocsin.rules.book import RuleBook
from tocsin.rules.check import as_tuple, conditions
from tocsin.rules.compile import compile_rules
from tocsin.rules.explain import Condition, Reading, children, label, readings
from tocsin.rules.judge import Judge
from tocsin.rules.testing import filter_document, proofs
from tocsin.specs.base import Located, Path
from tocsin.specs.rules import Node, RuleSpec, TermsSpec

_LISTS = ("all", "none", "of", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One rule's conditions, or one list's words in one language: how many are touched, and where the others stand."""

    name: str
    """`rule missile-launch`, `terms missile (ko)`."""
    file: str
    touched: int
    total: int
    untouched: tuple[Problem, ...]
    fails: bool
    """Whether what is untouched must be proven: a condition of a stable rule, or a language without any word."""

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.touched / self.total if self.total else 1.0


def coverage(judge: Judge, book: RuleBook, more: Iterable[Document] = ()) -> tuple[Cover, ...]:
    """Rules first, then lists; `more` are further documents that were judged, as those of story tests."""
    shared = tuple(more)
    own: dict[str, list[Document]] = defaultdict(list)
    for placed in proofs(book):
        own[placed.rule].append(placed.document)
    texts = [*shared, *(text for found in own.values() for text in found)]
    texts += [filter_document(proof) for one in book.filters for proof in one.spec.tests]
    rules = tuple(_rule(judge, one, [*own[one.spec.id], *shared]) for one in book.rules)
    return (*rules, *_lists(book, texts))


# --- conditions ---------------------------------------------------------------------------------------------------


def _rule(judge: Judge, one: Located[RuleSpec], texts: Sequence[Document]) -> Cover:
    touched: set[Path] = set()
    for text in texts:
        for reading in readings(judge, text, {one.spec.id}):
            touched.update(_touched(one.spec, reading))
    wanted = dict(_places(one.spec))
    missing = [path for path in wanted if path not in touched]
    return Cover(
        name=f"rule {one.spec.id}",
        file=one.file,
        touched=len(wanted) - len(missing),
        total=len(wanted),
        untouched=tuple(
            one.problem(path, f"rule {one.spec.id}: no proof touches this condition ({label(wanted[path])})")
            for path in missing
        ),
        fails=bool(missing) and one.spec.status is Status.STABLE,
    )


def _places(spec: RuleSpec) -> Iterator[tuple[Path, Node]]:
    """The leaves of a rule, each with its path: when they are touched, so is what holds them."""
    return ((path, node) for node, path in ((n, p) for n, p in conditions(spec)) if not children(node))


def _touched(spec: RuleSpec, reading: Reading) -> Iterator[Path]:
    if reading.when.truth:
        yield from _holding(spec.when, reading.when, ("when",))
        for index, (node, condition) in enumerate(zip(spec.unless, reading.unless, strict=False)):
            if condition.truth:
                yield from _holding(node, condition, ("unless", index))
    elif not reading.match:
        yield from _stopping(spec.when, reading.when, ("when",))


def _holding(node: Node, condition: Condition, path: Path) -> Iterator[Path]:
    """Leaves that hold inside a condition that holds; what stands under `none` holds nothing up."""
    if not condition.truth or condition.negative:
        return
    if not condition.conditions:
        yield path
    for child, inner, place in _inside(node, condition, path):
        yield from _holding(child, inner, place)


def _stopping(node: Node, condition: Condition, path: Path) -> Iterator[Path]:
    """Leaves under a `none` that is all that stops the rule: everything beside it holds."""
    failed = [one for one in _inside(node, condition, path) if not one[1].truth]
    if condition.negative:
        for child, inner, place in _inside(node, condition, path):
            yield from _holding(child, inner, place)
    elif len(failed) == 1 or node.any is not None:
        for child, inner, place in failed:
            yield from _stopping(child, inner, place)


def _inside(node: Node, condition: Condition, path: Path) -> list[tuple[Node, Condition, Path]]:
    kind = next((kind for kind in _LISTS if getattr(node, kind) is not None), "")
    pairs = zip(children(node), condition.conditions, strict=False)
    return [(child, inner, (*path, kind, index)) for index, (child, inner) in enumerate(pairs)]


# --- words --------------------------------------------------------------------------------------------------------


def _lists(book: RuleBook, texts: Sequence[Document]) -> Iterator[Cover]:
    used = _used(book)
    lists = [one for one in book.terms if one.spec.id in used]
    standing = _standing({word for one in lists for words in one.spec.words.values() for word in words}, texts)
    for one in lists:
        for language, words in one.spec.words.items():
            yield _list(one, language, words, standing, must=used[one.spec.id])


def _used(book: RuleBook) -> dict[str, bool]:
    """Lists named in rules → whether a stable rule is among those."""
    found: dict[str, bool] = {}
    for rule in book.rules:
        for node, _ in conditions(rule.spec):
            for name in as_tuple(node.terms):
                found[name] = found.get(name, False) or rule.spec.status is Status.STABLE
    return found


def _standing(words: Collection[str], texts: Iterable[Document]) -> frozenset[str]:
    """Those of the words that stand in any of the texts: each is asked as a rule of its own."""
    by_id = {f"w{number}": word for number, word in enumerate(sorted(words))}
    rules = tuple(
        Located(RuleSpec(id=name, title=name, status=Status.DRAFT, when=Node(words=word)), "", {})
        for name, word in by_id.items()
    )
    judge, _ = compile_rules(RuleBook(rules=rules))
    found = {match.rule for text in texts for match in judge.matches(text)} if judge else set()
    return frozenset(by_id[name] for name in found)


def _list(
    one: Located[TermsSpec], language: str, words: Sequence[str], standing: Collection[str], *, must: bool
) -> Cover:
    missing = [(index, word) for index, word in enumerate(words) if word not in standing]
    return Cover(
        name=f"terms {one.spec.id} ({language})",
        file=one.file,
        touched=len(words) - len(missing),
        total=len(words),
        untouched=tuple(
            one.problem(("words", language, index), f"terms {one.spec.id}: no proof holds {word!r} ({language})")
            for index, word in missing
        ),
        fails=must and len(missing) == len(words) > 0,
    )


def shares(covers: Iterable[Cover]) -> Mapping[str, tuple[int, int]]:
    """`conditions` and `words` → touched, total."""
    found = {"conditions": (0, 0), "words": (0, 0)}
    for cover in covers:
        kind = "conditions" if cover.name.startswith("rule ") else "words"
        found[kind] = (found[kind][0] + cover.touched, found[kind][1] + cover.total)
    return found
