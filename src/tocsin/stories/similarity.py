"""Whether two articles, in any languages, tell the same happening: by what, who, when and how it is worded.

Within a language near copies are one story, and so are texts that share enough words, fewer when they report the
same kind of event by the same actors. Across languages there are no shared words: the event, the actors, the time and
numbers or names with digits decide. Different days named for the event, or different kinds of the same thing (a
cruise and a ballistic missile), speak against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tocsin.model import Assertion, Document, Grade, Match
from tocsin.stories.days import days
from tocsin.stories.words import codes, numbers, resemblance, shared, sketch, words

LONGEST_GAP = timedelta(hours=36)
"""Reports further apart are different stories, unless they are copies."""
COPY_GAP, NEAR_COPY_GAP = timedelta(days=7), timedelta(hours=72)

_COPY = 0.45  # resemblance of two sketches
_WORDS_ALONE = 0.36  # share of the title's and lead's words: enough without any event
_WORDS_NEXT_DAY = 0.42
"""The next day's report on the same people often has the same background: what they do today is another story."""
_WORDS_WITH_EVENT = 0.18
_WORDS_OTHER_KIND = 0.55
_COMMON_WORTH = 0.5  # of common words, where event and actors are the same
_WORDS_UNDATED = 0.7
_ACTORS = 0.5  # share of the actors, across languages
_ENTITIES, _ENTITY_SHARE = 2, 0.66  # entities in common where no event is known
_SAME_DAY_GAP = timedelta(hours=18)
_TITLE, _LEAD, _SENTENCE = 300, 400, 1000  # characters looked at
_FEW_WORDS = 5  # shingles of the shorter text


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is compared of an article; small enough to be kept with its story."""

    article: str
    at: datetime | None
    """Publication; with `day_only` the time of day means nothing."""
    day_only: bool = False
    language: str | None = None
    events: tuple[str, ...] = ()
    """Ids of the rules that judged it an event, with those they build on."""
    denies: tuple[str, ...] = ()
    """Ids of the rules that found something denied, with those they build on; never of an event too."""
    actors: tuple[str, ...] = ()
    """Entities in the sentences of events and denials, each with what it stands for."""
    entities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """The words of term lists that the events rest on, in the text's own language."""
    days: tuple[date, ...] = ()
    """Days that the events' sentences name."""
    numbers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    title: tuple[int, ...] = ()
    lead: tuple[int, ...] = ()
    sketch: tuple[int, ...] = ()
    content_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether two articles are one story; `why` is a phrase for people."""

    same: bool
    score: float
    why: str


def features(
    document: Document,
    matches: Sequence[Match],
    entities: tuple[str, ...],
    *,
    kin: Mapping[str, str] | None = None,
    day_only: bool = False,
    content_hash: str = "",
) -> Features:
    """What is compared of a document; `kin` tells which entity an entity stands for (its `of`)."""
    told = [match for match in matches if match.grade is Grade.EVENT]
    denied = [] if told else [match for match in matches if match.assertion is Assertion.DENIED]
    title = next((document.text[field.start : field.end] for field in document.fields if field.name == "title"), "")
    rest = " ".join(document.text[field.start : field.end] for field in document.fields if field.name != "title")
    title = title[:_TITLE]
    head = f"{title}\n{rest[:_LEAD]}"
    day = document.published.date() if document.published else None
    return Features(
        article=document.id,
        at=document.published,
        day_only=day_only,
        language=document.language,
        events=_sorted(rule for match in told for rule in (match.rule, *match.builds_on)),
        denies=_sorted(rule for match in denied for rule in (match.rule, *match.builds_on)),
        actors=_sorted(
            one for match in (*told, *denied) for name in match.entities for one in _with_kin(name, kin or {})
        ),
        entities=_sorted(one for name in entities for one in _with_kin(name, kin or {})),
        kinds=_sorted(
            found.text.lower() for match in told for found in match.evidence if found.because.startswith("terms:")
        ),
        days=tuple(sorted({one for match in told for one in days(match.sentence.text[:_SENTENCE], day)})),
        numbers=tuple(sorted(numbers(head))),
        codes=tuple(sorted(codes(head))),
        title=tuple(sorted(words(title))),
        lead=tuple(sorted(words(head))),
        sketch=sketch(f"{title}\n{rest[: 4 * _LEAD]}"),
        content_hash=content_hash,
    )


def similarity(left: Features, right: Features) -> float:
    """How near two articles are, 0 to 1."""
    return same_story(left, right).score


def same_story(left: Features, right: Features, common: frozenset[int] = frozenset()) -> Verdict:
    """Whether two articles tell the same happening. Symmetric. `common` words (hashed) tell nothing these days."""
    apart = gap(left, right)
    if left.content_hash and left.content_hash == right.content_hash:
        return Verdict(same=apart is None or apart <= COPY_GAP, score=1.0, why="the same text")
    if _other_day(left, right):
        return Verdict(same=False, score=0.0, why="other days are named")
    if _near_copies(left, right) and (apart is None or apart <= NEAR_COPY_GAP):
        return Verdict(same=True, score=1.0, why="nearly the same text")
    if apart is None:
        wording = _wording(left, right, common)
        return Verdict(same=wording >= _WORDS_UNDATED, score=wording, why=f"no time known, {wording:.0%} of the words")
    if apart > LONGEST_GAP:
        return Verdict(same=False, score=0.0, why=f"{apart / timedelta(hours=1):.0f} hours apart")
    return _by_words(left, right, common) if left.language == right.language else _across_languages(left, right)


def gap(left: Features, right: Features) -> timedelta | None:
    """The time between two publications, the shortest that their precision allows; None when one is not known."""
    if left.at is None or right.at is None:
        return None
    (start, end), (other_start, other_end) = _stretch(left.at, left.day_only), _stretch(right.at, right.day_only)
    return max(timedelta(0), other_start - end, start - other_end)


def _stretch(at: datetime, day_only: bool) -> tuple[datetime, datetime]:  # noqa: FBT001  # two plain values of Features
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not day_only:
        return moment, moment
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def copied(left: Features, right: Features) -> bool:
    """Whether one is the other's text, all of it or nearly."""
    return bool(left.content_hash and left.content_hash == right.content_hash) or _near_copies(left, right)


