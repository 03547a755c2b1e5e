"""The dead man's switch: an address that is asked after each good tick, so that silence is noticed elsewhere.

As healthchecks.io and its like have it: any 2xx answer is well. It is one request, tried twice at most, and its
failure is told and does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.calls import Answer, Refusal, call

SECONDS = 3.0
"""For connecting and for each read; an answer that drips ends after four times as long."""
_TRIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """How it went; nothing in it names the address."""

    ok: bool
    detail: str = ""

    def __str__(self) -> str:
        return "ok" if self.ok else self.detail


def ping(url: str, seconds: float = SECONDS) -> Pinged:
    """Asks the address by GET. Never raises for what the other side does."""
    said = Pinged(ok=False)
    for _ in range(_TRIES):
        said = _once(url, seconds)
        if said.ok:
            break
    return said


def _once(url: str, seconds: float) -> Pinged:
    answer = call("GET", url, body=b"", seconds=seconds)
    if isinstance(answer, Answer):
        return Pinged(ok=True)
    said = (answer.result() if isinstance(answer, Refusal) else answer).detail
    return Pinged(ok=False, detail="no answer in time" if said == failures.UNSURE else said)
