"""Feeds: RSS and Atom by feedparser (the one module that imports it), JSON Feed by json, plain RSS by `plainfeed`.

Pure: bytes in, values out. feedparser's own sanitising and link resolving in HTML are off (they take two thirds of its
time); titles and texts are cleaned when articles are made. Entity declarations are refused before it sees the bytes.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from xml.sax import SAXException

import feedparser

from tocsin import urls
from tocsin.model import Entry, FetchReason
from tocsin.sources.plainfeed import is_absolute, plain_feed
from tocsin.sources.xmltext import narrow, part
from tocsin.times import parse_date

_HEAD = 64 * 1024
"""Bytes in which an XML prologue must end."""
_ENTITY = re.compile(rb"<!ENTITY\s+(%?\s*[\w.:-]+)\s+([^>]*)>", re.IGNORECASE)
_HARMLESS = re.compile(rb"""\s*["'](?:&#\w+;|[^&%"']*)["']\s*""")
_DECLARED = re.compile(rb"""(\s*<\?xml[^>]*?encoding\s*=\s*["'])([^"'>]*)["']""")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_SKIP_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's own words."""

    title: str
    language: str | None
    entries: tuple[Entry, ...]
    left_out: int = 0
    """Entries beyond the limit."""
    ttl: int | None = None
    """Seconds for which the feed says it stays the same."""
    several: bool = False
    """Made from more than one body: a sitemap index."""
    notes: tuple[str, ...] = ()
    """Sentences about what could not be read."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day, in UTC, in which the feed says it does not change."""


@dataclass(frozen=True, slots=True)
class NotAFeed:
    """The bytes are no feed; `detail` says what they are."""

    detail: str
    reason: FetchReason = FetchReason.NOT_A_FEED


def parse_feed(
    body: bytes, content_type: str | None, url: str, *, limit: int = 2_000, tags: int = 150_000
) -> ParsedFeed | NotAFeed:
    """The feed in `body`, which was found at `url`; at most `limit` entries and `tags` tags, the first ones."""
    if (narrowed := narrow(body, content_type)) is not None:
        body, content_type = narrowed, _XML
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url, limit)
    if refused := refused_entities(body):
        return NotAFeed(refused)
    cut = part(body, entries=limit, tags=tags)
    if refused := _what_it_is(body, None) if _is_page(body) else cut.refused:
        return NotAFeed(refused)
    found = _feed(cut.body, content_type, url, limit=limit)
    return replace(found, left_out=found.left_out + cut.left_out) if isinstance(found, ParsedFeed) else found


def _feed(body: bytes, content_type: str | None, url: str, *, limit: int) -> ParsedFeed | NotAFeed:
    plain = plain_feed(body, content_type)
    if plain and (read := _read(plain.feed, plain.entries, body, url, limit)) and _all_dated(plain.entries, read):
        return read
    return parsed_feed(body, content_type, url, limit=limit)


