"""Threshold rules: what is told because of how much there is of it, or how little, over time."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tocsin.model import Severity, Status
from tocsin.specs.base import Duration, Id, Spec

_LEAST_WINDOWS = 3
_KINDS = ("count", "spike", "first_seen", "silence")


class Threshold(Spec):
    """The measure: exactly one of count, spike, first_seen and silence."""

    count: Annotated[int, Field(ge=1)] | None = None
    """At least so many within `within`."""
    spike: Annotated[float, Field(gt=1, le=1000)] | None = None
    """So many times the usual number for a stretch as long as `within`, and at least `least`."""
    first_seen: Literal["entity", "source"] | None = None
    """One that is there now and was not for `history` before."""
    silence: Duration | None = None
    """Nothing for so long, where stretches of that length usually have something."""
    rule: Id | tuple[Id, ...] | None = None
    """Events of these rules are counted; all stored articles when absent."""
    of: Literal["stories", "articles"] = "stories"
    """What counts as one, with `rule`."""
    within: Duration = timedelta(days=1)
    least: Annotated[int, Field(ge=1)] = 3
    """With `spike`: fewer than so many are no spike, however quiet it usually is."""
    history: Duration = timedelta(days=28)
    """With spike, first_seen and silence: how far back 'usual' is read."""
    per: Literal["entity", "source", "rule"] | None = None
    """Count each entity, source or rule by itself."""

    @model_validator(mode="after")
    def _one_measure(self) -> Threshold:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            msg = "a threshold is exactly one of count:, spike:, first_seen: and silence: — write one of them"
            raise ValueError(msg)
        if self.first_seen and self.per:
            msg = "first_seen says already what is looked at one by one — delete per:"
            raise ValueError(msg)
        if self.rule is None and "entity" in {self.first_seen, self.per}:
            msg = "entities are known of the matches of rules only — add rule:, or look at sources"
            raise ValueError(msg)
        return self._long_enough()

    def _long_enough(self) -> Threshold:
        """A history that holds too few windows says nothing about what is usual."""
        window = self.silence or self.within
        if window <= timedelta(0):
            msg = "the time must be longer than nothing — write a duration such as 24h"
            raise ValueError(msg)
        if self.count is None and self.history < _LEAST_WINDOWS * window:
            msg = "history: must be at least three times as long as within: (or silence:) — lengthen it"
            raise ValueError(msg)
        return self

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules whose events are counted; empty for all articles."""
        return () if self.rule is None else (self.rule,) if isinstance(self.rule, str) else self.rule

    @property
    def reach(self) -> timedelta:
        """How far back records are needed."""
        return self.within if self.count is not None else self.history + (self.silence or self.within)


class ThresholdAlert(Spec):
    """How its alerts are told."""

    to: tuple[Id, ...] | None = None
    """Channels; the routes decide when absent."""


class ThresholdSpec(Spec):
    """One threshold rule."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: str = ""
    severity: Severity = Field(default=Severity.MEDIUM)
    status: Status = Field(default=Status.STABLE)
    tags: tuple[Id, ...] = ()
    threshold: Threshold
    alert: ThresholdAlert = ThresholdAlert()
