"""A page's main text by trafilatura, the one module that imports it."""

from __future__ import annotations

import logging
import re
from itertools import islice
from typing import Any, AnyStr

from trafilatura import bare_extraction
from trafilatura.metadata import extract_author
from trafilatura.utils import load_html

from tocsin.sources.charset import text_of

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it calls every page that is no article an error
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
"""Compressed files, which trafilatura would unpack however large they become."""
TAGS = 150_000
"""The largest of 363 measured news pages had 3,400."""


def parsed(html: bytes | str) -> Any:
    """The page as an lxml tree, its encoding found out; None when there is no page in it.

    Of a page with more tags than any article has, the beginning: time and memory grow with its elements.
    """
    if isinstance(html, bytes) and html.startswith(_PACKED):
        return None
    text = html if isinstance(html, str) else text_of(html)
    if text is not None:
        return load_html(_beginning(text, "<"))
    return load_html(_beginning(html, b"<")) if isinstance(html, bytes) else None


def is_cut(html: bytes | str) -> bool:
    """Whether only the beginning of the page is read."""
    return (html.count("<") if isinstance(html, str) else html.count(b"<")) > TAGS


def _beginning(html: AnyStr, tag: AnyStr) -> AnyStr:
    last = next(islice(re.finditer(tag, html), TAGS, None), None)
    return html if last is None else html[: last.start()]


def main_text(tree: Any) -> tuple[str, ...]:
    """The page's paragraphs and headings, one line each."""
    found = bare_extraction(tree, favor_precision=True, include_comments=False, with_metadata=False)
    return tuple((getattr(found, "text", None) or "").split("\n"))


def guessed_author(tree: Any) -> str:
    """Who seems to have written it, names parted by semicolons; empty when nothing points to anybody."""
    return extract_author(tree) or ""
