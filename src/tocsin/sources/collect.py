"""One pass over the sources that are due: what each of them brought, as it comes in.

A source that fails never stops another one. What goes wrong inside a source ends in its `FetchState`, and what had to
be left out of it in its notes.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tocsin.articles.identity import identified_by_text, keys, text_key, text_keys
from tocsin.model import Article, Collected, FetchReason, FetchState
from tocsin.sources.answers import Failed, Fetched, Limits, NotModified, is_html
from tocsin.sources.entries import Candidate, candidates, from_feed, from_page, unknown, wants_page
from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.fetch import PAGE, Fetcher
from tocsin.sources.folder import look, read_folder
from tocsin.sources.misses import Misses
from tocsin.sources.newness import holds, is_baseline
from tocsin.sources.pages import Page, read_page
from tocsin.sources.reading import ask, fingerprint, is_folder, own_headers, read, trusted
from tocsin.sources.rhythm import from_arrivals, from_dates
from tocsin.sources.robots import Robots
from tocsin.sources.schedule import conditional, interval
from tocsin.sources.states import current, failed, refused, succeeded
from tocsin.sources.window import Comparison, compare, remember
from tocsin.specs.sources import SourceSpec

log = logging.getLogger(__name__)

_AHEAD = 16
"""Results that may wait for whoever takes them; polling waits then, so that memory stays bounded."""
_AT_ONCE = 50
"""Articles made before others get a turn."""

Known = Callable[[Collection[str]], frozenset[str]]
"""Which of these identity keys belong to articles that are stored already."""
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Unread:
    """A page that could not be read: why, and whether that may pass."""

    why: str
    passing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """What all polls of one pass share."""

    fetcher: Fetcher
    robots: Robots
    known: Known
    root: Path
    now: Clock
    limits: Limits
    rng: random.Random
    alert_on_first: bool

    def succeeded(
        self, source: SourceSpec, before: FetchState, reason: FetchReason, answer: Fetched | NotModified | None = None
    ) -> FetchState:
        return succeeded(source, before, reason, self.now(), self.rng, answer)

    def failed(self, source: SourceSpec, before: FetchState, reason: FetchReason, detail: str) -> FetchState:
        return failed(source, before, reason, detail, self.now(), self.rng)


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

    The next source is taken when there is room for it, and its state looked up then: both may be found out on the way;
    what goes wrong in that is raised when everything that was begun is done. `known` is called in the event loop's own
    thread. `root` is the workspace, for sources of kind files. With `alert_on_first` the first poll of a source is news
    like any other, and not its baseline.
    """
    limits = limits or Limits()
    rng = rng or random.Random()  # noqa: S311 - jitter
    waiting = iter(sources)
    done: asyncio.Queue[Collected | None] = asyncio.Queue(_AHEAD)
    async with Fetcher(limits, user_agent) as fetcher:
        run = _Pass(
            fetcher=fetcher,
            robots=Robots(fetcher),
            known=known,
            root=root,
            now=now,
            limits=limits,
            rng=rng,
            alert_on_first=alert_on_first,
        )

        async def work() -> None:
            for source in waiting:
                await done.put(await _guarded(run, source, states.get(source.id)))

        tasks = [asyncio.create_task(work()) for _ in range(limits.sources)]

        async def end() -> None:
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await done.put(None)
            for error in filter(None, ended):
                raise error

        ending = asyncio.create_task(end())
        try:
            while (one := await done.get()) is not None:
                yield one
            await ending
        finally:
            for each in (*tasks, ending):
                each.cancel()
            await asyncio.gather(*tasks, ending, return_exceptions=True)


async def _poll(source: SourceSpec, state: FetchState | None, run: _Pass) -> Collected:
    """One source, once."""
    return await (_folder if is_folder(source) else _feed)(source, current(source, state), run)


async def _guarded(run: _Pass, source: SourceSpec, state: FetchState | None) -> Collected:
    try:
        return await _poll(source, state, run)
    except Exception as error:
        ours = not isinstance(error, OSError)  # a full disk or the like is no mistake of ours, and is said by its name
        log.exception("source %s: internal error", source.id, extra={"source": source.id}, exc_info=ours)
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return Collected(state=run.failed(source, current(source, state), FetchReason.CRASHED, why))


