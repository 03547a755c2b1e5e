"""What a channel takes at once, and what comes on top of it: told together, later, and never dropped. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin.model import Alert, Reason
from tocsin.specs.timing import Throttle
from tocsin.times import lasting

_ALWAYS = frozenset({Reason.CORRECTED, Reason.WITHDRAWN, Reason.HEALTH})
"""Who was told something is told that it is not so; and an outage is told once."""
_MORE = "more "
"""In front of the time by which a throttle's rest is known among digests."""
_ONE_OF = {"story": "of a story", "rule": "of a rule", "entity": "about an entity", "channel": "of any kind"}


@dataclass(frozen=True, slots=True)
class Throttled:
    """An alert is not told at once."""

    until: datetime
    why: str

    def key(self, due: datetime) -> str:
        """By which the outbox knows what is told together, all in one message at `due`."""
        return _MORE + due.astimezone(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Told:
    """What the channel was told of late, or is to be told."""

    alert: Alert
    at: datetime
    together: bool = False
    """With others, in one message."""


def throttled(alert: Alert, throttle: Throttle, told: Sequence[Told]) -> Throttled | None:
    """Until when the alert waits, or None: it is told at once.

    `told` holds what the channel was told within the throttle's time before, and what waits, in any order.
    """
    if is_exempt(alert, throttle):
        return None
    alike = [one for one in told if not one.alert.quiet and _is_alike(alert, one.alert, throttle)]
    waiting = [one.at for one in alike if one.together and one.at > alert.created_at]
    if waiting:
        return _throttled(min(waiting), throttle)
    # What came together was one message.
    times = sorted([one.at for one in alike if not one.together] + list({one.at for one in alike if one.together}))
    counted = [at for at in times if alert.created_at - at < throttle.within]
    if len(counted) < throttle.at_most:
        return None
    # As soon as enough of them are old enough, the next may be told: then all that waited is.
    return _throttled(_whole(counted[-throttle.at_most] + throttle.within), throttle)


def _throttled(until: datetime, throttle: Throttle) -> Throttled:
    return Throttled(
        until, f"throttled: {in_words(throttle)} were told; what is more comes together at {_clock(until)}"
    )


def in_words(throttle: Throttle) -> str:
    """`3 of a rule within 1h`."""
    return f"{throttle.at_most} {_ONE_OF[throttle.per]} within {lasting(throttle.within)}"


def read_key(digest: str) -> tuple[datetime, bool]:
    """The time of what is told together, and whether it is the rest of a throttle."""
    return datetime.fromisoformat(digest.removeprefix(_MORE)), digest.startswith(_MORE)


def _is_alike(alert: Alert, other: Alert, throttle: Throttle) -> bool:
    match throttle.per:
        case "story":
            return other.story == alert.story
        case "rule":
            return other.rule == alert.rule
        case "entity":
            return not set(other.match.entities).isdisjoint(alert.match.entities)
        case "channel":
            return True


def is_exempt(alert: Alert, throttle: Throttle) -> bool:
    """Whether the alert is told at once however many were: it is a correction, rings no bell or breaks through."""
    if alert.quiet or alert.reason in _ALWAYS:
        return True
    return throttle.unless.admits(alert.severity, alert.origins)


def _whole(moment: datetime) -> datetime:
    """The next whole second."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
