"""Takes the sting out of text that others wrote, before it goes into a chat, a mail or a terminal.

A headline may hold what a service reads as a command: `@everyone`, `<!channel>`, markup, links, control and
direction marks, broken code points. Nothing of that survives; what a person reads stays the same, letter for letter
as far as it can. Services differ in what they obey, so all of them get the strictest text.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

_LOOKALIKES = str.maketrans({"@": "＠", "<": "‹", ">": "›", "*": "∗", "`": "ʼ", "\\": "＼"})
_PAIRS = (("~~", "∼∼"), ("||", "ǁ"), ("__", "＿＿"), ("](", "] ("), ("][", "] ["), ("]:", "] :"), ("://", ": //"))
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_DOTTED_NAME = re.compile(r"(?<=[A-Za-z0-9-])\.(?=[A-Za-z]{2})")
_SPACES = re.compile(r"\s+")
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{3}}){_MARKS}+")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_URL_SAFE = "/:;,=+!$&'().~-_%"
_URL_LIMIT = 1500


def plain(text: str) -> str:
    """One line of visible text: no control, direction or unassigned characters, no lone surrogates, single spaces."""
    spaced = "".join(" " if char.isspace() else char for char in text if _visible(char) or char.isspace())
    composed = unicodedata.normalize("NFC", _SPACES.sub(" ", spaced).strip())
    return _STACKED.sub(r"\1", composed)


def defused(text: str, limit: int) -> str:
    """`plain` text of at most `limit` characters before defusing, that no service takes for a ping, markup or link."""
    harmless = cut(plain(text), limit).translate(_LOOKALIKES)
    for pair, harmless_pair in _PAIRS:
        harmless = harmless.replace(pair, harmless_pair)
    harmless = _EDGE_UNDERSCORE.sub("＿", harmless)
    return _DOTTED_NAME.sub("․", harmless)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end with `…`, in at most `limit` characters."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    space = kept.rfind(" ", limit * 2 // 3)
    return kept[: space if space > 0 else None].rstrip() + "…"


def safe_url(url: str | None) -> str | None:
    """An http(s) address that is only an address, or None: no user part, nothing that means something to a chat."""
    if not url or len(url) > _URL_LIMIT:
        return None
    try:
        parts = urlsplit("".join(char for char in url if _visible(char)))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # UnicodeError, a bad port, a bad IPv6 address
        return None
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[A-Za-z0-9._-]+|[0-9a-f:]+", host):
        return None
    if "@" in parts.netloc:
        return None
    netloc = f"[{host}]{port}" if ":" in host else host + port
    path, query = quote(parts.path, safe=_URL_SAFE), quote(parts.query, safe=_URL_SAFE + "?")
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in _DROPPED
