"""Taking out of a page's tree what is surely not its article, before anything reads it.

Three things that readers of main text trip over: the further articles of a page that scrolls on for ever, the readers'
comments, and the lists of other articles. On large pages they are also most of the work.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from tocsin.sources.furniture import holds_replies

LARGE = 30_000
"""Elements; the largest of 363 measured news pages had 1,700."""
_SHARE = 0.5
"""Share of the page's paragraphs from which a list of replies may be the text under a wrong name."""


def prune(tree: Any, title: str) -> Any:
    """Take further articles and replies out of the tree; the part of it to be read.

    That is the whole tree, but on a page of very many elements the article around the headline, if it holds a text.
    """
    headline = _headline(tree, title)
    own = next(headline.iterancestors("article"), None) if headline is not None else None
    if own is not None:
        _drop_other_articles(tree, own, headline.tag)
    _drop_replies(tree, headline)
    return own if own is not None and is_large(tree) and _holds_text(own) else tree


def is_large(tree: Any) -> bool:
    """Whether a page has so many elements that only quick readings can be afforded."""
    return next(islice(tree.iter(), LARGE, None), None) is not None


def _holds_text(element: Any) -> bool:
    paragraphs, long = 3, 80
    texts = ("".join(each.itertext()) for each in element.iter("p"))
    return sum(1 for _ in islice((text for text in texts if len(text) >= long), paragraphs)) == paragraphs


def _headline(tree: Any, title: str) -> Any:
    """The first heading that is the title; None where none is."""
    wanted = _folded(title)
    found = (each for each in tree.iter("h1", "h2") if wanted and _folded("".join(each.itertext())) == wanted)
    return next(found, None)


def _drop_other_articles(tree: Any, own: Any, heading: str) -> None:
    """Articles with a headline of their own, beside the one that holds the page's headline."""
    around = {own, *own.iterancestors(), *own.iterdescendants("article")}
    for each in [each for each in tree.iter("article") if each not in around]:
        if next(each.iter(heading), None) is not None:
            _drop(each)


def _drop_replies(tree: Any, headline: Any) -> None:
    kept = set() if headline is None else set(headline.iterancestors())
    most = _SHARE * sum(1 for _ in tree.iter("p"))
    for each in [each for each in tree.iter("div", "section", "ul", "ol") if holds_replies(each)]:
        if each not in kept and sum(1 for _ in each.iter("p")) <= most:
            _drop(each)


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()  # what follows it stays


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
