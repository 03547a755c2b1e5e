"""Threshold rules: what is too much, too suddenly, for the first time or missing, read off records over time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.specs.thresholds import Threshold, ThresholdSpec

_WINDOWS = 3
"""Stretches of history without which nothing is called usual."""
_USUALLY = 0.75
"""Share of the stretches before that had something, for a silence to be one."""
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"))

Told = Mapping[tuple[str, str], datetime]
"""(Threshold rule, story of the key) → when it was last raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A rule's event on an article; or, with an empty rule, an article alone."""

    at: datetime
    """When it was first seen."""
    article: str
    source: str
    rule: str = ""
    story: str = ""
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A threshold that is reached and not yet told."""

    spec: ThresholdSpec
    key: str
    """The entity, source or rule it is reached for; empty when all are counted together."""
    note: str
    """What was counted, in words."""
    records: tuple[Record, ...]
    """What it rests on, newest first, an article each; for a silence the last one before it."""

    @property
    def story(self) -> str:
        """The story that its alerts belong to."""
        return story_of(self.spec.id, self.key)


def story_of(threshold: str, key: str) -> str:
    """16 hex digits that stand for one key of a threshold rule, the same at all times."""
    return hashlib.sha256(f"threshold\n{threshold}\n{key}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Past:
    """One key's records, split at the beginning of the newest stretch of time."""

    window: Sequence[Record]
    before: Sequence[Record]
    """In the history before the window."""


def reached(
    specs: Iterable[ThresholdSpec], records: Sequence[Record], told: Told, *, began: datetime, now: datetime
) -> Iterator[Reached]:
    """The thresholds that are reached at `now`, once for each key and stretch of time.

    `records` holds those of the rules and of all articles, as far back as any of `specs` reaches; `began` is when
    anything was recorded at all: what is usual is read from there on only.
    """
    for spec in specs:
        for key, found in sorted(_by_key(spec.threshold, records).items()):
            past = _split(spec.threshold, found, now)
            last = told.get((spec.id, story_of(spec.id, key)))
            if _told_already(spec.threshold, past, last, now):
                continue
            if note := _note(spec.threshold, past, began, now):
                about = f"{key}: " if key else ""
                yield Reached(spec=spec, key=key, note=about + note, records=_newest(past.window or past.before))


def _by_key(given: Threshold, records: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    per = given.first_seen or given.per
    wanted = given.rules or ("",)
    for one in records:
        if one.rule in wanted:
            for key in one.entities if per == "entity" else (_key(one, per),):
                found[key].append(one)
    return found


def _key(one: Record, per: str | None) -> str:
    return one.source if per == "source" else one.rule if per == "rule" else ""


def _split(given: Threshold, records: Iterable[Record], now: datetime) -> _Past:
    border = now - (given.silence or given.within)
    start = border - given.history
    ours = [one for one in records if start < one.at <= now]
    return _Past([one for one in ours if one.at > border], [one for one in ours if one.at <= border])


def _told_already(given: Threshold, past: _Past, last: datetime | None, now: datetime) -> bool:
    """Once a stretch of time; a silence once until something comes again; a first sight once a history."""
    if last is None:
        return False
    if given.silence:
        return bool(past.before) and last >= max(one.at for one in past.before)
    return last > now - (given.history if given.first_seen else given.within)


def _note(given: Threshold, past: _Past, began: datetime, now: datetime) -> str:
    """What is reached, in words; empty when nothing is."""
    number = _number(given, past.window)
    if given.count is not None:
        enough = number >= given.count
        return f"{_counted(number, given)} within {length(given.within)}, {given.count} asked" if enough else ""
    border = now - (given.silence or given.within)
    observed = min(given.history, border - began)
    if given.spike is not None:
        return _spike(given, given.spike, number, _number(given, past.before), observed)
    if given.silence:
        return _silence(given.silence, past, border, observed)
    if number and not past.before and observed >= given.history:
        return f"seen for the first time in {length(given.history)}"
    return ""


def _spike(given: Threshold, factor: float, number: int, before: int, observed: timedelta) -> str:
    windows = observed / given.within
    if windows < _WINDOWS or number < given.least or number < factor * before / windows:
        return ""
    return f"{_counted(number, given)} within {length(given.within)}, usually {before / windows:.1f}"


def _silence(lasting: timedelta, past: _Past, border: datetime, observed: timedelta) -> str:
    windows = observed // lasting
    if past.window or windows < _WINDOWS:
        return ""
    lively = {place for one in past.before if (place := (border - one.at) // lasting) < windows}
    if len(lively) < _USUALLY * windows:
        return ""
    return f"nothing for {length(lasting)}, with something in {len(lively)} of {windows} such stretches before"


def _number(given: Threshold, records: Iterable[Record]) -> int:
    stories = given.of == "stories"
    return len({(one.story if stories else "") or one.article for one in records})


def _counted(number: int, given: Threshold) -> str:
    many, one = ("stories", "story") if given.of == "stories" and given.rules else ("articles", "article")
    return f"{number} {one if number == 1 else many}"


def _newest(records: Sequence[Record]) -> tuple[Record, ...]:
    newest = sorted(records, key=lambda one: (one.at, one.article), reverse=True)
    return tuple({one.article: one for one in reversed(newest)}.values())[::-1]


def length(time: timedelta) -> str:
    """`3d`, `36h`, `90m`: as people write it."""
    unit, letter = next(((unit, letter) for unit, letter in _UNITS if not time % unit), _UNITS[-1])
    return f"{time // unit}{letter}"
