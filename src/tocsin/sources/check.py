"""Trying sources out: what each would bring now, without storing anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tocsin import urls
from tocsin.sources.answers import Failed, Fetched, Limits
from tocsin.sources.feeds import NotAFeed
from tocsin.sources.fetch import Fetcher
from tocsin.sources.folder import look, read_folder
from tocsin.sources.reading import is_folder, read, trusted
from tocsin.specs.sources import SourceSpec

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What `tocsin sources check` found out about a source, without storing anything."""

    source: str
    ok: bool
    sentence: str
    entries: int = 0
    newest: datetime | None = None


async def check(source: SourceSpec, *, root: Path, fetcher: Fetcher, now: datetime) -> CheckResult:
    """Whether the source can be read now, and what is in it."""
    if is_folder(source):
        return await asyncio.to_thread(_checked_folder, source, root, now)
    answer = await fetcher.get(source.url or "", headers=source.headers, allow=trusted(source))
    if not isinstance(answer, Fetched):
        detail = answer.detail if isinstance(answer, Failed) else "the server answered 304 without being asked to"
        return CheckResult(source=source.id, ok=False, sentence=detail)
    feed = await read(source, answer, fetcher, now)
    if isinstance(feed, NotAFeed):
        return CheckResult(source=source.id, ok=False, sentence=feed.detail)
    moved = "" if urls.canonical(answer.url) == urls.canonical(source.url or "") else f", found at {answer.url}"
    return _checked(source, len(feed.entries), [entry.published for entry in feed.entries], f"entries{moved}")


async def check_all(
    sources: Iterable[SourceSpec],
    *,
    root: Path,
    now: Clock,
    limits: Limits | None = None,
    user_agent: str | None = None,
) -> AsyncIterator[CheckResult]:
    """Check sources at the same time; each result as soon as it is there."""

    async def guarded(source: SourceSpec) -> CheckResult:
        try:
            return await check(source, root=root, fetcher=fetcher, now=now())
        except Exception as error:
            log.exception("source %s: internal error", source.id)
            return CheckResult(source=source.id, ok=False, sentence=f"internal error ({type(error).__name__})")

    async with Fetcher(limits, user_agent) as fetcher:
        tasks = [asyncio.create_task(guarded(source)) for source in sources]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            for each in tasks:
                each.cancel()


def _checked_folder(source: SourceSpec, root: Path, now: datetime) -> CheckResult:
    folder = look(root / (source.path or ""))
    if folder is None:
        return CheckResult(source=source.id, ok=False, sentence=f"{source.path}: no such folder in the workspace")
    articles, notes = read_folder(source, folder, now)
    if notes:
        return CheckResult(source=source.id, ok=False, sentence=notes[0], entries=len(articles))
    return _checked(source, len(articles), [article.published for article in articles], "files")


def _checked(source: SourceSpec, count: int, dates: list[datetime | None], what: str) -> CheckResult:
    known = [date for date in dates if date]
    newest = max(known, default=None)
    age = f", newest {newest:%Y-%m-%d %H:%M}" if newest else ", none with a date" if count else ""
    return CheckResult(source=source.id, ok=True, sentence=f"{count} {what}{age}", entries=count, newest=newest)
