"""Where on a page the list of articles stands: repeated elements that each lead to one article of the site. Pure."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from urllib.parse import urljoin, urlsplit

from tocsin import urls
from tocsin.articles.clean import line
from tocsin.sources.markup import Tag
from tocsin.specs.sources import Listing
from tocsin.times import date_in

_FURNITURE = frozenset({"nav", "footer", "aside", "form", "select", "header"})
_ARTICLE = re.compile(
    r"\d{3,}|/\d+/?$|[^/-]+(?:-[^/-]+){2,}|\.(?:s?html?|php|aspx?|jsp|do)$|/(?:article|news|press|release|story|view)s?/[^/]",
    re.IGNORECASE,
)
"""What the address of an article has and that of a section has not: a number, a phrase, a page's name."""
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies)|authors?|login|signup|subscribe|about|contact|privacy|page)(?:/|$)|\.(?:pdf|jpe?g|png|zip)$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{1,40}")
"""A class that people gave: no digits, which often change from build to build or from entry to entry."""
_FEW = 3
"""Entries from which there is a list."""
_TITLE = 12
"""Characters from which a link's text may be a headline; one beyond Latin counts as two."""
_LONG = 60
_CLIMB = 3
"""Levels above the entry that its selector names."""


def guessed(page: Tag, base: str) -> Listing | None:
    """Selectors for the page's list of articles; None when nothing on it looks like one."""
    links = [(link, address) for link in page.select("a[href]") if (address := _article(link, base))]
    groups: defaultdict[str, dict[str, Tag]] = defaultdict(dict)
    for entry, address in _entries(links):
        groups[_selector(entry)].setdefault(address, entry)
    best = max(groups, key=lambda selector: _score(list(groups[selector].values())), default="")
    return Listing(entry=best) if best and len(groups[best]) >= _FEW and _reads(page, best, base) else None


def _article(link: Tag, base: str) -> str:
    """The canonical address of the article that the link leads to; empty when it seems to lead to none."""
    target = str(link["href"]).strip()
    try:
        address = urljoin(base, target)
        parts = urlsplit(address)
    except ValueError:
        return ""
    if target.startswith("#") or not urls.is_web(address) or urls.family(address) != urls.family(base):
        return ""
    place = parts.path + (f"?{parts.query}" if parts.query else "")
    if not _ARTICLE.search(place) or _NO_ARTICLE.search(parts.path):
        return ""
    own = urls.canonical(address)
    return "" if own == urls.canonical(base) or any(each.name in _FURNITURE for each in _around(link)) else own


def _around(link: Tag) -> Iterator[Tag]:
    """The elements around a link; a header inside an article is the article's own."""
    for each in link.parents:
        if each.name == "article":
            return
        yield each


def _entries(links: list[tuple[Tag, str]]) -> Iterator[tuple[Tag, str]]:
    """For each article the largest elements that hold links to it alone."""
    held: defaultdict[int, set[str]] = defaultdict(set)
    for link, address in links:
        for each in link.parents:
            held[id(each)].add(address)
    for link, address in links:
        entry = link
        for each in link.parents:
            if len(held[id(each)]) > 1 or each.name in {"body", "html", "[document]"}:
                break
            entry = each
        yield entry, address


def _selector(entry: Tag) -> str:
    """The entry by tag and class, below the nearest parents that have a name."""
    parts = [_step(entry)]
    for level, each in enumerate(entry.parents):
        if each.name in {"body", "html", "[document]"} or level == _CLIMB:
            break
        parts.append(_step(each))
        if "." in parts[-1] or "#" in parts[-1]:
            break
    return " > ".join(reversed(parts))


def _step(element: Tag) -> str:
    own = element.get("id")
    if isinstance(own, str) and _NAME.fullmatch(own):
        return f"{element.name}#{own}"
    classes = element.get("class")
    named = [name for name in classes or () if _NAME.fullmatch(name)] if isinstance(classes, list) else []
    return ".".join([element.name, *named[:1]])


def _score(entries: Collection[Tag]) -> float:
    """How much a group looks like news: headlines that are sentences, dates, many of them."""
    texts = [line(entry.get_text(" ")) for entry in entries]
    headlines = [min(_weight(text), _LONG) for text in texts]
    full = sum(weight >= _TITLE for weight in headlines)
    if full < _FEW:
        return 0.0
    dated = sum(any(date_in(str(text)) for text in entry.find_all(string=True)) for entry in entries)
    return math.sqrt(min(full, 40)) * (sum(headlines) / len(entries)) * (1 + dated / len(entries))


def _weight(text: str) -> int:
    return sum(2 if letter > "\u2e80" else 1 for letter in text)


def _reads(page: Tag, selector: str, base: str) -> bool:
    """Whether what the selector finds is mostly entries."""
    found = page.select(selector)
    good = sum(any(_article(link, base) for link in _links(entry)) for entry in found)
    return good >= _FEW and 2 * good >= len(found)


def _links(entry: Tag) -> list[Tag]:
    return [entry] if entry.name == "a" and entry.get("href") else list(entry.select("a[href]"))
