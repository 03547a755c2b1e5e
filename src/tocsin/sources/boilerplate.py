"""Lines that stand among a page's paragraphs and are not the article. Pure.

A line is judged by its whole shape, never by one word in it: a paragraph *about* a subscription stays. `_ALWAYS` holds
what can be nothing else; `_LABELS` what only counts when the line is no full sentence; and a line outside quotation
marks that speaks to the reader (`_READER`) about what a site offers (`_OFFERS`) is the site's, not the article's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_SHORT = 180
"""Characters; longer lines are only judged by what they offer."""
_LONG = 320
"""Characters; longer lines are kept."""
_FEW_LETTERS = 40
"""A line with fewer characters may end as a sentence does and still be a label."""

_ALWAYS = (
    # en: sharing, subscribing, rights
    r"share (this|on|via) .{0,60}|(follow|join|find|like) us (on|at) .{0,80}",
    r"((sign|log) (up|in)|subscribe|register|(click|tap) here)\b.{0,60}\b(newsletters?|inbox|account|app)\b.{0,80}",
    r"((sign|log) (up|in)|subscribe|register|(click|tap) here)\b.{0,60}\b(free|here|our|now|updates|continue)\b.{0,60}",
    r"(get|receive) (the|our|all|more|daily|breaking)\b.{0,60}\b(newsletters?|inbox|app|notifications?)\b.{0,60}",
    r"already (a subscriber|have an account).{0,60}|download (the|our) .{0,30}app.{0,60}",
    r"(this (article|story|content) is )?(only )?for (paid |premium )?(subscribers|members)( only)?.{0,20}",
    r"(©|\(c\) ?\d{4}|copyright ?(©|\d{4}|\(c\))).{0,150}|.{0,90}\ball rights reserved\b.{0,60}",
    r"this (material|article|story) may not be (published|reproduced).{0,120}",
    r"(this )?(video|content) (can ?not|could not) be (played|loaded|displayed).{0,60}",
    r"(please )?(enable|turn on) (javascript|cookies).{0,60}|your browser does not support.{0,80}",
    r"(this|the) article (was )?(first |originally )?(appeared|published) (in|on|at) .{0,60}",
    # de, fr, es, pl, el
    r"(lesen sie (auch|mehr|hier)|mehr zum thema|auch interessant|newsletter abonnieren)\b.{0,120}",
    r"(lire|voir) aussi\b.{0,130}|à lire aussi\b.{0,130}|(leer|lea|lee|ver) también\b.{0,130}",
    r"(czytaj|zobacz|przeczytaj) (też|także|więcej|również)\b.{0,130}",
    r"(διαβάστε|δείτε) (επίσης|ακόμα|ακόμη|περισσότερα)\b.{0,130}|ακολουθήστε .{0,130}",
    r"(anzeige|werbung|advertisement|publicidad|publicité)\b ?[-–:].{0,100}|\(?(noch )?keine bewertungen\)?",
    r".{0,120}\.?\s?©.{2,60}|\(?(credits?|photos?|fotos?|bild|quelle|source)\s?:.{0,120}\)",
    # ru, ko, ja, zh
    r"(читайте (также|ещё|еще|нас)|подписывайтесь|подпишитесь|присоединяйтесь|смотрите также)\b.{0,130}",
    r"(<?저작권자|ⓒ|ⓒ|관련\s?기사|기사\s?제보|제보는|구독\s?하기|카카오톡).{0,120}|.{0,90}무단\s?(전재|복제|배포).{0,80}",
    r"(関連記事|あわせて読みたい|【関連|続きを読む|シェアする).{0,100}|.{0,60}無断(転載|複製).{0,40}",
    r"[(（\[]?(责任编辑|責任編輯|责编|编辑|記者|编译)[:：／/].{0,60}|(相关(新闻|阅读|报道)|延伸閱讀|相關新聞|推荐阅读).{0,100}",
    r"(扫一扫|分享(到|至)|版权所有|更多.{0,12}请|关注.{0,20}(微信|公众号)|(新闻|稿件|文章)?来源[:：]|原标题[:：]).{0,100}",
)
_LABELS = (
    r"(share|print|save|email|copy|comment|report)s?( (this|link|article|story|page|via|to|by)\b.{0,60})?",
    r"(follow|contact) .{3,60} (on|at) (twitter|x|facebook|instagram|linkedin|telegram|@\S+).{0,60}",
    r"(read|see|watch|listen|find out)( (more|also|next|now|full story|the full (story|article)))\b.{0,120}",
    r"(also|more|related|recommended|most|must) (read|reads|stories|articles|news|coverage|topics|popular)\b:?.{0,120}",
    r"(more|also) (from|on|in) .{0,80}",
    r"(related|advertisement|advertising|ad|sponsored|promoted|trending|recommended|anzeige|werbung|реклама|광고|広告|广告)",
    r"(notas? relacionadas?|noticias relacionadas|te puede interesar|articles? liés?|artículos relacionados)",
    r"drukuj|wydrukuj|imprimir|imprimer|drucken|распечатать|.{0,50}\bals pdf herunterladen",
    r"(continue reading|story continues) below.{0,40}",
    r"(read|watch|listen|related|also|see also|video|gallery|more)\s?:.{0,130}",
    r"(photo|image|picture|credit|source|caption|foto|bild|quelle)s?(:? ?(by|credit))?\s?[:=/©].{0,120}",
    r"(фото|источник|사진|写真|图片)\s?[:=/©].{0,120}",
    r".{0,90}\((photo|image|foto|bild|фото|사진)\b[^)]{0,60}\)",
    r"[^.!?]{0,60}(/|via )(ap|afp|reuters|getty images|epa|shutterstock|imago|dpa|yonhap)\b[^.!?]{0,20}",
    r"(ap|afp|reuters|getty images|epa|shutterstock|imago|dpa|yonhap|tass|xinhua|kyodo)( photo)?",
    r"\d* ?(comments?|shares?|views?|likes?|min(ute)?s?(?: read| ago)?|hours? ago|days? ago)",
    r"(last )?(updated?|published|posted|modified|edited)\b.{0,70}\d{4}.{0,40}",
    r"(erstellt|aktualisiert|veröffentlicht|publiziert|stand|publié|publicado|opublikowano)\b.{0,70}\d{4}.{0,40}",
    r"(입력|수정|기사입력|최종수정|송고|등록|发布时间|時間|更新|公開|опубликовано|обновлено)\s?[:：]?\s?\d{4}.{0,60}",
    r"(tags?|topics?|categor(y|ies)|filed under|keywords?|themen|теги|标签|キーワード)\s?[:：].{0,130}",
    r"(loading|please wait|skip to content|back to top|home|menu|next|previous|close|play|pause|live|teilen)\W*",
    r"(by|von|par|por) (?:[^\W\d_][\w.'-]+ ?){1,4}|\d{1,2}[:.]\d{2}( (uhr|am|pm|kst|gmt))?",
)
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
_ALWAYS_RE = re.compile("|".join(f"(?:{phrase})" for phrase in _ALWAYS), re.IGNORECASE)
_LABELS_RE = re.compile("|".join(f"(?:{phrase})" for phrase in _LABELS), re.IGNORECASE)
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
