"""Days that a sentence names for what happened: a date or a weekday, counted back from the day of publication.

Only a full day counts (`August 23`, `on Tuesday`, `23일`), never a month or a year alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from tocsin.rules.dates import dated

_DAY = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_ONLY_MONTH = re.compile(r"[月월]\s*$")
_WEEKDAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bmondays?\b|월요일|月曜|周一|星期一|понедельник",
        r"\btuesday\b|화요일|火曜|周二|星期二|вторник",
        r"\bwednesday\b|수요일|水曜|周三|星期三|\bсред[уы]\b",
        r"\bthursday\b|목요일|木曜|周四|星期四|четверг",
        r"\bfriday\b|금요일|金曜|周五|星期五|пятниц",
        r"\bsaturday\b|토요일|土曜|周六|星期六|суббот",
        r"\bsunday\b|일요일|日曜|周日|星期日|星期天|воскресень",
    )
)
_NEAR = 10
"""Days back that still belong to the news of the day; what lies further back is background."""


def days(text: str, published: date | None) -> frozenset[date]:
    """The recent days that the text names; empty without a day of publication."""
    if published is None:
        return frozenset()
    return frozenset((*_dates(text, published), *_weekdays(text, published)))


def _dates(text: str, published: date) -> Iterator[date]:
    for found in dated(text, 0, len(text), published):
        expression = text[slice(*found.span)]
        if 0 <= found.age <= _NEAR and _DAY.search(expression) and not _ONLY_MONTH.search(expression):
            yield published - timedelta(days=found.age)


def _weekdays(text: str, published: date) -> Iterator[date]:
    for number, pattern in enumerate(_WEEKDAYS):
        if pattern.search(text):
            yield published - timedelta(days=(published.weekday() - number) % 7)
