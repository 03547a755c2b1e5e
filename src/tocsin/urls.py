"""Addresses: one spelling for one page, its host, and the publisher it belongs to. Pure text, no look-ups."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(utm_\w+|at_(medium|campaign|custom\d+|format|link_\w+|ptr_\w+|bbc_team)|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid"
    r"|twclid|ttclid|igshid|igsh|mc_[ce]id|_ga|_gl|_hs\w+|hsctatracking|mkt_tok|vero_id|oly_(anon|enc)_id|ref_src|ref_url"
    r"|ns_(mchannel|source|campaign|linkname|fee)|cmp|cmpid|ocid|icid|smid|smtyp|taid|wt_mc|xtor|sref|sr_share"
    r"|traffic_source|feed_?type|feedname|from_rss|outputtype|amp|print|printable|printer_?friendly|__twitter_impression|guccounter)",
    re.IGNORECASE,
)
_AMP_PATH = re.compile(r"(/amp/?|\.amp)$", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}
_SAFE = "!#$%&'()*+,/:;=?@[]~"  # left as they are; the rest (spaces, letters beyond ASCII) is percent-encoded

_PLAIN = re.compile(r"https?://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?:/[\w.~-]+)+", re.ASCII)
"""Addresses that are canonical already, as most are: only the mark of an AMP page could stand at their end."""

_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gov", "mil", "ne", "net", "or", "org", "re"})
_PLATFORMS = frozenset({"blogspot.com", "github.io", "medium.com", "substack.com", "tistory.com", "wordpress.com"})


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """One spelling for all addresses of a page: for comparing, not for fetching.

    Tracking parameters, fragments, default ports, AMP marks, a trailing slash or dot and the case of scheme and host
    do not count. What cannot be read as an address comes back stripped, otherwise as it was.

    Remembered for a while: on its way from the feed to the store an address is asked for ten times.
    """
    url = url.strip()
    if _PLAIN.fullmatch(url) and not _AMP_PATH.search(url):
        return url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        return url
    scheme = parts.scheme.lower()
    name = _host_name(parts)
    netloc = name if port in (None, _PORTS[scheme]) else f"{name}:{port}"
    return urlunsplit((scheme, netloc, _path(parts.path), _query(parts.query), _fragment(parts.fragment)))


def host(url: str) -> str:
    """The address's host in lower case, without port; empty when there is none."""
    try:
        return _host_name(urlsplit(url.strip())).strip("[]")
    except ValueError:
        return ""


def host_port(url: str) -> str:
    """`host:port` of an http(s) address, the port spelled out; empty when there is none."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return ""
    name = _host_name(parts)
    return f"{name}:{port}" if name and port else ""


def family(url: str) -> str:
    """The publisher's own domain: `en.yna.co.kr` and `www.yna.co.kr` are both `yna.co.kr`.

    A rule of thumb over the last labels, not the public suffix list: good enough to tell that two feeds are one
    publisher's, and overridden by `publisher:` in the source.
    """
    name = host(url)
    if not name or _is_address(name):
        return name
    labels = name.split(".")
    country_code = 2
    short = ".".join(labels[-2:])
    if short in _PLATFORMS or (len(labels[-1]) == country_code and len(labels) > 1 and labels[-2] in _SECOND_LEVEL):
        return ".".join(labels[-3:])
    return short


def is_web(url: str) -> bool:
    """Whether this is an absolute http(s) address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in _PORTS and bool(parts.hostname)


def _host_name(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".").lower()
    return f"[{name}]" if ":" in name else name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _path(path: str) -> str:
    path = _AMP_PATH.sub("", _encode(path)).rstrip("/")
    return path or "/"


def _query(query: str) -> str:
    kept = [part for part in query.split("&") if part and not _TRACKING.fullmatch(part.split("=", 1)[0])]
    return _encode("&".join(kept))


def _fragment(fragment: str) -> str:
    """Only `#!…` names another page."""
    return _encode(fragment) if fragment.startswith("!") else ""


def _encode(text: str) -> str:
    """Percent-encoding in one form (RFC 3986, 6.2.2): unreserved characters bare, escapes in upper case."""
    text = _ESCAPE.sub(lambda found: _bare(int(found[1], 16)), text)
    return quote(text, safe=_SAFE, errors="replace")


def _bare(code: int) -> str:
    return chr(code) if chr(code) in _UNRESERVED else f"%{code:02X}"
