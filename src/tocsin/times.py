"""Dates as publishers write them. What could mean two days (03/04/2024) is not guessed at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import lru_cache
from unicodedata import normalize

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner enero janvier janeiro января январь янв",
            "february feb februar febrero février fevereiro fev февраля февраль фев",
            "march março mar märz maerz marzo mars марта март мар",
            "april apr abril abr avril апреля апрель апр",
            "may mai mayo maio мая май",
            "june jun juni junio juin junho июня июнь июн",
            "july jul juli julio juillet julho июля июль июл",
            "august aug agosto ago août августа август авг",
            "september sep sept septiembre septembre setembro set сентября сентябрь сен",
            "october oct oktober okt octubre octobre outubro out октября октябрь окт",
            "november nov noviembre novembre novembro ноября ноябрь ноя",
            "december dec dezember dez diciembre décembre dezembro декабря декабрь дек",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {"KST": 9, "JST": 9, "MSK": 3, "HKT": 8, "SGT": 8, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}
"""Hours east of UTC of the abbreviations that the mail standard does not know; CST and IST are several zones."""

_CLOCK = (
    r"(?P<hour>\d{1,2})[:시時](?P<minute>\d{2})(?:분|分)?(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?"
)
_ZONE = r"(?P<zone>Z|UTC|GMT|[A-Z]{3,4}|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
_TIME = rf"(?:\s*[T,|·-]?\s*(?:at\s+|um\s+|в\s+)?{_CLOCK}\s*(?:Uhr\s*)?\(?{_ZONE}\)?)?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?\s+|[(（]?[월화수목금토일月火水木金土日][)）]?\s*)?"

_SHAPES = (
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d{2})(?P<day>\d{2})",
    r"(?P<year>\d{4})(?P<sep>[./])\s?(?P<month>\d{1,2})(?P=sep)\s?(?P<day>\d{1,2})\.?(?:\s*[(（]\w{1,3}[)）])?",
    (
        r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]"
        r"(?:\s*(?:[(（]\w{1,3}[)）]|\w요일|[星周]\w{1,2}))?"
    ),
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    rf"{_WEEKDAY}(?P<name>[^\W\d_]{{3,10}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
    (
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s+(?:de\s+)?(?P<name>[^\W\d_]{{3,10}})\.?,?\s+"
        r"(?:de\s+)?(?P<year>\d{4})(?:\s*г(?:\.|ода)?)?,?"
    ),
)
_FORMS = tuple(re.compile(rf"\s*{shape}{_TIME}\s*\.?\s*", re.IGNORECASE) for shape in _SHAPES)
_INSIDE = tuple(re.compile(rf"(?<![\d./-]){shape}{_TIME}(?![\d/-])", re.IGNORECASE) for shape in _SHAPES)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
"""What machines write: read without the work that people's dates need."""
_SECOND = 19
"""Characters of such a date down to its second; what is behind the second is left out, as everywhere here."""
_REIWA = re.compile(r"令和\s?(\d{1,2}|元)\s?年")


@lru_cache(maxsize=1024)
def parse_date(text: str) -> tuple[datetime, bool] | None:
    """The moment that `text` names, and whether only the day is known; None when it is not, or not surely, a date.

    The whole text must be a date (a weekday and a time of day may stand with it). The publisher's offset is kept; a
    time without one counts as UTC.
    """
    if _ISO.fullmatch(text) and (moment := _iso(text)):
        return moment, False
    text = " ".join(text.split())
    longest = 80
    if not text or len(text) > longest:
        return None
    return _plain(text) or _mail(text)


def date_in(text: str) -> tuple[datetime, bool] | None:
    """The first date in a short text that holds little else: a label, brackets, a counter (`Notice | 22.11.2026`).

    As `parse_date` has it; years of the Reiwa era and full-width digits are read too.
    """
    longest = 200
    text = _REIWA.sub(_gregorian, normalize("NFKC", " ".join(text[: 2 * longest].split())))
    if not text or len(text) > longest:
        return None
    if whole := parse_date(text):
        return whole
    hits = sorted((hit for form in _INSIDE for hit in form.finditer(text)), key=lambda hit: hit.start())
    return next(filter(None, map(_found, hits)), None)


