"""A second reading of a page's main text, by where its paragraphs stand. Pure, over the lxml tree.

Running text is gathered block by block; the element that holds most of it close by (each paragraph counts for its
parent, less for the parent's parents, as in Arc90's Readability) is the article. Inside it everything is kept in
order but what names itself furniture, and lists of links.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tocsin.articles.clean import line

_UNSEEN = frozenset(
    {"script", "style", "noscript", "nav", "footer", "aside", "button", "figure", "figcaption", "iframe", "svg", "head"}
    | {"select", "template", "object", "video", "audio", "h1", "textarea", "dialog", "label", "map", "fieldset"}
)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "ins", "mark", "q", "s", "small", "span", "strong"}
    | {"sub", "sup", "time", "u", "tt", "wbr", "nobr", "acronym", "dfn", "kbd", "var", "bdo", "img"}
)
_LEAVES = frozenset({"p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dd", "dt"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_FURNITURE = re.compile(
    r"(^|[-_ ])(ads?|adverts?|advertisement|author-?(bio|box|info)?|bio|breadcrumbs?|byline|captions?|comments?|consent"
    r"|cookies?|copyright|credits?|disclaimer|disqus\w*|footer|gallery|infobox|login|menu|metadata|modal|navigation|nav"
    r"|most-?(read|popular)|newsletter\w*|outbrain|overlay|paywall|popular|popup|promo\w*|read-?(more|next|also)|recirc\w*"
    r"|recommend\w*|related\w*|share\w*|sharing|sidebar|slideshow|social\w*|sponsor\w*|subscri\w*|taboola|tags?|teasers?"
    r"|timestamp|toolbar|trending|widget\w*|tooltip|hidden)($|[-_ ])",
    re.IGNORECASE,
)
_LINKS = 0.5
"""Share of a block's letters inside links from which it is a list of links."""
_SOME = 25
"""Letters of a paragraph that counts for its container."""
_NEARNESS = (1.0, 0.6, 0.3)
"""What a paragraph counts for its parent, and the parent's parents."""


@dataclass(slots=True)
class _Run:
    """A stretch of running text between two borders of blocks."""

    block: Any
    furniture: Any = None
    """The outermost element around it that names itself furniture."""
    text: str = ""
    linked: int = 0
    """Letters inside links."""


def main_blocks(tree: Any) -> tuple[str, ...]:
    """The page's paragraphs, headings and list items, one line each."""
    runs = [run for run in _runs(tree) if run.text]
    best = _container(runs)
    if best is None:
        return ()
    around = {id(best), *(id(each) for each in best.iterancestors())}
    kept = [run for run in runs if _belongs(run, best, around)]
    while kept and kept[-1].block.tag in _HEADINGS:
        kept.pop()
    return tuple(run.text for run in kept)


def _belongs(run: _Run, best: Any, around: set[int]) -> bool:
    if run.linked > _LINKS * len(run.text):
        return False
    if run.furniture is not None and id(run.furniture) not in around:
        return False
    return run.block is best or any(parent is best for parent in run.block.iterancestors())


def _runs(tree: Any) -> Iterator[_Run]:
    """The runs of text in reading order. Without recursion: pages nest without limit."""
    run = _Run(tree)
    pieces: list[str] = []
    for element, text, border, linked, furniture in _walk(tree):
        if border:
            run.text = line("".join(pieces))
            yield run
            run, pieces = _Run(element, furniture), []
        if text:
            pieces.append(text)
            run.linked += len(line(text)) if linked else 0
    run.text = line("".join(pieces))
    yield run


def _walk(tree: Any) -> Iterator[tuple[Any, str, bool, bool, Any]]:
    """(innermost block, text, whether a block begins or ends before it, inside a link, outermost furniture)."""
    # An entry is an element to enter, with the block, link and furniture around it, or a text that follows one.
    pending: list[tuple[Any, str | None, Any, bool, Any]] = [(tree, None, tree, False, None)]
    while pending:
        element, tail, block, linked, furniture = pending.pop()
        if tail is not None:
            yield block, tail, element is not None, linked, furniture
            continue
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            continue
        border = element.tag not in _INLINE
        inner = element if border else block
        inside = linked or element.tag == "a"
        own = furniture if furniture is not None or not border or not _is_furniture(element) else element
        yield inner, element.text or "", border, inside, own
        below: list[tuple[Any, str | None, Any, bool, Any]] = []
        for child in element:
            below.append((child, None, inner, inside, own))
            ends = child if isinstance(child.tag, str) and child.tag not in _INLINE else None
            if child.tail or ends is not None:
                below.append((ends, child.tail or "", inner, inside, own))
        pending.extend(reversed(below))


def _is_furniture(element: Any) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag not in {"body", "html", "article", "main"} and bool(_FURNITURE.search(names))


def _container(runs: list[_Run]) -> Any:
    scores: dict[Any, float] = defaultdict(float)
    for run in runs:
        letters = sum(3 if c >= "\u3040" else 1 for c in run.text)
        if letters < _SOME or run.linked > _LINKS * len(run.text) or run.block.tag in {"li", *_HEADINGS}:
            continue
        element = run.block.getparent() if run.block.tag in _LEAVES else run.block
        for near in _NEARNESS:
            if element is None:
                break
            scores[element] += letters * near * (0.3 if run.furniture is not None else 1.0)
            element = element.getparent()
    return max(scores, key=lambda each: scores[each], default=None)
