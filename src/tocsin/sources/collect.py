"""One pass over the sources that are due: what each of them brought, as it comes in.

A source that fails never stops another one. What goes wrong inside a source ends in its `FetchState`, and what had to
be left out of it in its notes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tocsin import urls
from tocsin.articles.identity import identified_by_text, keys, text_key
from tocsin.model import Article, Collected, FetchOutcome, FetchReason, FetchState
from tocsin.sources.answers import Failed, Fetched, Limits, NotModified
from tocsin.sources.entries import Candidate, candidates, from_feed, from_page, unknown, wants_page
from tocsin.sources.feeds import NotAFeed, ParsedFeed, parse_feed
from tocsin.sources.fetch import PAGE, Fetcher
from tocsin.sources.folder import look, read_folder
from tocsin.sources.newness import holds, is_baseline
from tocsin.sources.pages import Page, read_page
from tocsin.sources.schedule import next_due
from tocsin.specs.sources import SourceKind, SourceSpec

log = logging.getLogger(__name__)

Known = Callable[[Collection[str]], frozenset[str]]
"""Which of these identity keys belong to articles that are stored already."""
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """What all polls of one pass share."""

    fetcher: Fetcher
    known: Known
    root: Path
    now: Clock
    limits: Limits
    rng: random.Random
    alert_on_first: bool


async def collect(
    sources: Iterable[SourceSpec],
    states: Mapping[str, FetchState],
    *,
    known: Known,
    root: Path,
    now: Clock,
    limits: Limits | None = None,
    user_agent: str | None = None,
    rng: random.Random | None = None,
    alert_on_first: bool = False,
) -> AsyncIterator[Collected]:
    """Poll these sources at the same time; each one's result as soon as it is there.

    `known` is called in the event loop's own thread. `root` is the workspace, for sources of kind files. With
    `alert_on_first` the first poll of a source is news like any other, and not its baseline.
    """
    limits = limits or Limits()
    rng = rng or random.Random()  # noqa: S311 - jitter
    places = asyncio.Semaphore(limits.sources)
    async with Fetcher(limits, user_agent) as fetcher:
        run = _Pass(
            fetcher=fetcher, known=known, root=root, now=now, limits=limits, rng=rng, alert_on_first=alert_on_first
        )
        tasks = [asyncio.create_task(_guarded(run, spec, states.get(spec.id), places)) for spec in sources]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _poll(source: SourceSpec, state: FetchState | None, run: _Pass) -> Collected:
    """One source, once."""
    before = state or FetchState(source=source.id)
    return await (_folder if is_folder(source) else _feed)(source, before, run)


def is_folder(source: SourceSpec) -> bool:
    """Whether the source is a folder: as it says, or as its address shows."""
    return source.kind is SourceKind.FILES or (source.kind is None and not source.url)


async def _guarded(run: _Pass, source: SourceSpec, state: FetchState | None, places: asyncio.Semaphore) -> Collected:
    async with places:
        try:
            return await _poll(source, state, run)
        except Exception as error:
            log.exception("source %s: internal error", source.id)
            before = state or FetchState(source=source.id)
            why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            return Collected(state=_failed(source, before, FetchReason.CRASHED, why, run))


# --- feeds --------------------------------------------------------------------------------------------------------


async def _feed(source: SourceSpec, before: FetchState, run: _Pass) -> Collected:
    answer = await run.fetcher.get(
        source.url or "",
        etag=before.etag,
        last_modified=before.last_modified,
        headers=source.headers,
        allow=trusted(source),
    )
    if isinstance(answer, Failed):
        state = _failed(source, before, answer.reason, answer.detail, run, retry_after=answer.retry_after)
        return Collected(state=state)
    if isinstance(answer, NotModified):
        return Collected(state=_unchanged(source, before, FetchReason.NOT_MODIFIED, run))
    digest = hashlib.sha256(answer.body).hexdigest()
    if digest == before.body_hash:
        state = replace(before, etag=answer.etag, last_modified=answer.last_modified)
        return Collected(state=_unchanged(source, state, FetchReason.SAME_BODY, run))
    feed = await asyncio.to_thread(parse_feed, answer.body, answer.content_type, answer.url, limit=run.limits.entries)
    if isinstance(feed, NotAFeed):
        return Collected(state=_failed(source, before, FetchReason.NOT_A_FEED, feed.detail, run))
    state = replace(before, etag=answer.etag, last_modified=answer.last_modified, body_hash=digest)
    return await _new_articles(source, state, feed, run)


async def _new_articles(source: SourceSpec, state: FetchState, feed: ParsedFeed, run: _Pass) -> Collected:
    found = candidates(source, feed.entries)
    asked = [key for candidate in found for key in candidate.keys]
    fresh = unknown(found, run.known(asked) if asked else ())
    results = await asyncio.gather(*(_article(source, candidate, run) for candidate in fresh))
    notes = [note for _, note in results if note]
    if feed.left_out:
        notes.append(f"{source.id}: {feed.left_out} entries beyond the first {run.limits.entries} were left out")
    articles, sightings = _sorted_out((article for article, _ in results), run.known)
    done = _succeeded(source, state, FetchReason.NEW_CONTENT, run)
    baseline = is_baseline(source, state, alert_on_first=run.alert_on_first)
    held = holds(articles, run.now(), baseline=baseline)
    return Collected(state=done, articles=articles, sightings=sightings, held=held, notes=tuple(notes))


async def _article(source: SourceSpec, candidate: Candidate, run: _Pass) -> tuple[Article, str]:
    """The entry's article, and what there is to say about how it was had."""
    if not wants_page(source, candidate.entry):
        return await asyncio.to_thread(from_feed, source, candidate, run.now()), ""
    page = await _page(source, candidate.entry.url or "", run)
    if isinstance(page, Page):
        return from_page(source, candidate, page, run.now()), ""
    note = f"{source.id}: {candidate.entry.url}: {page} — the feed's own text was taken"
    return from_feed(source, candidate, run.now()), note


