"""What a page says about itself outside its text: title, headings, meta elements, JSON-LD. Pure.

Read from the tree that the main text is found in (`maintext.parsed`), so that a page is parsed once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import dropwhile, islice
from typing import Any

from tocsin.articles.clean import line


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """A page's statements; what it does not state is empty."""

    title: str = ""
    headings: tuple[str, ...] = ()
    """Every h1, in order."""
    subheadings: tuple[str, ...] = ()
    """The first few h2 and h3: on old sites one of them is the headline."""
    meta: Mapping[str, str]
    """Name or property in lower case → content; the first one counts."""
    scripts: tuple[str, ...] = ()
    """The JSON-LD blocks, as they are."""
    data: tuple[str, ...] = ()
    """Further scripts that may hold data rather than code, as they are."""
    times: tuple[str, ...] = ()
    """What the elements marked as the time of publication say, then those that stand close below the h1."""
    lines: tuple[str, ...] = ()
    """Short lines close below the h1 that may be the date, though nothing marks them."""
    authors: tuple[str, ...] = ()
    """Texts of the elements marked as the author."""
    canonical: str = ""
    language: str = ""


_PUBLISHED = "//*[@itemprop='datePublished' or @pubdate]"
_DATED = re.compile(r"date|time|publi|stand\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(19|20)\d\d\b|\d\d\.\d\d\.\d\d\b")
_SHORT = 60
"""Characters of a line that holds a date and little else."""
_CLOSE = 100
"""Elements after the h1 among which a line is believed to be the date because it is one."""
_NEAR = 150
"""Elements after the h1 among which the line with the date stands."""
_AUTHOR = "//*[@itemprop='author' or @rel='author'][not(self::meta or self::link)]"


def head_of(tree: Any) -> PageHead:
    """The statements in an lxml tree."""
    scripts = (script.text or "" for script in tree.iter("script") if _is_linked_data(script))
    return PageHead(
        title=next((_text(element) for element in tree.iter("title")), ""),
        headings=tuple(filter(None, (_text(element) for element in tree.iter("h1")))),
        subheadings=tuple(filter(None, map(_text, islice(tree.iter("h2", "h3"), 12)))),
        meta=_meta(tree),
        scripts=tuple(filter(None, scripts)),
        data=tuple(_data(tree)),
        times=tuple(_moment(element) for element in (*tree.xpath(_PUBLISHED), *_dated(tree))),
        lines=tuple(_lines_with_years(tree)),
        authors=tuple(filter(None, map(_author, tree.xpath(_AUTHOR)))),
        canonical=next((link.get("href") or "" for link in tree.iter("link") if link.get("rel") == "canonical"), ""),
        language=(tree.get("lang") or "").strip(),
    )


def _is_linked_data(script: Any) -> bool:
    return "ld+json" in (script.get("type") or "").lower()


def _data(tree: Any) -> Iterator[str]:
    """Long scripts with JSON in them, or with an assignment of it."""
    long = 400
    for script in tree.iter("script"):
        text = script.text or ""
        if len(text) >= long and not _is_linked_data(script) and "{" in text[:200]:
            yield text


def shown(tree: Any) -> str:
    """All text that a reader of the page may see."""
    texts = tree.xpath("//body//text()[not(parent::script or parent::style or parent::noscript)]", smart_strings=False)
    return "".join(texts)


def _meta(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _author(element: Any) -> str:
    """The name inside an author element, which may hold a portrait and a biography too."""
    named = element.xpath(".//*[@itemprop='name']")
    text = (named[0].get("content") or _text(named[0])) if named else _text(element)
    longest = 80
    return text if len(text) <= longest else ""


def _dated(tree: Any) -> Iterator[Any]:
    """Elements close below the first h1 that look like a line with the date."""
    after = dropwhile(lambda element: element.tag != "h1", tree.iter("*"))
    for element in islice(after, _NEAR):
        if (element.tag == "time" and element.get("datetime")) or _DATED.search(element.get("class") or ""):
            yield element


def _lines_with_years(tree: Any) -> Iterator[str]:
    """Short texts close below the first h1 that may be a date."""
    after = dropwhile(lambda element: element.tag != "h1", tree.iter("*"))
    texts = (
        line(text).strip("|·•–- ")
        for element in islice(after, 1, _CLOSE)
        for text in (element.text, element.tail)
        if text
    )
    return (text for text in texts if len(text) <= _SHORT and _YEAR.search(text))


def _moment(element: Any) -> str:
    return element.get("datetime") or element.get("content") or _text(element)


def _text(element: Any) -> str:
    return line(" ".join(element.itertext()))