# --- feeds --------------------------------------------------------------------------------------------------------


async def _feed(source: SourceSpec, before: FetchState, run: _Pass) -> Collected:
    now = run.now()
    url = before.moved_to or source.url or ""
    changed_only = conditional(before, now)
    answer = await ask(
        source,
        url,
        run.fetcher,
        run.robots,
        etag=before.etag if changed_only else None,
        last_modified=before.last_modified if changed_only else None,
    )
    if isinstance(answer, Failed):
        return Collected(state=refused(source, before, answer, run.now(), run.rng))
    if isinstance(answer, NotModified):
        return Collected(state=run.succeeded(source, before, FetchReason.NOT_MODIFIED, answer))
    digest = fingerprint(source, answer.body)
    if digest == before.body_hash:
        return Collected(state=run.succeeded(source, before, FetchReason.SAME_BODY, answer))
    feed = await read(source, answer, run.fetcher, now)
    if isinstance(feed, NotAFeed):
        return Collected(state=run.failed(source, before, feed.reason, feed.detail))
    if feed.several:
        # Its parts change while the body stays as it is: it is read in full each time.
        answer, digest = replace(answer, etag=None, last_modified=None), ""
    return await _new_articles(source, replace(before, body_hash=digest or None), feed, answer, run)


async def _new_articles(
    source: SourceSpec, before: FetchState, feed: ParsedFeed, answer: Fetched, run: _Pass
) -> Collected:
    found = candidates(source, feed.entries)
    asked = [key for candidate in found for key in candidate.keys]
    known = run.known(asked) if asked else frozenset()
    fresh = unknown(found, known)
    news = compare(before.window, found, known)
    changed = sorted(news.changed)
    wanted = [*fresh, *(found[place] for place in changed)]
    misses = Misses()
    results = await _articles(source, wanted, run, misses)
    made, again = results[: len(fresh)], results[len(fresh) :]
    articles, sightings = _sorted_out((article for article, _ in made), run.known)
    flooded = {id(found[place]) for place in news.flood}
    flood = {article.id for (article, _), one in zip(made, fresh, strict=True) if id(one) in flooded}
    revisions = _revisions((article for article, unread in again if not unread), run.known)
    places = {id(one): place for place, one in enumerate(found)}
    unread = {places[id(one)]: lost for one, (_, lost) in zip(wanted, results, strict=True) if lost}
    state = remember(_remembered(before, feed, len(articles), run.now()), news, unread, run.now())
    if any(lost.passing for place, lost in unread.items() if place not in news.tried):
        # The next poll reads the feed in full, to try those pages again although nothing may have changed.
        state, answer = replace(state, body_hash=None), replace(answer, etag=None, last_modified=None)
    first = before.success_at is None
    baseline = is_baseline(source, before, alert_on_first=run.alert_on_first)
    held = holds(articles, run.now(), first=first, baseline=baseline, flood=flood)
    return Collected(
        state=run.succeeded(source, state, FetchReason.NEW_CONTENT, answer),
        articles=articles,
        sightings=sightings,
        revisions=revisions,
        held=held | holds(revisions, run.now(), first=False),
        notes=(*_lost(source, found, unread), *misses.notes(source), *_notes(source, feed, news, state, run)),
    )


def _lost(source: SourceSpec, found: Sequence[Candidate], unread: Mapping[int, _Unread]) -> list[str]:
    """What there is to say of the pages that could not be read."""
    return [
        f"{source.id}: {found[place].entry.url}: {lost.why} — the feed's own text was taken"
        for place, lost in unread.items()
    ]


def _notes(source: SourceSpec, feed: ParsedFeed, news: Comparison, state: FetchState, run: _Pass) -> list[str]:
    """What a person should know of this feed."""
    notes = [f"{source.id}: {note}" for note in feed.notes]
    if feed.left_out:
        notes.append(f"{source.id}: {feed.left_out} entries beyond the first {run.limits.entries} were left out")
    if news.gap:
        minutes = interval(source, state).total_seconds() / 60
        notes.append(
            f"{source.id}: nothing of its last feed is in this one: entries may have been missed between the two; "
            f"it is polled every {minutes:.0f} min for a day"
        )
    if news.flood:
        notes.append(
            f"{source.id}: {len(news.flood)} of {len(news.window)} entries came with new addresses and known titles, "
            "as when a site moves: kept, not told (quarantined)"
        )
    return notes


