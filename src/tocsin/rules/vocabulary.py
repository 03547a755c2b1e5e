"""All words of a rule set, and what each of them stands for: an entity, a term list, the words of a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tocsin.rules.expressions import Expressions
from tocsin.rules.lexicon import Lexicon, Skimmed
from tocsin.rules.patterns import Pattern

_ENTITY = "entity:"
_EXPRESSION = "regex:"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a pattern stands for."""

    key: str
    weak: bool = False
    kills: bool = False


class Vocabulary:
    """Patterns with their meanings. Immutable."""

    def __init__(self, patterns: Iterable[tuple[Pattern, Meaning]], expressions: Sequence[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self.expressions = Expressions(expressions)
        self.lexicon = Lexicon([pattern for pattern, _ in self._patterns])

    def skim(self, text: str) -> Skimmed:
        """The cheap first look at a text."""
        return self.lexicon.skim(text)

    def standing(self, key: str, skimmed: Skimmed) -> Iterator[tuple[int, Pattern, Meaning]]:
        """The patterns of a key that may stand in a text, each with its anchor; nothing is checked."""
        for anchor in self.anchors_of.get(key, ()):
            if anchor in skimmed.anchors:
                yield from self._at(anchor, lambda meaning: meaning.key == key)

    def entities_standing(self, skimmed: Skimmed) -> Iterator[tuple[int, Pattern, Meaning]]:
        """The same of all entities."""
        for anchor in skimmed.anchors:
            if anchor in self._of_entities:
                yield from self._at(anchor, lambda meaning: is_entity(meaning.key))

    def keys(self, skimmed: Skimmed) -> list[str]:
        """The keys that may stand in a text."""
        indexes = (index for anchor in skimmed.anchors for index in self.lexicon.anchors[anchor])
        return list(dict.fromkeys(self._patterns[index][1].key for index in indexes))

    def _at(self, anchor: int, wanted: Callable[[Meaning], bool]) -> Iterator[tuple[int, Pattern, Meaning]]:
        for index in self.lexicon.anchors[anchor]:
            pattern, meaning = self._patterns[index]
            if wanted(meaning):
                yield anchor, pattern, meaning

    @cached_property
    def _of_entities(self) -> frozenset[int]:
        """The anchors that may mean an entity."""
        return frozenset(anchor for key, anchors in self.anchors_of.items() if is_entity(key) for anchor in anchors)

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


def is_expression(key: str) -> bool:
    """Whether a key is a regular expression's."""
    return key.startswith(_EXPRESSION)


def expression_key(source: str) -> str:
    """The key of a regular expression."""
    return _EXPRESSION + source


def expression(key: str) -> str:
    """The regular expression of a key."""
    return key.removeprefix(_EXPRESSION)
