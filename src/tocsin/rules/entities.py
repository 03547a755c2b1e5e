"""From raw hits to what they stand for: contexts that kill, weak names, names inside longer names, titles of states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.rules.nodes import Hit
from tocsin.specs.rules import EntitySpec
from tocsin.text import Span

_HONORIFIC_GAP = 1
_THINGS = frozenset(
    (
        *("air-defence", "drone", "gun", "missile", "rocket", "ship", "weapon", "treaty", "resolution"),
        *("border", "front", "launch-site", "military-base", "naval-base", "nuclear-site", "place", "plant", "region"),
        *("sea", "site"),
    )
)
"""Kinds of entities that are never the ones who do it."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """What entities' keys stand for, and which of them can act."""

    stands_for: Mapping[str, frozenset[str]]
    """An entity's key → its own and those of everything it stands for."""
    things: frozenset[str]
    """Keys of weapons, places, treaties: they are passed over when somebody who does it is looked for."""

    @classmethod
    def of(cls, entities: Mapping[str, EntitySpec]) -> Kinship:
        """From the entities of a rule set."""
        return cls(
            {f"entity:{name}": frozenset(_chain(name, entities)) for name in entities},
            frozenset(f"entity:{name}" for name, spec in entities.items() if spec.kind in _THINGS),
        )

    def standing_for(self, entity: str) -> tuple[str, ...]:
        """Keys of the entity and of all that stand for it."""
        return tuple(key for key, chain in self.stands_for.items() if f"entity:{entity}" in chain)

    def kin(self, key: str, other: str) -> bool:
        """Whether two keys mean the same side."""
        return not self.stands_for[key].isdisjoint(self.stands_for[other])


def _chain(name: str | None, entities: Mapping[str, EntitySpec]) -> Iterator[str]:
    while name:
        yield f"entity:{name}"
        name = entities[name].of


@dataclass(frozen=True, slots=True)
class RawHit:
    """A pattern's place, before anything is weighed."""

    key: str
    span: Span
    weak: bool = False
    kills: bool = False
    """True for a `not:` wording: it only takes away hits inside it."""


def resolve(raw: Iterable[RawHit], original: str) -> dict[str, list[Hit]]:
    """Hits by key: without those inside `not:` wordings or longer entities' names, weak names only where they count."""
    by_key: dict[str, list[RawHit]] = {}
    killers: dict[str, list[Span]] = {}
    for hit in raw:
        if hit.kills:
            killers.setdefault(hit.key, []).append(hit.span)
        else:
            by_key.setdefault(hit.key, []).append(hit)
    kept = {key: _longest(_alive(hits, killers.get(key, []))) for key, hits in by_key.items()}
    kept = _outermost(kept)
    result = {}
    for key, hits in kept.items():
        counted = _counted(hits, original)
        if counted:
            result[key] = [Hit(*hit.span, key) for hit in counted]
    return result


def _alive(hits: list[RawHit], killers: list[Span]) -> list[RawHit]:
    """Hits that stand inside no killer; one sweep over both."""
    if not killers:
        return hits
    alive, reach, index = [], -1, 0
    killers = sorted(killers)
    for hit in sorted(hits, key=lambda hit: hit.span):
        while index < len(killers) and killers[index][0] <= hit.span[0]:
            reach = max(reach, killers[index][1])
            index += 1
        if hit.span[1] > reach:
            alive.append(hit)
    return alive


def _longest(hits: list[RawHit]) -> list[RawHit]:
    """Of overlapping hits of one key the first and longest."""
    kept: list[RawHit] = []
    end = -1
    for hit in sorted(hits, key=lambda hit: (hit.span[0], -hit.span[1], hit.weak)):
        if hit.span[0] >= end:
            kept.append(hit)
            end = hit.span[1]
    return kept


def _outermost(by_key: Mapping[str, list[RawHit]]) -> dict[str, list[RawHit]]:
    """Without entity hits that stand inside a longer hit of another entity."""
    entities = [hit for key, hits in by_key.items() if key.startswith("entity:") for hit in hits]
    entities.sort(key=lambda hit: (hit.span[0], -hit.span[1]))
    inner: set[RawHit] = set()
    outer: RawHit | None = None
    for hit in entities:
        if outer and hit.span[1] <= outer.span[1] and hit.span != outer.span:
            inner.add(hit)
        elif outer is None or hit.span[1] > outer.span[1]:
            outer = hit
    return {key: [hit for hit in hits if hit not in inner] for key, hits in by_key.items()}


def _counted(hits: list[RawHit], original: str) -> list[RawHit]:
    """Weak names count beside a strong one, and before no capitalised word."""
    if not any(hit.weak for hit in hits):
        return hits
    if all(hit.weak for hit in hits):
        return []
    return [hit for hit in hits if not (hit.weak and _before_capital(original, hit.span[1]))]


def _before_capital(original: str, end: int) -> bool:
    """Whether a space and a capital letter follow: `the North Sea`."""
    following = original[end : end + 2]
    return len(following) > _HONORIFIC_GAP and following[0] in " -\u00a0" and following[1].isupper()
