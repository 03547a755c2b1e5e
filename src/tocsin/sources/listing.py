"""Pages that list articles (press releases, sites without a feed), read as a feed's entries. Pure.

Where the selectors say nothing, an entry is read as such lists are usually built: the heading's link, else the one with
the longest text; the first thing that is a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from tocsin import urls
from tocsin.articles.clean import line
from tocsin.model import Entry, FetchReason
from tocsin.sources.feeds import NotAFeed, ParsedFeed
from tocsin.sources.guess import guessed
from tocsin.sources.markup import Tag, page_of
from tocsin.specs.sources import Listing
from tocsin.times import date_in

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_DATED = "time, [itemprop=datePublished], [class*=date i], [class*=time i], [class*=day i]"
_DATE_LENGTH = 60
"""Characters of an element that is taken for a date because it is one."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
_LONGEST = 500
"""Characters of a title; more is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What one element of the list holds."""

    element: Tag
    link: Tag | None
    url: str | None
    title: str
    deck: str
    date: str


def parse_listing(
    body: bytes, content_type: str | None, url: str, listing: Listing | None, *, limit: int = 2_000
) -> ParsedFeed | NotAFeed:
    """The articles that the page at `url` lists, in its order, each address once; without `listing` it is guessed."""
    page = page_of(body, content_type)
    base = _base(page, url)
    chosen = listing or guessed(page, base)
    if chosen is None:
        return _nothing(
            "nothing on this page looks like a list of articles — it may be built by script, or want a login; "
            "otherwise write list: with selectors"
        )
    rows = [_row(element, chosen, base) for element in page.select(chosen.entry)]
    if missing := _missing(rows, chosen):
        return _nothing(missing)
    entries = _merged(_entries(rows, page, chosen))
    return ParsedFeed(
        title=_name(page),
        language=_language(page),
        entries=tuple(entries[:limit]),
        left_out=max(0, len(entries) - limit),
        notes=tuple(_notes(rows, entries, chosen)),
    )


def guess(body: bytes, content_type: str | None, url: str) -> Listing | None:
    """Selectors for the list of articles on the page at `url`; None when there is none to be seen."""
    page = page_of(body, content_type)
    return guessed(page, _base(page, url))


def _base(page: Tag, url: str) -> str:
    """What relative links are relative to."""
    said = page.select_one("base[href]")
    try:
        return urljoin(url, str(said["href"]).strip()) if said else url
    except ValueError:
        return url


def _name(page: Tag) -> str:
    """The site's name as the page gives it."""
    said = page.select_one("meta[property='og:site_name'][content]")
    title = page.select_one("title")
    return line(str(said["content"])) if said else line(title.get_text()) if title else ""


def _language(page: Tag) -> str | None:
    """The language that the page states."""
    stated = page.select_one("html[lang]")
    code = _LANGUAGE.match(str(stated["lang"]).strip()) if stated else None
    return code[0].lower() if code else None


# --- one entry ----------------------------------------------------------------------------------------------------


def _row(element: Tag, listing: Listing, base: str) -> _Row:
    link = _link(element, listing.link, base)
    when = _date_element(element, listing.date)
    deck = _chosen(element, listing.deck)
    return _Row(
        element=element,
        link=link,
        url=_address(link, base),
        title=_title(element, listing.title, link, when),
        deck=line(deck.get_text(" ")) if deck else "",
        date=_date_text(when) if when else "",
    )


def _chosen(element: Tag, selector: str | None) -> Tag | None:
    """What the selector finds inside the entry, or the entry itself where it fits."""
    if not selector:
        return None
    return element.select_one(selector) or (element if element.css.match(selector) else None)


def _link(element: Tag, selector: str | None, base: str) -> Tag | None:
    """The element with the address. The chosen one may also lie around it or within it."""
    if selector:
        found = _chosen(element, selector)
        if found is None or found.get("href"):
            return found
        return found.select_one("a[href]") or found.find_parent("a", href=True) or found
    links = [element] if element.name == "a" else element.select("a[href]")
    usable = [link for link in links if _address(link, base)]
    headed = (link for link in usable if link.find(_HEADINGS) or link.find_parent(_HEADINGS))
    return next(headed, None) or max(usable, key=_length, default=next(iter(links), None))


def _length(link: Tag) -> int:
    return len(line(link.get_text(" ")))


def _address(link: Tag | None, base: str) -> str | None:
    """Where the link leads; None for scripts, mail and places on this very page."""
    target = str(link.get("href") or "").strip() if link else ""
    if not target or target.startswith("#"):
        return None
    try:
        absolute = urljoin(base, target)
    except ValueError:
        return None
    return absolute if urls.is_web(absolute) else None


