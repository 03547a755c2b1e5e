"""An alert that is due: who gets it and when, or why nobody does. Writes into the transaction that it is given."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from tocsin.alerts.mute import Told, held_back
from tocsin.alerts.route import Asked, routes_for
from tocsin.alerts.throttle import Throttled, throttled
from tocsin.alerts.timing import Plan, correcting, plan
from tocsin.model import Alert, Held, HeldReason, Status
from tocsin.specs.channels import ChannelsFile, ChannelSpec
from tocsin.specs.rules import RuleSpec
from tocsin.specs.thresholds import ThresholdSpec
from tocsin.store import covering, ledger, outbox, silences, throttles
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What alerts of one source are put out with."""

    workspace: Workspace
    connection: Connection
    tier: int
    """Of the source."""
    now: datetime

    def put_out(self, alert: Alert) -> Held | None:
        """Stores the alert and its deliveries; or says why nobody is to be told."""
        if muted := self._muted(alert):
            return muted
        alert = replace(alert, created_at=ledger.next_moment(self.connection, alert))
        to = self._to(alert)
        if not to and alert.match.status is Status.EXPERIMENTAL:
            return Held(rule=alert.rule, article=alert.article.article, reason=HeldReason.EXPERIMENTAL)
        if not to and self.workspace.channels.channels:
            return Held(rule=alert.rule, article=alert.article.article, reason=HeldReason.NO_ROUTE)
        outbox.save_alert(self.connection, alert)
        self._deliver(alert, to)
        named = {"alert": alert.id, "rule": alert.rule, "source": alert.article.source}
        log.info("alert %s: %s, %s", alert.id, alert.rule, alert.reason, extra=named)
        return None

    def add_to(self, grown: Alert, *, always: bool = False) -> None:
        """Stores the word that a told story has grown, for the channels that were told and want to know; if any.

        With `always` it is stored for the record where there is none.
        """
        wanting = {channel.id for channel in self.workspace.channels.channels if channel.updates}
        told = outbox.channels_told(self.connection, grown.story, grown.rule) if wanting else ()
        to = tuple(name for name in told if name in wanting)
        if not (to or always) or self._muted(grown) or not outbox.save_alert(self.connection, grown):
            return
        self._deliver(grown, to)

    def _deliver(self, alert: Alert, to: tuple[str, ...]) -> None:
        """Puts the alert into the outbox; what still waits there about the story and says less is told with it."""
        for channel, planned in plans_for(alert, to, self.workspace.channels, self.now, self.connection).items():
            chosen = self._correcting(alert, channel, planned) if alert.reason.takes_back else planned
            if chosen is not None:
                outbox.save_delivery(self.connection, alert, channel, chosen)
                covering.cover(self.connection, alert, channel)

    def _correcting(self, alert: Alert, channel: str, planned: Plan) -> Plan | None:
        """When a channel hears of a correction; None: it was never told, and has nothing that waits."""
        quiet = next((one.quiet for one in self.workspace.channels.channels if one.id == channel), None)
        return correcting(planned, covering.heard(self.connection, alert, channel), quiet, self.now)

    def _muted(self, alert: Alert) -> Held | None:
        return muted(self.workspace, self.connection, alert, self.now)

    def _to(self, alert: Alert) -> tuple[str, ...]:
        """The channels that get it: by the routes; a correction goes to everyone who was told what it corrects."""
        if alert.reason.takes_back:
            return outbox.channels_told(self.connection, alert.story, alert.rule)
        return routes_for(asked_of(self.workspace, alert, tier=self.tier), self.workspace.channels)


def muted(
    workspace: Workspace, connection: Connection, alert: Alert, now: datetime, besides: Sequence[Alert] = ()
) -> Held | None:
    """What keeps an alert back: a silence, or a stronger alert that is still fresh; `besides` are not stored yet."""
    inhibitions = workspace.channels.inhibit
    longest = max((one.within for one in inhibitions), default=None)
    fresh = [] if longest is None else [*ledger.alerts_since(connection, now - longest), *besides]
    told = [
        Told(rule=one.rule, story=one.story, entities=frozenset(one.match.entities), at=one.created_at)
        for one in fresh
        if not one.quiet
    ]
    return held_back(alert, silences.open_at(connection, now), inhibitions, told)


def asked_of(workspace: Workspace, alert: Alert, *, tier: int) -> Asked:
    """The alert as the routes look at it."""
    judge = workspace.judge
    entities = {above for name in alert.match.entities for above in (name, *judge.above(name))}
    return Asked.of(alert, rule_of(workspace, alert.rule), tier=tier, entities=frozenset(entities))


def rule_of(workspace: Workspace, name: str) -> RuleSpec | ThresholdSpec:
    """The rule, or the threshold rule, with this id."""
    if name in workspace.judge.rules:
        return workspace.judge.rules[name]
    return next(one.spec for one in workspace.book.thresholds if one.spec.id == name)


def plans_for(
    alert: Alert, to: tuple[str, ...], channels: ChannelsFile, now: datetime, connection: Connection | None = None
) -> dict[str, Plan]:
    """When each of the channels is told, by name; by its throttle too, where a connection is given."""
    specs = {channel.id: channel for channel in channels.channels}
    plans = {}
    for name in to:
        spec = specs.get(name)
        waits = _throttled(alert, spec, now, connection) if spec and connection else None
        plans[name] = plan(alert, spec.quiet if spec else None, spec.digest if spec else None, now, waits)
    return plans


def _throttled(alert: Alert, spec: ChannelSpec, now: datetime, connection: Connection) -> Throttled | None:
    """What the channel's throttle says, with what it was told of late."""
    if spec.throttle is None:
        return None
    told = throttles.told_since(connection, spec.id, now - spec.throttle.within)
    return throttled(alert, spec.throttle, [one for one in told if one.alert.id != alert.id])
