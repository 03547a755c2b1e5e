"""The watch looks at itself: what ails it is remembered, and told once. In a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from tocsin.alerts.health import Outage, OutageKind, Signs, faults, follow, watched
from tocsin.alerts.mute import held_back
from tocsin.alerts.outage import outage_alert
from tocsin.model import Alert
from tocsin.pipeline.telling import plans_for
from tocsin.store import Store, outages, outbox, silences, sources, ticks
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)


def watch_self(
    workspace: Workspace, store: Store, *, every: timedelta, now: datetime, number: int | None = None
) -> tuple[Alert, ...]:
    """Follows every outage and puts out what is to be told of them; the alerts, most of the time none.

    `every` is the time between two passes, `number` that of the pass under way. Where the workspace names no channel
    for it (`health: to`), outages are followed and logged only.
    """
    with store.writing() as connection:
        before = outages.remembered(connection)
        signs = _signs(workspace, connection, every, number)
        spec = workspace.channels.health
        course = follow(watched(before, signs, spec), faults(signs, spec, now), now)
        if course.outages != before:
            outages.remember(connection, course.outages)
        told = [(one, outage_alert(one, now)) for one in (*course.opened, *course.ended)]
        for _, alert in told:
            log.warning("%s", " ".join((f"{alert.title}.", *alert.note.splitlines())))
        if not spec.to:
            return ()
        telling = _Telling(workspace, connection, _dead(course.outages), now)
        for outage, alert in told:
            telling.put_out(outage, alert)
        return tuple(alert for _, alert in told)


def _signs(workspace: Workspace, connection: Connection, every: timedelta, number: int | None) -> Signs:
    last = ticks.last(connection)
    return Signs(
        sources=workspace.sources,
        states=sources.outcomes(connection),
        channels=outages.channel_signs(connection, [channel.id for channel in workspace.channels.channels]),
        last_pass=last["ended_at"] if last else None,
        this_pass=ticks.started_at(connection, number) if number is not None else None,
        every=every,
        problems=workspace.problems,
    )


def _dead(known: Sequence[Outage]) -> frozenset[str]:
    return frozenset(one.name for one in known if one.kind is OutageKind.CHANNEL and one.ended_at is None)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What alerts about outages are put out with."""

    workspace: Workspace
    connection: Connection
    dead: frozenset[str]
    """Channels that take nothing now."""
    now: datetime

    def put_out(self, outage: Outage, alert: Alert) -> None:
        """Stores the alert and its deliveries."""
        to = self._to(outage, alert)
        outbox.save_alert(self.connection, alert)
        for channel, planned in plans_for(alert, to, self.workspace.channels, self.now).items():
            outbox.save_delivery(self.connection, alert, channel, planned)

    def _to(self, outage: Outage, alert: Alert) -> tuple[str, ...]:
        """Who is told: of an end, those who were told of the outage; of a channel's death, not that channel."""
        if outage.ended_at:
            return outbox.channels_told(self.connection, alert.story, alert.rule)
        if held := held_back(alert, silences.open_at(self.connection, self.now), (), ()):
            log.info("%s: not told: %s", alert.title, held.detail)
            return ()
        chosen = tuple(dict.fromkeys(self.workspace.channels.health.to))
        alive = tuple(name for name in chosen if name not in self.dead)
        return alive if outage.kind is OutageKind.CHANNEL else chosen
