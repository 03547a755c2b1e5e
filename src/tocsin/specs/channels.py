"""`rules/channels.yaml`: who is told, and how."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from tocsin.model import Rate, Reason, Severity
from tocsin.specs.base import Id, Language, Spec
from tocsin.specs.health import HealthSpec
from tocsin.specs.timing import Digest, Inhibition, Quiet, Throttle

Ids = tuple[Id, ...]
Languages = tuple[Language, ...]


_RATE = re.compile(r"(\d+)\s*/\s*(s|min|h|d)")
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


class Kind(StrEnum):
    """Who sends: one of ours, or Apprise."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    MATRIX = "matrix"
    SLACK = "slack"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    NTFY = "ntfy"
    APPRISE = "apprise"


def _rate(value: object) -> Rate:
    if isinstance(value, Rate):
        return value
    found = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not int(found[1]):
        msg = f"{value!r} is no rate: write a number, a slash and s, min, h or d, as in 30/min"
        raise ValueError(msg)
    return Rate(int(found[1]), _UNITS[found[2]])


RateText = Annotated[
    Rate,
    BeforeValidator(_rate),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*/\s*(s|min|h|d)$", "examples": ["30/min", "200/d"]}),
]
"""`30/min` → Rate."""


class ChannelSpec(Spec):
    """A named destination."""

    id: Id
    kind: Kind | None = None
    """Who sends; the address's scheme tells when absent."""
    url: str | None = None
    """The address; secrets only as `${ENV}`."""
    url_file: str | None = None
    """A file that holds the address (a mounted secret), relative to the workspace."""
    secret: str | None = None
    """What a webhook is signed with (`whsec_…`), as `${ENV}`."""
    secret_file: str | None = None
    """A file that holds it, relative to the workspace."""
    rate: RateText | None = None
    """At most so many messages in any such time; the rest waits."""

    quiet: Quiet | None = None
    """Hours in which its alerts wait."""
    digest: Digest | None = None
    """Its alerts are told together, at fixed times. Rules of status experimental are told to such channels only."""

    throttle: Throttle | None = None
    """What is told at once; what comes on top of it is told together."""

    updates: bool = False
    """Whether it is told, without a ping, how a story that it was told of grows."""

    @model_validator(mode="after")
    def _updates_at_once(self) -> ChannelSpec:
        if self.updates and self.digest is not None:
            msg = "updates and digest exclude each other: a digest is told once — keep one"
            raise ValueError(msg)
        if self.throttle is not None and self.digest is not None:
            msg = "throttle and digest exclude each other: in a digest all is told together — keep one"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _one_address(self) -> ChannelSpec:
        if (self.url is None) == (self.url_file is None):
            msg = "a channel needs url: its address, as in ${TOCSIN_DESK_URL}; or url_file: a file that holds it"
            raise ValueError(msg)
        if (self.secret or self.secret_file) and self.kind is not Kind.WEBHOOK:
            msg = "only a webhook is signed — take the secret away, or write kind: webhook"
            raise ValueError(msg)
        if self.secret is not None and self.secret_file is not None:
            msg = "secret and secret_file exclude each other — keep one"
            raise ValueError(msg)
        if self.secret is not None and not self.secret.lstrip().startswith("${"):
            msg = "the secret stands in the file — put it into the environment and write ${NAME} in its place"
            raise ValueError(msg)
        return self


class RouteSpec(Spec):
    """Who gets which alerts. All given conditions must hold; the first route that matches wins unless `continue`."""

    rule: Id | Ids | None = None
    severity: Severity | None = None
    """This severity or higher."""
    tag: Id | Ids | None = None
    language: Language | Languages | None = None
    entity: Id | Ids | None = None
    """An entity in the event's sentence, or what it stands for."""
    tier: Annotated[int, Field(ge=1, le=4)] | None = None
    """The article's source is of this tier or a better one (1 is the best)."""
    reason: Reason | tuple[Reason, ...] | None = None
    """Why it is told: first, corroborated, official, escalated, updated, corrected, withdrawn, health."""
    to: tuple[Id, ...] = ()
    continue_: bool = Field(default=False, alias="continue")
    routes: tuple[RouteSpec, ...] = ()
    """Tried first, for alerts that this route matches; they inherit `to`."""


class ChannelsFile(Spec):
    """The file."""

    channels: tuple[ChannelSpec, ...] = ()
    routes: tuple[RouteSpec, ...] | None = None
    """Absent: every alert to every channel."""
    inhibit: tuple[Inhibition, ...] = ()
    """Alerts that mute others for a while."""
    health: HealthSpec = HealthSpec()
    """Who is told what is wrong with the watch itself; nobody when absent."""
