"""Words in quotation marks that are a name or a figure of speech: the tram «Rocket», a firm's 'rocket growth'.

Four cases, all small: a word alone in quotation marks that is written or placed as a name; a short quoted phrase in
which the word only describes what follows it; a short title between 《 》 that is the word alone; and the title of
a work that is named beside it (소설 『…』), whatever other words stand in that. Quotations with digits (`'화성-17형'`),
with a known name in them, or else with other words of the rules are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from tocsin.rules.nodes import Hit
from tocsin.text import HANGUL, Span

_PAIRS = {"«": "»", "“": "”", "„": "“", "‘": "’", "「": "」", "『": "』", "《": "》", "〈": "〉", '"': '"', "'": "'"}
_TITLES = frozenset("《")
_LONGEST_TITLE = 4
"""Characters of the longest word that is taken for a title between 《 》; a treaty's name is longer."""
_MARKS_OF_WORKS = frozenset("《『〈")
_WORK = re.compile(
    "소설|영화|책|신간|시집|드라마|앨범|노래|연극|만화|게임|다큐|웹툰|뮤지컬|동화|전시"
    "|小説|映画|絵本|漫画|番組|作品|小说|电影|電影|漫画|专辑|電視劇|电视剧|图书|绘本|新书"
)
"""What has a title, in the languages that set titles in marks of their own; stands right before or behind it."""
_WORK_NEAR = 6
"""Characters between a title and the name of what has it, that name included."""
_LONGEST = 24
"""Characters a short quotation has at most."""
_MOST_WORDS = 2
_BEFORE = 40
"""Characters before a quotation in which a name that ends at it may begin."""
_OPENING = re.compile(f"[{''.join(_PAIRS)}]")
_HAN_NAME_BEFORE = re.compile("[\u30a1-\u30ff\u3400-\u9fff]$")
_SPACED_LETTER = re.compile(f"[^\\W\\d_{HANGUL}\u3041-\u30ff\u3400-\u9fff]")
_KOREAN_NOUN_BEFORE = re.compile(f"[{HANGUL}]{{2,}}(?<![은는이가을를의에로도와과서]) $")


def without_names(hits: list[Hit], text: str, between: Callable[[int, int], Sequence[Hit]]) -> list[Hit]:
    """Hits of words or terms without those that a quotation makes a name.

    `between` gives the hits of all keys that begin in a stretch; it is asked only around what is quoted.
    """
    quoted = [(hit.span, inside) for hit in hits if (inside := _quotation(hit, text))]
    if not quoted:
        return hits
    names = {span for span, inside in quoted if _is_name(span, inside, text, _near(inside, between))}
    return [hit for hit in hits if hit.span not in names]


def _quotation(hit: Hit, text: str) -> Span | None:
    """The inside of a short quotation around a hit."""
    first = max(0, hit.start - _LONGEST)
    if not _OPENING.search(text, first, hit.start):
        return None
    opening = max(text.rfind(mark, first, hit.start) for mark in _PAIRS)
    if text[opening] == "'" and opening and text[opening - 1].isalpha():
        return None
    closing = text.find(_PAIRS[text[opening]], hit.end, opening + 1 + _LONGEST)
    return None if closing < 0 else (opening + 1, closing)


def _is_name(span: Span, quoted: Span, text: str, near: Sequence[Hit]) -> bool:
    inside = text[quoted[0] : quoted[1]]
    if any(char.isdigit() for char in inside):
        return False
    if any(_overlap(one.span, span) and one.because.startswith("entity:") for one in near):
        return False
    if text[quoted[0] - 1] in _MARKS_OF_WORKS and _of_work(quoted, text):
        return True
    if any(quoted[0] <= one.start and one.end <= quoted[1] and not _overlap(one.span, span) for one in near):
        return False
    if span == quoted:
        return _alone(quoted, text, near)
    return span[0] == quoted[0] and text[span[1]] == " " and len(inside.split()) <= _MOST_WORDS


def _of_work(quoted: Span, text: str) -> bool:
    """Whether the name of a kind of work stands beside a title."""
    before, after = quoted[0] - 1, quoted[1] + 1
    first = max(0, before - _WORK_NEAR)
    return bool(_WORK.search(text, first, before) or _WORK.search(text, after, after + _WORK_NEAR))


def _near(quoted: Span, between: Callable[[int, int], Sequence[Hit]]) -> Sequence[Hit]:
    """The hits that begin a little before a quotation or inside it."""
    return between(max(0, quoted[0] - _BEFORE), quoted[1])


def _alone(quoted: Span, text: str, near: Iterable[Hit]) -> bool:
    """Whether a word alone in quotation marks is a name: by its capital, or because it stands behind what it names."""
    opening = quoted[0] - 1
    if text[opening] in _TITLES:
        return quoted[1] - quoted[0] <= _LONGEST_TITLE
    word, before = text[quoted[0] : quoted[1]], text[max(0, opening - 12) : opening]
    if _SPACED_LETTER.match(word):
        return word[0].isupper() and not word.isupper()
    if any(one.because.startswith("entity:") and opening - 1 <= one.end <= opening for one in near):
        return False
    return bool(_HAN_NAME_BEFORE.search(before) or _KOREAN_NOUN_BEFORE.search(before))


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
