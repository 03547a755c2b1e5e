"""What keeps an alert from being told although it is due: a silence that fits it, or another rule's alert. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.alerts.outage import channel
from tocsin.model import Alert, Held, HeldReason, Reason, Silence
from tocsin.specs.timing import Inhibition

_ALWAYS = frozenset({Reason.CORRECTED, Reason.WITHDRAWN})
"""Who was told something is told that it is not so, whatever was silenced since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert that was told of late, as far as inhibition asks."""

    rule: str
    story: str
    entities: frozenset[str]
    at: datetime


def held_back(
    alert: Alert, silences: Iterable[Silence], inhibitions: Iterable[Inhibition], told: Sequence[Told]
) -> Held | None:
    """Why the alert is not to be told, or None. Corrections are always told."""
    if alert.reason in _ALWAYS:
        return None
    article = alert.article.article
    if silence := next((one for one in silences if _fits(one, alert)), None):
        detail = f"by {silence.author} until {silence.until:%Y-%m-%d %H:%M} UTC: {silence.reason}"
        return Held(rule=alert.rule, article=article, reason=HeldReason.SILENCED, detail=detail)
    for inhibition in inhibitions:
        if stronger := _inhibiting(inhibition, alert, told):
            detail = f"{stronger.rule} was told at {stronger.at:%Y-%m-%d %H:%M} UTC"
            return Held(rule=alert.rule, article=article, reason=HeldReason.INHIBITED, detail=detail)
    return None


def _fits(silence: Silence, alert: Alert) -> bool:
    return (
        silence.created_at <= alert.created_at < silence.until
        and silence.rule in {None, alert.rule}
        and silence.story in {None, alert.story}
        and silence.source in {None, alert.article.source}
        and (silence.channel is None or alert.article.source == channel(silence.channel))
        and (silence.entity is None or silence.entity in alert.match.entities)
        and (silence.tag is None or silence.tag in alert.match.tags)
    )


def _inhibiting(inhibition: Inhibition, alert: Alert, told: Sequence[Told]) -> Told | None:
    if alert.rule not in inhibition.mute:
        return None
    entities = frozenset(alert.match.entities)
    return next(
        (
            one
            for one in told
            if one.rule in inhibition.when
            and alert.created_at - one.at <= inhibition.within
            and (one.story == alert.story or (inhibition.same == "entity" and not entities.isdisjoint(one.entities)))
        ),
        None,
    )
