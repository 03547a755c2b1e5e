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
from typing import Any, NamedTuple

from lxml.etree import iterwalk

from tocsin.articles.clean import line
from tocsin.sources.furniture import furniture, holds_replies, is_standfirst, is_text

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
_SILENT = frozenset({"script", "style", "noscript", "template", "svg"})
"""Unseen, and no border between two blocks where they stand inside a sentence."""
_LEAVES = frozenset({"p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dd", "dt"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_DENSE = re.compile("[\u3040-\U0010ffff]")
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
_NAMED = 1.5
"""What a container's score counts when it names itself the article's text."""
_LEAD = 3
"""Paragraphs between the headline and the container that may belong to the text."""


@dataclass(slots=True)
class _Run:
    """A stretch of running text between two borders of blocks."""

    block: Any
    furniture: tuple[Any, ...] = ()
    """The elements around it that name themselves furniture, outermost first."""
    text: str = ""
    linked: int = 0
    """Letters inside links."""
    headings: int = 0
    """How many headlines stand before it."""
    letters: int = 0
    """Length, with a letter of a dense script counting as three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """A page's main text, one line for each paragraph, heading and list item."""

    lead: tuple[str, ...] = ()
    """Paragraphs that stand apart, between the headline and the rest: a standfirst, or how the text begins."""
    standfirst: str = ""
    """The one of them that names itself so."""
    opening: str = ""
    """The heading that the text begins with; a standfirst, where the page states it as one."""
    text: tuple[str, ...] = ()
    crude: tuple[str, ...] = ()
    """Every long paragraph of the page that is no furniture: where both agree, the text may be trusted."""
    size: int = 0
    """Runs of text on the page that are no links."""


def main_blocks(tree: Any, title: str = "") -> Blocks:
    """The page's paragraphs by where they stand; empty where it has none. `title` is the article's, if known."""
    runs = [run for run in _runs(tree, title) if run.text and run.linked <= _LINKS * len(run.text)]
    _forgive_wrappers(runs)
    crude = tuple(run.text for run in runs if _is_dense(run))
    best = _container(runs)
    if best is None:
        return Blocks(crude=crude, size=len(runs))
    best = _widened(best, runs)
    kept = [run for run in runs if not run.furniture and _in(run.block, best)]
    while kept and kept[-1].block.tag in _HEADINGS:
        kept.pop()
    lead = _lead(kept, runs)
    return Blocks(
        lead=tuple(run.text for run in lead),
        standfirst=next((run.text for run in lead if is_standfirst(run.block)), ""),
        opening=kept[0].text if kept and kept[0].block.tag in _HEADINGS else "",
        text=tuple(run.text for run in kept),
        crude=crude,
        size=len(runs),
    )


def _lead(kept: list[_Run], runs: list[_Run]) -> list[_Run]:
    """Paragraphs above the container that stand directly below the headline, or in an element around it."""
    if not kept:
        return []
    around = set(kept[0].block.iterancestors())
    first = next(number for number, run in enumerate(runs) if run is kept[0])
    above = [run for run in runs[:first] if _is_dense(run)]
    below = [run for run in above if run.headings and run.headings == kept[0].headings]
    if len(below) > _LEAD:
        below = [run for run in above if run.block.tag in _LEAVES and run.block.getparent() in around]
    return below if len(below) <= _LEAD else []


def lines_of(tree: Any) -> tuple[str, ...]:
    """Every line of a tree that is one text already."""
    return tuple(run.text for run in _runs(tree) if run.text)


def _forgive_wrappers(runs: list[_Run]) -> None:
    """What holds a good part of the page's text is no furniture, whatever it is called; nor is what shares its name."""
    held: dict[Any, int] = defaultdict(int)
    for run in runs:
        for element in run.furniture:
            held[element] += run.letters
    enough = _WRAPPER * sum(run.letters for run in runs)
    wrappers = {element for element, letters in held.items() if letters >= enough and not holds_replies(element)}
    for run in runs if wrappers else ():
        excused = frozenset(word for each in run.furniture if each in wrappers for word in furniture(each))
        run.furniture = tuple(each for each in run.furniture if each not in wrappers and furniture(each) - excused)


def _is_dense(run: _Run) -> bool:
    """A paragraph of an article rather than a label or teaser."""
    return run.letters >= _LONG and run.linked <= _FEW_LINKS * len(run.text) and not run.furniture


def _letters(text: str) -> int:
    return len(text) if text.isascii() else len(text) + 2 * len(_DENSE.findall(text))


def _widened(best: Any, runs: list[_Run]) -> Any:
    """The container, or one around it when the text goes on there: some sites split it over several."""
    held: dict[Any, int] = defaultdict(int)
    for run in filter(_is_dense, runs):
        held[run.block] += run.letters
        for element in run.block.iterancestors():
            held[element] += run.letters
    child = best
    for element in list(best.iterancestors())[:_LEVELS]:
        twins = [each for each in element if each.tag == child.tag and each.get("class") == child.get("class")]
        if held[best] and sum(held[each] for each in twins) >= (1 + _MORE) * held[best]:
            best = element
        child = element
    return best


def _in(element: Any, container: Any) -> bool:
    return element is container or any(parent is container for parent in element.iterancestors())


def _runs(tree: Any, title: str = "") -> Iterator[_Run]:
    """The runs of text in reading order. Without recursion: pages nest without limit."""
    run = _Run(tree)
    pieces: list[str] = []
    for piece in _walk(tree, _folded(title)):
        if piece.border:
            yield _finished(run, pieces)
            run, pieces = _Run(piece.block, piece.furniture, headings=run.headings + piece.heading), []
        if piece.text:
            pieces.append(piece.text)
            run.linked += len(line(piece.text)) if piece.linked else 0
    yield _finished(run, pieces)


def _finished(run: _Run, pieces: list[str]) -> _Run:
    run.text = line("".join(pieces))
    run.letters = _letters(run.text)
    return run


class _Piece(NamedTuple):
    block: Any
    """The innermost block around it."""
    text: str
    border: bool
    """Whether a block begins or ends before it."""
    linked: bool
    furniture: tuple[Any, ...]
    heading: bool = False
    """Whether it is a headline."""


def _walk(tree: Any, title: str) -> Iterator[_Piece]:
    """The page's text in reading order, holding no more of the tree than the way down to it."""
    around: list[_Piece] = [_Piece(tree, "", border=True, linked=False, furniture=())]
    walk = iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            piece = _entered(element, around[-1], title)
            around.append(piece)
            if element.tag not in _UNSEEN:
                yield piece
            else:
                walk.skip_subtree()
                if element.tag == "h1":
                    yield piece._replace(text="", heading=True)
            continue
        if event == "end":
            around.pop()
        if element is not tree and (event == "end" or element.tail):
            yield around[-1]._replace(
                text=element.tail or "", border=event == "end" and _is_border(element), heading=False
            )


def _entered(element: Any, around: _Piece, title: str) -> _Piece:
    border = element.tag not in _INLINE
    return _Piece(
        block=element if border else around.block,
        text=element.text or "",
        border=border,
        linked=around.linked or element.tag == "a",
        furniture=(*around.furniture, element) if border and furniture(element) else around.furniture,
        heading=_is_headline(element, title),
    )


def _is_headline(element: Any, title: str) -> bool:
    """Whether a lower heading is the page's headline, as on sites that keep h1 for their own name."""
    return bool(title) and element.tag in {"h2", "h3"} and _folded("".join(element.itertext())) == title


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _is_border(element: Any) -> bool:
    return element.tag not in _INLINE and element.tag not in _SILENT


def _container(runs: list[_Run]) -> Any:
    scores: dict[Any, float] = defaultdict(float)
    for run in runs:
        letters = run.letters
        if letters < _SOME or run.block.tag in {"li", *_HEADINGS}:
            continue
        element = run.block.getparent() if run.block.tag in _LEAVES else run.block
        for near in _NEARNESS:
            if element is None:
                break
            scores[element] += letters * near * (_DOUBTFUL if run.furniture else 1.0)
            element = element.getparent()
    for element in scores:
        if is_text(element):
            scores[element] *= _NAMED
    return max(scores, key=lambda each: scores[each], default=None)
