"""Text made safe to keep and to show: single lines without control, direction or invisible marks."""

from __future__ import annotations

import html
import re

# Kept: zero-width (non-)joiner, which Persian and emoji need. Removed: the other controls (C0 but white space, C1),
# soft hyphen, zero-width space and word joiner, direction marks, isolates and overrides, BOM, annotation and tag
# characters, lone surrogates, non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|div|em|font|h[1-6]|i|img|ins|mark|nobr|p|q|s|small|span|strike|strong|sub|sup"
    r"|tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def line(text: str) -> str:
    """One line: marks out, every run of white space a single space, none at the ends. Idempotent."""
    if text.isprintable():  # then there are none of those marks, and no white space but spaces
        return text if "  " not in text and text[:1] != " " != text[-1:] else " ".join(text.split())
    return " ".join(_INVISIBLE.sub("", text).split())


def headline(text: str) -> str:
    """One line out of a feed's or page's title, which may hold entities and tags, escaped once or twice."""
    if "<" not in text and "&" not in text:
        return line(text)
    for _ in range(2):
        text = html.unescape(_TAG.sub("", _COMMENT.sub("", text)))
    return line(_TAG.sub("", text))
