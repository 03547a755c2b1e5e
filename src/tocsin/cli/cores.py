"""Judges many articles, on all cores where that pays: in chunks, in order, with few of them under way at a time."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from multiprocessing import get_context

from tocsin.articles.document import document
from tocsin.errors import WorkspaceError
from tocsin.model import Article, Document
from tocsin.rules.backtest import Told, told
from tocsin.rules.book import RuleBook
from tocsin.rules.compile import Judge, compile_rules

FEW = 200
"""Fewer articles are judged here: other processes would take longer to start."""
_CHUNK = 100
_UNDER_WAY = 4
"""Chunks for each core that are read in advance."""

Item = Document | Article
Pair = tuple[Told | None, Told | None]
"""What the rules, and what the old rules, make of an article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to judge by; it travels to the other processes, which compile it there."""

    book: RuleBook
    old: RuleBook | None = None
    """The rules to compare with."""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tags of the sources, for stored articles."""


class Bench:
    """The rules of a plan, compiled.

    Raises:
        WorkspaceError: with every problem of the rules.
    """

    def __init__(self, plan: Plan) -> None:
        self.judge = _compiled(plan.book)
        self._old = _compiled(plan.old) if plan.old else None
        self._tags = plan.tags
        self._kin = self.judge.kin

    def chunk(self, items: Sequence[Item]) -> list[Pair]:
        """What stands in a chunk of articles; those on which nothing fires are left out."""
        pairs = (self._pair(self._document(item)) for item in items)
        return [pair for pair in pairs if pair != (None, None)]

    def _pair(self, text: Document) -> Pair:
        return told(self.judge, text, self._kin), told(self._old, text, self._kin) if self._old else None

    def _document(self, item: Item) -> Document:
        if isinstance(item, Document):
            return item
        return replace(document(item), tags=self._tags.get(item.source, ()), published=date_of(item))


def date_of(item: Item) -> datetime | None:
    """When it was published; a stored article without a date is as old as our first sight of it."""
    return item.published if isinstance(item, Document) else item.published or item.fetched_at


def judge_all(plan: Plan, bench: Bench, items: Iterable[Item], done: Callable[[int], None]) -> Iterator[Pair]:
    """What the rules make of the articles, in their order; `done` is told how many more are judged."""
    waiting = iter(items)
    first = list(islice(waiting, FEW))
    judged: Iterator[tuple[list[Item], list[Pair]]]
    if len(first) < FEW or cores() == 1:
        judged = ((chunk, bench.chunk(chunk)) for chunk in _chunks(chain(first, waiting)))
    else:
        judged = _elsewhere(plan, _chunks(chain(first, waiting)))
    for chunk, pairs in judged:
        done(len(chunk))
        yield from pairs


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compiled(book: RuleBook) -> Judge:
    judge, problems = compile_rules(book)
    if judge is None:
        raise WorkspaceError(problem for problem in problems if not problem.warning)
    return judge


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(items, _CHUNK)):
        yield chunk


def _elsewhere(plan: Plan, chunks: Iterator[list[Item]]) -> Iterator[tuple[list[Item], list[Pair]]]:
    """Chunks judged in other processes; `spawn`, since a progress bar's thread does not survive a fork."""
    pool = ProcessPoolExecutor(cores(), mp_context=get_context("spawn"), initializer=_begin, initargs=(plan,))
    try:
        under_way: deque[tuple[list[Item], Future[list[Pair]]]] = deque()
        for chunk in chunks:
            under_way.append((chunk, pool.submit(_judge, chunk)))
            if len(under_way) >= cores() * _UNDER_WAY:
                first, future = under_way.popleft()
                yield first, future.result()
        for first, future in under_way:
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


# --- in the other processes ---------------------------------------------------------------------------------------

_benches: list[Bench] = []


def _begin(plan: Plan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked; it ends us
    _benches.append(Bench(plan))
    gc.freeze()  # the rules stay: no use in looking through them again and again


def _judge(items: Sequence[Item]) -> list[Pair]:
    return _benches[0].chunk(items)
