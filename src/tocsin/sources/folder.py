"""`kind: files`: a folder of articles in the text format."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tocsin.articles.language import detect
from tocsin.articles.textformat import read_article
from tocsin.errors import ArticleError
from tocsin.model import Article
from tocsin.specs.sources import SourceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What stands in the folder."""

    files: tuple[Path, ...]
    fingerprint: str
    """Changes when a file comes, goes or changes; made from names, sizes and times, not from the texts."""


def look(path: Path) -> Folder | None:
    """The folder as it is now; None when there is none."""
    try:
        files = sorted(file for file in path.iterdir() if file.suffix == ".txt" and file.is_file())
    except OSError:
        return None
    marks = [f"{file.name}:{stat.st_size}:{stat.st_mtime_ns}" for file in files for stat in (file.stat(),)]
    return Folder(
        files=tuple(files), fingerprint=hashlib.sha256("\n".join(marks).encode("utf-8", "replace")).hexdigest()
    )


def read_folder(source: SourceSpec, folder: Folder, now: datetime) -> tuple[list[Article], list[str]]:
    """The articles, and a sentence about each file that cannot be read."""
    articles: list[Article] = []
    notes: list[str] = []
    for file in folder.files:
        try:
            article = read_article(file)
        except ArticleError as error:
            notes.append(str(error))
            continue
        language = source.language or detect(" ".join((article.title, *article.paragraphs)))
        articles.append(replace(article, source=source.id, language=language, fetched_at=now))
    return articles, notes
