"""Making articles: cleaned fields, identity, language. The only place where an `Article` comes into being."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin import urls
from tocsin.articles.clean import headline, line
from tocsin.articles.identity import content_hash, is_identified_by_text, text_id
from tocsin.model import Article

UNTITLED = "(untitled)"
_TITLE_FROM_TEXT = 100
"""Characters of the first paragraph that stand in for a missing title."""


def build(
    *,
    title: str,
    paragraphs: Iterable[str],
    deck: str = "",
    byline: str = "",
    published: datetime | None = None,
    day_only: bool = False,
    language: str | None = None,
    source: str = "",
    guid: str | None = None,
    url: str | None = None,
    canonical_url: str | None = None,
    teaser: bool = False,
    fetched_at: datetime | None = None,
    entry_keys: tuple[str, ...] = (),
    from_page: bool = False,
) -> Article:
    """An article out of what a feed and a page gave, every field cleaned.

    A title may hold HTML entities and tags; paragraphs are plain text. Empty paragraphs are dropped, and a missing
    title is taken from the text's beginning, so that every article has one.
    """
    body = tuple(filter(None, map(line, paragraphs)))
    head = headline(title) or _title_from(body)
    canonical_url = canonical_url or (urls.canonical(url) if url else None)
    under = headline(deck)
    text = "\n".join((head, under, *body))
    if not is_identified_by_text(head, body):
        text += "\n".join(("", source, guid or "", canonical_url or ""))
    return Article(
        id=text_id(text),
        title=head,
        deck=under,
        byline=headline(byline),
        published=published,
        day_only=day_only and published is not None,
        paragraphs=body,
        language=language,
        source=source,
        guid=guid,
        url=url,
        canonical_url=canonical_url,
        content_hash=content_hash(head, body),
        teaser=teaser,
        fetched_at=fetched_at,
        entry_keys=entry_keys,
        from_page=from_page,
    )


def _title_from(body: tuple[str, ...]) -> str:
    if not body:
        return UNTITLED
    text = body[0]
    return text if len(text) <= _TITLE_FROM_TEXT else text[:_TITLE_FROM_TEXT].rsplit(" ", 1)[0] + "…"
