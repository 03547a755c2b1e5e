"""Many alerts as one message: how many of what, then each in short, the gravest first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tocsin.alerts.clean import defused, safe_url
from tocsin.alerts.render import SUBJECT_LIMIT, Message, byline, headline, noted, sureness
from tocsin.model import Alert, Reason

_BAR = 24
"""Characters of the longest bar."""
_NAME = 40


def render_digest(alerts: Sequence[Alert], at: datetime) -> Message:
    """The message; `at` is the digest's time."""
    order = sorted(alerts, key=lambda alert: (-alert.severity.rank, alert.created_at, alert.id))
    what = f"{len(order)} alert{'s' if len(order) != 1 else ''}"
    head = f"{what} up to {at:%Y-%m-%d %H:%M} UTC"
    parts = ["\n".join([head, *_chart(order)]), *("\n".join(_lines(alert)) for alert in order)]
    return Message(
        subject=f"Digest: {head}"[:SUBJECT_LIMIT],
        text="\n\n".join(parts),
        short="\n".join([head, *(headline(alert) for alert in order)]),
        severity=order[0].severity,
        at=at,
    )


def _chart(alerts: Sequence[Alert]) -> list[str]:
    """A bar for each rule, the longest first."""
    counts = Counter(defused(alert.title, _NAME) for alert in alerts)
    most = max(counts.values())
    width = max(map(len, counts))
    return [
        f"{title:<{width}}  {'█' * max(1, round(_BAR * number / most))} {number}"
        for title, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _lines(alert: Alert) -> list[str]:
    if alert.reason is Reason.HEALTH:
        return [headline(alert), *noted(alert)]
    url = safe_url(alert.article.url)
    quoted = f"“{defused(alert.article.title, 160)}”"
    last = [*([url] if url else []), f"Story {alert.story}"]
    return [headline(alert), sureness(alert), quoted, byline(alert.article), *last]
