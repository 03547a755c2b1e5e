"""How a text says a thing: cues near the event word, each with its scope, and dates against the article's own.

After ConText (Harkema et al. 2009), with the short scopes that news needs: a cue reaches a few content words, not the
sentence: sentence-wide scopes, right for clinical notes, deny facts in news. Cues are data: rules/cues/<language>.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.model import Assertion, Evidence
from tocsin.rules.dates import dated
from tocsin.rules.lexicon import Lexicon
from tocsin.rules.nodes import Hit
from tocsin.rules.patterns import Pattern
from tocsin.rules.view import View
from tocsin.specs.rules import CueClass
from tocsin.text import Span, words

OLD_AFTER = 8
"""Days after which a dated happening is history: 'about seven'."""
_DATE_REACH = 9
_AHEAD_REACH = 2
_AHEAD_REACH_ZH = 5
"""In Chinese the place and manner of a happening stand between its date and its verb."""
_HAN_DATE = re.compile("[年月日]")
_FAR = 1000
"""Characters around the event word that are read: more than any honest sentence, and a bound for the others."""
_WEIGHT: dict[str, int] = {
    name: index for index, name in enumerate(("denied", "hypothetical", "planned", "historical", "drill", "opinion"))
}
_PROTECTING = frozenset(("asserted", "recent"))
_BREAK = re.compile(r"[,;:()\[\]…—–，；：（）「」『』]|(?<!は)、|\s-\s|(?<![A-ZА-Я])\.\s")
_HARD_BREAK = re.compile(r"[;()…—；（）]|[:：](?!\s?\d)|\s[-–]\s|(?<![A-ZА-Я])\.\s")
"""What times do not reach over; a colon before a figure is none: 'at 06:10', 'Launch: 10th anniversary'."""
_QUESTION = re.compile(r"[?？][\"'”’」』)]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledCue:
    """One wording of a cue."""

    language: str
    cls: CueClass
    direction: Literal["before", "after", "both"]
    reach: int | Literal["clause", "sentence"]


@dataclass(frozen=True, slots=True)
class _Found:
    cue: CompiledCue
    span: Span


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in one sentence: its cues, and where its clauses end."""

    span: Span
    cues: tuple[_Found, ...]
    stops: tuple[Span, ...]


Memory = dict[Span, Read]
"""Sentences already read, by place: one document's."""


