"""An alert that is due: who gets it and when, or why nobody does. Writes into the transaction that it is given."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from tocsin.alerts.mute import Told, held_back
from tocsin.alerts.route import Asked, routes_for
from tocsin.alerts.timing import Plan, plan
from tocsin.model import Alert, Held, HeldReason, Reason, Status
from tocsin.specs.channels import ChannelsFile
from tocsin.specs.rules import RuleSpec
from tocsin.specs.thresholds import ThresholdSpec
from tocsin.store import ledger, outbox, silences
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)

_TAKING_BACK = frozenset({Reason.CORRECTED, Reason.WITHDRAWN})


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
        to = self._to(alert)
        if not to and alert.match.status is Status.EXPERIMENTAL:
            return Held(rule=alert.rule, article=alert.article.article, reason=HeldReason.EXPERIMENTAL)
        if not to and self.workspace.channels.channels:
            return Held(rule=alert.rule, article=alert.article.article, reason=HeldReason.NO_ROUTE)
        outbox.save_alert(self.connection, alert)
        plans = plans_for(alert, to, self.workspace.channels, self.now)
        for channel, planned in plans.items():
            outbox.save_delivery(self.connection, alert, channel, planned)
        named = {"alert": alert.id, "rule": alert.rule, "source": alert.article.source}
        log.info("alert %s: %s, %s", alert.id, alert.rule, alert.reason, extra=named)
        return None

    def add_to(self, grown: Alert) -> None:
        """Stores the word that a told story has grown, for the channels that were told and want to know; if any."""
        wanting = {channel.id for channel in self.workspace.channels.channels if channel.updates}
        to = wanting and tuple(
            name for name in outbox.channels_told(self.connection, grown.story, grown.rule) if name in wanting
        )
        if not to or self._muted(grown) or not outbox.save_alert(self.connection, grown):
            return
        for channel, planned in plans_for(grown, to, self.workspace.channels, self.now).items():
            outbox.save_delivery(self.connection, grown, channel, planned)

    def _muted(self, alert: Alert) -> Held | None:
        """What keeps the alert back: a silence, or a stronger alert that is still fresh."""
        inhibitions = self.workspace.channels.inhibit
        longest = max((one.within for one in inhibitions), default=None)
        told: list[Told] = []
        if longest is not None:
            told = [
                Told(rule=one.rule, story=one.story, entities=frozenset(one.match.entities), at=one.created_at)
                for one in ledger.alerts_since(self.connection, self.now - longest)
                if not one.quiet
            ]
        return held_back(alert, silences.open_at(self.connection, self.now), inhibitions, told)

    def _to(self, alert: Alert) -> tuple[str, ...]:
        """The channels that get it: by the routes; a correction goes to everyone who was told what it corrects."""
        if alert.reason in _TAKING_BACK:
            return outbox.channels_told(self.connection, alert.story, alert.rule)
        return routes_for(asked_of(self.workspace, alert, tier=self.tier), self.workspace.channels)


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


def plans_for(alert: Alert, to: tuple[str, ...], channels: ChannelsFile, now: datetime) -> dict[str, Plan]:
    """When each of the channels is told, by name."""
    specs = {channel.id: channel for channel in channels.channels}
    plans = {}
    for name in to:
        spec = specs.get(name)
        plans[name] = plan(alert, spec.quiet if spec else None, spec.digest if spec else None, now)
    return plans