def _found(hit: re.Match[str]) -> tuple[datetime, bool] | None:
    """The date of a hit inside a text; only its day where what follows the time is no zone that we know."""
    parts = hit.groupdict()
    if moment := _moment(parts):
        return moment, hit["hour"] is None
    day = _moment(parts | {"hour": None, "minute": None, "second": None, "half": None, "zone": None})
    return (day, True) if day else None


def _gregorian(found: re.Match[str]) -> str:
    return f"{2018 + (1 if found[1] == '元' else int(found[1]))}年"


def _iso(text: str) -> datetime | None:
    """None for what is no date, and for a leap second: that is read like people's dates."""
    zone = "+00:00" if text[-1] == "Z" else text[-6:]
    try:
        return datetime.fromisoformat(text[:_SECOND] + zone)
    except ValueError:
        return None


def _plain(text: str) -> tuple[datetime, bool] | None:
    for form in _FORMS:
        found = form.fullmatch(text)
        if found and (moment := _moment(found.groupdict())):
            return moment, found["hour"] is None
    return None


def _moment(parts: dict[str, str | None]) -> datetime | None:
    month = _MONTHS.get((parts.get("name") or "").lower()) or int(parts.get("month") or 0)
    zone = _zone(parts["zone"])
    if not month or zone is None:
        return None
    try:
        return datetime(
            int(parts["year"] or 0),
            month,
            int(parts["day"] or 0),
            _hour(parts),
            int(parts["minute"] or 0),
            min(int(parts["second"] or 0), 59),  # a leap second is the last one of its minute
            tzinfo=zone,
        )
    except ValueError:
        return None


def _hour(parts: dict[str, str | None]) -> int:
    hour, half = int(parts["hour"] or 0), (parts["half"] or "").lower()
    noon = 12
    if not half:
        return hour
    if not 1 <= hour <= noon:
        raise ValueError("a clock of two halves has the hours 1 to 12")
    return hour % noon + (noon if half.startswith("p") else 0)


def _zone(text: str | None) -> timezone | None:
    """UTC when nothing is said; None when what is said is not known."""
    if not text or text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    if text[0] in "+-":
        return offset(text)
    hours = _ZONES.get(text.upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def offset(text: str) -> timezone | None:
    """`+0900`, `+09:00` or `+09` as a zone; None beyond a day."""
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    day = 24 * 60
    return None if minutes >= day else timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _mail(text: str) -> tuple[datetime, bool] | None:
    """RFC 822 as feeds write it: `Tue, 02 Jan 2024 10:11:12 +0900`, also with a zone's name."""
    head, _, zone = text.rpartition(" ")
    hours = _ZONES.get(zone.upper())
    parts = parsedate_tz(f"{head} {hours:+03d}00" if hours is not None else text)
    if not parts or not re.search(r"\d:\d\d", text) or not re.search(r"[A-Za-z]{3}", text):
        return None
    year, month, day, hour, minute, second = parts[:6]
    try:
        zone_info = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone_info), False
    except (ValueError, OverflowError):
        return None


def lasting(span: timedelta) -> str:
    """A length of time in its two largest units: `3 h 20 min`, `2 d`, `40 s`."""
    seconds = max(0, int(span.total_seconds()))
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    place = next((place for place, (size, _) in enumerate(units) if seconds >= size), len(units) - 1)
    shown = []
    for size, unit in units[place : place + 2]:
        number, seconds = divmod(seconds, size)
        shown += [f"{number} {unit}"] if number else []
    return " ".join(shown) or "0 s"


def utc_now() -> datetime:
    """The clock: what is asked for the time where no other one is given."""
    return datetime.now(UTC)
