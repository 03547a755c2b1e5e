"""From the outlets' files to what a web server sends: articles with dates, feeds, pages. Pure but for reading files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsroom.dates import date, fill

FOLDER = Path(__file__).resolve().parent
FEED_TYPES = {
    "rss": ("rss.xml", "application/rss+xml"),
    "atom": ("atom.xml", "application/atom+xml"),
    "json": ("feed.json", "application/feed+json"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article of an outlet, dates filled in. `id` is `outlet/slug`, `path` its address on the server."""

    id: str
    path: str
    title: str
    deck: str
    byline: str
    section: str
    caption: str
    published: datetime
    day: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet: its head as written in its file, and its articles, newest first."""

    id: str
    name: str
    motto: str
    language: str
    feed: str
    encoding: str
    full_text: bool
    tracking: str
    page: str
    words: dict[str, Any]
    pieces: tuple[Piece, ...]

    @property
    def feed_path(self) -> str:
        return f"/{self.id}/{FEED_TYPES[self.feed][0]}"

    @property
    def feed_type(self) -> str:
        return FEED_TYPES[self.feed][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What stands at one address."""

    body: bytes
    content_type: str
    modified: datetime


def outlets(now: datetime, folder: Path = FOLDER / "outlets") -> tuple[Outlet, ...]:
    """All outlets, their articles dated relative to `now`."""
    return tuple(_outlet(yaml.safe_load(file.read_text("utf-8")), now) for file in sorted(folder.glob("*.yaml")))


def documents(room: tuple[Outlet, ...], base: str) -> dict[str, Document]:
    """Path → what stands there, for every feed, page and front page."""
    env = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["rfc822"] = format_datetime
    return {path: document for outlet in room for path, document in _site(env, outlet, base)}


def _outlet(head: dict[str, Any], now: datetime) -> Outlet:
    articles = head.pop("articles")
    zone = timezone(timedelta(hours=head.pop("utc_offset")))
    pieces = [_piece(head["id"], head["language"], article, now.astimezone(zone)) for article in articles]
    return Outlet(
        **{"encoding": "utf-8", "full_text": False, "tracking": "", **head},
        pieces=tuple(sorted(pieces, key=lambda piece: piece.published, reverse=True)),
    )


def _piece(outlet: str, language: str, article: dict[str, Any], now: datetime) -> Piece:
    published = (now - timedelta(minutes=article["minutes_ago"])).replace(second=0, microsecond=0)

    def text(key: str) -> str:
        return fill(article.get(key, "").strip(), published, language)

    return Piece(
        id=f"{outlet}/{article['slug']}",
        path=f"/{outlet}/{published:%Y/%m/%d}/{article['slug']}.html",
        title=text("title"),
        deck=text("deck"),
        byline=text("byline"),
        section=text("section"),
        caption=text("caption"),
        published=published,
        day=date(published, language),
        paragraphs=tuple(line.strip() for line in text("text").splitlines() if line.strip()),
    )


def _site(env: Environment, outlet: Outlet, base: str) -> Iterator[tuple[str, Document]]:
    newest = outlet.pieces[0].published
    feed = _json_feed(outlet, base) if outlet.feed == "json" else _xml_feed(env, outlet, base)
    yield outlet.feed_path, Document(body=feed, content_type=outlet.feed_type, modified=newest)
    home = env.get_template("home.html").render(outlet=outlet, base=base)
    yield f"/{outlet.id}/", Document(body=home.encode(), content_type="text/html; charset=utf-8", modified=newest)
    for piece in outlet.pieces:
        yield piece.path, _page(env, outlet, piece, base)


def _page(env: Environment, outlet: Outlet, piece: Piece, base: str) -> Document:
    others = [other for other in outlet.pieces if other is not piece]
    html = env.get_template(outlet.page).render(outlet=outlet, piece=piece, others=others, base=base)
    return Document(body=html.encode(), content_type="text/html; charset=utf-8", modified=piece.published)


def _xml_feed(env: Environment, outlet: Outlet, base: str) -> bytes:
    return env.get_template(FEED_TYPES[outlet.feed][0]).render(outlet=outlet, base=base).encode(outlet.encoding)


def _json_feed(outlet: Outlet, base: str) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "description": outlet.motto,
        "home_page_url": f"{base}/{outlet.id}/",
        "feed_url": base + outlet.feed_path,
        "language": outlet.language,
        "items": [_json_item(outlet, piece, base) for piece in outlet.pieces],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _json_item(outlet: Outlet, piece: Piece, base: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": f"{piece.id}#{piece.published:%Y%m%d}",
        "url": base + piece.path,
        "title": piece.title,
        "summary": piece.deck or piece.paragraphs[0],
        "date_published": piece.published.isoformat(),
        "authors": [{"name": piece.byline}] if piece.byline else [],
    }
    if outlet.full_text:
        item["content_html"] = "".join(f"<p>{paragraph}</p>" for paragraph in piece.paragraphs)
    return item