class Cues:
    """All cues of all languages, ready to be read around an event word."""

    def __init__(
        self,
        cues: Sequence[tuple[Pattern, CompiledCue]],
        stops: Sequence[tuple[Pattern, str]],
        small: frozenset[str],
    ) -> None:
        self._lexicon = Lexicon([*(pattern for pattern, _ in cues), *(pattern for pattern, _ in stops)])
        self._cues = [cue for _, cue in cues]
        self._languages = [*(cue.language for _, cue in cues), *(language for _, language in stops)]
        self._small = small

    def judge(self, view: View, head: Hit, memory: Memory) -> tuple[Assertion, Evidence | None]:
        """How the sentence around an event word says it, and the cue that decided."""
        start, end = view.sentence(head.start)
        span = (max(start, head.start - _FAR), min(end, head.end + _FAR))
        if span not in memory:
            memory[span] = self._read(view, span)
        sentence = memory[span]
        reaching = [one for one in sentence.cues if self._reaches(view, sentence, one, head)]
        recent = min((_gap(one, head) for one in reaching if one.cue.cls == "recent"), default=None)
        if recent is not None:
            reaching = [one for one in reaching if one.cue.cls != "historical" or _gap(one, head) < recent]
        decisive = [one for one in reaching if one.cue.cls in _WEIGHT]
        if not decisive:
            return Assertion.ASSERTED, None
        best = min(decisive, key=lambda one: (_WEIGHT[one.cue.cls], abs(one.span[0] - head.start)))
        return Assertion(best.cue.cls), view.evidence(best.span, f"cue:{best.cue.cls}")

    def _read(self, view: View, span: Span) -> Read:
        unread = "ja" if view.han == "zh" else "zh"
        cues, stops = list[_Found](), list[Span]()
        for index, (start, end) in self._lexicon.find(view.document.text[span[0] : span[1]]):
            place = (start + span[0], end + span[0])
            if self._languages[index] == unread:
                continue
            if index < len(self._cues):
                cues.append(_Found(self._cues[index], place))
            else:
                stops.append(place)
        found = [*_outermost(cues), *_dates(view, span), *_question(view, span)]
        return Read(span, tuple(found), tuple(sorted(stops)))

    def _reaches(self, view: View, sentence: Read, one: _Found, head: Hit) -> bool:
        """Whether a cue's scope holds the event word.

        A cue inside the event word is part of its meaning; one that is the event word (`запустит`, a future) tells.
        """
        cue, (start, end) = one.cue, one.span
        if cue.reach == "sentence":
            side = "before" if end <= head.start else "after" if start >= head.end else ""
            return side == cue.direction or (cue.direction == "both" and not head.start <= start < end <= head.end)
        if one.span == head.span:
            return cue.direction == "both"
        if start < head.start and end < head.end and cue.direction != "after":
            between = (min(end, head.start), head.start)
        elif start >= head.end and cue.direction != "before":
            between = (head.end, start)
        else:
            return False
        if any(between[0] <= first and last <= between[1] for first, last in sentence.stops):
            return False
        far = cue.cls == "historical" or (not cue.language and cue.cls != "planned")
        breaks = _HARD_BREAK if far else _BREAK
        if breaks.search(view.document.text, *between):
            return False
        return cue.reach == "clause" or self._content_words(view, between) <= cue.reach

    def _content_words(self, view: View, between: Span) -> int:
        return sum(found[0] not in self._small for found in words(view.folded, *between))


def _gap(one: _Found, head: Hit) -> int:
    """Characters between a cue and the event word."""
    return max(one.span[0] - head.end, head.start - one.span[1], 0)


def _outermost(found: list[_Found]) -> list[_Found]:
    """Without cues inside longer ones: `no doubt` is not `no`.

    A longer one that looks the other way hides nothing: `would not` speaks of what stands before it, and `not` of what
    follows.
    """
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (one.span[0], -one.span[1])):
        if kept and _hides(kept[-1], one):
            continue
        kept.append(one)
    return kept


def _hides(outer: _Found, inner: _Found) -> bool:
    if inner.span[1] > outer.span[1] or inner.span == outer.span:
        return False
    return outer.cue.cls in _PROTECTING or outer.cue.direction in {"both", inner.cue.direction}


def _dates(view: View, span: Span) -> Iterator[_Found]:
    published = view.document.published
    for one in dated(view.document.text, *span, published.date() if published else None):
        if view.overlapped(one.span):
            continue
        if one.age > OLD_AFTER:
            cue = CompiledCue(language="", cls="historical", direction="both", reach=_DATE_REACH)
            yield _Found(cue, one.span)
        elif one.ahead:
            yield _Found(CompiledCue(language="", cls="planned", direction="both", reach=_AHEAD_REACH), one.span)
            if view.han == "zh" and _HAN_DATE.search(view.document.text, *one.span):
                far = CompiledCue(language="", cls="planned", direction="before", reach=_AHEAD_REACH_ZH)
                yield _Found(far, one.span)
        elif one.age >= -1 and one.by_day:
            yield _Found(CompiledCue(language="", cls="recent", direction="both", reach="sentence"), one.span)


def _question(view: View, span: Span) -> Iterator[_Found]:
    mark = _QUESTION.search(view.document.text, *span)
    if mark:
        cue = CompiledCue(language="", cls="hypothetical", direction="both", reach="clause")
        yield _Found(cue, (mark.start(), mark.start() + 1))
