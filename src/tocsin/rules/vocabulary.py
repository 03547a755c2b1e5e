"""All words of a rule set, and what each of them stands for: an entity, a term list, the words of a condition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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


Standing = tuple[int, Pattern, Meaning]
"""What may stand in a text: its anchor, the pattern, and what it means."""


class Vocabulary:
    """Patterns with their meanings. Immutable, but for what was asked once and is asked again."""

    def __init__(self, patterns: Iterable[tuple[Pattern, Meaning]], expressions: Sequence[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self.expressions = Expressions(expressions)
        self.lexicon = Lexicon([pattern for pattern, _ in self._patterns])
        self._entities_among: dict[Collection[str], frozenset[str]] = {}
        self._of_key: dict[str, dict[int, list[Standing]]] = {}

    def skim(self, text: str) -> Skimmed:
        """The cheap first look at a text."""
        return self.lexicon.skim(text)

    def standing(self, key: str, skimmed: Skimmed) -> Iterator[Standing]:
        """The patterns of a key that may stand in a text, each with its anchor; nothing is checked."""
        if key not in self._of_key:
            self._of_key[key] = self._by_anchor(self.anchors_of.get(key, ()), lambda meaning: meaning.key == key)
        of_key = self._of_key[key]
        return (one for anchor in of_key.keys() & skimmed.anchors.keys() for one in of_key[anchor])

    def entities_standing(self, skimmed: Skimmed) -> Iterator[Standing]:
        """The same of all entities."""
        of_entities = self._of_entities
        return (one for anchor in skimmed.anchors if anchor in of_entities for one in of_entities[anchor])

    def entities_among(self, keys: Collection[str]) -> frozenset[str]:
        """Those of the keys of a condition that are entities'."""
        if keys not in self._entities_among:
            self._entities_among[keys] = frozenset(filter(is_entity, keys))
        return self._entities_among[keys]

    def patterns_of(self, keys: Collection[str]) -> dict[int, list[Pattern]]:
        """The patterns that mean any of these keys, by the anchors at which they may stand."""
        anchors = {anchor for key in keys for anchor in self.anchors_of.get(key, ())}
        found = self._by_anchor(anchors, lambda meaning: meaning.key in keys and not meaning.kills)
        return {anchor: [pattern for _, pattern, _ in standing] for anchor, standing in found.items()}

    def keys(self, anchors: Iterable[int]) -> list[str]:
        """The keys that may stand where these anchors do."""
        indexes = (index for anchor in anchors for index in self.lexicon.anchors[anchor])
        keys = dict.fromkeys(self._patterns[index][1].key for index in indexes)
        return [key for key in keys if not is_expression(key)]

    def is_unforeseen(self, key: str) -> bool:
        """Whether nothing is known of what must stand in a text where this key does: an expression of any letters."""
        return is_expression(key) and key not in self.anchors_of

    def _by_anchor(self, anchors: Iterable[int], wanted: Callable[[Meaning], bool]) -> dict[int, list[Standing]]:
        found: dict[int, list[Standing]] = {}
        for anchor in anchors:
            patterns = (self._patterns[index] for index in self.lexicon.anchors[anchor])
            found[anchor] = [(anchor, pattern, meaning) for pattern, meaning in patterns if wanted(meaning)]
        return found

    @cached_property
    def _of_entities(self) -> dict[int, list[Standing]]:
        """What may stand at each anchor that may mean an entity."""
        anchors = {anchor for key, found in self.anchors_of.items() if is_entity(key) for anchor in found}
        return self._by_anchor(anchors, lambda meaning: is_entity(meaning.key))

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
