"""Text as it stands: folding that keeps every offset, scripts and word boundaries, sentences and clauses.

Everything here counts characters (code points) of the text as given. `fold` maps one character to one character, so a
place found in the folded text is the same place in the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

ALPHABETIC = "0-9a-zA-Z\\u00aa-\\u00b6\\u00b8-\\u02ff\\u0300-\\u052f\\u1e00-\\u1fff"
"""Letters, digits and marks of scripts that write spaces between words (Latin, Greek, Cyrillic), for a `[…]` class."""
HANGUL = "\\uac00-\\ud7a3\\u1100-\\u11ff\\u3130-\\u318f"
IDEOGRAPHIC = "\\u3005-\\u3007\\u3041-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\U00020000-\\U0003ffff"
"""Han and kana: no spaces between words."""

LETTERS = frozenset(re.findall(f"[{ALPHABETIC}]", "".join(map(chr, range(0x2000)))))
"""The characters of `ALPHABETIC`, each by itself."""
_HANGUL = re.compile(f"[{HANGUL}]")
_IDEOGRAPHIC = re.compile(f"[{IDEOGRAPHIC}]")
_WORD = re.compile(f"[{ALPHABETIC}]+(?:'[{ALPHABETIC}]+)?|[{HANGUL}]+|[{IDEOGRAPHIC}]{{1,2}}")

_FOLDS = (
    *((c, "'") for c in "’‘ʼ＇`´"),
    *((c, " ") for c in "‐‑‒–—―−－“”„«»‹›…\u00a0\u2009\u202f\u3000、。，．！？；：（）「」『』《》〈〉【】［］〔〕"),
    *((c, "・") for c in "·•‧･"),
    ("ё", "е"),
)
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_NARROW = {0xFEE0 + code: code for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}
_PUNCTUATION = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "'"}
_ASCII_TABLE = bytes(ord(_PUNCTUATION.get(code, chr(code))) if code < 128 else code for code in range(256))  # noqa: PLR2004


def lower(text: str) -> str:
    """Lower case, character for character: the few letters whose lower case is longer stay as they are."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def fold(text: str) -> str:
    """Text for matching, of the same length: lower case, punctuation and hyphens as spaces, one kind of apostrophe."""
    return fold_bytes(text).decode("utf-8", "surrogatepass")


def fold_bytes(text: str) -> bytes:
    """`fold` as UTF-8."""
    folded = lower(text)
    if not folded.isascii():
        for found, instead in _FOLDS:
            if found in folded:
                folded = folded.replace(found, instead)
        if _FULL_WIDTH.search(folded):
            folded = folded.translate(_NARROW)
    return folded.encode("utf-8", "surrogatepass").translate(_ASCII_TABLE)


# --- skimming -----------------------------------------------------------------------------------------------------

_SKIMMED = bytes(ord(chr(b).lower()) if b < 128 and chr(b).isalnum() else 32 if b < 128 else b for b in range(256))  # noqa: PLR2004
"""ASCII in lower case; all that is neither letter nor digit, apostrophes too, as space."""
_SIGN_3 = re.compile(rb"\xe2..", re.DOTALL)
_PRINTED = _SKIMMED[:0xE2] + b" " + _SKIMMED[0xE3:]
"""The same, with the first byte of quotes and dashes as space."""
_PRINTED_REST = bytes({*range(0x80, 0xC0)} - {0x84, 0xB1})
"""What follows that byte; but in the Kelvin sign and in rare Latin capitals, which are not their own lower case."""
_SIGN_2 = re.compile(rb"\xc2[\x80-\xa9\xab\xb4\xb7\xbb]")
_WIDE_SPACE = re.compile(rb"\xe3\x80[\x80-\x82\x88-\x91\x94\x95]|\xef\xbc[\x81\x88\x89\x8c-\x8e\x9a\x9b\x9f\xbb\xbd]")
"""The wide signs that `fold` makes spaces."""
_WIDE_SIGNS = (("＇", " "), ("･", " "))
_NOT_FOREIGN = bytes(b for b in range(256) if not (b >= 0xD4 and b != 0xE2))  # noqa: PLR2004


