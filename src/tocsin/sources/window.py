"""What a source's last feed held, in short, and what the next one says against it. Pure.

Every entry leaves a mark of four hashes: guid, address, title, text. From two windows of marks it can be told whether
anything lay between them that was never seen (a gap), which entries were rewritten, and when a site that changed all
its addresses offers its old articles as new ones (a flood).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin import urls
from tocsin.model import Entry, FetchState
from tocsin.sources.entries import Candidate

GAP_REMEMBERED = timedelta(days=1)
"""How long a gap keeps the interval short."""
_FEW = 3
"""Entries; a shorter feed turns over so often that it shows no gap."""
_FLOOD = 20
"""Entries from which a feed full of new identities is a flood."""
_MOST = 0.8
_WIDTH = 8
"""Hex digits of each hash."""
_NONE = "-" * _WIDTH
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry in short; a part that the entry does not have is `--------`."""

    guid: str
    url: str
    title: str
    text: str

    def __str__(self) -> str:
        return self.guid + self.url + self.title + self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a feed says against the one before it."""

    window: tuple[str, ...]
    """The marks to remember, in the order of the candidates."""
    gap: bool = False
    changed: frozenset[int] = frozenset()
    """Places of the known candidates whose words are others now, or whose page could not be read the last time."""
    tried: frozenset[int] = frozenset()
    """Places of those among them that are tried for the second time, which is the last."""
    flood: frozenset[int] = frozenset()
    """Places of the candidates that are known by their title alone, in a flood of new identities."""


def compare(before: Sequence[str], found: Sequence[Candidate], known: Collection[str]) -> Comparison:
    """The feed's candidates against the marks of the last one; `known` are the keys that the store knows."""
    marks = [_mark(candidate.entry) for candidate in found]
    old = [_read(text) for text in before]
    window = tuple(map(str, marks))
    if not old or not marks:
        return Comparison(window=window)
    stored = frozenset(known)
    new = [place for place, one in enumerate(found) if stored.isdisjoint(one.keys)]
    titles = {mark.title for mark in old} - {_NONE}
    familiar = frozenset(place for place in new if marks[place].title in titles)
    changed = _changed(old, marks)
    flooded = len(marks) >= _FLOOD and len(new) > _MOST * len(marks) and 2 * len(familiar) >= len(marks)
    return Comparison(
        window=window,
        gap=len(new) == len(marks) >= _FEW and len(old) >= _FEW and not _overlap(old, marks),
        changed=frozenset(changed.keys() - new),
        tried=frozenset(place for place, earlier in changed.items() if earlier.text == _NONE),
        flood=familiar if flooded else frozenset(),
    )


def remember(before: FetchState, comparison: Comparison, unread: Iterable[int], now: datetime) -> FetchState:
    """The state with the new window; candidates in `unread` keep no text's mark: they are tried again, once."""
    window = list(comparison.window)
    for place in set(unread) - comparison.tried:
        window[place] = window[place][:-_WIDTH] + _NONE
    state = replace(before, window=tuple(window))
    if comparison.gap:
        return replace(state, gaps=state.gaps + 1, gap_at=now)
    over = state.gap_at is None or now - state.gap_at > GAP_REMEMBERED
    return replace(state, gaps=0) if over else state


def _mark(entry: Entry) -> Mark:
    words = " ".join((entry.title, _untagged(entry.summary), _untagged(entry.content)))
    return Mark(
        guid=_hash(entry.guid or ""),
        url=_hash(urls.canonical(entry.url) if entry.url else ""),
        title=_hash(_plain(entry.title)),
        text=_hash(_plain(words)),
    )


def _read(text: str) -> Mark:
    return Mark(*(text[start : start + _WIDTH] for start in range(0, 4 * _WIDTH, _WIDTH)))


def _untagged(text: str) -> str:
    return _TAG.sub(" ", text) if "<" in text else text


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_WIDTH] if text else _NONE


def _overlap(old: Iterable[Mark], new: Iterable[Mark]) -> bool:
    before, after = ({part for mark in marks for part in (mark.guid, mark.url, mark.title)} for marks in (old, new))
    return bool((before & after) - {_NONE})


def _changed(old: Sequence[Mark], new: Sequence[Mark]) -> dict[int, Mark]:
    """Places of the new marks that stand for an old entry with another text, and its mark: by address, else by guid."""
    by_url, by_guid = _unique(old, "url"), _unique(old, "guid")
    here_url, here_guid = _unique(new, "url"), _unique(new, "guid")
    found = {}
    for place, mark in enumerate(new):
        earlier = by_url.get(mark.url) if mark.url in here_url else None
        earlier = earlier or (by_guid.get(mark.guid) if mark.guid in here_guid else None)
        if earlier and earlier.text != mark.text:
            found[place] = earlier
    return found


def _unique(marks: Sequence[Mark], part: str) -> Mapping[str, Mark]:
    """The marks by that part, where only one has it."""
    values: list[str] = [getattr(mark, part) for mark in marks]
    count = Counter(values)
    return {value: mark for value, mark in zip(values, marks, strict=True) if count[value] == 1 and value != _NONE}