def _revisions(made: Iterable[Article], known: Known) -> tuple[Article, ...]:
    """Those of the rewritten articles whose text is not known."""
    articles = list(made)
    stored = known([key for article in articles for key in text_keys(article)]) if articles else frozenset()
    return tuple(article for article in articles if stored.isdisjoint(text_keys(article)))


def _remembered(before: FetchState, feed: ParsedFeed, new: int, now: datetime) -> FetchState:
    """What the feed shows of the source's ways."""
    rhythm = from_dates((entry.published for entry in feed.entries), now) or from_arrivals(before, new, now)
    state = replace(before, rhythm=rhythm, ttl=feed.ttl, skip_hours=feed.skip_hours)
    return replace(state, new_at=now) if new else state


async def _articles(
    source: SourceSpec, wanted: Sequence[Candidate], run: _Pass, misses: Misses
) -> list[tuple[Article, _Unread | None]]:
    """Each entry's article, and what kept us from reading its page."""
    asked = [candidate for candidate in wanted if wants_page(source, candidate.entry)]
    answers = await asyncio.gather(*(_page(source, candidate.entry.url or "", run) for candidate in asked))
    pages = {id(candidate): page for candidate, page in zip(asked, answers, strict=True)}
    made = []
    for number, candidate in enumerate(wanted, start=1):
        page = pages.get(id(candidate))
        if isinstance(page, Page):
            misses.count(page)
        made.append(_article(source, candidate, page, run))
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)  # the others' turn
    return made


def _article(
    source: SourceSpec, candidate: Candidate, page: Page | _Unread | None, run: _Pass
) -> tuple[Article, _Unread | None]:
    """The entry's article out of its page, or the feed's own text where there is none."""
    if isinstance(page, Page):
        return from_page(source, candidate, page, run.now()), None
    return from_feed(source, candidate, run.now()), page


async def _page(source: SourceSpec, url: str, run: _Pass) -> Page | _Unread:
    """The article's page, or why it could not be read."""
    if refusal := await run.robots.refusal(url, trusted(source)):
        return _Unread(refusal.why, refusal.passing)
    answer = await run.fetcher.get(url, headers=own_headers(source, url), allow=trusted(source), accept=PAGE)
    if isinstance(answer, Failed):
        return _Unread(answer.detail, answer.passing)
    if not isinstance(answer, Fetched) or not is_html(answer):
        return _Unread("this is no HTML page")
    try:
        return await asyncio.to_thread(read_page, answer.body, answer.url, select=source.select)
    except Exception as error:
        log.warning("source %s: a page could not be read: %s", source.id, type(error).__name__, exc_info=True)
        return _Unread(f"its text could not be read ({type(error).__name__})")


def _sorted_out(made: Iterable[Article], known: Known) -> tuple[tuple[Article, ...], tuple[Article, ...]]:
    """New articles, and those whose text is known already: from the store, or from this very feed."""
    articles = list(made)
    # By its entry none of them is known: that was asked before.
    asked = [key for article in articles for key in keys(article) if key not in article.entry_keys]
    stored = known(asked) if asked else frozenset()
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
        return Collected(state=run.failed(source, before, FetchReason.NO_FOLDER, detail))
    if folder.fingerprint == before.body_hash:
        return Collected(state=run.succeeded(source, before, FetchReason.SAME_BODY))
    articles, notes = await asyncio.to_thread(read_folder, source, folder, run.now())
    if notes and not articles:
        return Collected(state=run.failed(source, before, FetchReason.UNREADABLE, notes[0]), notes=tuple(notes))
    known = run.known([key for article in articles for key in keys(article)]) if articles else frozenset()
    new = {key: each for each in reversed(articles) if known.isdisjoint(keys(each)) for key in (each.id,)}
    arrived = replace(before, new_at=run.now()) if new else before
    state = run.succeeded(source, replace(arrived, body_hash=folder.fingerprint), FetchReason.NEW_CONTENT)
    return Collected(state=state, articles=tuple(reversed(new.values())), notes=tuple(notes))
