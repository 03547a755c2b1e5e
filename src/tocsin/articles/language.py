"""Which language a text is in: by its script where that tells, by py3langid where it does not."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cache

_LOADING = threading.Lock()
_LOOK_AT = 4000
"""Characters; more does not change the answer."""
_ENOUGH = 600
"""Characters that py3langid is shown: what follows does not change its answer."""
_FEW = 12
"""Letters; fewer tell nothing about a language in Latin letters."""

_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN = re.compile(r"[іїєґІЇЄҐ]")
_OTHER_CYRILLIC = re.compile(r"[ђјљњћџѓќѕәіғқңөұүһўҳҷӣӯ]", re.IGNORECASE)
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_COMMONEST = {
    # Words that are common in this language and in no other one of Latin letters.
    "de": frozenset("der die das und nicht ist mit von dem den ein eine auf wird wurde nach auch sich".split()),
    "en": frozenset("the of and to that was with from have has said were which will been their".split()),
    "es": frozenset("el los las y del una por con según fue más sus ha sobre este".split()),
    "fr": frozenset("le les des et du une dans est pour sur qui au avec selon pas ont été ce".split()),
}
_ONE_IN = 8
_SEVERAL = 3
_LETTER = re.compile(r"[^\W\d_]")


def detect(text: str, declared: str | None = None) -> str | None:
    """ISO 639-1 code of the text's language; None when it cannot be told.

    `declared` is what its publisher says: believed when the text's commonest words agree, and else not looked at.
    """
    text = text[:_LOOK_AT]
    head = text[:_ENOUGH]
    if text.isascii():
        letters, told = len(text.encode().translate(None, _NO_LETTERS)), None
    else:
        letters = len(_LETTER.findall(text))
        # A text in two languages is taken for what it begins with.
        told = _by_script(text, letters) or _by_script(head, len(_LETTER.findall(head)))
    if told or letters < _FEW:
        return told
    # Most texts are English, and most of those give themselves away: that spares them the model.
    likely = next((one for one in (declared, "en") if one and _bears_out(head, one)), None)
    return likely or _by_words(head)


def _bears_out(text: str, declared: str) -> bool:
    """Whether a text in Latin letters holds the declared language's commonest words, several of them and often."""
    common = _COMMONEST.get(declared, frozenset())
    words = text.lower().split()
    found = [word for word in words if word in common]
    return len(found) * _ONE_IN >= len(words) and len(set(found)) >= _SEVERAL


def _by_script(text: str, letters: int) -> str | None:
    """Korean, Japanese, Chinese, Russian and Ukrainian give themselves away."""
    if not letters:
        return None
    hangul, kana, han, cyrillic = (len(script.findall(text)) / letters for script in (_HANGUL, _KANA, _HAN, _CYRILLIC))
    few, some, most = 0.02, 0.2, 0.5
    if cyrillic > most:
        return _cyrillic(text)
    if hangul > some:
        return "ko"
    if kana + han > some:
        return "ja" if kana > few * 2 else "zh"
    return None


def _cyrillic(text: str) -> str | None:
    if _UKRAINIAN.search(text) and not re.search(r"[ыэъЫЭЪ]", text):
        return "uk"
    return None if _OTHER_CYRILLIC.search(text) else "ru"


def _by_words(text: str) -> str:
    return str(_model()(text)[0])


@cache
def _model() -> Callable[[str], tuple[str, float]]:
    """py3langid's own way to ask, with its model loaded: that takes half a second and 100 MB, so only one may do it."""
    with _LOADING:
        import py3langid  # noqa: PLC0415 - many texts give themselves away

        py3langid.classify("")
    classify: Callable[[str], tuple[str, float]] = py3langid.classify
    return classify
