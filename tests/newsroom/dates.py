"""Dates in running text, as each language writes them.

A text may hold `{weekday}`, `{date}`, `{day}`, `{month}`, `{year}` and `{clock}`; each may be moved, as in
`{weekday-1d}`, `{clock-40m}`, `{date-10y}`. They are filled in from the moment of publication, so that an article
that says 'Tuesday' is published on a Tuesday, whenever the newsroom is opened.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_TOKEN = re.compile(r"\{(weekday|date|day|month|year|clock)(?:([+-]\d+)([mhdy]))?\}")
_STEPS = {"m": "minutes", "h": "hours", "d": "days"}

_WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "ko": ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"],
    "ja": ["月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"],
    "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    # Russian says 'on Tuesday' with a preposition that depends on the day.
    "ru": ["в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"],
}
# fmt: off
_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"],
    "ru": ["января", "февраля", "марта", "апреля", "мая", "июня",
           "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    "ko": [f"{n}월" for n in range(1, 13)],
    "ja": [f"{n}月" for n in range(1, 13)],
    "zh": [f"{n}月" for n in range(1, 13)],
}
# fmt: on
_DATES = {
    "en": "{month} {day}, {year}",
    "ru": "{day} {month} {year} года",
    "ko": "{year}년 {month} {day}일",
    "ja": "{year}年{month}{day}日",
    "zh": "{year}年{month}{day}日",
}
_CLOCKS = {
    "en": ("{hour12}:{minute:02} a.m.", "{hour12}:{minute:02} p.m."),
    "ru": ("{hour}:{minute:02}", "{hour}:{minute:02}"),
    "ko": ("오전 {hour0}시 {minute}분", "오후 {hour12}시 {minute}분"),
    "ja": ("午前{hour0}時{minute}分", "午後{hour0}時{minute}分"),
    "zh": ("上午{hour0}时{minute}分", "下午{hour12}时{minute}分"),
}


def fill(text: str, published: datetime, language: str) -> str:
    """`text` with every date token written out for an article published at that local time."""
    return _TOKEN.sub(lambda t: _words(t[1], _moved(published, int(t[2] or 0), t[3] or "d"), language), text)


def date(at: datetime, language: str) -> str:
    """The day as the language writes it in full."""
    return _DATES[language].format(day=at.day, month=_MONTHS[language][at.month - 1], year=at.year)


def _moved(at: datetime, amount: int, unit: str) -> datetime:
    if unit != "y":
        return at + timedelta(**{_STEPS[unit]: amount})
    # The 29th of February has no anniversary in most years; the 28th is near enough for a newspaper.
    return at.replace(year=at.year + amount, day=28 if (at.month, at.day) == (2, 29) else at.day)


def _words(name: str, at: datetime, language: str) -> str:
    if name == "weekday":
        return _WEEKDAYS[language][at.weekday()]
    if name == "month":
        return _MONTHS[language][at.month - 1]
    if name == "date":
        return date(at, language)
    if name == "clock":
        form = _CLOCKS[language][at.hour >= 12]
        return form.format(hour=at.hour, hour0=at.hour % 12, hour12=(at.hour - 1) % 12 + 1, minute=at.minute)
    return str(at.day if name == "day" else at.year)
