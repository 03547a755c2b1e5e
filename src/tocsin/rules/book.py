"""The rules as people wrote them, all documents of all files together."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.specs.base import Located
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything in `rules/` but the channels, each document with its place."""

    rules: tuple[Located[RuleSpec], ...] = ()
    entities: tuple[Located[EntitySpec], ...] = ()
    terms: tuple[Located[TermsSpec], ...] = ()
    cues: tuple[Located[CuesSpec], ...] = ()