def skim(text: str) -> bytes:
    """Text for a first look: as `fold_bytes`, but with apostrophes and every sign of punctuation or trade as a space.

    Each character is mapped by itself, so what stands in a text stands, skimmed, in the skimmed text. Characters stay
    in number and order. Three ways, by cost: ASCII, ASCII with the quotes and dashes of print, the rest.
    """
    if text.isascii():
        return text.encode().translate(_SKIMMED)
    data = text.encode("utf-8", "surrogatepass")
    if b"\xc2" in data:
        data = _SIGN_2.sub(b" ", data)
    printed = data.translate(_PRINTED, _PRINTED_REST)
    return printed if printed.isascii() else _skim_any(text).translate(_SKIMMED)


def _skim_any(text: str) -> bytes:
    lowered = lower(text)
    data = lowered.encode("utf-8", "surrogatepass")
    if b"\xef" in data:
        for found, instead in _WIDE_SIGNS:
            lowered = lowered.replace(found, instead)
        data = (lowered.translate(_NARROW) if _FULL_WIDTH.search(lowered) else lowered).encode("utf-8", "surrogatepass")
    if b"\xe2" in data:
        data = _SIGN_3.sub(b" ", data)
    if b"\xe3\x80" in data or b"\xef\xbc" in data:
        data = _WIDE_SPACE.sub(b" ", data)
    if b"\xc2" in data:
        data = _SIGN_2.sub(b" ", data)
    if b"\xca" in data:
        data = data.replace("ʼ".encode(), b" ")
    if b"\xd1" in data:
        data = data.replace("ё".encode(), "е".encode())
    if b"\xe3" in data:
        data = data.replace("・".encode(), b" ")
    return data


def foreign(skimmed: bytes) -> int:
    """How many characters of a skimmed text may be of scripts other than Latin, Greek and Cyrillic."""
    return len(skimmed.translate(None, _NOT_FOREIGN))


def is_hangul(char: str) -> bool:
    """Whether a character is written Korean (not Han)."""
    return bool(_HANGUL.match(char))


def is_ideographic(char: str) -> bool:
    """Whether a character is Han or kana."""
    return bool(_IDEOGRAPHIC.match(char))


