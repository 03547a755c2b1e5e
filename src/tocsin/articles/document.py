"""What rules look at: documents, out of articles, files and records, in batches that another process may take over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path

from tocsin.articles.clean import line
from tocsin.articles.language import detect
from tocsin.articles.layout import Layout, Span, layout
from tocsin.articles.records import read_record
from tocsin.articles.textformat import laid_out, read, read_parts
from tocsin.errors import ArticleError, Problem
from tocsin.model import Article, Document, Field

_LINES_AT_A_TIME = 1 << 18
"""Bytes of a file of records in one batch, about; whole lines."""
_FILES_AT_A_TIME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of a file of records, as they stand there."""

    path: Path
    first: int
    """Number of the first of them in its file, from 1."""
    data: bytes

    def __len__(self) -> int:
        return self.data.count(b"\n") + (not self.data.endswith(b"\n"))


@dataclass(frozen=True, slots=True)
class Files:
    """Files of the article format."""

    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Where lines stand in a file of records: for who reads them elsewhere, and wants no bytes sent."""

    path: Path
    first: int
    """Number of the first of them in its file, from 1."""
    start: int
    """Bytes before it."""
    size: int
    """Bytes of all of them."""
    lines: int

    def __len__(self) -> int:
        return self.lines

    def read(self) -> Lines | Problem:
        """The lines themselves."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                return Lines(path=self.path, first=self.first, data=file.read(self.size))
        except OSError as error:
            return _unreadable(self.path, error)


Batch = Lines | Files | Problem
"""What can be read later and elsewhere: nothing in it is read yet but the lines' bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article before the work of making a document of it, which most articles need not."""

    text: str
    """What a document's fields hold, for a first look only."""
    published: datetime | None
    document: Callable[[], Document]
    article: Callable[[], Article]
    """As it would be stored; one from a file has no source yet."""


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


def documents(paths: Iterable[Path]) -> Iterator[Document | Problem]:
    """The documents in files of the article format, folders of them, and .jsonl files of records, in order.

    What cannot be read comes as a problem with its place; the rest goes on.
    """
    found = (one for batch in batches(paths) for one in drafts(batch))
    return (one if isinstance(one, Problem) else one.document() for one in found)


def batches(paths: Iterable[Path]) -> Iterator[Batch]:
    """The same files cut into batches, in order; no file is looked into but those of records."""
    for path in paths:
        if path.is_dir():
            yield from _of_folder(path)
        elif path.suffix in {".jsonl", ".ndjson"}:
            yield from _of_records(path)
        else:
            yield Files((path,))


def stretches(paths: Iterable[Path]) -> Iterator[Stretch | Files | Problem]:
    """The same batches, in which lines are only pointed at."""
    end = 0
    for batch in batches(paths):
        if isinstance(batch, Lines):
            start = 0 if batch.first == 1 else end
            end = start + len(batch.data)
            size, lines = len(batch.data), len(batch)
            yield Stretch(path=batch.path, first=batch.first, start=start, size=size, lines=lines)
        else:
            yield batch


def count_articles(paths: Iterable[Path]) -> int:
    """About how many articles there are, for a progress bar: records are lines, and nothing is parsed."""
    number = 0
    for path in paths:
        if path.is_dir():
            number += sum(1 for _ in path.glob("*.txt"))
        elif path.suffix in {".jsonl", ".ndjson"} and path.is_file():
            with path.open("rb") as file:
                number += sum(1 for _ in file)
        else:
            number += 1
    return number


def drafts(batch: Batch) -> Iterator[Draft | Problem]:
    """The articles of a batch, in order."""
    if isinstance(batch, Problem):
        yield batch
    elif isinstance(batch, Files):
        yield from map(_file, batch.paths)
    else:
        lines = enumerate(BytesIO(batch.data), start=batch.first)
        yield from (_record(batch.path, number, raw) for number, raw in lines if raw.strip())


def drafted(article: Article) -> Draft:
    """An article as a draft."""
    return Draft(
        text=running_text(article),
        published=article.published,
        document=lambda: document(article),
        article=lambda: article,
    )


def _of_folder(folder: Path) -> Iterator[Batch]:
    files = iter(sorted(folder.glob("*.txt")))
    first = tuple(islice(files, _FILES_AT_A_TIME))
    if not first:
        yield Problem(str(folder), 0, 0, "no article files here (*.txt) — name a folder of articles")
    while first:
        yield Files(first)
        first = tuple(islice(files, _FILES_AT_A_TIME))


def _of_records(path: Path) -> Iterator[Batch]:
    try:
        with path.open("rb") as file:
            first = 1
            while lines := file.readlines(_LINES_AT_A_TIME):
                yield Lines(path=path, first=first, data=b"".join(lines))
                first += len(lines)
    except OSError as error:
        yield _unreadable(path, error)


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(str(path), 0, 0, f"cannot be read ({error.strerror}) — name a readable file")


def _file(path: Path) -> Draft | Problem:
    try:
        text, parts, published = read_parts(path)
    except ArticleError as error:
        return located(path, error)
    return Draft(
        text=text,
        published=published,
        document=lambda: _document_of(path, text, parts, published),
        article=lambda: read(text, name=path.name),
    )


def _document_of(path: Path, text: str, parts: Layout, published: datetime | None) -> Document:
    """A file is known to people by its name."""
    return Document(id=path.stem, text=text, fields=_fields(text, parts), language=detect(text), published=published)


def located(path: Path, error: ArticleError) -> Problem:
    """The error as a problem of the file, its place taken from the message."""
    place, _, rest = str(error).removeprefix(f"{path}:").partition(": ")
    row, _, column = place.partition(":")
    if row.isdecimal() and column.isdecimal():
        return Problem(str(path), int(row), int(column), rest)
    return Problem(str(path), 0, 0, str(error).removeprefix(f"{path}: "))


def _record(path: Path, number: int, raw: bytes) -> Draft | Problem:
    try:
        record = json.loads(raw.rstrip().decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        return Problem(str(path), number, error.start + 1, "no UTF-8 — save the file as UTF-8")
    except json.JSONDecodeError as error:
        return Problem(str(path), number, error.colno, f"no JSON ({error.msg}) — write one object a line")
    except RecursionError:
        return Problem(str(path), number, 1, "nested too deeply — write one flat object a line")
    if not isinstance(record, dict):
        return Problem(str(path), number, 1, 'a record is an object: {"id": …, "title": …, "text": …}')
    try:
        said = read_record(record)
    except ArticleError as error:
        return Problem(str(path), number, 1, str(error))
    return Draft(text=said.text, published=said.published, document=said.document, article=said.article)


def _fields(text: str, parts: Layout) -> tuple[Field, ...]:
    named: list[tuple[str, Span | None]] = [("title", parts.title), ("deck", parts.deck)]
    named += [("body", span) for span in parts.paragraphs]
    return tuple(Field(name, *span) for name, span in named if span and line(text[span[0] : span[1]]))
