"""Many alerts as one message: how many of what, then each in short, the gravest first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from unicodedata import combining, east_asian_width

from tocsin.alerts.clean import defused, safe_url
from tocsin.alerts.render import UNHEARD, Bar, Message, byline, headline, noted, sureness
from tocsin.model import Alert, Reason

_LONGEST = 24
"""Characters of the longest bar."""
_NAME = 40


def render_digest(
    alerts: Sequence[Alert], at: datetime, *, more: bool = False, unheard: Collection[str] = ()
) -> Message:
    """The message; `at` is the digest's time. With `more` it is what came on top of a throttle.

    `unheard` are the ids of those that take back what its readers were never told.
    """
    order = sorted(alerts, key=lambda alert: (-alert.severity.rank, alert.created_at, alert.id))
    what = f"{len(order)} {'more ' if more else ''}alert{'s' if len(order) != 1 else ''}"
    head = f"{what} up to {at:%Y-%m-%d %H:%M} UTC"
    chart = _chart(order)
    parts = [
        "\n".join([head, *_drawn(chart)]),
        *("\n".join(_lines(alert, [UNHEARD] if alert.id in unheard else [])) for alert in order),
    ]
    return Message(
        subject=head if more else f"Digest: {head}",
        text="\n\n".join(parts),
        short="\n".join([head, *(headline(alert) for alert in order)]),
        severity=order[0].severity,
        at=at,
        chart=chart,
    )


def _chart(alerts: Sequence[Alert]) -> tuple[Bar, ...]:
    """A bar for each rule, the longest first."""
    counts = Counter(defused(alert.title, _NAME) for alert in alerts)
    most = max(counts.values())
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Bar(name, "█" * max(1, round(_LONGEST * number / most)), number) for name, number in order)


def _drawn(chart: Sequence[Bar]) -> list[str]:
    """The bars below each other, in a font whose letters are all as wide."""
    width = max(_cells(bar.name) for bar in chart)
    return [f"{bar.name}{' ' * (width - _cells(bar.name))}  {bar.blocks} {bar.number}" for bar in chart]


def _cells(text: str) -> int:
    """How many columns a text takes there: Hangul, Han and kana take two each, a combining mark none."""
    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in text)


def _lines(alert: Alert, aside: list[str]) -> list[str]:
    if alert.reason is Reason.HEALTH:
        return [headline(alert), *noted(alert)]
    url = safe_url(alert.article.url)
    quoted = f"“{defused(alert.article.title, 160)}”"
    last = [*([url] if url else []), f"Story {alert.story}"]
    return [headline(alert), sureness(alert), *aside, quoted, byline(alert.article), *last]
