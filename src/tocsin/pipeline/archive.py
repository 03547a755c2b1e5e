"""Judges an archive: cut into chunks of thousands of articles, each judged alone, in whatever process.

A chunk only says where its articles stand, and its outcome holds only those on which a rule fired: both are small
enough to be sent elsewhere. Nothing is written here.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from pickle import dumps, loads

from tocsin.articles.document import Draft, Files, Stretch, drafted, drafts, stretches
from tocsin.errors import ArticleError, Problem, UsageError
from tocsin.model import Article
from tocsin.pipeline.commit import Judged, Reading, read_article
from tocsin.rules.book import RuleBook
from tocsin.rules.compile import Judge, compiled
from tocsin.settings import read_settings
from tocsin.specs.channels import ChannelsFile
from tocsin.specs.sources import SourceKind, SourceSpec
from tocsin.store import articles
from tocsin.store.view import View, open_view
from tocsin.workspace import Workspace

TOGETHER = 2000
"""Articles in a chunk, about: seconds of work, beside which it costs nothing to send it elsewhere."""
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_PAGE = 500
"""Stored articles read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Stored articles by their running numbers."""

    after: int
    upto: int

    def __len__(self) -> int:
        return self.upto - self.after


Part = Stretch | Files | Range | Problem
Chunk = tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """By what an archive is judged; it travels to the processes that do it."""

    root: Path
    """The workspace: its store is read where stored articles are judged."""
    book: RuleBook
    sources: tuple[SourceSpec, ...]
    source: str
    """The id under which articles of files are stored."""
    since: datetime | None = None
    until: datetime | None = None
    """Judged is what was published at `since` or later and before `until`."""
    now: datetime


@dataclass(slots=True, kw_only=True)
class Found:
    """What stands in a chunk."""

    read: int = 0
    """How far the run has come with it, in lines, files and running numbers."""
    judged: int = 0
    left_out: int = 0
    """Articles outside the time asked for, or without a date where one is asked for."""
    readings: list[Reading] = field(default_factory=list)
    """Of the articles on which a rule fired, in their order; one from a file has no `fetched_at` yet."""
    stored: list[str] = field(default_factory=list)
    """Ids of the stored articles that were judged."""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences about what could not be judged."""


def plan(workspace: Workspace, *, source: str, since: datetime | None, until: datetime | None, now: datetime) -> Plan:
    """How the workspace judges an archive.

    Raises:
        UsageError: no source may be called so.
    """
    if not _SOURCE.fullmatch(source):
        raise UsageError(f"--source: {source!r} is no id — write lower-case letters, digits and hyphens, 64 at most")
    return Plan(
        root=workspace.root,
        book=workspace.book,
        sources=workspace.sources,
        source=source,
        since=since,
        until=until,
        now=now,
    )


def chunks(paths: Sequence[Path]) -> Iterator[Chunk]:
    """The articles in files of the article format, folders of them and .jsonl files of records."""
    return _together(stretches(paths))


def stored_chunks(last: int) -> Iterator[Chunk]:
    """The store's own articles up to a running number."""
    return ((Range(after=after, upto=min(after + TOGETHER, last)),) for after in range(0, last, TOGETHER))


class Bench:
    """The rules of a plan, compiled; `judge` spares the work where its book is compiled already.

    Raises:
        WorkspaceError: with every problem of the rules.
    """

    def __init__(self, plan: Plan, judge: Judge | None = None) -> None:
        judge = judge or compiled(plan.book)
        self._plan = plan
        self._workspace = Workspace(
            root=plan.root, sources=plan.sources, judge=judge, book=plan.book, channels=ChannelsFile()
        )
        self._sources = {source.id: source for source in plan.sources}

    def batch(self, chunk: Chunk, /) -> Found:
        """What stands in a chunk."""
        found = Found(read=sum(1 if isinstance(part, Problem) else len(part) for part in chunk))
        for part in chunk:
            if isinstance(part, Range):
                self._stored(part, found)
            else:
                self._given(part, found)
        return found

    def _given(self, part: Stretch | Files | Problem, found: Found) -> None:
        for draft in drafts(part.read() if isinstance(part, Stretch) else part):
            if isinstance(draft, Problem):
                found.problems.append(draft)
            elif self._takes(draft.published, found):
                self._judge(draft, found)

    def _stored(self, part: Range, found: Found) -> None:
        with open_view(read_settings().database(self._plan.root)) as view:
            for article, later in _texts(view, part, self._plan.since):
                if self._takes(article.published or article.fetched_at, found):
                    found.stored.append(article.id)
                    for text in (article, *later):
                        self._judge(drafted(text), found)

    def _takes(self, at: datetime | None, found: Found) -> bool:
        """Whether an article is of the time asked for; it is counted either way."""
        since, until = self._plan.since, self._plan.until
        inside = at is not None and (since is None or at >= since) and (until is None or at < until)
        taken = inside or (since is None and until is None)
        found.judged += taken
        found.left_out += not taken
        return taken

    def _judge(self, draft: Draft, found: Found) -> None:
        if not self._workspace.judge.may_match(draft.text):
            return
        try:
            article = draft.article()
        except ArticleError as error:  # what was seen as a document cannot be stored as an article
            found.notes.append(str(error))
            return
        if article.fetched_at is None:
            article = replace(article, source=article.source if article.source in self._sources else self._plan.source)
        judged = Judged()
        reading = read_article(self._workspace, self.source_of(article), article, judged, self._plan.now)
        found.notes += judged.notes
        found.readings += [reading] if reading.matches else []

    def source_of(self, article: Article) -> SourceSpec:
        """The article's source; one that is no longer among the sources is known by its id alone."""
        return self._sources.get(article.source) or source_gone(article.source)


@lru_cache(maxsize=256)
def source_gone(name: str) -> SourceSpec:
    """What stands for a source that has no YAML."""
    return SourceSpec(id="gone", kind=SourceKind.FILES, path=".").model_copy(update={"id": name})


# --- in processes that know of a plan only as bytes ---------------------------------------------------------------


def packed(plan: Plan) -> bytes:
    """The plan as it travels."""
    return dumps(plan)


def judged_chunk(plan: bytes, chunk: Chunk) -> Found:
    """What stands in a chunk by a packed plan, the rules of which are compiled once in each process."""
    return _bench(plan).batch(chunk)


@lru_cache(maxsize=1)
def _bench(plan: bytes) -> Bench:
    bench = Bench(loads(plan))  # noqa: S301 - our own bytes, sent by the process that asks
    gc.freeze()  # the rules stay: no use in looking through them again and again
    return bench


def _texts(view: View, part: Range, since: datetime | None) -> Iterator[tuple[Article, list[Article]]]:
    """The stored articles of a range, each with its later texts."""
    last = part.after
    while last < part.upto:
        with view.reading() as connection:
            page = articles.page(connection, last, min(_PAGE, part.upto - last), since)
            rows = [article for number, article in page if number <= part.upto]
            revised = articles.revised(connection, [article.id for article in rows])
            later = {one.id: articles.revisions_of(connection, one) for one in rows if one.id in revised}
        yield from ((one, [text for _, text in later.get(one.id, ())]) for one in rows)
        last = page[-1][0] if page else part.upto


def _together(parts: Iterable[Part]) -> Iterator[Chunk]:
    chunk: list[Part] = []
    number = 0
    for part in parts:
        chunk.append(part)
        number += 1 if isinstance(part, Problem) else len(part)
        if number >= TOGETHER:
            yield tuple(chunk)
            chunk, number = [], 0
    if chunk:
        yield tuple(chunk)
