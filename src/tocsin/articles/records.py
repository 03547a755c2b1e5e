"""Records of articles, as .jsonl files hold them: `{id, title, text, language or lang, published or date}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.articles.build import build
from tocsin.articles.clean import line
from tocsin.articles.identity import text_id
from tocsin.articles.language import detect
from tocsin.articles.layout import Span
from tocsin.errors import ArticleError
from tocsin.model import Article, Document, Field
from tocsin.times import parse_date

_LETTER = re.compile(r"\w")
"""Quickly found in nearly every text: then it is not empty."""
_PARTIAL = re.compile(r"\d{4}(-\d{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a record says, each value looked at; what it does not say is empty or None."""

    id: str
    title: str
    text: str
    """Title, line break, body."""
    language: str
    published: datetime | None
    source: str
    url: str | None
    tags: tuple[str, ...]

    def document(self) -> Document:
        """The record as rules look at it: fields laid out, its language told where the record does not."""
        return Document(
            id=self.id or text_id(self.text),
            text=self.text,
            fields=_fields(self.title, self.text[len(self.title) + 1 :]),
            language=self.language or detect(self.text),
            published=self.published,
            source=self.source,
            url=self.url,
            tags=self.tags,
        )

    def article(self) -> Article:
        """The record as it would be stored: under an id of its text, whatever it calls itself."""
        return build(
            title=self.title,
            paragraphs=self.text[len(self.title) + 1 :].split("\n"),
            published=self.published,
            language=self.language or detect(self.text),
            source=self.source,
            url=self.url,
        )


def read_record(record: Mapping[str, object]) -> Record:
    """What a record says; all but the text may be absent.

    Raises:
        ArticleError: a value is not what its name says; the message names it.
    """
    title, body = _string(record, "title"), _string(record, "text")
    text = f"{title}\n{body}"
    if not (_LETTER.search(text) or line(text)):
        raise ArticleError('no title and no text — give the article\'s words in "title" and "text"')
    return Record(
        id=_identifier(record),
        title=title,
        text=text,
        language=_string(record, "language") or _string(record, "lang"),
        published=_published(record),
        source=_optional(record, "source"),
        url=_optional(record, "url") or None,
        tags=_tags(record),
    )


def document_from_record(record: Mapping[str, object]) -> Document:
    """A document out of a record.

    Raises:
        ArticleError: as `read_record`.
    """
    return read_record(record).document()


def _fields(title: str, body: str) -> tuple[Field, ...]:
    fields = [Field("title", *_trimmed(title, 0))] if title.strip() else []
    at = len(title) + 1
    for paragraph in body.split("\n"):
        if paragraph.strip():
            fields.append(Field("body", *_trimmed(paragraph, at)))
        at += len(paragraph) + 1
    return tuple(fields)


def _trimmed(text: str, at: int) -> Span:
    start = at + len(text) - len(text.lstrip())
    return start, start + len(text.strip())


def _string(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ArticleError(f'"{key}" is {type(value).__name__}, not text — write it in quotes')
    return value


def _optional(record: Mapping[str, object], key: str) -> str:
    """A field beyond the promised ones: other people's records may hold anything under its name."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _identifier(record: Mapping[str, object]) -> str:
    value = record.get("id")
    return str(value) if isinstance(value, int) else _string(record, "id")


def _published(record: Mapping[str, object]) -> datetime | None:
    """None when absent, or when only the year or month is known: a day must not be made up."""
    for key in ("published", "date"):
        if given := _string(record, key):
            moment = parse_date(given)
            if _PARTIAL.fullmatch(given):
                return None
            if not moment:
                raise ArticleError(
                    f'"{key}": {given[:40]!r} is no date — write it as 2024-01-26 or 2024-01-26T05:55:00Z'
                )
            return moment[0]
    return None


def _tags(record: Mapping[str, object]) -> tuple[str, ...]:
    value = record.get("tags")
    return tuple(filter(lambda tag: isinstance(tag, str), value)) if isinstance(value, list) else ()
