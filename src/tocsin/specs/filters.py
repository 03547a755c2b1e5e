"""Filters: contexts in which rules are not to alert, written without touching the rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tocsin.specs.base import Id, Spec
from tocsin.specs.rules import Node


class FilterProof(Spec):
    """One text that a filter must suppress or keep: exactly one of the two."""

    suppresses: str | None = None
    """A rule would alert on this text; the filter stops it."""
    keeps: str | None = None
    """A rule alerts on this text, filter or not."""
    title: str | None = None
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class FilterSpec(Spec):
    """What holds near a rule's event word makes its match a mention: kept and listed, not told."""

    id: Id
    filter: Node
    """The condition, read around the event word as an `unless` of the rule would be."""
    rules: tuple[Id, ...] | Literal["all"]
    """Ids or tags of rules; rules built on them are filtered too. `all` for every rule."""
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Shown wherever a match is listed as filtered."""
    tests: tuple[FilterProof, ...] = Field(default=())
