"""Proofs in files of their own: further tests for a rule, and stories on a virtual clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from tocsin.model import Reason
from tocsin.specs.base import Id, Language, Spec
from tocsin.specs.rules import Proof


class ProofsSpec(Spec):
    """Further tests of one rule, beside those in its own file."""

    proofs: Id
    """The rule they are for."""
    tests: tuple[Proof, ...] = Field(min_length=1)


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        read = datetime.fromisoformat(str(value).strip())
    except ValueError:
        read = None
    if read is None or not isinstance(value, str) or ":" not in value:
        msg = f"{value!r} is no moment: write day and time, as in 2026-03-04 06:10 (UTC, or with +09:00)"
        raise ValueError(msg)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "examples": ["2026-03-04 06:10", "2026-03-04 15:10+09:00"]}),
]
"""`2026-03-04 06:10`, UTC unless it says otherwise → aware datetime."""


class Expected(Spec):
    """An alert that must be raised at this step."""

    rule: Id
    reason: Reason = Reason.FIRST


class Step(Spec):
    """An article that arrives; or, without title and text, only the clock moves on."""

    at: Moment
    """When it is first seen."""
    source: Id = "wire"
    title: Annotated[str, StringConstraints(min_length=1)] | None = None
    text: str = ""
    """Paragraphs, a line each."""
    published: Moment | None = None
    """The publisher's time; `at` when absent."""
    language: Language | None = None
    tags: tuple[str, ...] = ()
    """Tags of its source."""
    alerts: tuple[Id | Expected, ...] = ()
    """Exactly the alerts that this step raises; a rule's id alone means its first alert."""

    @property
    def expected(self) -> tuple[Expected, ...]:
        """The alerts, all in the long form."""
        return tuple(Expected(rule=one) if isinstance(one, str) else one for one in self.alerts)

    @model_validator(mode="after")
    def _titled(self) -> Step:
        if self.text and not self.title:
            msg = "an article needs title: — without title and text only the clock moves on"
            raise ValueError(msg)
        return self


class StorySpec(Spec):
    """Articles that arrive one after another, and every alert that they must raise: no other may."""

    story: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """What happens in it."""
    articles: tuple[Step, ...] = Field(min_length=1)
