"""Who first said it: two outlets that quote one army, or carry one agency's text, are one origin. Pure.

Asked in this order: whom the event's own sentence quotes, whom the headline quotes, whom the first paragraph quotes
where the headline is that sentence, whose text it is (byline, dateline), whose text it copies, and at last the outlet's
own publisher. What stays unknown is no origin at all: it is not independent of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tocsin.model import Document
from tocsin.text import Span

_DATELINE = 90
"""Characters at a text's beginning in which a dateline stands."""
_OPENED = re.compile(r"[(（【\[［][^)）】\]］]{0,30}$|[=＝/]\s*$|^\s*$|据|據")
_CLOSED = re.compile(
    r"\s*(?:[)）】\]］=＝/]|[—–-]{1,2}(?:\s|$)|电|電|讯|訊)|[^.!?。\n]{0,40}(?:[)）】]|电[)）\s]|電[)）\s])"
)
_TITLE_TAIL = re.compile(r"(?:[-–—|:：(（…]|\bby\b)\s*$", re.IGNORECASE)
_TITLE_END = re.compile(r"[\s)）.]*(?:\n|$)")
_FAR = 60
_COMMA_COSTS = 30
_CLOSE = 14
_KOREAN = re.compile(r"\s?(?:군|군은|당국|측|정부)?(?:은|는|이|가|에 따르면|에 의하면)(?=[\s,]|$)")
_KOREAN_TOPIC = re.compile(r"\s?(?:군|당국|측|정부)?(?:은|는)(?=[\s,]|$)")
_KOREAN_QUOTED = re.compile(r"(?:다|라|자|냐)고\s|[\"”’'](?:이?라)?고?\s")
_JAPANESE = re.compile(r"(?:軍|当局|側|政府)?(?:は|が|によると|によれば)")
_JAPANESE_TOPIC = re.compile(r"(?:軍|当局|側|政府)?は")
_JAPANESE_QUOTED = re.compile(r"(?:と|とし|」と)、?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Somebody named in a text who can say things."""

    id: str
    start: int
    end: int
    name: str = ""
    """As people call it; the id when empty."""
    media: bool = False
    """An agency or outlet: it reports, and is not the one whose word is official."""
    side: str = ""
    """What it speaks for in the end: a ministry's state. Its own id when that is nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who first said what an article reports; `id` is empty when that is not known."""

    id: str = ""
    official: bool = False
    """Said by a state, its forces or another body in its own name."""
    why: str = ""
    """A phrase for people: `quotes Korean Central News Agency`, `carries Reuters`, `its own report`."""


def origin_of(
    document: Document,
    sentence: Span,
    voices: Sequence[Voice],
    sayings: Sequence[Span],
    *,
    credited: Iterable[Voice] = (),
    publisher: str = "",
) -> Origin:
    """The origin of what `sentence` says.

    `voices` and `sayings` stand in reading order; `credited` are the agencies that the byline names; `publisher` is the
    outlet's family.
    """
    speaker = (
        _quoted(document, sentence, voices, sayings)
        or _in_title(document, voices, sayings)
        or _in_lead(document, sentence, voices, sayings)
    )
    if speaker:
        quoted = f"quotes {speaker.name or speaker.id}"
        return Origin(id=speaker.side or speaker.id, official=not speaker.media, why=quoted)
    agency = next(iter(credited), None) or _dateline(document, voices)
    if agency:
        return Origin(id=agency.id, why=f"carries {agency.name or agency.id}")
    return Origin(id=publisher, why="its own report" if publisher else "")


def _quoted(document: Document, scope: Span, voices: Sequence[Voice], sayings: Sequence[Span]) -> Voice | None:
    """Who says it, in a stretch of text with a word of saying."""
    inside = [voice for voice in voices if scope[0] <= voice.start and voice.end <= scope[1]]
    said = [span for span in sayings if scope[0] <= span[0] and span[1] <= scope[1]]
    if not inside or not said:
        return None
    ways = {"ko": _korean, "ja": _japanese, "zh": _chinese}
    way = ways.get(document.language or "", _spaced)
    found = (way(document.text, scope, inside, span) for span in reversed(said))
    return next((voice for voice in found if voice), None)


def _spaced(text: str, _scope: Span, voices: Sequence[Voice], said: Span) -> Voice | None:
    """English and Russian, and others that write spaces: the nearest one, better without a comma between."""

    def distance(voice: Voice) -> int:
        between = text[voice.end : said[0]] if voice.end <= said[0] else text[said[1] : voice.start]
        return len(between) + _COMMA_COSTS * any(mark in between for mark in ",;")

    nearest = min(voices, key=distance)
    return nearest if distance(nearest) <= _FAR else None


def _korean(text: str, scope: Span, voices: Sequence[Voice], said: Span) -> Voice | None:
    return _marked(text, scope, voices, said, (_KOREAN, _KOREAN_TOPIC, _KOREAN_QUOTED))


def _japanese(text: str, scope: Span, voices: Sequence[Voice], said: Span) -> Voice | None:
    return _marked(text, scope, voices, said, (_JAPANESE, _JAPANESE_TOPIC, _JAPANESE_QUOTED))


def _marked(
    text: str, scope: Span, voices: Sequence[Voice], said: Span, ways: tuple[re.Pattern[str], ...]
) -> Voice | None:
    """The verb comes last and the speaker bears a particle: between quotation and verb, or as the sentence's topic."""
    particle, topic, quotation = ways
    before = [voice for voice in voices if voice.end <= said[0]]
    touching = [voice for voice in before if voice.end == said[0]]  # 연합뉴스에 따르면, 聯合ニュースによると
    if touching:
        return touching[-1]
    ends = [found.end() for found in quotation.finditer(text, scope[0], said[0])]
    if ends:
        near = [voice for voice in before if voice.start >= ends[-1] and particle.match(text, voice.end)]
        if near:
            return near[-1]
    return next((voice for voice in before if topic.match(text, voice.end)), None)


def _chinese(text: str, _scope: Span, voices: Sequence[Voice], said: Span) -> Voice | None:
    """The speaker stands right before the verb, or right after 据."""
    before = [voice for voice in voices if 0 <= said[0] - voice.end <= _CLOSE]
    before = [voice for voice in before if not set("，。；") & set(text[voice.end : said[0]])]
    after = [voice for voice in voices if 0 <= voice.start - said[1] <= 1]
    return next(iter([*reversed(before), *after]), None)


def _in_title(document: Document, voices: Sequence[Voice], sayings: Sequence[Span]) -> Voice | None:
    """Whom the headline quotes: by a word of saying, or at its end (`North fires missile - KCNA`)."""
    start, end = _field(document, "title")
    if found := _quoted(document, (start, end), voices, sayings):
        return found
    text = document.text
    last = next((voice for voice in reversed(voices) if start < voice.start and voice.end <= end), None)
    if last and _TITLE_END.match(text, last.end) and _TITLE_TAIL.search(text[max(start, last.start - 5) : last.start]):
        return last
    return None


def _in_lead(document: Document, sentence: Span, voices: Sequence[Voice], sayings: Sequence[Span]) -> Voice | None:
    """Whom the first paragraph quotes, where the event stands in the headline: headlines leave out who says so."""
    start, end = _field(document, "title")
    inside = start <= sentence[0] and sentence[1] <= end
    return _quoted(document, _field(document, "body"), voices, sayings) if inside else None


def _dateline(document: Document, voices: Sequence[Voice]) -> Voice | None:
    """The agency in the text's dateline: `SEOUL (Reuters) -`, `(서울=연합뉴스)`, `【ソウル共同】`, `新华社平壤电`."""
    text = document.text
    start, end = _field(document, "body")
    for voice in voices:
        if not voice.media or not start <= voice.start < min(end, start + _DATELINE):
            continue
        opened = _OPENED.search(text[start : voice.start]) or "," in text[start : voice.start]
        if opened and _CLOSED.match(text, voice.end):
            return voice
    return None


def _field(document: Document, name: str) -> Span:
    """Start and end of the first field of that name; an empty stretch when there is none."""
    return next(((field.start, field.end) for field in document.fields if field.name == name), (0, 0))
