"""tocsin watches news sources, judges articles against YAML rules, and tells the right people once.

The public calls, for use without the command line:

    extract(html, url)        a page's article: title, deck, byline, date, language, paragraphs
    read_article(path)        an article from a file in the text format
    load_rules(folder)        the rules of a folder, checked and ready to judge
    match(article, rules)     the rules that fire on an article, with their evidence

Each is imported when it is first used: `import tocsin` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.articles.textformat import read_article
    from tocsin.model import Article, Document, Match
    from tocsin.rules.compile import Judge
    from tocsin.sources.pages import extract

__all__ = ["extract", "load_rules", "match", "read_article"]


def load_rules(folder: Path | str | None = None) -> Judge:
    """The rules of `folder` (rules, entities, terms, cues), ready to judge; those that come with tocsin when absent.

    Raises:
        WorkspaceError: with every problem of every file.
    """
    from pathlib import Path  # noqa: PLC0415

    from tocsin.workspace import load_rules as load  # noqa: PLC0415
    from tocsin.workspace import template_root  # noqa: PLC0415

    judge, _ = load(template_root() / "rules" if folder is None else Path(folder))
    return judge


def match(article: Article | Document, rules: Judge) -> tuple[Match, ...]:
    """The rules that fire on an article, building rules included.

    Evidence offsets count characters of the article's text format (`tocsin.articles.textformat.write`), or of the
    imported file as it was found.
    """
    from tocsin.articles.document import document  # noqa: PLC0415
    from tocsin.model import Article  # noqa: PLC0415

    return rules.matches(document(article) if isinstance(article, Article) else article)


def __getattr__(name: str) -> object:
    if name == "extract":
        from tocsin.sources.pages import extract  # noqa: PLC0415

        return extract
    if name == "read_article":
        from tocsin.articles.textformat import read_article  # noqa: PLC0415

        return read_article
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
