"""An article as its page has it now, held against the text that we know. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tocsin import urls
from tocsin.articles.build import build
from tocsin.model import Article
from tocsin.sources.agreement import likeness, shingles

if TYPE_CHECKING:
    from tocsin.sources.pages import Page

_ALIKE = 0.2
"""Likeness of two texts of one article, however much it was rewritten; two articles of one site stay well below."""
_FRONTS = frozenset({"index", "home", "main", "front", "default"})


def reread(stored: Article, page: Page, first_title: str, now: datetime) -> Article:
    """The article with its page's text. The page's headline counts once it is another than at the first look."""
    return build(
        title=stored.title if first_title in {"", page.title} or not page.title else page.title,
        deck=page.deck if page.deck != stored.title else "",
        byline=page.byline or stored.byline,
        published=stored.published,
        day_only=stored.day_only,
        paragraphs=page.paragraphs,
        language=stored.language,
        source=stored.source,
        url=stored.url,
        canonical_url=stored.canonical_url,
        teaser=page.teaser,
        fetched_at=now,
        from_page=True,
    )


def is_alike(stored: Article, again: Article) -> bool:
    """Whether both are one article: a "not found" page served as a page, or a list of others, is none."""
    return likeness(shingles(stored.paragraphs), shingles(again.paragraphs)) >= _ALIKE


def is_whole(stored: Article, again: Article) -> bool:
    """Whether a new text can be held against the old one: a teaser or a scrap takes nothing back."""
    if again.teaser and not stored.teaser:
        return False
    return 2 * sum(map(len, again.paragraphs)) >= sum(map(len, stored.paragraphs))


def leads_elsewhere(asked: str, found: str) -> bool:
    """Whether an address led to another publisher, or up to a front page: then it shows nothing of the article."""
    if urls.canonical(asked) == urls.canonical(found):
        return False
    if urls.host_port(asked) != urls.host_port(found) and urls.family(asked) != urls.family(found):
        return True
    before, after = _steps(asked), _steps(found)
    is_front = not after or after[-1].partition(".")[0].lower() in _FRONTS
    return is_front or (len(after) < len(before) and after == before[: len(after)])


def _steps(url: str) -> list[str]:
    return [step for step in urls.canonical(url).partition("://")[2].partition("?")[0].split("/")[1:] if step]
