"""Articles behind alerts are looked at again where they stand: when, and what a look shows. Pure: `now` is an argument.

Taking back a true alert is worse than taking back a false one late. So only a page that was there, answers 404 or 410
twice with half an hour between, while another page of the same outlet is still served, has vanished; whatever else
goes wrong (no answer, 5xx, 403, 429, a wall, a way to the front page, a page that is another one) says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.sources.pages import Page

AFTER = tuple(timedelta(minutes=minutes) for minutes in (30, 120, 480, 1440, 2880))
"""How long after it was told an article is looked at."""
CONFIRM = timedelta(minutes=30)
"""How long after a page was first missing it is looked for again."""
_LAST = timedelta(hours=72)
"""How long after it was told at the latest a missing page is still looked for."""


class Showing(StrEnum):
    """What a look shows."""

    SAME = "as it was"  # 304
    THERE = "there"
    GONE = "gone"  # 404 or 410
    UNSURE = "unsure"  # everything that may have another cause
    CLOSED = "closed to us"  # robots.txt


class Finding(StrEnum):
    """What follows from a look."""

    NOTHING = "nothing"
    READ = "read"  # there is a text to compare
    VANISHED = "vanished"
    RETURNED = "returned"  # it had vanished; there is a text


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An article that is looked at again, and what the looks so far have shown."""

    article: str
    told_at: datetime
    looked_at: datetime | None = None
    """When it was last looked at; None before the first look."""
    due_at: datetime | None
    """None: not any more."""
    etag: str | None = None
    last_modified: str | None = None
    page_title: str = ""
    """The headline of its page at the first look; empty before. A feed's headline is often another one."""
    text_hash: str = ""
    """Content hash of its text when it was last read."""
    says: tuple[str, ...] | None = None
    """Rules whose event the text at its address says; None while it was never read there."""
    missing_since: datetime | None = None
    vanished_at: datetime | None = None
    detail: str = ""
    """What the last look showed, as a sentence; empty when all was well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look, made."""

    showing: Showing
    detail: str = ""
    page: Page | None = None
    """With THERE."""
    etag: str | None = None
    last_modified: str | None = None


def begun(article: str, told_at: datetime, *, text_hash: str, says: tuple[str, ...] | None) -> Look:
    """The first entry for an article that was told; `says` is None unless its text was read at its own address."""
    return Look(article=article, told_at=told_at, due_at=told_at + AFTER[0], text_hash=text_hash, says=says)


def in_words(look: Look) -> str:
    """When it was last looked at, what that has shown and when the next look is, as a sentence without its end."""
    coming = f"the next look is at {_utc(look.due_at)}" if look.due_at else "there is no further look"
    if look.looked_at is None:
        return f"not yet ({look.detail}); {coming}" if look.detail else f"not yet; {coming}"
    return f"at {_utc(look.looked_at)}: {_shown(look)}; {coming}"


def _shown(look: Look) -> str:
    if look.vanished_at:
        return f"taken down, found at {_utc(look.vanished_at)}"
    if look.missing_since:
        why = f" ({look.detail})" if look.detail else ""
        return f"missing since {_utc(look.missing_since)}, not proven{why}"
    return look.detail or "still there"


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _is_confirming(look: Look, now: datetime) -> bool:
    """Whether a page that is missing now too has vanished."""
    return bool(look.missing_since) and not look.vanished_at and now - (look.missing_since or now) >= CONFIRM


def after(look: Look, sight: Sight, now: datetime) -> Look:
    """What is to be remembered after a look; of the text, nothing: that is for who reads it."""
    look = replace(look, looked_at=now)
    if sight.showing is Showing.CLOSED:
        return replace(look, due_at=None, detail=sight.detail)
    if sight.showing in {Showing.SAME, Showing.THERE}:
        return replace(
            look,
            due_at=_next(look, now),
            etag=sight.etag or (look.etag if sight.showing is Showing.SAME else None),
            last_modified=sight.last_modified or (look.last_modified if sight.showing is Showing.SAME else None),
            missing_since=None,
            vanished_at=None,
            detail=sight.detail,
        )
    if sight.showing is Showing.GONE and look.says is not None:
        return _missing(look, sight, now)
    return replace(look, due_at=_retry(look, now), detail=sight.detail)


def finding(look: Look, sight: Sight, now: datetime) -> Finding:
    """What follows from a look."""
    if sight.showing is Showing.THERE:
        return Finding.RETURNED if look.vanished_at else Finding.READ
    if look.vanished_at is None and after(look, sight, now).vanished_at is not None:
        return Finding.VANISHED
    return Finding.NOTHING


def _missing(look: Look, sight: Sight, now: datetime) -> Look:
    """A page that was there answers that it is not: missing at first, vanished at the second look."""
    vanished = look.vanished_at or (now if _is_confirming(look, now) else None)
    due = _next(look, now) if vanished else now + CONFIRM
    since = look.missing_since or now
    return replace(look, due_at=due, missing_since=since, vanished_at=vanished, detail=sight.detail)


def _retry(look: Look, now: datetime) -> datetime | None:
    """The next look after one that showed nothing: while the page is missing, after ever longer waits."""
    if look.missing_since is None or look.vanished_at is not None:
        return _next(look, now)
    due = now + max(CONFIRM, now - look.missing_since)
    return due if due <= look.told_at + _LAST else None


def _next(look: Look, now: datetime) -> datetime | None:
    return next((look.told_at + wait for wait in AFTER if look.told_at + wait > now), None)
