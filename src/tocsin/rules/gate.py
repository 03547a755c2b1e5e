"""A second look at a text, before anything is laid out: do the words that a rule demands really stand in it?

The sieve (`possible`) goes by anchors alone, and short ones are met in most texts. Here the patterns themselves are
looked for, each group of keys until the first one is found. Fields, sentences and quotations are not asked: what
passes may still match nothing, but what does not pass can match nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tocsin.rules.lexicon import Skimmed
from tocsin.rules.nodes import CompiledRule
from tocsin.rules.patterns import Pattern
from tocsin.rules.vocabulary import Vocabulary

Group = frozenset[str]


class Gate:
    """Lets rules through by what stands in a text. Immutable, but for what was asked once and is asked again."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._patterns: dict[Group, Mapping[int, Sequence[Pattern]] | None] = {}

    def through(self, rules: Iterable[CompiledRule], skimmed: Skimmed) -> list[CompiledRule]:
        """Those of the rules for which at least one key of every group that they need stands somewhere in the text."""
        known: dict[Group, bool] = {}
        return [rule for rule in rules if self._passes(rule, skimmed, known)]

    def _passes(self, rule: CompiledRule, skimmed: Skimmed, known: dict[Group, bool]) -> bool:
        for group in rule.required:
            if group not in known:
                known[group] = self._stands(group, skimmed)
            if not known[group]:
                return False
        return True

    def _stands(self, group: Group, skimmed: Skimmed) -> bool:
        patterns = self._of(group)
        if patterns is None:
            return True
        near = patterns.keys() & skimmed.anchors.keys()
        return any(skimmed.spans(anchor, pattern) for anchor in near for pattern in patterns[anchor])

    def _of(self, group: Group) -> Mapping[int, Sequence[Pattern]] | None:
        """Patterns by their anchors; None for a group with expressions of any letters: these are looked for last."""
        if group not in self._patterns:
            unforeseen = any(map(self._vocabulary.is_unforeseen, group))
            self._patterns[group] = None if unforeseen else self._vocabulary.patterns_of(group)
        return self._patterns[group]
