"""Taking out of a page's tree what is surely not its article, before anything reads it.

Three things that readers of main text trip over: the further articles of a page that scrolls on for ever, the readers'
comments, and the lists of other articles. On large pages they are also most of the work.
"""

from __future__ import annotations

from typing import Any

from tocsin.sources.furniture import holds_replies

_SHARE = 0.5
"""Share of the page's paragraphs from which a list of replies may be the text under a wrong name."""


def prune(tree: Any, title: str) -> None:
    """Take further articles and replies out of the tree."""
    headline = _headline(tree, title)
    _drop_other_articles(tree, headline)
    _drop_replies(tree, headline)


def _headline(tree: Any, title: str) -> Any:
    """The first heading that is the title; None where none is."""
    wanted = _folded(title)
    found = (each for each in tree.iter("h1", "h2") if wanted and _folded("".join(each.itertext())) == wanted)
    return next(found, None)


def _drop_other_articles(tree: Any, headline: Any) -> None:
    """Articles with a headline of their own, beside the one that holds the page's headline."""
    own = next(headline.iterancestors("article"), None) if headline is not None else None
    if own is None:
        return
    around = {own, *own.iterancestors(), *own.iterdescendants("article")}
    for each in [each for each in tree.iter("article") if each not in around]:
        if next(each.iter(headline.tag), None) is not None:
            _drop(each)


def _drop_replies(tree: Any, headline: Any) -> None:
    kept = set() if headline is None else set(headline.iterancestors())
    most = _SHARE * sum(1 for _ in tree.iter("p"))
    for each in [each for each in tree.iter("div", "section", "ul", "ol") if holds_replies(each)]:
        if each not in kept and sum(1 for _ in each.iter("p")) <= most:
            _drop(each)


def _drop(element: Any) -> None:
    """Without the text that follows it, which lxml counts to it."""
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