def words(folded: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """The words of a folded text; two Han or kana characters count as one word."""
    return _WORD.finditer(folded, start, len(folded) if end is None else end)


# --- sentences ----------------------------------------------------------------------------------------------------

_KNOWN_SHORT = (
    "mr mrs ms dr prof gen lt col maj capt cmdr adm sgt gov sen rep rev hon st no nos vs etc inc ltd co corp jr sr "
    "dept est jan feb mar apr jun jul aug sep sept oct nov dec mt ft fig approx e.g i.e cf al ave brig u.s u.k u.n "
    "u.a.e d.c d.p.r.k r.o.k n s г гг в вв им т.д т.е т.п т.н т.к тыс млн млрд трлн руб ул стр рис см др проф акад "
    "ген полк "
)
_ABBREVIATIONS = frozenset(_KNOWN_SHORT.split())
_CLOSERS = "\"'’”»)\\]）」』】〉》〕"
_STOP = re.compile("[.!?…]++|[。！？｡\\n\\r\\u2028\\u2029]")
"""What may end a sentence; found much faster than what does."""
_END = re.compile(
    f"(?P<wide>[。！？｡]+[{_CLOSERS}]*)|(?P<narrow>[.!?…]++[{_CLOSERS}]*+)(?=\\s)|(?P<line>[\\n\\r\\u2028\\u2029]+)"
)
_BEFORE_DOT = re.compile(f"[^\\s{_CLOSERS}(\\[“«„‘]*$")
_NEXT = re.compile("\\s+[\"'“‘«„(\\[「『【]*(\\S)")
_LOOKBACK = 24
_OPENERS = {"「": "」", "『": "』", "“": "”", "《": "》"}


def sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """The sentences of a stretch of text, without the space around them; linear in its length."""
    end = len(text) if end is None else end
    spans: list[Span] = []
    begin = start
    for found in _ends(text, start, end):
        if found["narrow"] and not _ends_here(text, found, begin, end):
            continue
        if found["wide"] and _inside_quote(text, begin, found.start(), found.end()):
            continue
        _add(spans, text, begin, found.end())
        begin = found.end()
    _add(spans, text, begin, end)
    return tuple(spans)


def _ends(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    stop = _STOP.search(text, start, end)
    while stop:
        found = _END.match(text, stop.start(), end)
        if found:
            yield found
        stop = _STOP.search(text, found.end() if found else stop.end(), end)


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    stretch = text[start:end]
    stripped = stretch.strip()
    if stripped:
        first = start + stretch.index(stripped[0])
        spans.append((first, first + len(stripped)))


def _ends_here(text: str, found: re.Match[str], begin: int, end: int) -> bool:
    """Whether a stop before a space ends a sentence: not after an abbreviation, nor before a small letter."""
    following = _NEXT.match(text, found.end(), end)
    if following and following[1].islower():
        return False
    if not found["narrow"].startswith(".") or found["narrow"].startswith(".."):
        return True
    before = _BEFORE_DOT.search(text[max(begin, found.start() - _LOOKBACK) : found.start()])
    word = before[0].lower() if before else ""
    if len(word) == 1 and word.isalpha():
        return bool(_HANGUL.match(word))
    return word not in _ABBREVIATIONS


def _inside_quote(text: str, begin: int, stop: int, after: int) -> bool:
    """Whether a wide stop stands inside a quotation that goes on; looks back a bounded way."""
    stretch = text[max(begin, stop - 200) : after]
    return any(
        stretch.count(opener) > stretch.count(closer) for opener, closer in _OPENERS.items() if opener in stretch
    )


# --- word forms ---------------------------------------------------------------------------------------------------

_VOWELS = frozenset("aeiou")
_MIN_DOUBLING = 3
_REGULAR = frozenset(("", "s", "es", "ed", "ing"))
_AFTER_E = frozenset(("e", "es", "ed", "ing"))
_AFTER_Y = frozenset(("y", "ies", "ied", "ying"))


def _russian_endings() -> frozenset[str]:
    """Case, adjective and verb endings, as they follow a stem; each also with the reflexive ся or сь."""
    nouns = (
        "а я о е у ю ы и ь й ой ей ью ом ем ам ям ами ями ах ях ов ев ий ию ии ия ие ием иям иями иях иею "
        "ец ца цу цем цы цев ение ения ению ением ений ениям ениями ании ание ания анию анием аний ениях ении"
    )
    adjectives = "ый ий ой ая яя ое ее ые ие ого его ому ему ым им ую юю ых их ыми ими"
    verbs = (
        "ть ти л ла ло ли ит ил ила ило или ить ишь ите ят ат ут ют ет ешь ете им ем ал ала ало али ать ает ают "
        "ял яла яло яли ять яет яют ел ела ело ели еть еет еют ул ула уло ули уть нет нут ует уют "
        "овал овала овало овали овать ирует ируют ировал ировала ировало ировали ировать ив ав яв ируя "
        "ен ена ено ены ан ана ано аны ян яна яно яны ован ована овано ованы ирован ирована ировано ированы"
    )
    stems = ("енн", "анн", "янн", "ованн", "ивш", "авш", "ающ", "яющ", "ующ", "ирующ", "ированн")
    participles = (stem + ending for stem in stems for ending in adjectives.split())
    plain = {"", *nouns.split(), *adjectives.split(), *verbs.split(), *participles}
    return frozenset(ending + reflexive for ending in plain for reflexive in ("", "ся", "сь"))


RUSSIAN_ENDINGS = _russian_endings()
"""The closed list of what may follow a Russian stem."""


def english_forms(word: str) -> tuple[str, frozenset[str]]:
    """The part that all regular forms of an English word share, and what may follow it."""
    if word.endswith("e"):
        return word[:-1], _AFTER_E
    if word.endswith("y") and len(word) > 1 and word[-2] not in _VOWELS:
        return word[:-1], _AFTER_Y
    if len(word) >= _MIN_DOUBLING and word[-1] not in "aeiouwxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        return word, _REGULAR | {f"{word[-1]}ed", f"{word[-1]}ing"}
    return word, _REGULAR
