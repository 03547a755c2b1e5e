"""What rules look at: documents, out of articles, records and files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tocsin.articles.clean import line
from tocsin.articles.identity import text_id
from tocsin.articles.language import detect
from tocsin.articles.layout import Layout, Span, layout
from tocsin.articles.textformat import laid_out, read_article
from tocsin.errors import ArticleError, Problem
from tocsin.model import Article, Document, Field
from tocsin.times import parse_date

_LETTER = re.compile(r"\w")
"""Quickly found in nearly every text: then it is not empty."""
_PARTIAL = re.compile(r"\d{4}(-\d{2})?")


def document(article: Article) -> Document:
    """The article's own text (an imported file's as it was found), with its fields."""
    text, parts = (article.original, layout(article.original)) if article.original is not None else laid_out(article)
    return Document(
        id=article.id,
        text=text,
        fields=_fields(text, parts),
        language=article.language or detect(text),
        published=article.published,
        source=article.source,
        url=article.url,
    )


def running_text(article: Article) -> str:
    """What a document's fields hold, without the work of laying it out: for a first look only."""
    return article.original or "\n\n".join(filter(None, (article.title, article.deck, *article.paragraphs)))


def document_from_record(record: Mapping[str, object]) -> Document:
    """A document out of `{id, title, text, language or lang, published or date}`; all but the text may be absent.

    Raises:
        ArticleError: a value is not what its name says; the message names it.
    """
    title, body = _string(record, "title"), _string(record, "text")
    text = f"{title}\n{body}"
    if not (_LETTER.search(text) or line(text)):
        raise ArticleError('no title and no text — give the article\'s words in "title" and "text"')
    return Document(
        id=_identifier(record) or text_id(text),
        text=text,
        fields=_record_fields(title, body),
        language=_string(record, "language") or _string(record, "lang") or detect(text),
        published=_published(record),
        source=_optional(record, "source"),
        url=_optional(record, "url") or None,
        tags=_tags(record),
    )


def documents(paths: Iterable[Path]) -> Iterator[Document | Problem]:
    """The documents in files of the article format, folders of them, and .jsonl files of records, in order.

    What cannot be read comes as a problem with its place; the rest goes on.
    """
    for path in paths:
        if path.is_dir():
            yield from _from_folder(path)
        elif path.suffix in {".jsonl", ".ndjson"}:
            yield from _from_records(path)
        else:
            yield _from_file(path)


def _from_folder(folder: Path) -> Iterator[Document | Problem]:
    files = sorted(folder.glob("*.txt"))
    if not files:
        yield Problem(str(folder), 0, 0, "no article files here (*.txt) — name a folder of articles")
    for path in files:
        yield _from_file(path)


def _from_file(path: Path) -> Document | Problem:
    try:
        # A file is known to people by its name.
        return replace(document(read_article(path)), id=path.stem)
    except ArticleError as error:
        return located(path, error)


def located(path: Path, error: ArticleError) -> Problem:
    """The error as a problem of the file, its place taken from the message."""
    place, _, rest = str(error).removeprefix(f"{path}:").partition(": ")
    row, _, column = place.partition(":")
    if row.isdecimal() and column.isdecimal():
        return Problem(str(path), int(row), int(column), rest)
    return Problem(str(path), 0, 0, str(error).removeprefix(f"{path}: "))


def _from_records(path: Path) -> Iterator[Document | Problem]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    yield _from_record_line(path, number, raw)
    except OSError as error:
        yield Problem(str(path), 0, 0, f"cannot be read ({error.strerror}) — name a readable file")


def _from_record_line(path: Path, number: int, raw: bytes) -> Document | Problem:
    try:
        record = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        return Problem(str(path), number, error.start + 1, "no UTF-8 — save the file as UTF-8")
    except json.JSONDecodeError as error:
        return Problem(str(path), number, error.colno, f"no JSON ({error.msg}) — write one object a line")
    except RecursionError:
        return Problem(str(path), number, 1, "nested too deeply — write one flat object a line")
    if not isinstance(record, dict):
        return Problem(str(path), number, 1, 'a record is an object: {"id": …, "title": …, "text": …}')
    try:
        return document_from_record(record)
    except ArticleError as error:
        return Problem(str(path), number, 1, str(error))


def _fields(text: str, parts: Layout) -> tuple[Field, ...]:
    named: list[tuple[str, Span | None]] = [("title", parts.title), ("deck", parts.deck)]
    named += [("body", span) for span in parts.paragraphs]
    return tuple(Field(name, *span) for name, span in named if span and line(text[span[0] : span[1]]))


def _record_fields(title: str, body: str) -> tuple[Field, ...]:
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
