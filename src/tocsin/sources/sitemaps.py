"""Sitemaps, news sitemaps and sitemap indexes (sitemaps.org), read as a feed's entries. Pure.

A sitemap lists a whole site: only pages dated lately are entries, and undated ones where nothing is dated. What follows
a mistake in the XML is lost, what stands before it is not.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, ParseError, iterparse

from tocsin import urls
from tocsin.model import Entry
from tocsin.sources.feeds import NotAFeed, ParsedFeed, refused_entities
from tocsin.times import parse_date

RECENT = timedelta(days=7)
"""Older pages are no news: they would be held as stale."""
CHILDREN = 10
"""Sitemaps of an index that are read, the newest ones."""
_UNPACKED = 50 * 1024 * 1024
"""Bytes; the standard's own limit of one sitemap."""
_PICTURE = re.compile(r"sitemap-(image|video)/")
"""In the names of what belongs to a page's pictures, which have places and titles of their own."""
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A sitemap of sitemaps."""

    children: tuple[str, ...]
    """Addresses to read, the newest first."""
    left_out: int = 0
    """Recent or undated ones beyond `CHILDREN`."""


def is_sitemap(body: bytes) -> bool:
    """Whether the bytes begin as a sitemap or an index does, compressed or not."""
    return _ROOT.search(_unpacked(body, 4096)[:4096]) is not None


def parse_sitemap(body: bytes, now: datetime, *, limit: int) -> ParsedFeed | Index | NotAFeed:
    """The sitemap's recent pages as entries, the newest `limit` of them; or the sitemaps of an index."""
    text = _unpacked(body, _UNPACKED)
    root = _ROOT.search(text[:4096])
    if not root:
        return NotAFeed("this is no sitemap")
    if refused := refused_entities(text):
        return NotAFeed(refused)
    found = _recent([_entry(each) for each in _elements(text)], now)
    if root[1] == b"sitemapindex":
        children = [each.url for each in found if each.url]
        return Index(children=tuple(children[:CHILDREN]), left_out=max(0, len(children) - CHILDREN))
    pages = [each for each in found if each.url]
    return ParsedFeed(title="", language=None, entries=tuple(pages[:limit]), left_out=max(0, len(pages) - limit))


def merged(parts: Iterable[ParsedFeed], notes: Iterable[str], *, limit: int) -> ParsedFeed:
    """The sitemaps of an index as one."""
    parts = list(parts)
    entries = [entry for part in parts for entry in part.entries]
    return ParsedFeed(
        title="",
        language=None,
        entries=tuple(entries[:limit]),
        left_out=sum(part.left_out for part in parts) + max(0, len(entries) - limit),
        several=True,
        notes=tuple(notes),
    )


def _recent(found: list[Entry], now: datetime) -> list[Entry]:
    """Those dated lately, the newest first; all of them where nothing is dated."""
    dated = [(each.published, each) for each in found if each.published]
    if not dated:
        return found
    fresh = [pair for pair in dated if pair[0] > now - RECENT]
    return [each for _, each in sorted(fresh, key=lambda pair: pair[0], reverse=True)]


def _elements(text: bytes) -> Iterator[Element]:
    """Each `<url>` or `<sitemap>`, up to the first mistake."""
    try:
        # Entities were refused before; the standard library reads no others.
        for _, element in iterparse(io.BytesIO(text), events=("end",)):  # noqa: S314
            if _name(element) in {"url", "sitemap"}:
                yield element
                element.clear()
    except ParseError:
        return


def _entry(element: Element) -> Entry:
    said: dict[str, str] = {}
    for each in element.iter():
        if each.text and not _PICTURE.search(each.tag):
            said.setdefault(_name(each), each.text.strip())
    moment = parse_date(said.get("publication_date", "")) or parse_date(said.get("lastmod", ""))
    url = said.get("loc", "")
    language = said.get("language", "")
    return Entry(
        url=url if urls.is_web(url) else None,
        title=said.get("title", ""),
        published=moment[0] if moment else None,
        day_only=moment[1] if moment else False,
        language=language[:2] if re.match(r"[a-z]{2}\b", language) else None,
    )


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _unpacked(body: bytes, limit: int) -> bytes:
    """The bytes themselves, or what a .gz file holds, up to the limit."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:limit]
    try:
        with gzip.open(io.BytesIO(body)) as file:
            return file.read(limit)
    except (OSError, EOFError, zlib.error):
        return b""
