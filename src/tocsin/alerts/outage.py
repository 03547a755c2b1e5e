"""An outage of the watch itself as an alert: what, since when, the last error, what to do; and its end. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin.alerts.clean import defused
from tocsin.alerts.health import Outage, OutageKind
from tocsin.model import Alert, Assertion, Evidence, Grade, Match, Reason, Report, Severity
from tocsin.times import lasting

RULE = "health"
"""What stands for the rule in alerts about the watch itself."""
_ERROR_LIMIT = 300
_PLACE = re.compile(r"(?:sources|rules)/[\w./-]+\.ya?ml:\d+:\d+")
"""Where in a file of ours: kept as it is, so that it can be copied."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How an outage is told; `{}` stands for the name."""

    severity: Severity
    title: str
    over: str
    do: str


_TOLD = {
    OutageKind.SOURCE: _Words(
        Severity.MEDIUM,
        "Source {} is failing",
        "Source {} works again",
        "tocsin sources check {} asks it once; mend its address in sources/, or switch it off (enabled: false).",
    ),
    OutageKind.SOURCES: _Words(
        Severity.HIGH,
        "Most sources are failing",
        "Most sources work again",
        "look at this machine's connection, name service and clock; tocsin sources check asks all of them once.",
    ),
    OutageKind.SILENT: _Words(
        Severity.LOW,
        "Source {} has gone silent",
        "Source {} brings news again",
        "open its address: a feed that has moved or was given up often answers without anything new.",
    ),
    OutageKind.CHANNEL: _Words(
        Severity.HIGH,
        "Channel {} is dead",
        "Channel {} takes messages again",
        "tocsin channels test {} tries it; once it is mended, tocsin deliveries retry --all sends what it missed.",
    ),
    OutageKind.LATE: _Words(
        Severity.HIGH,
        "No pass was made for too long",
        "Passes are made in time again",
        "see that tocsin serve runs, and what held it up; where passes are meant to be rarer, set late: under health:.",
    ),
    OutageKind.FILES: _Words(
        Severity.HIGH,
        "Files of the workspace cannot be used",
        "All files of the workspace can be used again",
        "tocsin check names every problem; until then the last good version of these files is in use, or none.",
    ),
}


def channel(name: str) -> str:
    """What stands for the source in alerts about a channel; no source can be called so."""
    return f"channel:{name}"


def title(outage: Outage) -> str:
    """What is wrong, or was: `Source yonhap is failing`."""
    words = _TOLD[outage.kind]
    return (words.over if outage.ended_at else words.title).format(outage.name)


def outage_alert(outage: Outage, now: datetime) -> Alert:
    """The alert about an outage that has opened or, when it has ended, about its end; all of one have one story."""
    told = "over" if outage.ended_at else "open"
    severity = Severity.INFO if outage.ended_at else _TOLD[outage.kind].severity
    made = hashlib.sha256(f"{outage.id}\n{told}\n{now.isoformat()}".encode()).hexdigest()
    return Alert(
        id=made[:32],
        rule=RULE,
        title=title(outage),
        reason=Reason.HEALTH,
        severity=severity,
        story=outage.id,
        match=_match(outage, severity),
        article=_report(outage, now),
        note="\n".join(_over(outage, outage.ended_at) if outage.ended_at else _open(outage, now)),
        created_at=now,
    )


def _open(outage: Outage, now: datetime) -> Iterator[str]:
    yield f"Since {_utc(outage.since)}{_for_how_long(now - outage.since)}."
    if outage.detail:
        yield f"Last error: {_worded(outage.detail)}"
    yield f"What to do: {_TOLD[outage.kind].do.format(outage.name)}"


def _over(outage: Outage, ended: datetime) -> Iterator[str]:
    yield f"It lasted {lasting(ended - outage.since)}: from {_utc(outage.since)} to {_utc(ended)}."
    if outage.detail:
        yield f"The last error was: {_worded(outage.detail)}"


def _for_how_long(span: timedelta) -> str:
    return f" ({lasting(span)})" if span >= timedelta(minutes=1) else ""


def _worded(detail: str) -> str:
    """What others said, made harmless."""
    place = _PLACE.match(detail)
    end = place.end() if place else 0
    return detail[:end] + defused(detail[end:], _ERROR_LIMIT)


def _match(outage: Outage, severity: Severity) -> Match:
    """No text was judged: nothing is found in it."""
    return Match(
        rule=RULE,
        title=title(outage),
        severity=severity,
        grade=Grade.EVENT,
        assertion=Assertion.ASSERTED,
        evidence=(),
        sentence=Evidence("", 0, 0, ""),
    )


def _report(outage: Outage, now: datetime) -> Report:
    """The watch's own word; under the name of what ails, so that a silence of it silences it."""
    names = {OutageKind.SOURCE: outage.name, OutageKind.SILENT: outage.name, OutageKind.CHANNEL: channel(outage.name)}
    return Report(
        article="",
        source=names.get(outage.kind, "tocsin"),
        source_name="tocsin",
        publisher="tocsin",
        title=title(outage),
        url=None,
        published=now,
        language=None,
        seen_at=now,
    )


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
