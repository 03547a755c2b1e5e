"""When an alert may be told: quiet hours, digests and throttles of a channel, and alerts that mute others."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from tocsin.model import Severity
from tocsin.specs.base import Duration, Id, Spec


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    try:
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        msg = f'{value!r} is no time of day: write hours and minutes in quotation marks, as in "07:30"'
        raise ValueError(msg) from None


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"{value!r} is no time zone: write one of the tz database, as in Asia/Seoul or Europe/Berlin"
        raise ValueError(msg) from None
    return value


Clock = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}$", "examples": ["07:30", "22:00"]}),
]
"""`07:30` → time of day."""

Zone = Annotated[str, AfterValidator(_zone)]
"""A name of the tz database."""


class BreakThrough(Spec):
    """What is told at once all the same: any of these is enough."""

    severity: Severity | None = None
    """This severity or higher."""
    origins: Annotated[int, Field(ge=2, le=20)] | None = None
    """At least so many independent origins."""

    def admits(self, severity: Severity, origins: int) -> bool:
        """Whether an alert like this is told all the same."""
        grave = self.severity is not None and severity.rank >= self.severity.rank
        return grave or (self.origins is not None and origins >= self.origins)


class Quiet(Spec):
    """Hours in which alerts wait; they are never dropped."""

    from_: Clock = Field(alias="from")
    to: Clock
    zone: Zone = "UTC"
    unless: BreakThrough = BreakThrough()

    @model_validator(mode="after")
    def _some_time(self) -> Quiet:
        if self.from_ == self.to:
            msg = "from and to are the same time: quiet hours need a beginning and an end"
            raise ValueError(msg)
        return self


class Digest(Spec):
    """All alerts of a time in one message: daily `at` a time of day, or `every` so often from midnight on."""

    at: Clock | None = None
    every: Duration | None = None
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _one_way(self) -> Digest:
        if (self.at is None) == (self.every is None):
            msg = 'a digest needs at: a time of day ("08:00"), or every: a duration (1h)'
            raise ValueError(msg)
        shortest, longest = 300, 86_400
        if self.every is not None and not shortest <= self.every.total_seconds() <= longest:
            msg = "every: must be between 5m and 24h"
            raise ValueError(msg)
        return self


class Throttle(Spec):
    """So many alerts at once; what comes on top is told together, in one message."""

    per: Literal["story", "rule", "entity", "channel"] = "rule"
    """Of one story, of one rule, with an entity in common, or of any kind."""
    at_most: Annotated[int, Field(ge=1, le=1000)]
    within: Duration
    """In any stretch of time of that length, 1m to 24h."""
    unless: BreakThrough = BreakThrough()

    @model_validator(mode="after")
    def _some_length(self) -> Throttle:
        shortest, longest = 60, 86_400
        if not shortest <= self.within.total_seconds() <= longest:
            msg = "within: must be between 1m and 24h — for more, write a digest"
            raise ValueError(msg)
        return self


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Inhibition(Spec):
    """While one rule's alert is fresh, others are no news: a launch mutes the drill of the same day."""

    when: Annotated[tuple[Id, ...], BeforeValidator(_several)]
    """Rules whose alert mutes."""
    mute: Annotated[tuple[Id, ...], BeforeValidator(_several)]
    """Rules whose alerts are then held."""
    within: Duration
    """How long after it."""
    same: Literal["story", "entity"] = "story"
    """Of the same story, or of any story with an entity in common."""
