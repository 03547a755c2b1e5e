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
_LETTER = re.compile(r"[^\W\d_]")


def detect(text: str) -> str | None:
    """ISO 639-1 code of the text's language; None when it cannot be told."""
    text = text[:_LOOK_AT]
    letters = len(_LETTER.findall(text))
    return _by_script(text, letters) or (_by_words(text) if letters >= _FEW else None)


def _by_script(text: str, letters: int) -> str | None:
    """Korean, Japanese, Chinese, Russian and Ukrainian give themselves away."""
    if not letters:
        return None
    hangul, kana, han, cyrillic = (len(script.findall(text)) / letters for script in (_HANGUL, _KANA, _HAN, _CYRILLIC))
    few, some, most = 0.02, 0.2, 0.5
    if hangul > some:
        return "ko"
    if kana + han > some:
        return "ja" if kana > few * 2 else "zh"
    if cyrillic > most:
        return _cyrillic(text)
    return None


def _cyrillic(text: str) -> str | None:
    if _UKRAINIAN.search(text) and not re.search(r"[ыэъЫЭЪ]", text):
        return "uk"
    return None if _OTHER_CYRILLIC.search(text) else "ru"


def _by_words(text: str) -> str:
    return str(_model()(text[:_ENOUGH])[0])


@cache
def _model() -> Callable[[str], tuple[str, float]]:
    """py3langid's own way to ask, with its model loaded: that takes half a second and 100 MB, so only one may do it."""
    with _LOADING:
        import py3langid  # noqa: PLC0415 - many texts give themselves away

        py3langid.classify("")
    classify: Callable[[str], tuple[str, float]] = py3langid.classify
    return classify