def _near_copies(left: Features, right: Features) -> bool:
    long_enough = min(len(left.sketch), len(right.sketch)) >= _FEW_WORDS
    return left.language == right.language and long_enough and resemblance(left.sketch, right.sketch) >= _COPY


def _other_day(left: Features, right: Features) -> bool:
    """Both name days for the event and none is the same; one day's difference may be two time zones."""
    if not left.days or not right.days or not set(left.events) & set(right.events):
        return False
    nearest = min(abs(one - other) for one in left.days for other in right.days)
    if nearest == timedelta(days=1):
        return (gap(left, right) or timedelta(0)) >= _SAME_DAY_GAP
    return nearest > timedelta(days=1)


def _by_words(left: Features, right: Features, common: frozenset[int]) -> Verdict:
    wording = _wording(left, right, common)
    event = bool(set(left.events) & set(right.events))
    actors = _held(left.actors, right.actors)
    if event and actors and _other_kind(left, right):
        needed, why = _WORDS_OTHER_KIND, "the same event, of another kind"
    elif event and actors:
        # What stands in many stories tells none from another, but event and actors do that here already.
        wording = max(wording, _wording(left, right, frozenset()) * _COMMON_WORTH)
        needed, why = _WORDS_WITH_EVENT, "the same event and actors"
    else:
        same_day = (gap(left, right) or timedelta(0)) <= _SAME_DAY_GAP
        needed, why = _WORDS_ALONE if same_day else _WORDS_NEXT_DAY, "much the same words"
    score = min(1.0, wording + (0.3 * actors if event else 0.0))
    return Verdict(same=wording >= needed, score=score, why=f"{why}, {wording:.0%} of the words")


def _wording(left: Features, right: Features, common: frozenset[int]) -> float:
    """Share of the words of title and lead that are not common ones; 0 across languages."""
    if left.language != right.language:
        return 0.0
    return max(
        shared(frozenset(left.lead) - common, frozenset(right.lead) - common),
        shared(frozenset(left.title) - common, frozenset(right.title) - common),
    )


def _across_languages(left: Features, right: Features) -> Verdict:
    event = bool(set(left.events) & set(right.events)) or _denied(left, right) or _denied(right, left)
    actors = _held(left.actors, right.actors)
    signs = len({*left.codes} & {*right.codes}) + len({*left.numbers} & {*right.numbers})
    score = min(1.0, 0.4 * event + 0.4 * actors + 0.2 * min(signs, 2))
    what = "the same event" if event else "no shared event"
    why = f"{what}, {actors:.0%} of the actors, {signs} shared numbers or codes"
    if event:
        return Verdict(same=actors >= _ACTORS or (actors > 0 and signs > 0), score=score, why=why)
    if (left.events and right.events) or (not signs and (left.events or right.events)):
        # Two reported events that differ, or a report beside a text that only speaks of the same parties.
        return Verdict(same=False, score=score, why=why)
    same = _same_parties(left, right)
    score = max(score, 0.3 * _overlap(left.entities, right.entities))
    return Verdict(same=same, score=score, why="the same parties named" if same else why)


def _denied(report: Features, answer: Features) -> bool:
    """Whether one says that what the other reports is not so: of all the same actors, within a day."""
    near = (gap(report, answer) or timedelta(0)) <= _SAME_DAY_GAP
    return near and bool(set(report.events) & set(answer.denies)) and set(report.actors) <= set(answer.actors)


def _same_parties(left: Features, right: Features) -> bool:
    """Within a day, and of all that they name two or more, most of them, are the same."""
    near = (gap(left, right) or timedelta(0)) <= _SAME_DAY_GAP
    known = len({*left.entities} & {*right.entities}) >= _ENTITIES
    return near and known and _overlap(left.entities, right.entities) >= _ENTITY_SHARE


def _other_kind(left: Features, right: Features) -> bool:
    """Whether the events are about two kinds of one thing: `cruise missile` and `ballistic missile`."""
    if left.language != right.language or set(left.kinds) & set(right.kinds):
        return False
    return any(_kinds_of_one(one.split(), other.split()) for one in left.kinds for other in right.kinds)


def _kinds_of_one(one: list[str], other: list[str]) -> bool:
    last = one[-1][:5] == other[-1][:5] if one and other else False
    return last and len(one) > 1 and len(other) > 1 and not {*one[:-1]} & {*other[:-1]}


def _overlap(left: Sequence[str], right: Sequence[str]) -> float:
    """Jaccard index."""
    one, other = set(left), set(right)
    return len(one & other) / len(one | other) if one and other else 0.0


def _held(left: Sequence[str], right: Sequence[str]) -> float:
    """Share of the smaller set that the other holds: one report names the neighbours, the next only the actor."""
    one, other = set(left), set(right)
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _with_kin(name: str, kin: Mapping[str, str]) -> list[str]:
    """What the entity stands for in the end (a leader's or an army's state): one name for one actor."""
    seen: list[str] = []
    while name in kin and name not in seen:
        seen.append(name)
        name = kin[name]
    return [name]


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
