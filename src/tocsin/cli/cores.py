"""Judges many articles, on all cores where that pays: in batches, in order, with few of them under way at a time.

The process that asks only cuts files into batches; reading them, and all that follows, is done where they are judged.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from tocsin.articles.document import Batch, Draft, drafted, drafts
from tocsin.errors import Problem, TocsinError
from tocsin.model import Article, Document
from tocsin.rules.backtest import Span, Told, told
from tocsin.rules.book import RuleBook
from tocsin.rules.compile import Judge, compiled

FEW = 200
"""Fewer articles are judged here: other processes would take longer to start."""
_UNDER_WAY = 4
"""Batches for each core that are read in advance."""

W_contra = TypeVar("W_contra", contravariant=True)
M_co = TypeVar("M_co", covariant=True)

Work = Batch | tuple[Article, ...]
"""What is judged at a time: a batch of what files hold, or stored articles."""
Pair = tuple[Told | None, Told | None]
"""What the rules, and what the old rules, make of an article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to judge, and by what; it travels to the other processes, which compile it there."""

    book: RuleBook
    old: RuleBook | None = None
    """The rules to compare with."""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tags of the sources, for stored articles."""
    young: datetime | None = None
    """Nothing older than this is judged."""


@dataclass(slots=True, kw_only=True)
class Course:
    """What a run has gone through so far, or one batch of it."""

    read: int = 0
    """Lines, files or stored articles: how far the run has come."""
    span: Span = field(default_factory=Span)
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    """Articles that are too old, or have no date where only young ones are wanted."""
    pairs: list[Pair] = field(default_factory=list)
    """Of the articles on which anything fires, in their order."""

    def add(self, later: Course) -> None:
        """Takes in what came next."""
        self.read += later.read
        self.span.join(later.span)
        self.problems += later.problems
        self.left_out += later.left_out
        self.pairs += later.pairs


class Bench:
    """The rules of a plan, compiled; `judge` spares the work where its book is compiled already.

    Raises:
        WorkspaceError: with every problem of the rules.
    """

    def __init__(self, plan: Plan, judge: Judge | None = None) -> None:
        self._judge = judge or compiled(plan.book)
        self._old = compiled(plan.old) if plan.old else None
        self._tags = plan.tags
        self._young = plan.young
        self._kin = self._judge.kin

    def batch(self, work: Work) -> Course:
        """What stands in a batch."""
        course = Course(read=1 if isinstance(work, Problem) else len(work))
        for draft in self._drafts(work):
            if isinstance(draft, Problem):
                course.problems.append(draft)
            elif self._takes(draft, course) and self._may_match(draft.text):
                pair = self._pair(draft.document())
                course.pairs += [pair] if pair != (None, None) else []
        return course

    def _drafts(self, work: Work) -> Iterable[Draft | Problem]:
        return map(self._stored, work) if isinstance(work, tuple) else drafts(work)

    def _stored(self, article: Article) -> Draft:
        """A stored article without a date is as old as our first sight of it."""
        published, tags = article.published or article.fetched_at, self._tags.get(article.source, ())
        draft = drafted(article)
        return replace(
            draft,
            published=published,
            document=lambda: replace(draft.document(), tags=tags, published=published),
        )

    def _takes(self, draft: Draft, course: Course) -> bool:
        """Whether an article is young enough; it is counted either way. Without a date nobody knows: it is not."""
        at = draft.published
        if self._young and (at is None or at < self._young):
            course.left_out += 1
            return False
        course.span.add(at)
        return True

    def _may_match(self, text: str) -> bool:
        return self._judge.may_match(text) or (self._old is not None and self._old.may_match(text))

    def _pair(self, text: Document) -> Pair:
        return told(self._judge, text, self._kin), told(self._old, text, self._kin) if self._old else None


class Judging(Protocol[W_contra, M_co]):
    """What judges batches, one after the other; so slow to make that it is made once in each process."""

    def batch(self, work: W_contra, /) -> M_co:
        """What stands in a batch; an empty tuple is one in which nothing stands."""
        ...


@contextmanager
def workbench(
    make: Callable[[], Judging[W_contra, M_co]], bench: Judging[W_contra, M_co], number: int
) -> Iterator[Callable[[Iterable[W_contra]], Iterator[M_co]]]:
    """What judges batches, in their order: this process when the `number` of articles is small, else one on each core.

    `bench` is what `make` makes, which can travel to other processes. To be entered before threads are begun (a
    progress bar's): then the others can share the compiled rules.
    """
    if number < FEW or cores() == 1:
        yield partial(map, bench.batch)
        return
    pool = _begun(make, bench)
    try:
        yield partial(_elsewhere, pool)
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begun(make: Callable[[], Judging[W_contra, M_co]], bench: Judging[W_contra, M_co]) -> ProcessPoolExecutor:
    """Processes that are under way. A fork shares the rules, but no thread survives it, and macOS forbids it."""
    forks = sys.platform == "linux" and threading.active_count() == 1
    context = get_context("fork" if forks else "spawn")
    given = (lambda: bench) if forks else make
    pool = ProcessPoolExecutor(cores(), mp_context=context, initializer=_begin, initargs=(given,))
    pool.submit(_judge, ())  # begins them
    return pool


def _elsewhere(pool: ProcessPoolExecutor, batches: Iterable[Any]) -> Iterator[Any]:
    under_way: deque[Future[Any]] = deque()
    try:
        for batch in batches:
            under_way.append(pool.submit(_judge, batch))
            if len(under_way) >= cores() * _UNDER_WAY:
                yield under_way.popleft().result()
        for future in under_way:
            yield future.result()
    except BrokenProcessPool:
        raise TocsinError(
            "a process that judged articles was ended from outside (out of memory?) — try fewer articles"
        ) from None


# --- in the other processes ---------------------------------------------------------------------------------------

_benches: list[Judging[Any, Any]] = []


def _begin(make: Callable[[], Judging[Any, Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked; it ends us
    _benches.append(make())
    gc.freeze()  # the rules stay: no use in looking through them again and again


def _judge(batch: Any) -> Any:
    return _benches[0].batch(batch)
