"""Choosing among several readings of one page: the one that agrees most with the others (the medoid). Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_DENSE = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]|[^\W{_DENSE}]+")
_WORDS = 4
"""Length of the shingles that two readings are compared by."""
_FEW = 3
"""Length of the shingles that a line is looked for by."""
_MOST = 0.6
"""Share of a line's shingles that another reading must hold to have the line too."""
_BACKED = 1 / 4
"""More than this share of the other readings must have a line."""

Shingles = Counter[tuple[str, ...]]


def shingles(lines: Iterable[str]) -> Shingles:
    """Every run of four words (characters, in scripts that do not part words)."""
    return Counter(_runs("\n".join(lines), _WORDS))


def likeness(one: Shingles, other: Shingles) -> float:
    """Share of shingles that two readings have in common (Dice): 0 to 1."""
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def medoid(readings: Sequence[Sequence[str]]) -> Sequence[str]:
    """The reading most like the others; of equals, the first. Empty ones do not count."""
    given = [reading for reading in readings if reading]
    return given[_central(given)] if given else ()


def agreed(readings: Sequence[Sequence[str]]) -> list[str]:
    """The medoid, without the lines that only a quarter of the others have, or fewer.

    Of fewer than three readings nothing is taken out: there is no majority.
    """
    given = [reading for reading in readings if reading]
    if not given:
        return []
    chosen = given.pop(_central(given))
    others = [set(_runs("\n".join(reading), _FEW)) for reading in given]
    quorum = 2
    return [text for text in chosen if len(others) < quorum or _is_backed(text, others)]


def _central(given: Sequence[Sequence[str]]) -> int:
    counted = [shingles(reading) for reading in given]
    agreement = [sum(likeness(one, other) for other in counted) for one in counted]
    return agreement.index(max(agreement))


def _is_backed(text: str, others: Sequence[set[tuple[str, ...]]]) -> bool:
    """Whether enough other readings have a line; one too short to be looked for is let through."""
    sought = list(_runs(text, _FEW))
    holders = sum(sum(run in other for run in sought) >= _MOST * len(sought) for other in others)
    return not sought or holders > _BACKED * len(others)


def _runs(text: str, length: int) -> Iterable[tuple[str, ...]]:
    tokens = _TOKEN.findall(text.casefold())
    return zip(*(tokens[at:] for at in range(length)), strict=False)
