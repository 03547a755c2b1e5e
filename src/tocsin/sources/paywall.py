"""Whether a page gives only the beginning of its article. Pure.

A page that says it is not free may still give the whole text (many meter, or lock by a script), and a short text may be
all there is: only both together, or a prompt to subscribe under a short text, say that the rest is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin.sources.head import PageHead
from tocsin.sources.metadata import Stated

_SHORT = 1_200
"""Letters of a text that may be a teaser; one of a dense script counts as three."""
_SHORTER = 500
"""Letters of a text that is a teaser when the page asks to subscribe, though it does not say that it is not free."""
_SHARE = 0.5
"""Share of the words that the page states for its text, below which the rest is missing."""
_LOCKED = frozenset({"locked", "paid", "premium", "metered", "subscription", "subscriber", "restricted"})
_TIERS = ("article:content_tier", "content_tier", "article.content_tier", "cxenseparse:access", "access")
_PROMPT = re.compile(
    r"(?:subscribe|log ?in|sign ?(?:in|up)|register|become a (?:member|subscriber)).{0,40}"
    r"\b(?:to|and) (?:continue|keep|read|unlock|access)"
    r"|(?:continue|keep) reading with|already a subscriber"
    r"|this (?:article|story|content) is (?:only |exclusive\w* )?(?:for|available to) "
    r"(?:our )?(?:paid |premium )?(?:subscribers|members)"
    r"|weiterlesen mit|mit .{2,20} plus .{0,20}weiterlesen|jetzt (?:abonnieren|weiterlesen)|nur für abonnenten"
    r"|(?:réservé|article réservé) aux abonnés|il vous reste .{1,30} à lire|contenido (?:exclusivo )?para suscriptores"
    r"|유료\s?회원|구독(?:하고|자) 전용|로그인 후 (?:이용|계속)"
    r"|この記事は(?:会員|有料)|会員限定|有料会員|続きを読むには|残り\s?\d+\s?文字"
    r"|(?:только|доступн\w+) (?:для )?подписчик\w*|оформите подписку"
    r"|(?:订阅|登录|登錄|付费)后?(?:继续|繼續|阅读|閱讀)",
    re.IGNORECASE,
)
_DENSE = re.compile("[\u3040-\U0010ffff]")


def is_teaser(head: PageHead, said: Stated, lines: Sequence[str], shown: str) -> bool:
    """Whether these lines are only the beginning; `shown` is all text that the page shows."""
    text = " ".join(lines)
    letters = len(text) + 2 * len(_DENSE.findall(text))
    if letters >= _SHORT:
        return False
    if said.words and len(text.split()) < _SHARE * said.words:
        return True
    locked = said.locked or any(head.meta.get(key, "").lower() in _LOCKED for key in _TIERS)
    return locked or (letters < _SHORTER and bool(_PROMPT.search(shown)))
