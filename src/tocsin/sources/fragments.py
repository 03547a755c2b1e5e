"""The paragraphs of the plain HTML that most feeds carry, without a parser. Pure.

Only what every HTML parser reads alike is read here: known tags, well written, and the usual entities. Anything else is
left to the parser (`tocsin.sources.markup`), which says the same of these, thirty times slower; a property test holds
that.
"""

from __future__ import annotations

import html
import re

from tocsin.articles.clean import line

_BREAK = "\0"
_TAG = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z1-6]*)(?:\s+[A-Za-z][\w:-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*(/?)>""", re.ASCII
)
_BLOCKS = frozenset("p div li ul ol h1 h2 h3 h4 h5 h6 blockquote section article br hr".split())
_NESTING = frozenset("div ul ol blockquote section article".split())
"""Blocks that may hold others; a parser ends the rest of them early, and may not heed their own end then."""
_INLINE = frozenset("a abbr b cite em i mark small span strong sub sup u img".split())
_EMPTY = frozenset({"br", "hr", "img"})
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|[mn]dash|[lr][sd]quo|hellip|#39|#8[0-9]{3});")
_STRANGE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def plain_paragraphs(fragment: str) -> tuple[str, ...] | None:
    """The fragment's paragraphs; None when it takes a parser to tell."""
    if _STRANGE.search(fragment) or not has_plain_entities(fragment):
        return None
    if not _is_well_nested(_TAG.findall(fragment)):
        return None
    text = _TAG.sub(_replaced, fragment)
    if "<" in text:
        return None
    return tuple(filter(None, (line(html.unescape(part)) for part in text.split(_BREAK))))


def _is_well_nested(tags: list[tuple[str, str, str]]) -> bool:
    """Whether all tags are known and closed in order: what parsers make of others is for them to say."""
    pending: list[str] = []
    for end, spelled, empty in tags:
        name = spelled.lower()
        if name not in _BLOCKS and name not in _INLINE:
            return False
        if name in _EMPTY:
            if end:
                return False
        elif empty or (end and (not pending or pending.pop() != name)):
            return False
        elif not end:
            if name in _BLOCKS and not _NESTING.issuperset(pending):
                return False
            pending.append(name)
    return not pending


def _replaced(tag: re.Match[str]) -> str:
    return _BREAK if tag[2].lower() in _BLOCKS else ""


def has_plain_entities(text: str) -> bool:
    """Whether every `&` begins one of the usual entities."""
    return "&" not in text or text.count("&") == len(_ENTITY.findall(text))
