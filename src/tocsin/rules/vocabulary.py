"""All words of a rule set, and what each of them stands for: an entity, a term list, the words of a condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tocsin.rules.lexicon import Lexicon, Skimmed
from tocsin.rules.patterns import Pattern

_ENTITY = "entity:"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a pattern stands for."""

    key: str
    weak: bool = False
    kills: bool = False


class Vocabulary:
    """Patterns with their meanings. Immutable."""

    def __init__(self, patterns: Iterable[tuple[Pattern, Meaning]]) -> None:
        self._patterns = tuple(patterns)
        self.lexicon = Lexicon([pattern for pattern, _ in self._patterns])

    def at(self, index: int) -> tuple[Pattern, Meaning]:
        """A pattern by its index in the lexicon, and what it stands for."""
        return self._patterns[index]

    def skim(self, text: str) -> Skimmed:
        """The cheap first look at a text."""
        return self.lexicon.skim(text)

    def standing(self, skimmed: Skimmed) -> Mapping[str, Sequence[tuple[int, int]]]:
        """Key → (anchor, index of a pattern) of all that may stand in a text; nothing is checked."""
        found: dict[str, list[tuple[int, int]]] = {}
        for anchor in skimmed.anchors:
            for index in self.lexicon.anchors[anchor]:
                found.setdefault(self._patterns[index][1].key, []).append((anchor, index))
        return found

    @cached_property
    def anchors_of(self) -> Mapping[str, Sequence[int]]:
        """For each key the anchors that may mean it."""
        found: dict[str, dict[int, None]] = {}
        for anchor, indexes in enumerate(self.lexicon.anchors):
            for index in indexes:
                found.setdefault(self._patterns[index][1].key, {})[anchor] = None
        return {key: tuple(anchors) for key, anchors in found.items()}


def is_entity(key: str) -> bool:
    """Whether a key is an entity's."""
    return key.startswith(_ENTITY)
