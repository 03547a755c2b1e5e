"""A second reading of a page's main text, by where its paragraphs stand. Pure, over the lxml tree.

The container with the most running text (each paragraph counts for its parent in full and for its grandparent by
half, as in Arc90's Readability) gives the text: its paragraphs, headings and lists in order, without what names itself
furniture and without lists of links.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tocsin.articles.clean import line

_TEXT = frozenset({"p", "h2", "h3", "h4", "li", "blockquote", "pre", "dd"})
_UNSEEN = frozenset(
    {"script", "style", "noscript", "nav", "footer", "aside", "form", "button", "figure", "figcaption", "iframe", "svg"}
    | {"header", "select", "template", "object", "video", "audio", "table", "head", "h1", "textarea", "dialog"}
)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "ins", "mark", "q", "s", "small", "span", "strong"}
    | {"sub", "sup", "time", "u", "tt", "wbr", "nobr", "acronym", "dfn", "kbd", "var"}
)
_FURNITURE = re.compile(
    r"(^|[-_ ])(ad|ads|advert\w*|aside|author-?(bio|box|info)?|bio|breadcrumbs?|byline|caption|comments?|consent|cookie\w*"
    r"|copyright|credits?|disclaimer|disqus\w*|embed|eyebrow|footer|footnotes?|gallery|infobox|inline-?promo|login|menu|meta"
    r"|metadata|modal|more|most-?(read|popular)|nav|navigation|newsletter\w*|outbrain|overlay|paywall|popular|popup|promo\w*"
    r"|read-?(more|next|also)|recirc\w*|recommend\w*|rel|related\w*|share\w*|sharing|sidebar|slideshow|social\w*|sponsor\w*"
    r"|subscri\w*|summary-?list|taboola|tags?|taglist|teaser\w*|timestamp|toolbar|topics?|trending|widget\w*|tooltip|hidden)"
    r"($|[-_ ])",
    re.IGNORECASE,
)
_LINKS = 0.5
"""Share of a block's letters inside links from which it is a list of links."""
_SOME = 25
"""Letters of a paragraph that counts for its container."""


def main_blocks(tree: Any) -> tuple[str, ...]:
    """The page's paragraphs, headings and list items, one line each."""
    found = [(element, text, links) for element, text, links in _blocks(tree) if text]
    best = _container(found)
    if best is None:
        return ()
    inside = [(element, text) for element, text, links in found if links <= _LINKS and _within(element, best)]
    return tuple(text for _, text in inside)


def _blocks(tree: Any) -> Iterator[tuple[Any, str, float]]:
    """Each element that carries running text itself, with its text and the share of it in links."""
    pending = [tree]
    while pending:
        element = pending.pop()
        if not isinstance(element.tag, str) or element.tag in _UNSEEN or _names_itself(element):
            continue
        if element.tag in _TEXT or _holds_text(element):
            yield element, *_text(element)
        else:
            pending.extend(reversed(element))


def _names_itself(element: Any) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag not in {"body", "html", "article", "main"} and bool(_FURNITURE.search(names))


def _holds_text(element: Any) -> bool:
    """A division used as a paragraph: text of its own, and only inline elements inside."""
    if element.tag in _INLINE or not any(line(part or "") for part in (element.text, *(child.tail for child in element))):
        return False
    return all(child.tag in _INLINE or child.tag == "br" or not isinstance(child.tag, str) for child in element)


def _text(element: Any) -> tuple[str, float]:
    text = line(" ".join(element.itertext()) if element.tag not in _TEXT else "".join(element.itertext()))
    linked = sum(len(line("".join(link.itertext()))) for link in element.iter("a"))
    return text, linked / len(text) if text else 0.0


def _container(found: list[tuple[Any, str, float]]) -> Any:
    scores: dict[Any, float] = defaultdict(float)
    for element, text, links in found:
        letters = sum(3 if c >= "\u3040" else 1 for c in text)
        if letters < _SOME or links > _LINKS or element.tag in {"li", "h2", "h3", "h4"}:
            continue
        weight = 1.0
        for parent in _ancestors(element, 3):
            scores[parent] += letters * weight
            weight *= 0.6
    return max(scores, key=lambda each: scores[each], default=None)


def _ancestors(element: Any, upto: int) -> Iterator[Any]:
    for _ in range(upto):
        element = element.getparent()
        if element is None:
            return
        yield element


def _within(element: Any, container: Any) -> bool:
    while element is not None:
        if element is container:
            return True
        element = element.getparent()
    return False
