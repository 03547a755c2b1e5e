"""Lines that stand among a page's paragraphs and are not the article. Pure.

A line is judged by its whole shape, never by one word in it: a paragraph *about* a subscription stays. `ALWAYS` holds
what can be nothing else; `LABELS` what only counts when the line is no full sentence; and a line outside quotation
marks that speaks to the reader (`_READER`) about what a site offers (`_OFFERS`) is the site's, not the article's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tocsin.sources.phrases import ALWAYS, LABELS

_SHORT = 180
"""Characters; longer lines are only judged by what they offer."""
_LONG = 320
"""Characters; longer lines are kept."""
_FEW_LETTERS = 40
"""A line with fewer characters may end as a sentence does and still be a label."""

_OFFERS = (
    r"newsletters?|subscri(?:be|bers?|ptions?)|e-?mail alerts?|(?:push )?notifications|inbox|whats-?app|telegram"
    r"|facebook|twitter|instagram|youtube|comments?|cookies|privacy policy|affiliate|patreon|paywall|unlimited access"
    r"|abonn\w+|nachrichten-?app|news-?app|kommentar\w*|datenschutz\w*|spenden?|infolettre|suscr\w+|boletín"
    r"|comentarios?|comentários?|assin\w+|prenumer\w+|komentarz\w*|подпис\w+|комментари\w+|ctrl ?\+ ?enter|σχόλι\w+"
)
_READER = (
    r"[Yy]our?|[Uu]s|[Oo]ur|Sie|Ihnen|Ihre[nm]?|[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?n?|[Uu]ns|[Uu]nser\w*|[Vv]ous|[Vv]otre|[Vv]os"
    r"|[Nn]ous|[Nn]otre|[Tt]us?|[Uu]sted|[Nn]uestr\w+|[Nn]oss[ao]|[Vv]ocê|[Nn]as|[Cc]iebie|[Pp]aństwo|[Nn]asz\w*|[Вв]аш\w*"
    r"|[Вв]ас|[Вв]ам|[Вв]ы|[Нн]ас|[Нн]аш\w*|[Σσ]ας|[Μμ]ας"
)
"""Case counts: `US` is a country, and German `sie` is somebody else."""
_ALWAYS_RE = re.compile("|".join(f"(?:{phrase})" for phrase in ALWAYS), re.IGNORECASE)
_LABELS_RE = re.compile("|".join(f"(?:{phrase})" for phrase in LABELS), re.IGNORECASE)
_OFFERS_RE = re.compile(rf"\b(?:{_OFFERS})\b", re.IGNORECASE)
_READER_RE = re.compile(rf"\b(?:{_READER})\b")
_DENSE_OFFERS_RE = re.compile(
    r"(?:会員|購読|電子版|ログイン|メールマガジン|キャンペーン|紙面).{0,60}(?:ください|できます|お読み|詳しくは|お届け|こちら|無料)"
    r"|(?:订阅|訂閱|点击|點選|分享|关注|下载).{0,30}(?:您|你|我们|我們|微信|好友)|(?:구독|제보|댓글|알림).{0,40}(?:하세요|바랍니다|주세요)"
)
_QUOTED = re.compile(r"[\"“”„«»「]")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CLOCK = re.compile(r"\b\d\d?[:.h]\d\d\b")
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S+@\S+\.\w+|(?:https?://|www\.|pic\.twitter\.com/)\S+")
_BULLET = re.compile(r"^[-•*·▶▷■□◆◇►>|]+\s*")
_SENTENCE_END = (".", "!", "?", "。", "！", "？", '."', ".”", "」")


def without_boilerplate(lines: Iterable[str]) -> list[str]:
    """The lines that belong to the article, without the marks of list items."""
    return [text for each in lines if (text := _BULLET.sub("", each.strip())) and not is_boilerplate(text)]


@lru_cache(maxsize=2_048)  # several readings of a page hold the same lines
def is_boilerplate(text: str) -> bool:
    """Whether a line is furniture of the page."""
    if len(text) > _LONG:
        return False
    if _is_offer(text):
        return True
    if len(text) > _SHORT:
        return False
    if not any(map(str.isalnum, text)) or _ADDRESS.fullmatch(text) or _ALWAYS_RE.fullmatch(text):
        return True
    label = len(text) < _FEW_LETTERS or not text.endswith(_SENTENCE_END)
    return label and bool(_LABELS_RE.fullmatch(text) or _is_moment(text))


def _is_moment(text: str) -> bool:
    """Whether a line is a date with a time of day, and next to nothing else."""
    longest, words = 60, 5
    known = _YEAR.search(text) and _CLOCK.search(text)
    return bool(known) and len(text) <= longest and len(_WORD.findall(text)) <= words


def _is_offer(text: str) -> bool:
    """Whether a line speaks to the reader about what the site offers."""
    if _QUOTED.search(text):
        return False
    return bool((_OFFERS_RE.search(text) and _READER_RE.search(text)) or _DENSE_OFFERS_RE.search(text))


def without_repeats(lines: Sequence[str], title: str, *repeated: str) -> list[str]:
    """The lines without the title and other known texts at their top, and without a later copy of a long line."""
    known = {_letters(text) for text in (title, *repeated) if text}
    kept: list[str] = []
    seen: set[str] = set()
    top, long = 5, 60
    for number, text in enumerate(lines):
        letters = _letters(text)
        again = len(letters) > long and letters in seen
        if not again and not (number < top and letters in known):
            kept.append(text)
        seen.add(letters)
    return kept


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
