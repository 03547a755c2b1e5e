"""From a page to an article: what the page states, its main text, and the furniture taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from tocsin import urls
from tocsin.articles.build import build
from tocsin.articles.clean import line
from tocsin.articles.language import detect
from tocsin.model import Article
from tocsin.sources import markup, metadata
from tocsin.sources.agreement import likeness, medoid, shingles
from tocsin.sources.blocks import main_blocks
from tocsin.sources.boilerplate import without_boilerplate, without_repeats
from tocsin.sources.head import PageHead, head_of
from tocsin.sources.markup import paragraphs_of
from tocsin.specs.sources import Select
from tocsin.times import parse_date

_ENOUGH = 300
"""Characters from which a quick reading may be believed."""
_AGREED = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read from a page."""

    title: str
    deck: str
    byline: str
    published: datetime | None
    day_only: bool
    paragraphs: tuple[str, ...]
    language: str | None
    canonical_url: str | None


def extract(html: bytes, url: str | None = None, *, select: Select | None = None) -> Article:
    """The article on a page: title, deck, byline, published, language, paragraphs; what is not found is empty."""
    page = read_page(html, url, select=select)
    return build(
        title=page.title,
        deck=page.deck,
        byline=page.byline,
        published=page.published,
        day_only=page.day_only,
        paragraphs=page.paragraphs,
        language=page.language,
        url=url,
        canonical_url=page.canonical_url,
    )


def read_page(html: bytes, url: str | None, *, select: Select | None = None) -> Page:
    """The parts of the article on a page. A source's selectors win over everything else."""
    from tocsin.sources.maintext import guessed_author, parsed  # noqa: PLC0415 - 0.3 s to import

    chosen: dict[str, tuple[str, ...]] = {}
    source: bytes | str = html
    if select is not None:
        source, chosen = markup.selected(html, select)
    tree = parsed(source)
    head = head_of(tree) if tree is not None else PageHead(meta={})
    said = metadata.stated(head.scripts)
    title = _first(chosen, "title") or metadata.title_of(head, said)
    byline = _first(chosen, "byline") or metadata.byline_of(head, said)
    if not byline and tree is not None:
        byline = metadata.names([guessed_author(tree)]) or metadata.names(said.authors)
    known = (title, byline)
    if "body" in chosen or tree is None:
        lines = _cleaned(chosen.get("body", ()), known)
    else:
        lines = _main_text(tree, said.body, known)
    deck = _first(chosen, "deck") or metadata.deck_of(head, said)
    moment = parse_date(_first(chosen, "date")) or metadata.published_of(head, said, url or "")
    return Page(
        title=title,
        deck="" if _is_in(deck, lines) else deck,
        byline=byline,
        published=moment[0] if moment else None,
        day_only=bool(moment and moment[1]),
        paragraphs=tuple(lines),
        language=_language(head.language, lines, title),
        canonical_url=_canonical(head.canonical or head.meta.get("og:url"), url) if url else None,
    )


def _main_text(tree: Any, stated: str, known: tuple[str, str]) -> list[str]:
    """The page's paragraphs. Two quick readings that agree are believed; else the medoid of all we have.

    Measured on 278 news pages: the quick reading is believed on six of seven, at less than a third of the time.
    """
    from tocsin.sources.maintext import main_text  # noqa: PLC0415 - 0.3 s to import

    first, crude = (_cleaned(reading, known) for reading in main_blocks(tree))
    if sum(map(len, first)) >= _ENOUGH and likeness(shingles(first), shingles(crude)) >= _AGREED:
        return first
    body = _cleaned(paragraphs_of(stated), known)
    return list(medoid([_cleaned(main_text(tree), known), first, body, crude]))


def _cleaned(lines: Iterable[str], known: tuple[str, str]) -> list[str]:
    return without_repeats(without_boilerplate(map(line, lines)), *known)


def _first(chosen: dict[str, tuple[str, ...]], name: str) -> str:
    return next(iter(chosen.get(name, ())), "")


def _is_in(deck: str, lines: list[str]) -> bool:
    """Whether the stated description is only the text's own beginning."""
    letters, start = _letters(deck), _letters(" ".join(lines[:3]))
    return bool(letters) and letters in start


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _language(stated: str | None, lines: list[str], title: str) -> str | None:
    """By the text; what the page states is only asked when the text is silent."""
    return detect(" ".join((title, *lines))) or ((stated or "")[:2].lower() or None)


def _canonical(stated: str | None, url: str) -> str:
    """The address that the page calls its own: believed within one publisher, and not for the front page."""
    try:
        own = urls.canonical(urljoin(url, stated.strip())) if stated else ""
    except ValueError:
        own = ""
    front = "/"
    if own and urls.family(own) == urls.family(url) and own.partition("://")[2].partition("/")[2].strip(front):
        return own
    return urls.canonical(url)
