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
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "big",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "ins",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
    }
    | {"sub", "sup", "time", "u", "tt", "wbr", "nobr", "acronym", "dfn", "kbd", "var", "bdo", "img"}
)
_LEAVES = frozenset({"p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dd", "dt"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_FURNITURE = re.compile(
    r"(^|[-_ ])(ads?|adverts?|advertisement|author-?(bio|box|info)?|bio|breadcrumbs?|byline|captions?|comments?|consent"
    r"|cookies?|copyright|credits?|disclaimer|disqus\w*|footer|gallery|infobox|login|menu|metadata|modal|navigation|nav"
    r"|most-?(read|popular)|newsletter\w*|outbrain|popular|popup|promo\w*|read-?(more|next|also)|recirc\w*"
    r"|recommend\w*|related\w*|share\w*|sharing|(?<!has-)(?<!no-)(?<!with-)sidebar|slideshow|social\w*|sponsor\w*|subscri\w*|taboola|tags?|teasers?"
    r"|timestamp|toolbar|trending|widgets?|tooltip|hidden)($|[-_ ])",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"(^|[-_ ])(comments?|disqus\w*|related\w*|recommend\w*)($|[-_ ])", re.IGNORECASE)
_LINKS = 0.5
"""Share of a block's letters inside links from which it is a list of links."""
_SOME = 25
"""Letters of a paragraph that counts for its container."""
_LONG = 80
"""Letters of a paragraph that is surely no label."""
_MORE = 0.6
"""Share of text that a wider container must add."""
_LEVELS = 4
_WRAPPER = 0.3
"""Share of the page's text that no furniture holds."""
_FEW_LINKS = 0.3
_DOUBTFUL = 0.3
"""What text inside furniture counts."""
_NEARNESS = (1.0, 0.6, 0.3)
"""What a paragraph counts for its parent, and the parent's parents."""


@dataclass(slots=True)
class _Run:
    """A stretch of running text between two borders of blocks."""

    block: Any
    furniture: tuple[Any, ...] = ()
    """The elements around it that name themselves furniture, outermost first."""
    text: str = ""
    linked: int = 0
    """Letters inside links."""


def main_blocks(tree: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The page's paragraphs, headings and list items, one line each; and a cruder second reading.

    The second is every long paragraph of the page that is no furniture: where both agree, the first may be trusted.
    """
    runs = [run for run in _runs(tree) if run.text]
    _forgive_wrappers(runs)
    crude = tuple(run.text for run in runs if _is_dense(run))
    best = _container(runs)
    if best is None:
        return (), crude
    best = _widened(best, runs)
    kept = [run for run in runs if not run.furniture and run.linked <= _LINKS * len(run.text) and _in(run.block, best)]
    while kept and kept[-1].block.tag in _HEADINGS:
        kept.pop()
    return tuple(run.text for run in kept), crude


def lines_of(tree: Any) -> tuple[str, ...]:
    """Every line of a tree that is one text already."""
    return tuple(run.text for run in _runs(tree) if run.text)


def _forgive_wrappers(runs: list[_Run]) -> None:
    """What holds a good part of the page's text is no furniture, whatever it is called."""
    held: dict[Any, int] = defaultdict(int)
    for run in runs:
        for element in run.furniture:
            held[element] += _letters(run.text)
    enough = _WRAPPER * sum(_letters(run.text) for run in runs)
    for run in runs:
        run.furniture = tuple(each for each in run.furniture if held[each] < enough or _COMMENTS.search(_names(each)))


def _is_dense(run: _Run) -> bool:
    """A paragraph of an article rather than a label or teaser."""
    return _letters(run.text) >= _LONG and run.linked <= _FEW_LINKS * len(run.text) and not run.furniture


def _letters(text: str) -> int:
    """Length, with a letter of a dense script counting as three."""
    return sum(3 if c >= "\u3040" else 1 for c in text)


def _widened(best: Any, runs: list[_Run]) -> Any:
    """The container, or one around it when the text goes on there: some sites split it over several."""
    held: dict[Any, int] = defaultdict(int)
    for run in filter(_is_dense, runs):
        held[run.block] += _letters(run.text)
        for element in run.block.iterancestors():
            held[element] += _letters(run.text)
    child = best
    for element in list(best.iterancestors())[:_LEVELS]:
        twins = [each for each in element if each.tag == child.tag and each.get("class") == child.get("class")]
        if held[best] and sum(held[each] for each in twins) >= (1 + _MORE) * held[best]:
            best = element
        child = element
    return best


def _in(element: Any, container: Any) -> bool:
    return element is container or any(parent is container for parent in element.iterancestors())


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


def _walk(tree: Any) -> Iterator[tuple[Any, str, bool, bool, tuple[Any, ...]]]:
    """(innermost block, text, whether a block begins or ends before it, inside a link, furniture around it)."""
    # An entry is an element to enter, with the block, link and furniture around it, or a text that follows one.
    pending: list[tuple[Any, str | None, Any, bool, tuple[Any, ...]]] = [(tree, None, tree, False, ())]
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
        own = (*furniture, element) if border and _is_furniture(element) else furniture
        yield inner, element.text or "", border, inside, own
        below: list[tuple[Any, str | None, Any, bool, tuple[Any, ...]]] = []
        for child in element:
            below.append((child, None, inner, inside, own))
            ends = child if isinstance(child.tag, str) and child.tag not in _INLINE else None
            if child.tail or ends is not None:
                below.append((ends, child.tail or "", inner, inside, own))
        pending.extend(reversed(below))


def _is_furniture(element: Any) -> bool:
    return element.tag not in {"body", "html", "article", "main"} and bool(_FURNITURE.search(_names(element)))


def _names(element: Any) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _container(runs: list[_Run]) -> Any:
    scores: dict[Any, float] = defaultdict(float)
    for run in runs:
        letters = _letters(run.text)
        if letters < _SOME or run.linked > _LINKS * len(run.text) or run.block.tag in {"li", *_HEADINGS}:
            continue
        element = run.block.getparent() if run.block.tag in _LEAVES else run.block
        for near in _NEARNESS:
            if element is None:
                break
            scores[element] += letters * near * (_DOUBTFUL if run.furniture else 1.0)
            element = element.getparent()
    return max(scores, key=lambda each: scores[each], default=None)
