"""What an element's class and id say about it: furniture of the page, its comments, or the article's own text. Pure.

Only words that publishers of any country put there count; a word must stand alone in the name, between `-`, `_`,
spaces or a change of case (`relatedArticles`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_FURNITURE = re.compile(
    r"(?:^|[-_ ])(ads?|adverts?|advertisement|author-?(?:bio|box|card|info|profile)?|bio|breadcrumbs?|byline|captions?"
    r"|comments?|consent|cookies?|copyright|credits?|disclaimer|disqus\w*|fact-?box|footer|gallery|infobox|login|menu"
    r"|metadata|modal|navigation|nav|most-?(?:read|popular)|newsletter\w*|outbrain|popular|popup|promo\w*"
    r"|read-?(?:more|next|also)|recirc\w*|recommend\w*|related\w*|share\w*|sharing|(?<!has-)(?<!no-)(?<!with-)sidebar"
    r"|slideshow|social\w*|sponsor\w*|subscri\w*|taboola|tags?|teasers?|timestamp|toolbar|trending|widgets?|tooltip|hidden"
    r"|kommentare?|komentarz\w*|komentar\w*|comentarios?|commentaires?)"
    r"(?=$|[-_ ])",
    re.IGNORECASE,
)
_REPLIES = re.compile(
    r"(?:^|[-_ ])(?:comments?|disqus\w*|related\w*|recommend\w*|kommentare|komentarz\w*|comentarios|commentaires"
    r"|author-?(?:bio|box|card))(?:$|[-_ ])",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"(?:^|[-_ ])(?:articles?|story|entry|post|news|main|body)[-_]{0,2}(?:body|content|text|main)(?:$|[-_ ])",
    re.IGNORECASE,
)
_STANDFIRST = re.compile(
    r"(?:^|[-_ ])(?:standfirst|deck|dek|sub-?title|sub-?head(?:line|ing)?|lead|lede|intro|preamble|summary|vorspann"
    r"|teaser|chapo|entradilla|bajada|abstract|kicker|excerpt|description)(?:$|[-_ ])",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z]{3})")
_NEVER = frozenset({"body", "html", "article", "main"})


def furniture(element: Any) -> frozenset[str]:
    """The words by which an element names itself furniture; empty when it does not."""
    return frozenset() if element.tag in _NEVER else _words(element.get("class") or "", element.get("id") or "")


def holds_replies(element: Any) -> bool:
    """Whether an element names itself a list of comments or of other articles: never the text, however long."""
    return bool(_REPLIES.search(_parted(element)))


def is_text(element: Any) -> bool:
    """Whether an element names itself the article's text."""
    return element.get("itemprop") == "articleBody" or bool(_TEXT.search(_parted(element)))


def is_standfirst(element: Any) -> bool:
    """Whether an element, or the one around it, names itself the standfirst."""
    return any(each is not None and _STANDFIRST.search(_parted(each)) for each in (element, element.getparent()))


@lru_cache(maxsize=4_096)  # a page has the same few names on most of its elements
def _words(classes: str, identifier: str) -> frozenset[str]:
    return frozenset(map(str.lower, _FURNITURE.findall(_HUMP.sub("-", f"{classes} {identifier}"))))


def _parted(element: Any) -> str:
    return _HUMP.sub("-", f"{element.get('class') or ''} {element.get('id') or ''}")
