"""Reading what stands at a source's address: a feed, a sitemap, or an index whose sitemaps are fetched too."""

from __future__ import annotations

import asyncio
from datetime import datetime

from tocsin import urls
from tocsin.sources.answers import Failed, Fetched
from tocsin.sources.feeds import NotAFeed, ParsedFeed, parse_feed
from tocsin.sources.fetch import Fetcher
from tocsin.sources.sitemaps import Index, is_sitemap, merged, parse_sitemap
from tocsin.specs.sources import SourceKind, SourceSpec

_SMALL = 256 * 1024
"""Bytes of a body that is read without a thread of its own."""


def is_folder(source: SourceSpec) -> bool:
    """Whether the source is a folder: as it says, or as its address shows."""
    return source.kind is SourceKind.FILES or (source.kind is None and not source.url)


def trusted(source: SourceSpec) -> frozenset[str]:
    """The `host:port` that may be private for this source: the one its owner wrote down, and those it allows."""
    return frozenset({urls.host_port(source.url or ""), *(place.lower() for place in source.allow_private)} - {""})


def own_headers(source: SourceSpec, url: str) -> dict[str, str]:
    """The source's headers may hold a key: they go to its own host only."""
    return source.headers if urls.host_port(url) == urls.host_port(source.url or "") else {}


async def read(source: SourceSpec, answer: Fetched, fetcher: Fetcher, now: datetime) -> ParsedFeed | NotAFeed:
    """The entries in the answer, read as the kind that the source says, or else as the kind that it looks like."""
    limit = fetcher.limits.entries
    small = len(answer.body) <= _SMALL  # a thread costs more than it spares the others
    found = (
        _parsed(source, answer, now, limit) if small else await asyncio.to_thread(_parsed, source, answer, now, limit)
    )
    return await _sitemaps(source, found, fetcher, now) if isinstance(found, Index) else found


def _parsed(source: SourceSpec, answer: Fetched, now: datetime, limit: int) -> ParsedFeed | Index | NotAFeed:
    if source.kind is SourceKind.SITEMAP or (source.kind is None and is_sitemap(answer.body)):
        return parse_sitemap(answer.body, now, limit=limit)
    return parse_feed(answer.body, answer.content_type, answer.url, limit=limit)


async def _sitemaps(source: SourceSpec, index: Index, fetcher: Fetcher, now: datetime) -> ParsedFeed | NotAFeed:
    """The sitemaps of an index as one; those that cannot be read are left out with a note, unless it is all of them."""
    limit = fetcher.limits.entries
    results = await asyncio.gather(*(_sitemap(source, url, fetcher, now, limit) for url in index.children))
    parts = [part for part in results if isinstance(part, ParsedFeed)]
    notes = [part for part in results if isinstance(part, str)]
    if index.children and not parts:
        return NotAFeed(f"this is an index of sitemaps, none of which can be read ({notes[0]})")
    if index.left_out:
        notes.append(f"{index.left_out} sitemaps beyond the newest {len(index.children)} were left out")
    return merged(parts, notes, limit=limit)


async def _sitemap(source: SourceSpec, url: str, fetcher: Fetcher, now: datetime, limit: int) -> ParsedFeed | str:
    """One sitemap of an index, or why it cannot be read."""
    answer = await fetcher.get(url, headers=own_headers(source, url), allow=trusted(source))
    if not isinstance(answer, Fetched):
        return f"{url}: {answer.detail if isinstance(answer, Failed) else 'the server answered 304'}"
    found = await asyncio.to_thread(parse_sitemap, answer.body, now, limit=limit)
    if isinstance(found, ParsedFeed):
        return found
    return f"{url}: {found.detail if isinstance(found, NotAFeed) else 'an index inside an index is not followed'}"
