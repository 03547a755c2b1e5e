"""From raw hits to what they stand for: contexts that kill, weak names, names inside longer names, titles of states."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tocsin.rules.nodes import Hit
from tocsin.specs.rules import EntitySpec
from tocsin.text import Span

_HONORIFIC_GAP = 1
_THINGS = frozenset(
    (
        *("air-defence", "drone", "gun", "missile", "rocket", "ship", "weapon", "treaty", "resolution"),
        *("border", "front", "place", "plant", "region", "exercise", "sea", "site", "base", "regime", "media"),
    )
)
"""Kinds of entities that do nothing by themselves, and so do all `…-site` and `…-base`."""
_THING_ENDINGS = ("-site", "-base")
MEDIA = frozenset({"media"})
"""They report; what they report is not their state's doing."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """What entities' keys stand for, and which of them can act."""

    stands_for: Mapping[str, frozenset[str]]
    """An entity's key → its own and those of everything it stands for."""
    things: frozenset[str]
    """Keys of weapons, places, treaties that stand for no state: nobody looks for a doer among them."""
    siblings: Mapping[str, frozenset[str]]
    """An entity's key → the keys whose strong names make its weak names count."""

    @classmethod
    def of(cls, entities: Mapping[str, EntitySpec]) -> Kinship:
        """From the entities of a rule set."""
        return cls(
            {f"entity:{name}": frozenset(_chain(name, entities)) for name in entities},
            frozenset(f"entity:{name}" for name in entities if not _acts(name, entities)),
            _siblings(entities),
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


def _acts(name: str, entities: Mapping[str, EntitySpec]) -> bool:
    """Whether an entity can do something: of itself, or because what it belongs to can."""
    spec = entities[name]
    if spec.kind not in _THINGS and not spec.kind.endswith(_THING_ENDINGS):
        return True
    return bool(spec.of) and spec.kind not in MEDIA and _acts(str(spec.of), entities)


def _siblings(entities: Mapping[str, EntitySpec]) -> dict[str, frozenset[str]]:
    """Entities of the same state each: `the ministry` counts beside the army's name."""
    families: dict[str, set[str]] = {}
    for name, spec in entities.items():
        families.setdefault(spec.of or name, set()).add(f"entity:{name}")
    return {f"entity:{name}": frozenset(families[spec.of or name]) for name, spec in entities.items()}


@dataclass(frozen=True, slots=True)
class RawHit:
    """A pattern's place, before anything is weighed."""

    key: str
    span: Span
    weak: bool = False
    kills: bool = False
    """True for a `not:` wording: it only takes away hits inside it."""


def resolve(raw: Iterable[RawHit], original: str, kinship: Kinship) -> dict[str, list[Hit]]:
    """Hits of entities by key, as `one_key`; without names inside longer ones, and weak names only where they count."""
    by_key: dict[str, list[RawHit]] = {}
    for hit in raw:
        by_key.setdefault(hit.key, []).append(hit)
    kept = {key: _sifted(hits) for key, hits in by_key.items()}
    if any(hit.weak for hits in kept.values() for hit in hits):
        strong = _outermost({key: [hit for hit in hits if not hit.weak] for key, hits in kept.items()})
        named = {key for key, hits in strong.items() if hits}
        kept = {key: _counted(hits, original, kinship.siblings.get(key, set()) & named) for key, hits in kept.items()}
    return {key: [Hit(*hit.span, key) for hit in hits] for key, hits in _outermost(kept).items() if hits}


def one_key(raw: Iterable[RawHit]) -> list[Hit]:
    """Hits of one term list or of words, in reading order: none inside `not:` wordings, none overlapping another."""
    return [Hit(*hit.span, hit.key) for hit in _sifted(list(raw))]


def _sifted(raw: list[RawHit]) -> list[RawHit]:
    if len(raw) <= 1:
        return [hit for hit in raw if not hit.kills]
    hits = [hit for hit in raw if not hit.kills]
    return _longest(_alive(hits, [hit.span for hit in raw if hit.kills]))


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
    """Of overlapping hits of one key the first and longest; a strong name before any weak one."""
    strong = _apart([hit for hit in hits if not hit.weak])
    if len(strong) == len(hits):
        return strong
    taken = [hit.span for hit in strong]
    weak = [hit for hit in hits if hit.weak and not _touches(hit.span, taken)]
    return sorted((*strong, *_apart(weak)), key=lambda hit: hit.span)


def _apart(hits: list[RawHit]) -> list[RawHit]:
    kept: list[RawHit] = []
    end = -1
    for hit in sorted(hits, key=lambda hit: (hit.span[0], -hit.span[1])):
        if hit.span[0] >= end:
            kept.append(hit)
            end = hit.span[1]
    return kept


def _touches(span: Span, taken: list[Span]) -> bool:
    """Whether a stretch shares characters with one of several that are sorted and apart."""
    index = bisect_left(taken, span[1], key=lambda one: one[0]) - 1
    return index >= 0 and taken[index][1] > span[0]


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


def _counted(hits: list[RawHit], original: str, beside: AbstractSet[str]) -> list[RawHit]:
    """Weak names count beside a strong one of the entity or its siblings, and before no capitalised word."""
    if not any(hit.weak for hit in hits):
        return hits
    if not beside:
        return [hit for hit in hits if not hit.weak]
    return [hit for hit in hits if not (hit.weak and _before_capital(original, hit.span[1]))]


def _before_capital(original: str, end: int) -> bool:
    """Whether a space and a capital letter follow: `the North Sea`."""
    following = original[end : end + 2]
    return len(following) > _HONORIFIC_GAP and following[0] in " -\u00a0" and following[1].isupper()