def parsed_feed(body: bytes, content_type: str | None, url: str, *, limit: int) -> ParsedFeed | NotAFeed:
    """The same for RSS and Atom, by feedparser whatever the feed is like; entities were refused before."""
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})
    try:
        parsed = feedparser.parse(
            io.BytesIO(_with_known_encoding(body)),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except ValueError as error:  # feedparser's own reading of a broken encoding
        return NotAFeed(f"its text cannot be decoded ({' '.join(str(error).split())[:100]})")
    if not parsed.entries and not parsed.get("version"):
        return NotAFeed(_what_it_is(body, parsed.get("bozo_exception")))
    return _read(parsed.feed, parsed.entries, body, url, limit)


def _read(feed: Mapping[str, Any], found: Sequence[Mapping[str, Any]], body: bytes, url: str, limit: int) -> ParsedFeed:
    language = _language(feed.get("language"))
    return ParsedFeed(
        title=str(feed.get("title", "")),
        language=language,
        entries=tuple(_entry(each, url, language) for each in found[:limit]),
        left_out=max(0, len(found) - limit),
        ttl=_ttl(str(feed.get("ttl") or "")),
        skip_hours=_skip_hours(body),
    )


def _all_dated(found: Sequence[Mapping[str, Any]], read: ParsedFeed) -> bool:
    """Whether every date that is said was understood; feedparser knows more ways to write one."""
    return all(entry.published for each, entry in zip(found, read.entries, strict=False) if each.get("published"))


def _ttl(minutes: str) -> int | None:
    return int(minutes[:6]) * 60 if minutes.strip().isdecimal() else None


def _skip_hours(body: bytes) -> tuple[int, ...]:
    """RSS's own `<skipHours>`, which feedparser passes over; 24 is another way to write 0."""
    found = _SKIP_HOURS.search(body, 0, _HEAD)
    hours = re.findall(rb"<hour>\s*(\d{1,2})\s*</hour>", found[1]) if found else []
    return tuple(sorted({int(hour) % 24 for hour in hours}))


def refused_entities(body: bytes) -> str | None:
    """Why the prologue is refused: entities that refer to others or to files (billion laughs, XXE)."""
    head = body[:_HEAD]
    head = narrow(head) or head
    for name, value in _ENTITY.findall(head):
        if name.startswith(b"%") or not _HARMLESS.fullmatch(value):
            return "the XML declares entities that refer elsewhere, which no feed needs; refused"
    return None


def _with_known_encoding(body: bytes) -> bytes:
    """The body with a declared encoding that does not exist taken for UTF-8: feedparser stumbles over some of them."""
    declared = _DECLARED.match(body[:300])
    if not declared:
        return body
    try:
        codecs.lookup(declared[2].decode("ascii"))
    except (LookupError, ValueError):
        return declared[1] + b"utf-8" + body[declared.end(2) :]
    return body


def _is_page(body: bytes) -> bool:
    """Whether it begins as a page does and nothing of a feed follows: reading it to its end would be for nothing."""
    head = body[:4096]
    return _HTML.search(head) is not None and _FEED.search(head) is None


def _what_it_is(body: bytes, error: object) -> str:
    if _HTML.search(body[:4096]):
        return "this is an HTML page, not a feed — give its address to tocsin sources discover"
    if _SITEMAP.search(body[:4096]):
        return "this is a sitemap, not a feed"
    why = " ".join(str(error).split())[:120] if isinstance(error, SAXException) else ""
    return f"this is no RSS, Atom or JSON feed{f' ({why})' if why else ''}"


def _entry(found: Mapping[str, Any], url: str, language: str | None) -> Entry:
    published, day_only = _published(found)
    return Entry(
        guid=str(found.get("id") or "").strip() or None,
        url=_link(found, url),
        title=str(found.get("title") or ""),
        summary=str(found.get("summary") or ""),
        content=max((str(part.get("value") or "") for part in found.get("content", ())), key=len, default=""),
        author=str(found.get("author") or ""),
        published=published,
        day_only=day_only,
        language=_language(found.get("language")) or language,
    )


def _link(found: Mapping[str, Any], url: str) -> str | None:
    """The entry's page: its link, or a guid that is an address; only http(s)."""
    return next((absolute for link in _links(found) if link and (absolute := _absolute(str(link), url))), None)


def _links(found: Mapping[str, Any]) -> Iterator[Any]:
    yield found.get("link")
    yield from (link.get("href") for link in found.get("links", ()) if link.get("rel") == "alternate")
    if urls.is_web(guid := str(found.get("id") or "")):
        yield guid


def _absolute(link: str, base: str) -> str | None:
    if is_absolute(link):
        return link
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    return joined if urls.is_web(joined) else None


def _published(found: Mapping[str, Any]) -> tuple[datetime | None, bool]:
    """The publisher's own words first: they keep the offset; feedparser's reading of them in UTC else."""
    for name in ("published", "updated", "created"):
        if name not in found:  # asking for `updated` where only `published` is makes feedparser warn
            continue
        if moment := parse_date(str(found[name] or "")):
            return moment
        if (parsed := found.get(f"{name}_parsed")) is not None:
            try:
                year, month, day, hour, minute, second = parsed[:6]
                return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC), False
            except (ValueError, OverflowError):
                continue
    return None, False


def _language(value: object) -> str | None:
    code = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", value.strip()) if isinstance(value, str) else None
    return code[0].lower() if code else None


def _json_feed(body: bytes, url: str, limit: int) -> ParsedFeed | NotAFeed:
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return NotAFeed(f"this is no readable JSON ({' '.join(str(error).split())[:100]})")
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return NotAFeed("this is JSON, but no JSON Feed: it has no list of items")
    items = [item for item in feed["items"] if isinstance(item, dict)]
    language = _language(feed.get("language"))
    entries = tuple(_json_entry(item, url, language) for item in items[:limit])
    return ParsedFeed(
        title=_text(feed, "title"), language=language, entries=entries, left_out=max(0, len(items) - limit)
    )


def _json_entry(item: Mapping[str, Any], url: str, language: str | None) -> Entry:
    entry = Entry(
        guid=_whole(str(item.get("id") or "")).strip() or None,
        url=next(
            filter(None, (_absolute(_text(item, key), url) for key in ("url", "external_url") if _text(item, key))),
            None,
        ),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        author=_json_author(item),
        language=_language(item.get("language")) or language,
    )
    moment = parse_date(_text(item, "date_published")) or parse_date(_text(item, "date_modified"))
    return replace(entry, published=moment[0], day_only=moment[1]) if moment else entry


def _json_author(item: Mapping[str, Any]) -> str:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    return ", ".join(filter(None, (_text(person, "name") for person in people if isinstance(person, dict))))


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return _whole(value) if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """JSON can hold halves of letters (lone surrogates), which no database takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
