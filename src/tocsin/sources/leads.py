"""Where a site may keep its feeds and sitemaps: what its pages declare and link to, what robots.txt names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from tocsin import urls
from tocsin.articles.clean import line
from tocsin.sources.markup import Tag, page_of

_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
    | {"application/xml", "text/xml"}
)
_FEED_LIKE = re.compile(
    r"(?:^|[/._?=-])(?:rss|feeds?|atom|rdf)(?:[/._?&=-]|\d*\.xml|\d?$)|\.(?:rss|atom|rdf)$|feed\.json$", re.IGNORECASE
)
_COMMENTS = re.compile(r"comments?\b|댓글|コメント|комментари|评论", re.IGNORECASE)
_NARROW = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies)|authors?|search|label)s?/|[?&](?:tag|cat|author|s)=", re.IGNORECASE
)
_NEWS = re.compile(r"news", re.IGNORECASE)
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_FEED_PLACES = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_SITEMAP_PLACES = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml")
_LONGEST = 2_000
"""Characters of an address."""


class How(StrEnum):
    """How we came to an address, the most trustworthy first."""

    GIVEN = "the address itself"
    DECLARED = "declared by the page"
    LINKED = "linked from the page"
    ROBOTS = "named in robots.txt"
    USUAL = "found at a usual place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An address worth trying."""

    url: str
    how: How
    title: str = ""

    @property
    def narrow(self) -> bool:
        """Whether it seems to be about one tag, section or author."""
        return _NARROW.search(self.url) is not None

    @property
    def news(self) -> bool:
        """Whether it seems to be the sitemap of the news."""
        return _NEWS.search(urlsplit(self.url).path) is not None


def leads_of_page(html: bytes, content_type: str | None, url: str) -> list[Lead]:
    """The feeds that the page declares, then those it links to on its own site; none of comments."""
    page = page_of(html, content_type)
    return distinct([*_declared(page, url), *_linked(page, url)])


def wants_login(html: bytes, content_type: str | None) -> bool:
    """Whether the page asks for a password."""
    return page_of(html, content_type).select_one("input[type=password i]") is not None


def sitemaps_of_robots(text: str, url: str) -> list[Lead]:
    """The sitemaps that a robots.txt names, those of the news first."""
    found = distinct(lead_to(each, url, How.ROBOTS) for each in _SITEMAP.findall(text))
    return sorted(found, key=lambda lead: not lead.news)


def usual_feeds(url: str) -> list[Lead]:
    """Where feeds usually are."""
    return distinct(lead_to(place, url, How.USUAL) for place in _FEED_PLACES)


def usual_sitemaps(url: str) -> list[Lead]:
    """Where sitemaps usually are."""
    return distinct(lead_to(place, url, How.USUAL) for place in _SITEMAP_PLACES)


def distinct(found: Iterable[Lead | None]) -> list[Lead]:
    """Each address once, the first of it."""
    kept: dict[str, Lead] = {}
    for lead in found:
        if lead:
            kept.setdefault(urls.canonical(lead.url), lead)
    return list(kept.values())


def _declared(page: Tag, url: str) -> Iterator[Lead | None]:
    for each in page.select("link[href][rel~=alternate], link[href][rel~=feed]"):
        kind = str(each.get("type") or "").partition(";")[0].strip().lower()
        if kind in _TYPES or "feed" in (each.get("rel") or ()):
            yield lead_to(str(each["href"]), url, How.DECLARED, str(each.get("title") or ""))


def _linked(page: Tag, url: str) -> Iterator[Lead | None]:
    for each in page.select("a[href]"):
        lead = lead_to(str(each["href"]), url, How.LINKED, each.get_text(" "))
        if lead and urls.family(lead.url) == urls.family(url) and _FEED_LIKE.search(_place(lead.url)):
            yield lead


def _place(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def lead_to(target: str, base: str, how: How, title: str = "") -> Lead | None:
    """The address that `target` means on the page at `base`; None when it is none, or leads to comments."""
    try:
        url = urljoin(base, target.strip()).partition("#")[0]
    except ValueError:
        return None
    if not urls.is_web(url) or re.search(r"\s", url) or len(url) > _LONGEST:
        return None
    if _COMMENTS.search(urlsplit(url).path + urlsplit(url).query) or _COMMENTS.search(title):
        return None
    return Lead(url=url, how=how, title=line(title))
