"""`tocsin articles import | export | search | show`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.alerts.looks import in_words
from tocsin.articles.textformat import file_name, read_article, write
from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, opened_store, print_json
from tocsin.errors import ArticleError, UsageError
from tocsin.files import write_whole
from tocsin.model import Article
from tocsin.store import articles, looks
from tocsin.workspace.root import find_root

_NUMBERED = re.compile(r"(\d{3,})_[0-9a-f]{16}\.txt")


def import_(
    folder: Annotated[Path, Parameter(help="A folder of .txt files in the text format, or one such file.")],
    /,
    *,
    source: Annotated[str, Parameter(help="The id of the source they are stored under.")] = "import",
    workspace: WorkspaceOption = None,
) -> int:
    """Store a folder of articles in the text format. They are archived, not judged; nobody is told."""
    root = find_root(workspace)
    paths = _text_files(folder)
    stored = known = 0
    bad: list[str] = []
    with opened_store(root) as store, store.writing() as connection:
        for path in paths:
            try:
                article = read_article(path)
            except ArticleError as error:
                bad.append(str(error))
                continue
            fresh = articles.save_article(connection, replace(article, source=source, fetched_at=datetime.now(UTC)))
            stored, known = stored + fresh, known + (not fresh)
    for sentence in bad:
        print(f"tocsin: {sentence}", file=sys.stderr)
    print(f"{stored} articles stored, {known} known already" + (f", {len(bad)} cannot be read" if bad else ""))
    return int(bool(bad))


def _text_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder — name a folder of .txt articles")
    paths = sorted(folder.rglob("*.txt"))
    if not paths:
        raise UsageError(f"{folder}: no .txt files in it — name a folder of articles in the text format")
    return paths


def export(
    folder: Annotated[Path, Parameter(help="The folder to write into; it is made when it is not there.")],
    /,
    *,
    workspace: WorkspaceOption = None,
) -> int:
    """Write every article into a folder, in the text format. An imported file comes out byte for byte."""
    root = find_root(workspace)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file — name a folder")
    with opened_store(root) as store, store.writing() as connection:
        written = write_folder(articles.every_article(connection), folder)
    print(f"{written} articles written to {folder}")
    return 0


def write_folder(stored: Iterable[Article], folder: Path) -> int:
    """Writes the articles into `folder`, imported ones under their own names; how many.

    Raises:
        UsageError: the folder cannot be written to.
    """
    everything = list(stored)
    taken = {article.file_name for article in everything if article.file_name}
    number = max((int(found[1]) for name in taken if (found := _NUMBERED.fullmatch(name))), default=-1) + 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for article in everything:
            name = article.file_name
            if name is None:
                name, number = file_name(number, article), number + 1
            text = article.original if article.original is not None else write(article)
            write_whole(folder / name, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written ({error.strerror}) — choose another folder") from error
    return len(everything)


def search(
    *words: Annotated[str, Parameter(help="Words that must all stand in the article.")],
    limit: Annotated[int, Parameter(help="At most so many.")] = 20,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Find articles that hold all the words, newest first. Ends with 1 when there is none."""
    if not words:
        raise UsageError("articles search: say what to look for, as in: tocsin articles search missile 발사")
    root = find_root(workspace)
    with opened_store(root) as store, store.writing() as connection:
        found = articles.search(connection, words, limit)
    if json:
        print_json(map(_row, found))
    else:
        out = console()
        for article in found:
            out.print(f"{article.id}  {article.day or '          '}  {article.source}  {article.title}", markup=False)
    return int(not found)


def show(
    wanted: Annotated[str, Parameter(help="The article's id (or its beginning) or address.")],
    /,
    *,
    revisions: Annotated[
        bool, Parameter(negative=(), help="Its later texts too, where the publisher changed it.")
    ] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Print one article in the text format."""
    root = find_root(workspace)
    with opened_store(root) as store, store.writing() as connection:
        article = articles.find(connection, wanted)
        later = articles.revisions_of(connection, article) if article else []
        look = looks.of(connection, article.id) if article else None
    if article is None:
        raise UsageError(
            f"{wanted}: no such article (or more than one begins so) — tocsin articles search WORDS finds ids"
        )
    if json:
        texts = [(None, article), *(later if revisions else [])]
        print_json(_row(one) | {"paragraphs": list(one.paragraphs), "revised_at": seen} for seen, one in texts)
        return 0
    print(article.original if article.original is not None else write(article))
    for seen, one in later if revisions else []:
        print(f"\n----- revised, first seen {seen:%Y-%m-%d %H:%M UTC} -----\n\n{write(one)}")
    if look:
        print(f"tocsin: it was told, and is looked at again: {in_words(look)}", file=sys.stderr)
    if later and not revisions:
        print(f"tocsin: {count(len(later), 'revision')} of it are kept — add --revisions", file=sys.stderr)
    return 0


def _row(article: Article) -> dict[str, Any]:
    names = ("id", "source", "title", "deck", "byline", "published", "language", "url", "fetched_at", "teaser")
    return {name: getattr(article, name) for name in names}
