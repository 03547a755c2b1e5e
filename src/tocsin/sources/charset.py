"""The characters of a page's bytes, whatever it says about them. Pure."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_WIDER = {
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949", "windows-949", "uhc"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jp"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cp950"), "big5hkscs"),
}
"""Declared name → the codec that reads what browsers read under it (WHATWG Encoding). Only those that a text in another
encoding does not survive by chance."""
_LOOK_AT = 4_096
_SPOILED = 0.01
"""Share of a page's characters beyond ASCII that may be broken in what is still UTF-8."""
_ESCAPES = (b"\x1b$B", b"\x1b$@")


def text_of(html: bytes) -> str | None:
    """The page's text; None where only a guess by its letters can tell."""
    for mark, codec in _BOMS:
        if html.startswith(mark):
            return html.decode(codec, "replace")
    head = html[:_LOOK_AT]
    if codec := _two_bytes(head):
        return html.decode(codec, "replace")
    if any(escape in html for escape in _ESCAPES) and html.isascii():
        return html.decode("iso2022_jp", "replace")
    try:
        return html.decode("utf-8")
    except UnicodeDecodeError:
        return _declared(html, head) or _spoiled(html)


def _two_bytes(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of the markup is zero."""
    some = 0.2
    for start, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head and head[start::2].count(0) > some * len(head) > head[1 - start :: 2].count(0):
            return codec
    return ""


def _declared(html: bytes, head: bytes) -> str | None:
    found = _DECLARED.search(head)
    codec = _WIDER.get(found[1].decode("ascii", "replace").lower()) if found else None
    try:
        return html.decode(codec) if codec else None
    except UnicodeDecodeError:
        return None


def _spoiled(html: bytes) -> str | None:
    """UTF-8 with a few broken characters: cut by a template, or out of another database."""
    text = html.decode("utf-8", "replace")
    beyond = len(text) - sum(map(text.count, map(chr, range(128))))
    return text if text.count("\ufffd") <= _SPOILED * beyond else None