def _title(element: Tag, selector: str | None, link: Tag | None, when: Tag | None) -> str:
    if selector and (chosen := _chosen(element, selector)):
        return line(chosen.get_text(" "))[:_LONGEST]
    heading = link and (link.find(_HEADINGS) or link.find_parent(_HEADINGS))
    inside = heading if heading and (heading is not element) else link
    if inside is None:
        return ""
    text = line(" ".join(_texts(inside, when)))
    if text or link is None:
        return text[:_LONGEST]
    picture = link.select_one("img[alt]")
    return line(str(link.get("title") or (picture["alt"] if picture else "")))


def _texts(element: Tag, without: Tag | None) -> Iterator[str]:
    """The element's texts but those in `without`: a date that stands inside the link is no part of the title."""
    for text in element.find_all(string=True):
        if without is None or without is element or not any(each is without for each in text.parents):
            yield str(text)


def _date_element(element: Tag, selector: str | None) -> Tag | None:
    if selector:
        return _chosen(element, selector)
    named = (each for each in element.select(_DATED) if date_in(_date_text(each)))
    leaves = element.select(":not(:has(*))")
    bare = (each for each in leaves if len(text := each.get_text()) <= _DATE_LENGTH and date_in(text))
    return next(named, None) or next(bare, None)


def _date_text(element: Tag) -> str:
    stated = (element.get(name) for name in ("datetime", "content"))
    return line(next((value for value in stated if isinstance(value, str) and value), "") or element.get_text(" "))


# --- all of them --------------------------------------------------------------------------------------------------


def _missing(rows: list[_Row], listing: Listing) -> str:
    """Which selector finds nothing without which there are no entries; empty when none."""
    if not rows:
        return f"list: entry {listing.entry!r} finds nothing on this page — {_MEND}"
    if any(row.url for row in rows):
        return ""
    where = f"in any of the {len(rows)} entries"
    if listing.link and not any(row.link for row in rows):
        return f"list: link {listing.link!r} finds nothing {where} — {_MEND}"
    if any(row.link for row in rows):
        return f"the links {where} lead to no address (they are made by script): this page cannot be read as a list"
    return f"there is no link {where} that list: entry {listing.entry!r} finds — {_MEND}"


_MEND = "the page was rebuilt, or is built by script; correct it (tocsin sources discover proposes selectors)"


def _notes(rows: list[_Row], entries: list[Entry], listing: Listing) -> Iterator[str]:
    """What a person should know of a list that could be read."""
    found = {
        "title": any(_chosen(row.element, listing.title) for row in rows),
        "date": any(entry.published for entry in entries),
        "deck": any(row.deck for row in rows),
    }
    for name, there in found.items():
        selector = getattr(listing, name)
        if selector and not there:
            nothing = "no date" if name == "date" else "nothing"
            yield f"list: {name} {selector!r} finds {nothing} in any of {len(rows)} entries — correct it or drop it"
    if lost := sum(row.url is None and row.link is not None for row in rows):
        yield f"{lost} of {len(rows)} entries have no link that is an address: left out"


def _entries(rows: list[_Row], page: Tag, listing: Listing) -> Iterator[Entry]:
    above = _dates_above(rows, page, listing.date) if listing.date and not any(row.date for row in rows) else {}
    for row in rows:
        if row.url:
            moment = date_in(row.date or above.get(id(row.element), ""))
            made = Entry(url=row.url, title=row.title, summary=row.deck)
            yield replace(made, published=moment[0], day_only=moment[1]) if moment else made


def _dates_above(rows: list[_Row], page: Tag, selector: str) -> dict[int, str]:
    """For each row the nearest date before it, as where a day's heading stands over its entries."""
    dates, elements = set(map(id, page.select(selector))), {id(row.element) for row in rows}
    found: dict[int, str] = {}
    last = ""
    for element in page.select("*"):
        if id(element) in dates:
            last = _date_text(element)
        elif id(element) in elements:
            found[id(element)] = last
    return found


def _merged(entries: Iterator[Entry]) -> list[Entry]:
    """Each address once: a picture and a headline, or a pinned entry and its place in the list, are one."""
    found: dict[str, Entry] = {}
    for entry in entries:
        key = urls.canonical(entry.url or "")
        first = found.setdefault(key, entry)
        if first is not entry:
            dated = first if first.published else entry
            found[key] = replace(
                first,
                title=max(first.title, entry.title, key=len),
                summary=first.summary or entry.summary,
                published=dated.published,
                day_only=dated.day_only,
            )
    return list(found.values())


def _nothing(detail: str) -> NotAFeed:
    return NotAFeed(detail, FetchReason.NO_ENTRIES)
