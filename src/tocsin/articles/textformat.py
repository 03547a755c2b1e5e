"""The article text format: reading, writing, file names.

Laws: a file that is read keeps its text in `original`, and `exported` gives it back unchanged; `write(read(x))` is
stable; `read(write(a))` has the title, deck, byline, day and paragraphs of `a` for every article that `build` made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from tocsin.articles.clean import line
from tocsin.articles.identity import content_hash, text_id
from tocsin.articles.layout import Layout, Span, layout, marked
from tocsin.errors import ArticleError
from tocsin.model import Article
from tocsin.times import parse_date

__all__ = ["Layout", "exported", "file_name", "laid_out", "layout", "read", "read_article", "read_parts", "write"]

_NAME = re.compile(r"(?:\d+_)?([0-9a-f]{16})")
_LETTER = re.compile(r"\w")
"""Quickly found in nearly every text: then it is not empty."""
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def read(text: str, *, name: str = "") -> Article:
    """The article that `text` holds; `name` is the file's, for its id and for messages.

    Raises:
        ArticleError: nothing to read, or a character that no text holds.
    """
    parts, moment = _parts(text, name=name)
    title, body = _cut(text, parts.title), _body(text, parts)
    named = _NAME.fullmatch(name.removesuffix(".txt"))
    return Article(
        id=named[1] if named else text_id(text),
        title=title,
        deck=_cut(text, parts.deck),
        byline=_cut(text, parts.byline),
        published=moment[0] if moment else None,
        day_only=bool(moment and moment[1]),
        paragraphs=body,
        content_hash=content_hash(title, body),
        file_name=name or None,
        original=text,
    )


def read_article(path: str | Path) -> Article:
    """The article in a file, with its text as it is in `original`.

    Raises:
        ArticleError: the file cannot be read, is empty, or is no UTF-8 text; the message says where.
    """
    path = Path(path)
    text = _text(path)
    with _placed(path):
        return read(text, name=path.name)


def read_parts(path: Path) -> tuple[str, Layout, datetime | None]:
    """A file's text, where its parts stand and when it was published: for who needs no whole article.

    Raises:
        ArticleError: as `read_article`.
    """
    text = _text(path)
    with _placed(path):
        parts, moment = _parts(text, name=path.name)
    return text, parts, moment[0] if moment else None


def write(article: Article) -> str:
    """The article in the canonical form; a line is marked only where it would be read as something else."""
    return laid_out(article)[0]


def laid_out(article: Article) -> tuple[str, Layout]:
    """The article in the canonical form, and where its parts stand in it."""
    forms = ((text, layout(text)) for text in _forms(article))
    return next((text, parts) for text, parts in forms if _reads_as(text, parts, article))


def exported(article: Article) -> str:
    """What an export writes: an imported file's own text, or the canonical form.

    Write it with `newline=""`: an imported text keeps its line ends.
    """
    return article.original if article.original is not None else write(article)


def file_name(number: int, article: Article) -> str:
    """`NNN_<id>.txt`; an imported file keeps its name."""
    return article.file_name or f"{number:03d}_{article.id}.txt"


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArticleError(f"{path}: cannot be read ({reason}) — name a readable article file") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = _place(content[: error.start].decode("utf-8"))
        raise ArticleError(
            f"{path}:{where}: byte 0x{content[error.start]:02x} is no UTF-8 — save the file as UTF-8"
        ) from error


@contextmanager
def _placed(path: Path) -> Iterator[None]:
    """Errors that name a file name the folder too."""
    try:
        yield
    except ArticleError as error:
        raise ArticleError(f"{path.parent / str(error)}") from error


def _parts(text: str, *, name: str) -> tuple[Layout, tuple[datetime, bool] | None]:
    """The text's parts, and when it was published."""
    parts = layout(text)
    _refuse(text, parts, name or "text")
    return parts, parse_date(_cut(text, parts.date))


def _refuse(text: str, parts: Layout, name: str) -> None:
    nul = text.find("\0")
    if nul >= 0:
        raise ArticleError(
            f"{name}:{_place(text[:nul])}: a NUL character — this is no text file; remove it or the file"
        )
    if not (_LETTER.search(text) or line(text)):
        raise ArticleError(f"{name}:1:1: the file is empty — line 1 must be the article's title")
    if not _cut(text, parts.title):
        raise ArticleError(f"{name}:1:1: the title has no visible character — line 1 must be the article's title")


def _place(before: str) -> str:
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def _body(text: str, parts: Layout) -> tuple[str, ...]:
    return tuple(filter(None, (_cut(text, span) for span in parts.paragraphs)))


def _cut(text: str, span: Span | None) -> str:
    return line(text[span[0] : span[1]]) if span else ""


def _long_date(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year:04d}"


def _forms(article: Article) -> Iterator[str]:
    """From the plain form to the one in which every line says what it is."""
    plain_first = not article.paragraphs or not marked(article.paragraphs[0])
    if plain_first:
        yield _form(article)
        yield _form(article, deck=True)
    yield _form(article, first=True)
    yield _form(article, deck=True, first=True)
    yield _form(article, deck=True, credit=True, first=True)


def _form(article: Article, *, deck: bool = False, credit: bool = False, first: bool = False) -> str:
    """The canonical form with these parts marked (`credit`: byline and date; `first`: the first paragraph)."""
    credits_ = [
        ("BY: " if credit else "") + article.byline if article.byline else "",
        ("DATE: " if credit else "") + _long_date(article.day) if article.day else "",
    ]
    paragraphs = [
        f"P: {text}" if marked(text) or (first and number == 0) else text
        for number, text in enumerate(article.paragraphs)
    ]
    blocks = [
        article.title,
        ("DECK: " if deck else "") + article.deck if article.deck else "",
        "\n".join(filter(None, credits_)),
        *paragraphs,
    ]
    return "\n\n".join(filter(None, blocks))


def _reads_as(text: str, parts: Layout, article: Article) -> bool:
    _refuse(text, parts, "text")
    moment = parse_date(_cut(text, parts.date))
    return (_cut(text, parts.title), _cut(text, parts.deck), _cut(text, parts.byline), _body(text, parts)) == (
        article.title,
        article.deck,
        article.byline,
        article.paragraphs,
    ) and (moment[0].date() if moment else None) == article.day
