"""Trying sources out: what each would bring now, without storing anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tocsin import urls
from tocsin.sources.answers import Failed, Fetched, Limits
from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.fetch import PAGE, Fetcher
from tocsin.sources.folder import look, read_folder
from tocsin.sources.pages import read_page
from tocsin.sources.reading import ask, is_folder, own_headers, read, trusted
from tocsin.sources.robots import Robots
from tocsin.specs.sources import SourceSpec

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
_TRIED = 3
"""Pages asked for until one comes on which the selectors can be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What `tocsin sources check` found out about a source, without storing anything."""

    source: str
    ok: bool
    sentence: str
    entries: int = 0
    newest: datetime | None = None
    notes: tuple[str, ...] = ()
    """What should be mended though entries came: selectors that find nothing, parts that could not be read."""


async def check(source: SourceSpec, *, root: Path, fetcher: Fetcher, robots: Robots, now: datetime) -> CheckResult:
    """Whether the source can be read now, and what is in it."""
    if is_folder(source):
        return await asyncio.to_thread(_checked_folder, source, root, now)
    answer = await ask(source, source.url or "", fetcher, robots)
    if not isinstance(answer, Fetched):
        detail = answer.detail if isinstance(answer, Failed) else "the server answered 304 without being asked to"
        return CheckResult(source=source.id, ok=False, sentence=detail)
    feed = await read(source, answer, fetcher, now)
    if isinstance(feed, NotAFeed):
        return CheckResult(source=source.id, ok=False, sentence=feed.detail)
    moved = "" if urls.canonical(answer.url) == urls.canonical(source.url or "") else f", found at {answer.url}"
    result = _checked(source, len(feed.entries), [entry.published for entry in feed.entries], f"entries{moved}")
    return replace(result, notes=(*feed.notes, *await _selected(source, feed, fetcher, robots)))


async def _selected(source: SourceSpec, feed: ParsedFeed, fetcher: Fetcher, robots: Robots) -> list[str]:
    """What `select` does not find on the page of the first entry that can be read."""
    addresses = [entry.url for entry in feed.entries if entry.url] if source.select else []
    for url in addresses[:_TRIED]:
        if await robots.refusal(url, trusted(source)):
            continue
        answer = await fetcher.get(url, headers=own_headers(source, url), allow=trusted(source), accept=PAGE)
        if isinstance(answer, Fetched):
            page = await asyncio.to_thread(read_page, answer.body, answer.url, select=source.select)
            return [f"select: {name} {getattr(source.select, name)!r} finds nothing on {url}" for name in page.missed]
    return ["select: none of its pages could be read to try the selectors"] if addresses else []


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
            return await check(source, root=root, fetcher=fetcher, robots=robots, now=now())
        except Exception as error:
            log.exception("source %s: internal error", source.id)
            return CheckResult(source=source.id, ok=False, sentence=f"internal error ({type(error).__name__})")

    async with Fetcher(limits, user_agent) as fetcher:
        robots = Robots(fetcher)
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
