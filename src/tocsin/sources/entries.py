"""From what a feed says to articles: which entries are new, and which text each one gets. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin import urls
from tocsin.articles.build import build
from tocsin.articles.clean import headline
from tocsin.articles.identity import entry_keys
from tocsin.articles.language import detect
from tocsin.model import Article, Entry
from tocsin.sources.markup import paragraphs_of
from tocsin.sources.pages import Page
from tocsin.specs.sources import SourceSpec

_FULL = 900
"""Characters from which a feed's text counts as the full one; one of Korean, Japanese or Chinese counts as two."""
_WIDE = re.compile("[\u3040-\ud7a3]")
_SEVERAL = 3
"""Paragraphs of a feed's content from which half of that is enough."""
_CUT_OFF = ("…", "...", "[…]", "[...]", "&hellip;", "more", "もっと見る", "더보기")
_EARLIEST = 1995
"""Dates before are clocks that were never set (1970) or typing errors."""
_AHEAD = timedelta(days=1)
"""A date later than this from now is not believed, wherever on Earth the publisher is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry and the keys by which its article may be known."""

    entry: Entry
    keys: tuple[str, ...]


def candidates(source: SourceSpec, entries: Iterable[Entry]) -> list[Candidate]:
    """The feed's entries, each once. An entry that says nothing at all is left out.

    A guid that several entries of the feed carry, at different addresses, identifies none of them.
    """
    unique = list(
        dict.fromkeys(entry for entry in entries if entry.title or entry.summary or entry.content or entry.url)
    )
    shared = _shared_guids(unique)
    found: dict[tuple[str, ...], Candidate] = {}
    for entry in unique:
        kept = replace(entry, guid=None) if entry.guid in shared else entry
        keys = entry_keys(source.id, kept)
        found.setdefault(keys or ("entry", str(len(found))), Candidate(entry=kept, keys=keys))
    return list(found.values())


def unknown(found: Iterable[Candidate], known: Collection[str]) -> list[Candidate]:
    """The candidates of which no key is known; of two that share a key, the first."""
    fresh: list[Candidate] = []
    taken = set(known)
    for candidate in found:
        if taken.isdisjoint(candidate.keys):
            fresh.append(candidate)
            taken.update(candidate.keys)
    return fresh


def wants_page(source: SourceSpec, entry: Entry) -> bool:
    """Whether the article's own page is to be read."""
    if source.text == "feed" or not entry.url:
        return False
    return source.text == "page" or not has_full_text(entry)


def has_full_text(entry: Entry) -> bool:
    """Whether the feed carries the whole text: long enough, or in several paragraphs apart from the summary."""
    return _is_full(entry, paragraphs_of(entry.content or entry.summary))


def _is_full(entry: Entry, paragraphs: tuple[str, ...]) -> bool:
    text = " ".join(paragraphs)
    if text.rstrip(" »>").lower().endswith(_CUT_OFF):
        return False
    weight = len(text) + (0 if text.isascii() else len(_WIDE.findall(text)))
    several = bool(entry.content) and len(paragraphs) >= _SEVERAL and len(entry.content) > len(entry.summary)
    return weight >= (_FULL // 2 if several else _FULL)


def from_feed(source: SourceSpec, candidate: Candidate, now: datetime) -> Article:
    """The article out of the feed's own text; a teaser when that is not the full one."""
    entry = candidate.entry
    paragraphs = paragraphs_of(entry.content or entry.summary)
    return _built(source, candidate, now, paragraphs=paragraphs, teaser=not _is_full(entry, paragraphs))


def from_page(source: SourceSpec, candidate: Candidate, page: Page, now: datetime) -> Article:
    """The article out of its page, or out of the feed when that says more (a paywall, a page of scripts)."""
    own = paragraphs_of(candidate.entry.content or candidate.entry.summary)
    if _length(page.paragraphs) <= _length(own):
        return from_feed(source, candidate, now)
    return _built(source, candidate, now, paragraphs=page.paragraphs, page=page, teaser=page.teaser)


def _built(
    source: SourceSpec,
    candidate: Candidate,
    now: datetime,
    *,
    paragraphs: tuple[str, ...],
    page: Page | None = None,
    teaser: bool = False,
) -> Article:
    entry = candidate.entry
    published, day_only = _moment(entry, page, now)
    title = headline(entry.title) or (page.title if page else "")
    return build(
        title=title,
        deck=_deck(title, page),
        byline=(page.byline if page else "") or entry.author,
        published=published,
        day_only=day_only,
        paragraphs=paragraphs,
        language=source.language or detect(" ".join((title, *paragraphs)), entry.language) or entry.language,
        source=source.id,
        guid=entry.guid,
        url=entry.url,
        canonical_url=(page.canonical_url if page else None) or (urls.canonical(entry.url) if entry.url else None),
        teaser=teaser,
        fetched_at=now,
        entry_keys=candidate.keys,
        from_page=page is not None,
    )


def _moment(entry: Entry, page: Page | None, now: datetime) -> tuple[datetime | None, bool]:
    """The feed's date or else the page's; the page's too where the feed names the day only. An absurd one is none."""
    stated = [(entry.published, entry.day_only)]
    if page:
        stated.append((page.published, page.day_only))
    possible = [(when, day) for when, day in stated if when and when.year >= _EARLIEST and when <= now + _AHEAD]
    if not possible:
        return None, False
    first, last = possible[0], possible[-1]
    return last if first[1] and not last[1] and first[0].date() == last[0].date() else first


def _deck(title: str, page: Page | None) -> str:
    return page.deck if page and page.deck != title else ""


def _shared_guids(entries: Iterable[Entry]) -> frozenset[str]:
    places = {(entry.guid, urls.canonical(entry.url or "")) for entry in entries if entry.guid}
    return frozenset(guid for guid, count in Counter(guid for guid, _ in places).items() if guid and count > 1)


def _length(paragraphs: tuple[str, ...]) -> int:
    return sum(map(len, paragraphs))
