"""Reading what stands at a source's address: a feed, a sitemap, an index with its sitemaps, or a page of links."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from tocsin import urls
from tocsin.model import FetchReason
from tocsin.sources.answers import Answer, Failed, Fetched, Limits
from tocsin.sources.feeds import NotAFeed, ParsedFeed, parse_feed
from tocsin.sources.fetch import FEED, PAGE, Fetcher
from tocsin.sources.robots import Robots
from tocsin.sources.sitemaps import Index, is_sitemap, merged, parse_sitemap
from tocsin.specs.sources import SourceKind, SourceSpec

_SMALL = 256 * 1024
"""Bytes of a body that is read without a thread of its own."""


def is_folder(source: SourceSpec) -> bool:
    """Whether the source is a folder: as it says, or as its address shows."""
    return source.kind is SourceKind.FILES or (source.kind is None and not source.url)


def trusted(source: SourceSpec) -> frozenset[str]:
    """The `host:port` that may be private addresses for this source: those that its owner listed, and no others."""
    return frozenset(source.allow_private)


def own_headers(source: SourceSpec, url: str) -> dict[str, str]:
    """The source's headers may hold a key: they go to its own host only."""
    return source.headers if urls.host_port(url) == urls.host_port(source.url or "") else {}


def fingerprint(source: SourceSpec, body: bytes) -> str:
    """The same for the same bytes read in the same way: a list whose selectors were corrected is read again."""
    how = source.list_.model_dump_json().encode() if source.list_ else b""
    return hashlib.sha256(body + how).hexdigest()


async def ask(
    source: SourceSpec,
    url: str,
    fetcher: Fetcher,
    robots: Robots,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Answer:
    """What stands at the source's address, or at the one it moved to; a page only if robots.txt lets us."""
    allow = trusted(source)
    if source.is_page and (refusal := await robots.refusal(url, allow)):
        return Failed(reason=FetchReason.ROBOTS, detail=refusal.why)
    headers, accept = own_headers(source, url), PAGE if source.is_page else FEED
    return await fetcher.get(url, etag=etag, last_modified=last_modified, headers=headers, allow=allow, accept=accept)


async def read(source: SourceSpec, answer: Fetched, fetcher: Fetcher, now: datetime) -> ParsedFeed | NotAFeed:
    """The entries in the answer, read as the kind that the source says, or else as the kind that it looks like."""
    limits = fetcher.limits
    small = len(answer.body) <= _SMALL  # a thread costs more than it spares the others
    found = (
        _parsed(source, answer, now, limits) if small else await asyncio.to_thread(_parsed, source, answer, now, limits)
    )
    return await _sitemaps(source, found, fetcher, now) if isinstance(found, Index) else found


def _parsed(source: SourceSpec, answer: Fetched, now: datetime, limits: Limits) -> ParsedFeed | Index | NotAFeed:
    if source.is_page:
        from tocsin.sources.listing import parse_listing  # noqa: PLC0415 - few sources are pages

        return parse_listing(answer.body, answer.content_type, answer.url, source.list_, limit=limits.entries)
    if source.kind is SourceKind.SITEMAP or (source.kind is None and is_sitemap(answer.body)):
        return parse_sitemap(answer.body, now, limit=limits.entries)
    return parse_feed(answer.body, answer.content_type, answer.url, limit=limits.entries, tags=limits.tags)


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
