"""When a delivery goes out: at once, after quiet hours, or together with others. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.alerts.throttle import Throttled
from tocsin.model import Alert
from tocsin.specs.timing import Digest, Quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a delivery is due, and why not at once."""

    due_at: datetime
    why: str = ""
    """A phrase for people: `quiet hours until 07:00 Asia/Seoul`; empty when it goes out at once."""
    digest: str = ""
    """Which digest it waits for: told together with all others of the same one; empty when it is told alone."""
    unheard: bool = False
    """It takes back what its channel was never told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a channel knows of a story by a rule, when that is to be taken back."""

    at: datetime | None
    """When it was last told, or may have been; None: never."""
    waiting: Plan | None
    """The earliest that it still is to be told."""


def plan(
    alert: Alert, quiet: Quiet | None, digest: Digest | None, now: datetime, throttled: Throttled | None = None
) -> Plan:
    """When a channel with these hours is told. What is told together waits for the end of quiet hours it falls into."""
    if digest is not None:
        due = next_digest(digest, now)
        ends = quiet_until(quiet, due) if quiet else None
        due = ends or due
        return Plan(due_at=due, why=f"digest at {_on_clock(due, digest.zone)}", digest=due.astimezone(UTC).isoformat())
    if throttled is not None:
        ends = quiet_until(quiet, throttled.until) if quiet else None
        due = ends or throttled.until
        return Plan(due_at=due, why=throttled.why, digest=throttled.key(due))
    if quiet and (ends := quiet_until(quiet, now)) and not quiet.unless.admits(alert.severity, alert.origins):
        return Plan(due_at=ends, why=f"quiet hours until {_on_clock(ends, quiet.zone)}")
    return Plan(due_at=now)


def correcting(own: Plan, heard: Heard, quiet: Quiet | None, now: datetime) -> Plan | None:
    """When a channel is told that what it was told does not hold; None: it was told nothing.

    `own` is when it would be told. What takes back an alert that still waits takes its place: it comes at its time.
    Whoever was told within the quiet hours of now is told in them that it is not so.
    """
    if heard.at is None:
        return replace(heard.waiting, unheard=True) if heard.waiting else None
    ends = quiet_until(quiet, now) if quiet and not own.digest else None
    return Plan(due_at=now) if quiet and ends and heard.at >= _quiet_since(quiet, ends) else own


def _quiet_since(quiet: Quiet, ends: datetime) -> datetime:
    """When the quiet hours that end then began."""
    end = ends.astimezone(ZoneInfo(quiet.zone))
    day = end.date() - timedelta(days=int(quiet.to < quiet.from_))
    return datetime.combine(day, quiet.from_, ZoneInfo(quiet.zone)).astimezone(ends.tzinfo)


def quiet_until(quiet: Quiet, now: datetime) -> datetime | None:
    """When the quiet hours that `now` lies in end; None outside them."""
    local = now.astimezone(ZoneInfo(quiet.zone))
    clock = local.time().replace(tzinfo=None)
    over_midnight = quiet.to < quiet.from_
    inside = clock >= quiet.from_ or clock < quiet.to if over_midnight else quiet.from_ <= clock < quiet.to
    if not inside:
        return None
    day = local.date() + timedelta(days=int(over_midnight and clock >= quiet.from_))
    return datetime.combine(day, quiet.to, ZoneInfo(quiet.zone)).astimezone(now.tzinfo)


def next_digest(digest: Digest, now: datetime) -> datetime:
    """The first time of the digest after `now`."""
    zone = ZoneInfo(digest.zone)
    local = now.astimezone(zone)
    if digest.at is not None:
        due = datetime.combine(local.date(), digest.at, zone)
        if due <= local:
            due = datetime.combine(local.date() + timedelta(days=1), digest.at, zone)
        return due.astimezone(now.tzinfo)
    every = digest.every or timedelta(days=1)
    midnight = datetime.combine(local.date(), datetime.min.time(), zone)
    # Counted in absolute time: on the day that clocks change, an hour is still an hour.
    passed = now - midnight.astimezone(now.tzinfo)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone).astimezone(now.tzinfo)
    due = midnight.astimezone(now.tzinfo) + (passed // every + 1) * every
    return min(due, tomorrow)


def _on_clock(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
