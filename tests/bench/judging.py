"""What judging costs: invented articles of about 3 KB under 10 to 100,000 invented rules, and under the shipped ones.

Each beside the bare automaton over the same words, as its library builds it and given text that is folded already, and
beside one compiled `re` for each rule. All text is made here, by chance from a fixed seed.
"""

from __future__ import annotations

import gc
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from statistics import median

from ahocorasick_rs import BytesAhoCorasick

from tocsin.articles.records import document_from_record
from tocsin.model import Document
from tocsin.rules.book import RuleBook
from tocsin.rules.compile import Judge, compile_rules
from tocsin.specs.base import Located
from tocsin.specs.rules import RuleSpec
from tocsin.text import fold_bytes

ROOT = Path(__file__).resolve().parents[2]
SIZES = (10, 100, 1_000, 10_000, 100_000)
ARTICLES = 300
SAID = 0.03
"""Share of the articles that hold what a rule asks for; the others match by chance or not at all."""
_WORDS = 150_000
_SENTENCES = 21
_COMMON = 1_500
"""The most frequent words, which nobody would write into a rule."""
_SYLLABLES = [a + b for a in "b c d f g k l m n p r s t v st tr ch".split() for b in "a e i o u ar en or il ea".split()]
_QUOTES = ("“{}”", "‘{}’", "{}’s", "{} —")
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A language by chance: its words, the frequent ones first, and how often each is met."""

    chance: random.Random
    words: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def made(cls, seed: int = 7) -> World:
        chance = random.Random(seed)
        words: dict[str, None] = {}
        while len(words) < _WORDS:
            words["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4))))] = None
        # Zipf, flattened at the top as Mandelbrot did.
        return cls(chance=chance, words=list(words), weights=list(accumulate(1 / (r + 2.7) for r in range(_WORDS))))

    def rules(self, number: int) -> list[RuleSpec]:
        """Rules of two groups of words each."""
        return [RuleSpec.model_validate(self._rule(at)) for at in range(number)]

    def _rule(self, at: int) -> dict[str, object]:
        groups = [{"words": [self._term() for _ in range(self.chance.choice((2, 3)))]} for _ in range(2)]
        return {"id": f"r{at}", "title": f"Rule {at}", "status": "draft", "when": {"all": groups}}

    def _term(self) -> str:
        rare = self.words[self.chance.randrange(_COMMON, len(self.words))]
        return rare if self.chance.random() < 0.7 else f"{rare} {self.chance.choice(self.words)}"

    def documents(self, rules: Sequence[RuleSpec]) -> list[Document]:
        """Articles of about 3 KB; a third with the quotes and dashes of print."""
        return [self._document(at, rules) for at in range(ARTICLES)]

    def record(self, at: int) -> dict[str, str]:
        """A quiet article."""
        return self._record([self._sentence(printed=at % 3 == 0) for _ in range(_SENTENCES)])

    def _document(self, at: int, rules: Sequence[RuleSpec]) -> Document:
        sentences = [self._sentence(printed=at % 3 == 0) for _ in range(_SENTENCES)]
        if self.chance.random() < SAID:
            said = [node.words[0] for node in self.chance.choice(rules).when.all or () if node.words]
            sentences[self.chance.randrange(_SENTENCES)] = f"The {said[0]} was a {said[1]} on Monday."
        return document_from_record(self._record(sentences))

    def _record(self, sentences: Sequence[str]) -> dict[str, str]:
        paragraphs = [" ".join(sentences[first : first + 3]) for first in range(0, _SENTENCES, 3)]
        title, text = self._sentence(printed=False), "\n".join(paragraphs)
        return {"title": title, "text": text, "language": "en", "date": "2026-11-22"}

    def _sentence(self, *, printed: bool) -> str:
        words = self.chance.choices(self.words, cum_weights=self.weights, k=self.chance.randint(12, 22))
        if printed:
            place = self.chance.randrange(len(words))
            words[place] = self.chance.choice(_QUOTES).format(words[place])
        return f"{words[0].capitalize()} {' '.join(words[1:])}."


def per_second(number: int, *works: Callable[[], object], times: int = 7) -> list[float]:
    """Things a CPU second of this process by each way, the median of several runs; others' garbage is not ours to pay.

    The ways take turns, so that a busy moment of the machine falls on all of them; each runs once unmeasured before, so
    that it finds its own data in the caches.
    """
    taken: list[list[float]] = [[] for _ in works]
    gc.collect()
    gc.freeze()
    for _ in range(times):
        for work, times_taken in zip(works, taken, strict=True):
            work()
            start = time.process_time()
            work()
            times_taken.append(time.process_time() - start)
    gc.unfreeze()
    return [number / median(one) for one in taken]


def rows(sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """One row for each number of rules, then the shipped rules on quiet articles and on the subject."""
    world = World.made()
    for size in sizes:
        yield from _row(world, size)
    yield from _shipped(world)


def _row(world: World, size: int) -> Iterator[Row]:
    specs = world.rules(size)
    start = time.process_time()
    judge, _ = compile_rules(RuleBook(rules=tuple(Located(spec, "rules/bench.yaml", {}) for spec in specs)))
    loading = time.process_time() - start
    assert judge
    documents = world.documents(specs)
    terms = sorted({word for spec in specs for node in spec.when.all or () for word in node.words or ()})
    yield _against_automaton(f"judge, {size:,} rules ({loading:.2g} s to load)", judge, documents, terms)
    if size == 10_000:
        yield _against_re(judge, specs, documents)


def _against_automaton(what: str, judge: Judge, documents: Sequence[Document], terms: Sequence[str]) -> Row:
    automaton = BytesAhoCorasick([b" " + fold_bytes(term) for term in terms])
    folded = [b" " + fold_bytes(one.text) for one in documents]
    ours, floor = per_second(
        len(documents),
        lambda: [judge.matches(one) for one in documents],
        lambda: [automaton.find_matches_as_indexes(one, overlapping=True) for one in folded],
    )
    fired = sum(bool(judge.matches(one)) for one in documents) / len(documents)
    return f"{what}, {fired:.0%} match", f"{ours:,.0f}/s", f"{floor:,.0f}/s", f"{floor / ours:.2f}"


def _against_re(judge: Judge, specs: Sequence[RuleSpec], documents: Sequence[Document]) -> Row:
    few = documents[:3]
    compiled = [_expression(spec) for spec in specs]
    (ours,) = per_second(len(documents), lambda: [judge.matches(one) for one in documents])
    (theirs,) = per_second(len(few), lambda: [one.search(text.text) for text in few for one in compiled], times=1)
    return (
        f"judge, {len(specs):,} rules, beside one re for each",
        f"{ours:,.0f}/s",
        f"{theirs:.2f}/s",
        f"1 ÷ {ours / theirs:,.0f}",
    )


def _expression(spec: RuleSpec) -> re.Pattern[str]:
    """One sentence with a word of each group, in either order: what people write in tools that have only `re`."""
    one, other = ("|".join(map(re.escape, node.words or ())) for node in spec.when.all or ())
    return re.compile(rf"\b(?:{one})\b[^.]*\b(?:{other})\b|\b(?:{other})\b[^.]*\b(?:{one})\b", re.IGNORECASE)


def _shipped(world: World) -> Iterator[Row]:
    from tocsin import load_rules

    judge = load_rules(ROOT / "rules")
    terms = sorted(set(judge.vocabulary.lexicon.spelled))
    number = len(judge.rules)
    yield _against_automaton(f"judge, {number} shipped rules, quiet", judge, world.documents(world.rules(10)), terms)
    documents = [document_from_record(record) for record in on_subject()] * 10
    yield _against_automaton(f"judge, {number} shipped rules, on their subject", judge, documents, terms)


def on_subject() -> list[dict[str, str]]:
    """Records of invented articles in five languages, nearly all of which some shipped rule is about."""
    from newsroom.server import Newsroom

    with Newsroom(now=datetime(2026, 11, 22, 9, tzinfo=UTC)) as room:
        pieces = [(piece.title, "\n".join([piece.deck or "", *piece.paragraphs])) for piece in room.articles.values()]
    texts = [text for _, text in pieces] * 2
    return [
        {"title": title, "text": "\n".join(texts[at : at + 3])[: 1500 if at % 5 else 3000], "date": "2026-11-22"}
        for at, (title, _) in enumerate(pieces)
    ]
