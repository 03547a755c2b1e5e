"""HTML by beautifulsoup4, the one module that imports it: fragments out of feeds, and pages by CSS selectors."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from soupsieve import SelectorSyntaxError

from tocsin.articles.clean import line
from tocsin.sources.fragments import plain_paragraphs
from tocsin.specs.sources import Select

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
    }
    | {
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
    }
    | {"nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_UNSEEN = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "math",
        "head",
        "button",
        "select",
        "textarea",
    }
    | {"figcaption"}
)
_PARSER = "lxml"
PARTS = ("title", "deck", "byline", "date", "body")
"""What `select` may choose on a page."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

__all__ = ["PARTS", "Tag", "line_entities", "page_of", "paragraphs_of", "selected", "selector_error"]


def page_of(html: bytes, content_type: str | None = None) -> Tag:
    """The page as a tree that CSS selectors can be asked of; the charset is the server's, else the page's own."""
    named = _CHARSET.search(content_type or "")
    try:
        charset = codecs.lookup(named[1]).name if named else None
    except LookupError:
        charset = None
    return _soup(html, charset)


def paragraphs_of(fragment: str) -> tuple[str, ...]:
    """The paragraphs of an HTML fragment (or plain text, whose empty lines part paragraphs)."""
    if "<" not in fragment:
        plain = line_entities(fragment)
        return tuple(filter(None, map(line, re.split(r"\n\s*\n", plain))))
    plain_ones = plain_paragraphs(fragment)
    return parsed_paragraphs(fragment) if plain_ones is None else plain_ones


def parsed_paragraphs(fragment: str) -> tuple[str, ...]:
    """The same, by the parser."""
    return _paragraphs(_soup(fragment))


def line_entities(text: str) -> str:
    """Text with its HTML entities resolved."""
    return unescape(text)


def selected(html: bytes, select: Select) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The page without what `select` removes, and what its selectors find.

    `title`, `deck`, `byline` and `date` are one text each, `body` is paragraphs; what finds nothing is left out.
    """
    page = _soup(html)
    for selector in select.remove:
        for element in page.select(selector):
            element.decompose()
    found: dict[str, tuple[str, ...]] = {}
    for name in PARTS[:-1]:
        selector = getattr(select, name)
        first = page.select_one(selector) if selector else None
        if first is not None and (text := _single(first, date=name == "date")):
            found[name] = (text,)
    body = tuple(text for element in _elements(page, select.body) for text in _paragraphs(element))
    return str(page), found | ({"body": body} if body else {})


def selector_error(selector: str) -> str | None:
    """What is wrong with a CSS selector; None when nothing is."""
    try:
        BeautifulSoup("", _PARSER).select(selector)
    except (SelectorSyntaxError, NotImplementedError) as error:
        return str(error).splitlines()[0]
    return None


def _soup(text: str | bytes, charset: str | None = None) -> BeautifulSoup:
    """The parsed text. A line break goes first where bs4 would warn: of XML, or of what could be an address."""
    if isinstance(text, str):
        text = "\n" + text
    elif text.startswith(b"<?xml"):
        text = b"\n" + text  # other bytes stay as they are: they may begin with a mark of their encoding
    return BeautifulSoup(text, _PARSER, from_encoding=charset)


def _elements(page: BeautifulSoup, selector: str | None) -> list[Tag]:
    """The elements found, without those that stand inside another one found."""
    found = list(page.select(selector)) if selector else []
    inside = set(map(id, found))
    return [element for element in found if not any(id(parent) in inside for parent in element.parents)]


def _single(element: Tag, *, date: bool) -> str:
    if date:
        for name in ("datetime", "content"):
            value = element.get(name)
            if isinstance(value, str):
                return line(value)
    return line(element.get_text(" "))


def _paragraphs(element: Tag) -> tuple[str, ...]:
    texts: list[str] = []
    gathered: list[str] = []
    for piece in _pieces(element):
        if piece is not None:
            gathered.append(piece)
        elif gathered:
            texts.append(line("".join(gathered)))
            gathered = []
    texts.append(line("".join(gathered)))
    return tuple(filter(None, texts))


def _pieces(element: Tag) -> Iterator[str | None]:
    """Text in reading order; None where a block begins or ends. Without recursion: pages nest without limit."""
    pending: list[Tag | NavigableString | None] = [element]
    while pending:
        node = pending.pop()
        if node is None:
            yield None
        elif isinstance(node, NavigableString):
            if type(node) is NavigableString:  # its subclasses are comments, scripts and the like
                yield str(node)
        elif node.name not in _UNSEEN:
            block = node.name in _BLOCKS
            inner = [child for child in node.contents if isinstance(child, (Tag, NavigableString))]
            pending += [None] * block + inner[::-1] + [None] * block
