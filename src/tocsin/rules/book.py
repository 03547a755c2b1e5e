"""The rules as people wrote them, all documents of all files together."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.specs.base import Located
from tocsin.specs.filters import FilterSpec
from tocsin.specs.proofs import ProofsSpec, StorySpec
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec
from tocsin.specs.thresholds import ThresholdSpec


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything in `rules/` but the channels, each document with its place."""

    rules: tuple[Located[RuleSpec], ...] = ()
    entities: tuple[Located[EntitySpec], ...] = ()
    terms: tuple[Located[TermsSpec], ...] = ()
    cues: tuple[Located[CuesSpec], ...] = ()
    filters: tuple[Located[FilterSpec], ...] = ()
    thresholds: tuple[Located[ThresholdSpec], ...] = ()
    proofs: tuple[Located[ProofsSpec], ...] = ()
    stories: tuple[Located[StorySpec], ...] = ()
