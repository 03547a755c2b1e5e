"""A feed's bytes before a parser sees them: in an encoding that hides no tag, and no more than is read. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    *((sign.encode(name), name) for sign in "<{" for name in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")),
)
_EBCDIC = "<?xm".encode("cp037")
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_NAMED = re.compile(r"""(?:encoding|charset)\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_PROBE = "<!ENTITY a \"b\" '&c;%+-~\\\\'>"
"""What has the same bytes in every encoding in which nothing can be hidden from us."""
_ENTRY = re.compile(rb"<(?:(?:atom\w*|rss\w*|a|ns\d*):)?(item|entry)(?=[\s/>])", re.IGNORECASE)
_SILENT = re.compile(rb"<!\[CDATA\[|<!--")
"""What opens a stretch in which nothing is a tag."""
_CLOSE = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{65536}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """As much of a feed as is to be read."""

    body: bytes
    left_out: int = 0
    """Entries that are not in it."""
    refused: str = ""
    """Why nothing of it is to be read, as a sentence."""


def narrow(body: bytes, content_type: str | None = None) -> bytes | None:
    """As UTF-8 what is in an encoding that is no extension of ASCII; None for everything else.

    That is UTF-16 and UTF-32, with a mark or without, and what the declaration or the header says (EBCDIC, UTF-7).
    """
    name = next((name for sign, name in _WIDE if body.startswith(sign)), None)
    name = name or _odd(content_type or "") or _odd(_head(body))
    if name is None:
        return None
    text = body.decode(name, "replace").lstrip("\ufeff")
    return _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")


def _head(body: bytes) -> str:
    return body[:300].decode("cp037" if body.startswith(_EBCDIC) else "latin-1").partition("?>")[0]


def _odd(text: str) -> str | None:
    """The encoding that a header or a declaration names, if plain ASCII is written otherwise in it."""
    named = _NAMED.search(text)
    if not named:
        return None
    try:
        odd = _PROBE.encode(named[1]) != _PROBE.encode("ascii")
        "".encode(named[1]).decode(named[1])
    except (LookupError, ValueError):
        return None
    return named[1] if odd and not named[1].lower().replace("-", "").startswith(("utf8", "utf16", "utf32")) else None


def part(body: bytes, *, entries: int, tags: int) -> Part:
    """The feed with its first `entries` entries, and fewer where they have more than `tags` tags.

    The rest is cut out before anything is built of it. What stands behind the last entry stays.
    """
    if _LONG_TAG.search(body):
        return Part(body=b"", refused="its XML has a tag of more than 64 KiB, which no feed needs; refused")
    if body.count(b"<") <= min(tags, entries):  # the usual feed: nothing needs to be counted
        return Part(body=body)
    found = list(_counted(body))
    starts, before = [start for start, _ in found[:-1]], [number for _, number in found]
    fitting = sum(number <= tags for number in before[1:])  # entries that end before there are too many tags
    kept = min(entries, fitting)
    if not kept and before[-1] > tags:
        return Part(
            body=b"",
            refused=f"its XML has {before[-1]:,} tags, more than the {tags:,} that are read (TOCSIN_LIMIT_TAGS)",
        )
    if kept == len(starts):
        return Part(body=body)
    return Part(body=body[: starts[kept]] + _tail(body), left_out=len(starts) - kept)


def _counted(body: bytes) -> Iterator[tuple[int, int]]:
    """Where each entry begins and how many tags stand before it; at the end the length and all tags."""
    tags = 0
    for start, end in _stretches(body):
        at = start
        for entry in _ENTRY.finditer(body, start, end):
            tags += body.count(b"<", at, entry.start())
            at = entry.start()
            yield at, tags
        tags += body.count(b"<", at, end)
    yield len(body), tags


def _stretches(body: bytes) -> Iterator[tuple[int, int]]:
    """The stretches that are neither CDATA nor a comment."""
    start = 0
    while opened := _SILENT.search(body, start):
        yield start, opened.start()
        closed = body.find(_CLOSE[opened[0]], opened.end())
        if closed < 0:
            return
        start = closed + 3
    yield start, len(body)


def _tail(body: bytes) -> bytes:
    """What stands behind the last entry: the ends of the elements around them."""
    ends = [(body.rfind(name), len(name)) for name in (b"</item>", b"</entry>", b"</atom:entry>", b"</rss:item>")]
    at, length = max(ends)
    return body[at + length :] if at >= 0 else b""
