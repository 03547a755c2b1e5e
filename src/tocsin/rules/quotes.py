"""Words in quotation marks that are a name or a figure of speech: the tram «Rocket», a firm's 'rocket growth'.

Three cases, all small: a word alone in quotation marks that is written or placed as a name; a short quoted phrase in
which the word only describes what follows it; and a title between 《 》 that is the word and nothing else. Quotations
with digits (`'화성-17형'`), with a known name in them, or with other words of the rules are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tocsin.rules.nodes import Hit
from tocsin.text import HANGUL, Span

_PAIRS = {"«": "»", "“": "”", "„": "“", "‘": "’", "「": "」", "『": "』", "《": "》", "〈": "〉", '"': '"', "'": "'"}
_TITLES = frozenset("《")
_LONGEST = 24
"""Characters a short quotation has at most."""
_MOST_WORDS = 3
_OPENING = re.compile(f"[{''.join(_PAIRS)}]")
_HAN_NAME_BEFORE = re.compile("[\u30a1-\u30ff\u3400-\u9fff]$")
_SPACED_LETTER = re.compile(f"[^\\W\\d_{HANGUL}\u3041-\u30ff\u3400-\u9fff]")
_KOREAN_NOUN_BEFORE = re.compile(f"[{HANGUL}]{{2,}}(?<![은는이가을를의에로도와과서]) $")


def without_names(hits: Mapping[str, list[Hit]], text: str) -> dict[str, list[Hit]]:
    """Hits by key without words that a quotation makes a name; hits of entities stay as they are."""
    if not _OPENING.search(text):
        return dict(hits)
    every = [hit for found in hits.values() for hit in found]
    cache: dict[Span, bool] = {}
    kept = {}
    for key, found in hits.items():
        left = found if key.startswith("entity:") else [hit for hit in found if not _named(hit, text, every, cache)]
        if left:
            kept[key] = left
    return kept


def _named(hit: Hit, text: str, every: Iterable[Hit], cache: dict[Span, bool]) -> bool:
    if hit.span not in cache:
        quoted = _quotation(hit, text)
        cache[hit.span] = quoted is not None and _is_name(hit, quoted, text, every)
    return cache[hit.span]


def _quotation(hit: Hit, text: str) -> Span | None:
    """The inside of a short quotation around a hit."""
    first = max(0, hit.start - _LONGEST)
    opening = max((text.rfind(mark, first, hit.start) for mark in _PAIRS), default=-1)
    if opening < first or (opening and text[opening] in "'\"" and text[opening - 1].isalpha() and text[opening] == "'"):
        return None
    closing = text.find(_PAIRS[text[opening]], hit.end, opening + 1 + _LONGEST)
    return None if closing < 0 else (opening + 1, closing)


def _is_name(hit: Hit, quoted: Span, text: str, every: Iterable[Hit]) -> bool:
    inside = text[quoted[0] : quoted[1]]
    if any(char.isdigit() for char in inside):
        return False
    others = [one for one in every if quoted[0] <= one.start and one.end <= quoted[1] and not _overlap(one, hit)]
    if others or any(one.because.startswith("entity:") and _overlap(one, hit) for one in every):
        return False
    if hit.span == quoted:
        return _alone(quoted, text, every)
    return hit.start == quoted[0] and text[hit.end] == " " and len(inside.split()) <= _MOST_WORDS


def _alone(quoted: Span, text: str, every: Iterable[Hit]) -> bool:
    """Whether a word alone in quotation marks is a name: by its capital, or because it stands behind what it names."""
    opening = quoted[0] - 1
    if text[opening] in _TITLES:
        return True
    word, before = text[quoted[0] : quoted[1]], text[max(0, opening - 12) : opening]
    if _SPACED_LETTER.match(word):
        return word[0].isupper() and not word.isupper()
    if any(one.because.startswith("entity:") and opening - 1 <= one.end <= opening for one in every):
        return False
    return bool(_HAN_NAME_BEFORE.search(before) or _KOREAN_NOUN_BEFORE.search(before))


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end
