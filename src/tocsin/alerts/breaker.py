"""When a channel is left alone: after failures in a row, or because its receiver asked for a rest.

A channel that rests is not tried at all. When its rest is over, one delivery is let through to see (the probe); if
that arrives the channel is well again, if not it rests longer. Other channels notice nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.model import SendOutcome, SendResult

FAILURES = 3
"""So many transient failures in a row, and the channel rests."""

_FIRST_REST, _LONGEST_OF_OURS = timedelta(seconds=30), timedelta(minutes=15)
LONGEST_REST = timedelta(hours=1)
"""Asked for by a receiver; a rest that ends later was begun while the clock was ahead, and is none."""
_PROBE = timedelta(minutes=2)
"""While one sender tries a channel out, no other does; one that died leaves it free after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What is remembered of a channel's health; the default is that of a channel that is well."""

    failures: int = 0
    rest_until: datetime | None = None
    """Set: the channel rests until then, and is tried with one delivery afterwards."""

    def allows(self, now: datetime, wanted: int) -> int:
        """How many of the wanted deliveries may be tried."""
        if self.rest_until is None:
            return wanted
        return 0 if now < self.rest_until <= now + LONGEST_REST else min(1, wanted)

    def probed(self, now: datetime) -> Circuit:
        """After deliveries were taken to be tried."""
        return self if self.rest_until is None else replace(self, rest_until=now + _PROBE)

    def after(self, result: SendResult, now: datetime) -> Circuit:
        """After an attempt. A receiver that refuses one message for good is well: it answers."""
        if result.outcome is SendOutcome.UNCONFIGURED:
            return self
        if result.outcome is not SendOutcome.TRANSIENT:
            return Circuit()
        failures = self.failures + 1
        rest = min(timedelta(seconds=result.retry_after or 0), LONGEST_REST)
        if failures >= FAILURES:
            rest = max(rest, min(_FIRST_REST * 2 ** min(failures - FAILURES, 10), _LONGEST_OF_OURS))
        return Circuit(failures=failures, rest_until=now + rest if rest else None)
