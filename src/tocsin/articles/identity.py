"""When two texts are the same article.

An article has several keys, and is known when any of them is. No key may be shared by different articles: a guid
counts only together with its entry's title (some feeds give every entry the same one), and a short text is not told
from another by its words alone.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tocsin import urls
from tocsin.model import Article, Entry

_ELSE = re.compile(r"[\W_]+")
_ASCII_ELSE = bytes(code for code in range(128) if not chr(code).isalnum())
SHORT = 80
"""Characters; a text with fewer is not identified by its words."""


def text_id(text: str) -> str:
    """16 hex digits of the text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def content_hash(title: str, paragraphs: Iterable[str]) -> str:
    """64 hex digits over title and paragraphs, blind to case, spacing and punctuation."""
    digest = hashlib.sha256()
    for text in (title, *paragraphs):
        digest.update(_letters(text).encode())
    return digest.hexdigest()


def keys(article: Article) -> tuple[str, ...]:
    """Every key of the article; it is known when any of them is."""
    found = [*article.entry_keys, f"id:{article.id}"]
    found += [url_key(url) for url in (article.url, article.canonical_url) if url]
    if identified_by_text(article):
        found.append(text_key(article))
    return tuple(dict.fromkeys(found))


def entry_keys(source: str, entry: Entry) -> tuple[str, ...]:
    """The keys of a feed's entry, before its article is made; empty when it says nothing that identifies it."""
    found = []
    if entry.guid:
        title = hashlib.sha256(_letters(entry.title).encode()).hexdigest()[:12] if entry.title else ""
        found.append(f"guid:{source}:{_short(entry.guid)}:{title}")
    if entry.url:
        found.append(url_key(entry.url))
    return tuple(found)


@lru_cache(maxsize=4096)
def url_key(url: str) -> str:
    """The key of an address; http and https are the same page."""
    return "url:" + _short(urls.canonical(url).partition("://")[2] or url)


def text_key(article: Article) -> str:
    """The key of an article's words."""
    return f"text:{article.content_hash}"


def text_keys(article: Article) -> tuple[str, ...]:
    """The keys that change with the article's words."""
    return (f"id:{article.id}", *((text_key(article),) if identified_by_text(article) else ()))


def identified_by_text(article: Article) -> bool:
    """Whether the words are enough to tell the article from others."""
    return is_identified_by_text(article.title, article.paragraphs)


def is_identified_by_text(title: str, paragraphs: Sequence[str]) -> bool:
    """The same of an article that is not made yet."""
    return bool(paragraphs) and len(title) + sum(map(len, paragraphs)) >= SHORT


def _letters(text: str) -> str:
    if text.isascii():
        return text.lower().encode().translate(None, _ASCII_ELSE).decode()
    folded = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode()).casefold()
    return _ELSE.sub(_marks, folded)


def _marks(found: re.Match[str]) -> str:
    """Of what is no letter and no digit, the marks that belong to one."""
    return "" if found[0].isascii() else "".join(c for c in found[0] if unicodedata.category(c)[0] == "M")


def _short(text: str) -> str:
    """Keys are indexed: a monstrous one, or one with a sign that not every database takes, is replaced by its hash."""
    limit = 400
    return (
        text
        if len(text) <= limit and "\0" not in text
        else "sha256-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    )
