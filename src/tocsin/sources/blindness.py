"""When sources could not be seen. Pure.

A source is blind from the last poll that saw it to the next one. What came meanwhile is mostly made up for then,
because its feed still holds it; when nothing of the feed before is left, something may be lost (`window`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A stretch of time; half-open."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpot:
    """One source could not be seen."""

    source: str
    since: datetime
    until: datetime | None = None
    """None while it lasts."""
    lost: bool = False
    """What it brought meanwhile may have been missed for good."""
    detail: str = ""

    def within(self, whole: Stretch) -> Stretch:
        """The part of it that lies in `whole`."""
        return Stretch(max(self.since, whole.since), min(self.until or whole.until, whole.until))


def downtime(passes: Sequence[Stretch], whole: Stretch, late: timedelta) -> tuple[Stretch, ...]:
    """When no pass was made for longer than `late`; `passes` in order, with the last one before `whole`.

    Before the very first pass nothing was to be seen yet.
    """
    if not passes:
        return (whole,)
    starts = [*(each.since for each in passes[1:]), whole.until]
    waits = (Stretch(each.until, following) for each, following in zip(passes, starts, strict=True))
    long = (each for each in waits if each.length > late)
    return tuple(Stretch(max(each.since, whole.since), each.until) for each in long if each.until > whole.since)


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same time in as few stretches as can be, in order."""
    found: list[Stretch] = []
    for each in sorted(stretches):
        if found and each.since <= found[-1].until:
            found[-1] = replace(found[-1], until=max(found[-1].until, each.until))
        else:
            found.append(each)
    return tuple(found)


def common(several: Sequence[Iterable[Stretch]]) -> tuple[Stretch, ...]:
    """The time that lies in each of these; none when there are none."""
    if not several:
        return ()
    left = merged(several[0])
    for other in several[1:]:
        left = tuple(_both(left, merged(other)))
    return left


def _both(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    for a in one:
        for b in other:
            since, until = max(a.since, b.since), min(a.until, b.until)
            if since < until:
                yield Stretch(since, until)
