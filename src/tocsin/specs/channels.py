"""`rules/channels.yaml`: who is told, and how."""

from __future__ import annotations

from pydantic import Field, model_validator

from tocsin.model import Severity
from tocsin.specs.base import Id, Language, Spec
from tocsin.specs.timing import Inhibition

Ids = tuple[Id, ...]
Languages = tuple[Language, ...]


class ChannelSpec(Spec):
    """A named destination."""

    id: Id
    url: str | None = None
    """An Apprise address; secrets only as `${ENV}`."""
    url_file: str | None = None
    """A file that holds the address (a mounted secret), relative to the workspace."""

    @model_validator(mode="after")
    def _one_address(self) -> ChannelSpec:
        if (self.url is None) == (self.url_file is None):
            msg = "a channel needs url: its address, as in ${TOCSIN_DESK_URL}; or url_file: a file that holds it"
            raise ValueError(msg)
        return self


class RouteSpec(Spec):
    """Who gets which alerts. All given conditions must hold; the first route that matches wins unless `continue`."""

    rule: Id | Ids | None = None
    severity: Severity | None = None
    """This severity or higher."""
    tag: Id | Ids | None = None
    language: Language | Languages | None = None
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
