"""Dates in a sentence, as far as 'how long ago' needs them: their place and their age in days.

Deliberately small: full date parsing is a library's work, but none gives exact places in five languages at the price of
a sentence (dateparser's search takes milliseconds). An expression is as young as its latest day: `in 2017` ends on
31 December 2017. Without a publication date only `… ago` has an age.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from tocsin.text import Span

_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RUSSIAN = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_MONTHS = {name: number for names in (_ENGLISH, _RUSSIAN) for number, name in enumerate(names, 1)}
_EN = (
    r"(?:jan(?:uary|\.)|feb(?:ruary|\.)|mar(?:ch|\.)|apr(?:il|\.)|may|june?|july?|aug(?:ust|\.)|sept?(?:ember|\.)"
    r"|oct(?:ober|\.)|nov(?:ember|\.)|dec(?:ember|\.))"
)
_RU = (
    r"(?:январ[яеь]|феврал[яеь]|март[ае]?|апрел[яеь]|ма[яей]|июн[яеь]|июл[яеь]|август[ае]?|сентябр[яеь]|октябр[яеь]"
    r"|ноябр[яеь]|декабр[яеь])"
)
_BEFORE_YEAR = (
    "in|since|of|by|until|till|from|during|before|late|early|mid|after|around|circa|в|с|до|после|от|за|конце|начале"
)
"""Words that make a bare number a date; `the 2018 pact` only names the pact."""
_NO_YEAR = "troops|soldiers|km|missiles|rockets|people|meters|metres|million|units|drones"
"""Words after a number that say it counts something."""
_YEAR = r"(?:19|20)\d\d"
_HAN_DIGITS = {ord(sign): str(number) for number, sign in enumerate("〇一二三四五六七八九")}
"""Japanese newspapers that are set downwards write years so: 一九九八年."""
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<m>{_EN})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>{_YEAR}))?\b",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m>{_EN}|{_RU})(?:,?\s+(?P<y>{_YEAR}))?(?!\w)",
        rf"\b(?P<m>{_EN}|{_RU})(?:\s+of)?\s+(?P<y>{_YEAR})\b",
        rf"\b(?:(?:in|since|last|until|early|late|mid-?)\s+(?P<m>{_EN})|(?:в|с)\s+(?P<m2>{_RU}))(?!\w)",
        rf"(?P<y>{_YEAR}|[一二][九〇][〇一二三四五六七八九]{{2}})\s?[年년]\s?(?:(?P<m>\d{{1,2}})\s?[月월]\s?(?:(?P<d>\d{{1,2}})\s?[日日일])?)?",
        r"(?<!\d)(?P<m>\d{1,2})\s?[月월]\s?(?:(?P<d>\d{1,2})\s?[日日일])?(?!間)",
        r"(?<![\d月월])(?P<d>\d{1,2})\s?[日일](?!間|间|째|전|程|本|後|前|만|간|内|以内|内閣)",
        rf"(?:\b(?:{_BEFORE_YEAR})\s(?:the\s)?|[(])(?P<y>{_YEAR})(?!\d|[.,]\d|[年년%]|\s?(?:{_NO_YEAR}))",
    )
)
_AGO = re.compile(
    r"(?P<n>\d{1,4})\s?(?:(?P<day>days? ago|일 ?전|日前|天前|дн(?:ей|я) назад)"
    r"|(?P<week>weeks? ago|주 ?전|週間前|周前|недел\w+ назад)"
    r"|(?P<month>months? ago|(?:개월|달) ?전|[かカヶケ]月前|个月前|個月前|месяц\w* назад)"
    r"|(?P<year>years? ago|years? since|years? on(?=[,.:;]|$)|년 ?전|年前|(?:лет|год\w*) назад"
    r"|(?:лет|года?)(?=\s(?:\w+[ое]му\s)?(?:(?:за)?пуску|испытанию|договору|соглашению|союзу|пакту|удару|вводу)\b)"
    r"|(?:(?<=から\d)|(?<=から\d\d)|(?<=から\d\d\d))年(?!ぶり)|年(?=で|の節目|がた|となる|になる|を迎え|が経|が過ぎ)"
    r"|(?<!\d\d\d)(?:年[后後]|년(?=이 지[나났난]|을 맞|이 흘|이 된|이 됐| 뒤|…|,))))",
    re.IGNORECASE,
)
_NOT_THEN_BEFORE = re.compile(
    r"(?:\b(?:until|till|through|by|from|before|to|since|of|after|до|с|по|к|от|после|перед)\s(?:the\s)?|[至到])$",
    re.IGNORECASE,
)
_NOT_THEN_AFTER = re.compile(r"\s?(?:까지|부터|전|이전|의|まで|から|より|前|以前|の|起|为止|為止|之前|至)")
"""What makes a date to come an end, a beginning or a name, not the day of the happening: `until 5 May`."""
_NOT_THEN_WIDTH = 12
_SOON = 150
"""Days ahead within which a date without a year is believed to lie in the future."""
_LONGEST_MONTH = 31
_LONGEST_YEAR = 366
_LAST_YEAR = re.compile(r"(?:작년|지난해|去年|昨年|прошлого года|last)\s?$", re.IGNORECASE)
_LAST_YEAR_BEFORE = 14
_LAST = re.compile(r"last\s", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_WITHOUT_DIGITS = tuple(_PATTERNS[place] for place in (3, 4))
"""Expressions that may hold no digit: `in March`, `一九九八年`."""
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True, slots=True)
class Dated:
    """A date expression and the age in days of its latest day; negative in the future."""

    span: Span
    age: int
    by_day: bool
    """Whether a day is named: a month or year alone can be the current one without meaning this week."""
    ahead: bool
    """Whether it is wholly in the future and the time of a happening, not an end, a beginning or a name."""


def dated(text: str, start: int, end: int, published: date | None) -> Iterator[Dated]:
    """The date expressions of a sentence, each stretch read once."""
    taken: list[Span] = []
    for found in _expressions(text, start, end, dates=published is not None):
        if any(found.start() < last and first < found.end() for first, last in taken):
            continue
        age = _age(found, published)
        if age is not None and age < 0 and _LAST.match(found[0]):
            age += _DAYS["year"]
        if age is not None:
            if _LAST_YEAR.search(text, max(start, found.start() - _LAST_YEAR_BEFORE), found.start()):
                age += _DAYS["year"]
            taken.append(found.span())
            yield Dated(found.span(), age, _names_day(found), _ahead(found, age))


def _expressions(text: str, start: int, end: int, *, dates: bool) -> Iterator[re.Match[str]]:
    if _DIGIT.search(text, start, end):
        return chain(_AGO.finditer(text, start, end), *(p.finditer(text, start, end) for p in _PATTERNS if dates))
    return chain.from_iterable(p.finditer(text, start, end) for p in _WITHOUT_DIGITS if dates)


def _ahead(found: re.Match[str], age: int) -> bool:
    groups = found.groupdict()
    length = 1 if _names_day(found) else _LONGEST_MONTH if groups.get("m") or groups.get("m2") else _LONGEST_YEAR
    if "n" in groups or age >= -length or (not groups.get("y") and age < -_SOON):
        return False
    before = _NOT_THEN_BEFORE.search(found.string, max(0, found.start() - _NOT_THEN_WIDTH), found.start())
    return not before and not _NOT_THEN_AFTER.match(found.string, found.end())


def _names_day(found: re.Match[str]) -> bool:
    groups = found.groupdict()
    return bool(groups.get("d") or groups.get("day"))


def _age(found: re.Match[str], published: date | None) -> int | None:
    groups = found.groupdict()
    if "n" in groups:
        unit = next(name for name in _DAYS if groups[name])
        return int(groups["n"]) * _DAYS[unit]
    if published is None:
        return None
    latest = _latest(groups, published)
    return None if latest is None else (published - latest).days


def _latest(groups: dict[str, str | None], published: date) -> date | None:
    """The last day that an expression covers; without a year, the nearest such day around publication."""
    month = _month(groups.get("m") or groups.get("m2"))
    day = int(groups.get("d") or 0)
    year = (groups.get("y") or "").translate(_HAN_DIGITS)
    if year:
        return _day(int(year), month or 12, day)
    if not month:
        return (
            _day(published.year, published.month, day) if day <= published.day + 1 else _previous_month(published, day)
        )
    near = [one for offset in (-1, 0, 1) if (one := _day(published.year + offset, month, day))]
    return min(near, key=lambda one: abs((published - one).days)) if near else None


def _month(text: str | None) -> int:
    if not text:
        return 0
    if text.isdigit():
        return int(text)
    low = text.lower()
    return _MONTHS.get(low[:3]) or _MONTHS.get(low[:2], 0)


def _day(year: int, month: int, day: int) -> date | None:
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def _previous_month(published: date, day: int) -> date | None:
    year, month = (published.year, published.month - 1) if published.month > 1 else (published.year - 1, 12)
    return _day(year, month, day)
