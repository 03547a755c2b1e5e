"""Choosing among several readings of one page: the one that agrees most with the others (the medoid). Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_DENSE = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]|[^\W{_DENSE}]+")
_WORDS = 4
"""Length of the shingles that two readings are compared by."""

Shingles = Counter[tuple[str, ...]]


def shingles(lines: Iterable[str]) -> Shingles:
    """Every run of four words (characters, in scripts that do not part words)."""
    tokens = _TOKEN.findall("\n".join(lines).casefold())
    return Counter(zip(*(tokens[at:] for at in range(_WORDS)), strict=False))


def likeness(one: Shingles, other: Shingles) -> float:
    """Share of shingles that two readings have in common (Dice): 0 to 1."""
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def medoid(readings: Sequence[Sequence[str]]) -> Sequence[str]:
    """The reading most like the others; of equals, the first. Empty ones do not count."""
    given = [reading for reading in readings if reading]
    if not given:
        return ()
    counted = [shingles(reading) for reading in given]
    agreement = [sum(likeness(one, other) for other in counted) for one in counted]
    return given[agreement.index(max(agreement))]
