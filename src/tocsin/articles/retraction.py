"""Whether an article says of itself that it is taken back. Pure.

Only plain marks count: a word in front of the headline, set off from it, or a short notice in place of the text. A
headline *about* something withdrawn (troops, an offer) is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARK = re.compile(
    r"""^[\s\[(【〔<"“*]*(?:
        (?:story\ |article\ |report\ )?(?:retracted|retraction|withdrawn|withdrawal|removed|killed|kill)
            (?:\ (?:notice|advisory|story|article|report))?
        | (?:기사\ ?)?(?:전문\ ?)?취소 | 기사\ ?(?:철회|삭제)
        | 記事(?:の)?(?:取り?消し|撤回|削除) | 取り消し
        | аннулир(?:овано|уется) | отозвано
        | 撤稿 | 撤回报道 | 撤回報導
    )[\s\])】〕>"”*]*(?:[:：|–—-]|[\])】〕]|$)""",
    re.IGNORECASE | re.VERBOSE,
)
"""`KILL NOTICE: …`, `[Retracted] …`, `【記事取り消し】…`."""
_BRACKETED = re.compile(r"^\s*[\[(【〔]([^\])】〕]{1,40})[\])】〕]")
_NOTICE = re.compile(
    r"""\b(?:this|the)\ (?:story|article|report|item)\ (?:has\ been|was|is)
            \ (?:retracted|withdrawn|removed|taken\ down|killed|deleted)\b
        | (?:기사|보도)(?:를|가|는)?\ ?(?:전문\ ?)?(?:취소|철회|삭제)(?:합니다|했습니다|됐습니다|되었습니다|한다)
        | (?:記事|報道)を(?:取り消|撤回|削除)し
        | (?:сообщение|материал|новость|статья)\ (?:аннулиру|отозван|удален|удалён|снят)
        | (?:本文|本报道|报道|稿件)已(?:被)?(?:撤回|删除|刪除|撤稿)""",
    re.IGNORECASE | re.VERBOSE,
)
_SHORT = 600
"""Characters of a text that may be a notice in an article's place."""


def is_retracted(title: str, paragraphs: Sequence[str]) -> bool:
    """Whether the title is marked so, or a short text says so in place of the article."""
    if _is_marked(title):
        return True
    return sum(map(len, paragraphs)) <= _SHORT and any(_NOTICE.search(text) for text in paragraphs[:2])


def _is_marked(title: str) -> bool:
    if _MARK.match(title):
        return True
    inside = _BRACKETED.match(title)
    return bool(inside and _MARK.match(inside[1]))
