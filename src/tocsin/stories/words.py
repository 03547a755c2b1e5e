"""What a text is made of, for comparing: words, numbers, names with digits, and a sketch for near copies.

Everything is hashed to 32 bits, so that a story's members can be kept small and compared fast. Words are cut to a
stem by script: Latin and Cyrillic words to their first letters, Korean, Han and kana to pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from zlib import crc32

from tocsin.text import HANGUL, IDEOGRAPHIC

SKETCH = 64
"""Hashes kept of a text's shingles (the smallest): two sketches estimate how much of two texts is the same."""

_STEM = 6
_SHORTEST = 4
_FIRST_OF_PAIRS = "\u1100"  # Hangul; kana and Han come after it
_SHINGLE = 4
_TOKEN = re.compile(rf"(?P<cjk>[{HANGUL}]+|[{IDEOGRAPHIC}]+)|(?P<number>\d[\d.,]*)|(?P<word>[^\W\d_]+)")
_NUMBER = re.compile(r"(?<![\w.,-])[0-9][0-9,]{0,12}(?:\.[0-9]{1,6})?(?![\w-])")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*[A-Za-z])(?=[A-Za-z0-9-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_FEWEST = 3
_YEARS = range(1900, 2100)
_LEAST = 32  # smaller numbers are days, hours and small counts: too common to tell anything
_COMMON_WORDS = """
    about after again against also amid among been before being between could does during from have here into just more
    most near news over said says some such than that their them then there these they this those through today told
    under until were what when where which while will with would your monday tuesday wednesday thursday friday saturday
    sunday года году были было быть если заявил заявили когда который которые между после сообщил сообщили также только
    чтобы этого этом своих через перед более
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def words(text: str) -> frozenset[int]:
    """Hashes of the stems that carry meaning."""
    return frozenset(_hash(stem) for stem in _stems(text))


def sketch(text: str) -> tuple[int, ...]:
    """The smallest hashes of the text's shingles (runs of four stems), sorted."""
    stems = list(_all_stems(text))
    starts = range(max(1, len(stems) - _SHINGLE + 1)) if stems else ()
    runs = {_hash("\n".join(stems[start : start + _SHINGLE])) for start in starts}
    return tuple(sorted(runs)[:SKETCH])


def resemblance(left: tuple[int, ...], right: tuple[int, ...]) -> float:
    """How much two sketched texts share, 0 to 1 (Broder's estimate of the Jaccard index from bottom-k sketches)."""
    both = sorted({*left, *right})[:SKETCH]
    return len({*both} & {*left} & {*right}) / len(both) if both else 0.0


def numbers(text: str) -> frozenset[str]:
    """Numbers that could tell one happening from another: no years, no small ones."""
    found = {match[0].replace(",", "") for match in _NUMBER.finditer(unicodedata.normalize("NFKC", text))}
    return frozenset(number for number in found if "." in number or _telling(int(number)))


def _telling(number: int) -> bool:
    return number >= _LEAST and number not in _YEARS


def codes(text: str) -> frozenset[str]:
    """Names of letters and digits, the same in every language: H3, KN-23, F-16."""
    return frozenset(match[0].upper() for match in _CODE.finditer(unicodedata.normalize("NFKC", text)))


def shared(left: frozenset[int], right: frozenset[int]) -> float:
    """How much of the smaller set the other holds, 0 to 1; a few common members are no likeness."""
    both = len(left & right)
    return both / (min(len(left), len(right)) + 1) if both >= _FEWEST else 0.0


def _stems(text: str) -> Iterator[str]:
    """Stems without numbers, short words and common ones; pairs of characters are never too short."""
    for stem in _all_stems(text):
        long_enough = len(stem) >= _SHORTEST or stem[0] >= _FIRST_OF_PAIRS
        if stem[0].isalpha() and long_enough and stem not in _COMMON:
            yield stem[:_STEM]


def _all_stems(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(unicodedata.normalize("NFKC", text).lower()):
        if cjk := found["cjk"]:
            yield from (cjk[at : at + 2] for at in range(max(1, len(cjk) - 1)))
        elif word := found["word"]:
            yield word
        else:
            yield found["number"].strip(".,")


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
