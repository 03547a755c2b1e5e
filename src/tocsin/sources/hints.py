"""What the headers of an answer say about when to come again. Pure; header names are in lower case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tocsin.times import parse_date

_LONGEST = 7 * 24 * 3600.0
"""Seconds; a server may not send us away for longer."""
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d+)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    return _seconds(text) if text.isdecimal() else _until(text, headers)


def fresh_for(headers: Mapping[str, str]) -> float:
    """Seconds for which the answer stays the same (RFC 9111, 4.2): Cache-Control before Expires; 0 when not said."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        return max(0.0, _seconds(found[1]) - (_seconds(age) if age.isdecimal() else 0.0))
    return _until(headers.get("expires", ""), headers) or 0.0


def _until(text: str, headers: Mapping[str, str]) -> float | None:
    """Seconds until the moment that `text` names; the server's own clock is the reference."""
    until = parse_date(text) if text else None
    if not until:
        return None
    sent = parse_date(headers.get("date", ""))
    now = sent[0] if sent else datetime.now(UTC)
    return min(max((until[0] - now).total_seconds(), 0.0), _LONGEST)


def _seconds(digits: str) -> float:
    return min(float(digits[:9]), _LONGEST)
