"""Which rules could fire on a text, going by the words that may stand in it: the sieve before anything is looked at.

Keys that satisfy the same condition form a group. A rule stands under the rarest group that it needs; it is asked for
only when that group is there, and is possible when all its groups are. So an article pays for the words it holds, not
for the number of rules.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tocsin.rules.expressions import Expressions
from tocsin.rules.lexicon import Skimmed
from tocsin.rules.nodes import CompiledRule
from tocsin.rules.vocabulary import Vocabulary, expression, expression_key, is_expression

Group = frozenset[str]
_NONE = -1
"""No group's number."""


class Possible:
    """An index of rules by the groups of keys that they need."""

    def __init__(self, rules: Iterable[CompiledRule], vocabulary: Vocabulary) -> None:
        anchors_of, anchors = vocabulary.anchors_of, vocabulary.lexicon.spelled
        self._rules = tuple(rules)
        numbers: dict[Group, int] = {}
        needs = [
            frozenset(numbers.setdefault(group, len(numbers)) for group in _sieved(rule.required, vocabulary))
            for rule in self._rules
        ]
        weights = [_weight(group, anchors_of, anchors) for group in numbers]
        watched: dict[int, list[tuple[int, frozenset[int]]]] = {}
        for place, needed in enumerate(needs):
            if needed:
                rarest = min(needed, key=weights.__getitem__)
                watched.setdefault(rarest, []).append((place, needed - {rarest}))
        # Most groups are watched by one rule that needs one more: these stand in an array, close together.
        self._other = array("q", [_NONE]) * len(numbers)
        for number, waiting in watched.items():
            if len(waiting) == 1 and len(waiting[0][1]) == 1:
                (self._other[number],) = waiting[0][1]
        self._watched = watched
        self._watching = frozenset(group for group in watched if self._other[group] == _NONE)
        unsieved = [place for place, needed in enumerate(needs) if not needed]
        self._by_expression = {
            place: group
            for place in unsieved
            if (group := next((one for one in self._rules[place].required if all(map(is_expression, one))), None))
        }
        self._always = [place for place in unsieved if place not in self._by_expression]
        self._expressions = Expressions([expression(key) for group in self._by_expression.values() for key in group])
        self._groups_of = _groups_of(numbers, anchors_of, len(anchors))

    def among(self, skimmed: Skimmed) -> list[CompiledRule]:
        """The rules that are possible on a text, in their order."""
        rest = self._always if not self._by_expression else [*self._always, *self._expressed(skimmed.original)]
        if not skimmed.occurrences:
            return [self._rules[place] for place in sorted(rest)]
        anchors = {one[0] for one in skimmed.occurrences}
        present: set[int] = set().union(*map(self._groups_of.__getitem__, anchors))
        other = self._other
        found = [self._watched[group][0][0] for group in present if other[group] in present]
        for group in present & self._watching:
            found += [place for place, others in self._watched[group] if others <= present]
        return [self._rules[place] for place in sorted([*found, *rest])]

    def _expressed(self, text: str) -> Iterator[int]:
        """Rules that demand nothing but regular expressions."""
        standing = frozenset(map(expression_key, self._expressions.standing(text)))
        return (place for place, group in self._by_expression.items() if not group.isdisjoint(standing))


def _sieved(required: Iterable[Group], vocabulary: Vocabulary) -> Iterator[Group]:
    """The groups that the first look can tell: other expressions are looked for when the rest of a rule is there."""
    return (group for group in required if not any(map(vocabulary.is_unforeseen, group)))


def _weight(group: Group, anchors_of: Mapping[str, Collection[int]], anchors: Sequence[str]) -> float:
    """How often a group is met, roughly: short words are met more often, and many words more often than few."""
    return sum(
        0.5 ** len(anchors[anchor].encode("utf-8", "surrogatepass"))
        for key in group
        for anchor in anchors_of.get(key, ())
    )


def _groups_of(
    numbers: Mapping[Group, int], anchors_of: Mapping[str, Collection[int]], size: int
) -> list[Collection[int]]:
    """For each anchor the groups that it may satisfy; equal ones share their memory."""
    found: list[list[int]] = [[] for _ in range(size)]
    for group, number in numbers.items():
        for anchor in {anchor for key in group for anchor in anchors_of.get(key, ())}:
            found[anchor].append(number)
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}
    return [shared.setdefault(one, one) for one in map(tuple, found)]
