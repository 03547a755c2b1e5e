"""The moment of publication that a page states. Pure.

Order of trust, as measured on news pages: JSON-LD, then meta, then the address, then what stands below the headline. A
date that only a guess would give is left out, and so is one that the page contradicts: no date beats a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from tocsin.sources.head import PageHead
from tocsin.sources.metadata import Stated, title_parts
from tocsin.times import parse_date

_DATES = (
    *("article:published_time", "og:article:published_time", "datepublished", "date_published", "article.published"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dc.date",
        "dcterms.date",
    ),
    *(
        "article:published",
        "publication_date",
        "publish-date",
        "publishdate",
        "pubdate",
        "published",
        "cxenseparse:recs:publishtime",
    ),
    *(
        "cxenseparse:publishtime",
        "article_date_original",
        "citation_publication_date",
        "originalpublicationdate",
        "og:pubdate",
    ),
    *(
        "published_on",
        "published_at",
        "publish_date",
        "article:publish_date",
        "datecreated",
        "release_date",
        "article-date-original",
        "date",
    ),
)
_SHOWN = ("date", "dc.date", "dcterms.date")
"""The day that a page gives itself, which need not be that of its first publication."""
_LEAD = re.compile(
    r"^(?:(?:last )?(?:published|updated?|posted|erstellt|veröffentlicht|stand|publié le|publicado)"
    r"|опубликовано|입력|등록|송고|发布时间|掲載日|公開日)\s*(?:on\b|at\b|am\b|:|：)?\s*",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"^[^\W\d_]{2,3}[.,]?\s+(?=\d)")
_SHORT_YEAR = re.compile(r"^(\d\d\.\d\d\.)(\d\d)(?!\d)")
_PARTS = re.compile(r"\s+[|•·–-]\s*|\s+,\s*")
_URL_DAY = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[/-]?(0[1-9]|[12]\d|3[01])"
    r"(?=[/_-])"
)
_CLOSE = timedelta(days=1)
"""What two statements of one moment may differ by, as zones do."""
_DAYS = 2
"""Different days below the headline from which they are those of a list of articles."""

Moment = tuple[datetime, bool]


def published_of(head: PageHead, said: Stated, url: str) -> Moment | None:
    """The moment of publication, and whether only its day is known."""
    stated = _first((said.published, *(head.meta.get(key, "") for key in _DATES)))
    below = _below(head.times)
    if stated:
        return _settled(stated, _first(head.meta.get(key, "") for key in _SHOWN), below)
    titles = [part for title in (head.title, head.meta.get("og:title", "")) for part in title_parts(title)]
    return (
        _first((said.page_published, _day_in(url), _day_in(head.canonical), *titles[1:]))
        or below
        or _first(map(_bare_date, head.lines))
    )


def _settled(stated: Moment, shown: Moment | None, below: Moment | None) -> Moment | None:
    """What a page states, unless it gives itself another day: then what stands below its headline decides."""
    if shown is None or _days(stated) & _days(shown):
        return stated
    if below is not None:
        return shown if _days(shown) & _days(below) else stated
    return stated if abs(stated[0] - shown[0]) <= _CLOSE else None


def _days(moment: Moment) -> set[date]:
    """The day where it was published, and in UTC."""
    at, day_only = moment
    return {at.date()} if day_only else {at.date(), at.astimezone(UTC).date()}


def _below(texts: Iterable[str]) -> Moment | None:
    """The first of the dates below the headline; none where they are those of several articles."""
    found = list(filter(None, map(parse_date, map(_bare_date, texts))))
    return found[0] if found and len({moment.date() for moment, _ in found}) <= _DAYS else None


def _first(texts: Iterable[str]) -> Moment | None:
    return next(filter(None, map(parse_date, texts)), None)


def _bare_date(text: str) -> str:
    """A date without the words around it (`Published:`, `Stand:`, `입력`, `| 5 min`), its year made whole."""
    bare = _PARTS.split(_LEAD.sub("", text), maxsplit=1)[0]
    return _SHORT_YEAR.sub(r"\g<1>20\2", _WEEKDAY.sub("", bare))


def _day_in(url: str) -> str:
    """The day in the address, where the publisher puts it there: /2024/01/26/, /20240126/ or /2024/jan/26/."""
    found = _URL_DAY.search(url)
    if not found:
        return ""
    year, month, day = found.groups()
    return f"{year}-{month}-{day}" if month.isdigit() else f"{day} {month} {year}"