async def _page(source: SourceSpec, url: str, run: _Pass) -> Page | str:
    """The article's page, or why it could not be read."""
    answer = await run.fetcher.get(url, headers=_own_headers(source, url), allow=trusted(source), accept=PAGE)
    if isinstance(answer, Failed):
        return answer.detail
    if not isinstance(answer, Fetched) or not _is_html(answer):
        return "this is no HTML page"
    try:
        return await asyncio.to_thread(read_page, answer.body, answer.url, select=source.select)
    except Exception as error:
        log.warning("source %s: a page could not be read: %s", source.id, type(error).__name__, exc_info=True)
        return f"its text could not be read ({type(error).__name__})"


def trusted(source: SourceSpec) -> frozenset[str]:
    """The `host:port` that may be private for this source: the one its owner wrote down, and those it allows."""
    return frozenset({urls.host_port(source.url or ""), *(place.lower() for place in source.allow_private)} - {""})


def _own_headers(source: SourceSpec, url: str) -> dict[str, str]:
    """The source's headers may hold a key: they go to its own host only."""
    return source.headers if urls.host_port(url) == urls.host_port(source.url or "") else {}


def _is_html(answer: Fetched) -> bool:
    kind = (answer.content_type or "text/html").partition(";")[0].strip().lower()
    return "html" in kind or (
        kind in {"text/plain", "application/octet-stream"} and b"<html" in answer.body[:2048].lower()
    )


def _sorted_out(made: Iterable[Article], known: Known) -> tuple[tuple[Article, ...], tuple[Article, ...]]:
    """New articles, and those whose text is known already: from the store, or from this very feed."""
    articles = list(made)
    stored = known([key for article in articles for key in keys(article)]) if articles else frozenset()
    new: list[Article] = []
    seen_again: list[Article] = []
    texts: set[str] = set()
    for article in articles:
        text = {text_key(article)} if identified_by_text(article) else set()
        again = not stored.isdisjoint(keys(article)) or not texts.isdisjoint(text)
        (seen_again if again else new).append(article)
        texts |= text
    return tuple(new), tuple(seen_again)


# --- folders ------------------------------------------------------------------------------------------------------


async def _folder(source: SourceSpec, before: FetchState, run: _Pass) -> Collected:
    path = run.root / (source.path or "")
    folder = await asyncio.to_thread(look, path)
    if folder is None:
        detail = f"{source.path}: no such folder in the workspace — make it, or correct path:"
        return Collected(state=_failed(source, before, FetchReason.NO_FOLDER, detail, run))
    if folder.fingerprint == before.body_hash:
        return Collected(state=_unchanged(source, before, FetchReason.SAME_BODY, run))
    articles, notes = await asyncio.to_thread(read_folder, source, folder, run.now())
    if notes and not articles:
        return Collected(state=_failed(source, before, FetchReason.UNREADABLE, notes[0], run), notes=tuple(notes))
    known = run.known([key for article in articles for key in keys(article)]) if articles else frozenset()
    new = {key: each for each in reversed(articles) if known.isdisjoint(keys(each)) for key in (each.id,)}
    state = _succeeded(source, replace(before, body_hash=folder.fingerprint), FetchReason.NEW_CONTENT, run)
    return Collected(state=state, articles=tuple(reversed(new.values())), notes=tuple(notes))


# --- states -------------------------------------------------------------------------------------------------------


def _succeeded(source: SourceSpec, before: FetchState, reason: FetchReason, run: _Pass) -> FetchState:
    outcome = FetchOutcome.OK if reason is FetchReason.NEW_CONTENT else FetchOutcome.UNCHANGED
    now = run.now()
    state = replace(before, outcome=outcome, reason=reason, detail="", failures=0, polled_at=now, success_at=now)
    return replace(state, due_at=next_due(source, state, outcome, now, run.rng))


def _unchanged(source: SourceSpec, before: FetchState, reason: FetchReason, run: _Pass) -> FetchState:
    return _succeeded(source, before, reason, run)


def _failed(
    source: SourceSpec,
    before: FetchState,
    reason: FetchReason,
    detail: str,
    run: _Pass,
    *,
    retry_after: float | None = None,
) -> FetchState:
    now, outcome = run.now(), FetchOutcome.FAILED
    state = replace(before, outcome=outcome, reason=reason, detail=detail, failures=before.failures + 1, polled_at=now)
    return replace(state, due_at=next_due(source, state, outcome, now, run.rng, retry_after=retry_after))


# --- checking -----------------------------------------------------------------------------------------------------


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
    feed = await asyncio.to_thread(parse_feed, answer.body, answer.content_type, answer.url)
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
