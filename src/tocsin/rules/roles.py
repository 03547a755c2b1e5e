"""Who does it, and to whom: a light reading of the words between a name and the event word.

No parser: the marks that news sentences carry — word order and `by` in English, case particles in Korean and Japanese,
prepositions in Chinese and Russian. When unsure it says no.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal

from tocsin.rules.entities import Kinship
from tocsin.rules.nodes import Hit
from tocsin.rules.view import View
from tocsin.text import HANGUL, Span

_LOOK = 40
_FAR = 160
"""Characters between a name and the event word at most."""

_BY_BEFORE = re.compile(
    r"(?:\b(?:by|from|of)\s+(?:the\s+|an?\s+|its\s+)?(?:\w+\s+){0,2}|\b(?:из|с территории|со стороны)\s+)[\"'“‘«]?$",
    re.IGNORECASE,
)
_OBJECT_BEFORE = re.compile(
    r"(?:\b(?:on|against|at|to|toward|towards|into|over|near|in|with|from|for|hit|hits|struck|between|about|off|warn\w*|tell\w*"
    r"|told|на|в|во|по|против|над|с|со|к|для|о|об|у|через)\s+(?:the\s+|a\s+|an\s+|its\s+)?"
    r"|(?:对|對|向|在|从|與|与|和|同|针对|針對|遭|被|飞向|射向|帮助|協助|支援)\s*)[\"'“‘«]?$",
    re.IGNORECASE,
)
_PASSIVE_ZH = re.compile(r"(?:遭|被|由|从|自)\s*$")
_REPORTS = re.compile(
    r"\b(?:condemn|denounc|criticiz|criticis|slam|blast|warn|detect|monitor|track|react|respond|protest|decr|deplor|confirm"
    r"|announc|report|say|said|says|told|tell|fear|expect|believ|claim|accus|urge|call|note|intercept|shoot"
    r"|shot down|fret|assess|analy[sz]|rais|voic|express|discuss|vow|seek)\w*\b"
    r"|(?:осуди|сообщи|заяви|зафиксир|обнаруж|прокоммент|обеспоко|предупре|наблюда|отреагир|перехват)\w*"
    r"|谴责|譴責|称|稱|表示|指|认为|抗议|警告|探测|发现|通报|拦截|攔截"
    r"|(?:규탄|비난|경고|탐지|포착|감지|분석|발표|밝|전했|요격|우려|추적)"
    r"|非難|抗議|発表|警告|探知|分析|迎撃|懸念",
    re.IGNORECASE,
)
_SAME_SUBJECT = re.compile(
    r"\b(?:it|its|it's|they|their|he|she|having|to have|that it)\b|\bон[аои]?\b|\bсво\w+"
    r"|자국|자신|自国|本国|己方|我国|其",
    re.IGNORECASE,
)
_AND = re.compile(
    r"(?:'s|’s)?\s*(?:、|·|・|,?\s+and|,?\s+и|와|과|하고|및|と|および|及び|和|与|與|及|同)\s*(?:the\s+)?", re.IGNORECASE
)
_KOREAN_OBJECT = re.compile(f"^[{HANGUL}]{{0,6}}?(?:을|를|에|에게|로|으로|과|와|향해|에는|에도|상대로)(?![{HANGUL}])")
_JAPANESE_OBJECT = re.compile(r"^(?:[\u4e00-\u9fff\u30a0-\u30ffー]{0,8})(?:を|に(?!よる)|へ|と(?!して)|への|に対し)")


def plays(
    view: View,
    role: Literal["actor", "object"],
    keys: Collection[str],
    head: Hit,
    stretch: Span,
    kinship: Kinship,
) -> Hit | None:
    """The hit of one of `keys` that plays a role towards the event word, or None."""
    sentence = view.sentence(head.start)
    around = view.entities_between(
        max(stretch[0], sentence[0], head.start - _FAR), min(stretch[1], sentence[1], head.end + _FAR)
    )
    able = [hit for hit in around if hit.because not in kinship.things]
    actor = _actor(view, able, head)
    actors = [actor, *_beside(view.document.text, able, actor)] if actor else []
    if role == "actor":
        return next((hit for hit in actors if hit.because in keys), None)
    others = [
        hit
        for hit in around
        if hit.because in keys and not any(kinship.kin(hit.because, one.because) for one in actors)
    ]
    return min(others, key=lambda hit: abs(hit.start - head.start)) if others else None


def _actor(view: View, around: list[Hit], head: Hit) -> Hit | None:
    """The nearest name that can be the event word's subject: before it, or after `by`."""
    text = view.document.text
    for hit in around:
        if head.end <= hit.start < head.end + _LOOK * 2 and _by(text, head, hit):
            return hit
    for hit in reversed([hit for hit in around if hit.start < head.end and hit.end <= max(head.start, hit.start)]):
        if _subject(text, hit, head):
            return hit
    for hit in around:
        if hit.start < head.start < hit.end:
            return hit
    return None


def _beside(text: str, around: list[Hit], actor: Hit) -> Iterator[Hit]:
    """The names that a subject is joined to: `Russia and North Korea fired …`."""
    start = actor.start
    for hit in reversed(around):
        if hit.end <= start and _AND.fullmatch(text, hit.end, start):
            yield hit
            start = hit.start
    end = actor.end
    for hit in around:
        if hit.start >= end and _AND.fullmatch(text, end, hit.start):
            yield hit
            end = hit.end


def _by(text: str, head: Hit, hit: Hit) -> bool:
    before = text[head.end : hit.start]
    return bool(_BY_BEFORE.search(before)) and "," not in before


def _subject(text: str, hit: Hit, head: Hit) -> bool:
    """Whether a name before the event word is its subject, not its target and not somebody who reports on it."""
    before = text[max(0, hit.start - _LOOK) : hit.start]
    after = text[hit.end : head.start]
    if _is_object(_script(text, hit), before, after):
        return False
    reports = list(_REPORTS.finditer(after))
    return not reports or bool(_SAME_SUBJECT.search(after, reports[-1].start()))


def _is_object(script: str, before: str, after: str) -> bool:
    if script == "hangul":
        return bool(_KOREAN_OBJECT.match(after))
    if script == "kana":
        return bool(_JAPANESE_OBJECT.match(after))
    if script == "han" and _PASSIVE_ZH.search(before):
        return False
    return bool(_OBJECT_BEFORE.search(before)) and not after.lower().startswith(("'s", "’s"))


def _script(text: str, hit: Hit) -> str:
    """How the words around a name are written: decides which marks to read."""
    near = text[max(0, hit.start - 10) : hit.end + _LOOK]
    if re.search(f"[{HANGUL}]", near):
        return "hangul"
    if re.search("[\u3041-\u30ff]", near):
        return "kana"
    return "han" if re.search("[\u4e00-\u9fff]", near) else "spaced"
