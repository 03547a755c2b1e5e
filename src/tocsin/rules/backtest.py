"""What rules would have told over many articles: volume per week, alerts after grouping, samples, differences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from tocsin.model import Assertion, Document, Grade
from tocsin.rules.book import RuleBook
from tocsin.rules.judge import Judge
from tocsin.specs.base import Located, Spec
from tocsin.stories.assign import OPEN_FOR
from tocsin.stories.cluster import clusters
from tocsin.stories.similarity import Features, features

SAMPLES = 5
GROUPED = 1000
"""Articles with events that are grouped into stories at most, the newest: a dozen milliseconds each on busy days."""
_WEEK = timedelta(days=7)

S = TypeVar("S", bound=Spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one rule made of one article."""

    rule: str
    grade: Grade
    assertion: Assertion
    cue: str
    """The words that decided the assertion; empty when nothing spoke against `asserted`."""
    sentence: str
    builds_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article on which at least one rule fired."""

    id: str
    title: str
    at: datetime | None
    lines: Mapping[str, Line]
    """By rule."""
    features: Features | None
    """For the grouping into stories; only where an event was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What one rule would have told."""

    rule: str
    events: int
    mentions: int
    undated: int
    """Events without a date: in no week, and in no estimate."""
    weeks: Mapping[str, int]
    """ISO week (`2026-W47`) → events, from the first week to the last, quiet ones included."""
    alerts: int
    """Alerts after grouping into stories, without those that a rule built on this one tells."""
    alerts_per_week: float
    partly: bool
    """True when there were too many events to group: `alerts` and the rate are of the newest ones alone."""
    samples: tuple[Told, ...]
    """The newest events."""

    @property
    def mention_share(self) -> float:
        """Mentions among everything found, 0 to 1."""
        found = self.events + self.mentions
        return self.mentions / found if found else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event that only the new rules tell (`+`) or only the old ones (`-`)."""

    rule: str
    sign: str
    told: Told
    why: str


@dataclass(slots=True)
class Span:
    """From the oldest to the newest of the articles looked at."""

    first: datetime | None = None
    last: datetime | None = None
    undated: int = 0
    articles: int = 0

    def add(self, at: datetime | None) -> None:
        """Takes one more article in."""
        self.articles += 1
        if at is None:
            self.undated += 1
            return
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)

    def join(self, other: Span) -> None:
        """Takes in the articles of another."""
        self.articles += other.articles
        self.undated += other.undated
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self.last = max(filter(None, (self.last, other.last)), default=None)

    @property
    def weeks(self) -> float:
        """How long it is; at least one week, so that a rate is no wild guess."""
        return 1.0 if self.first is None or self.last is None else max(1.0, (self.last - self.first) / _WEEK)


def told(judge: Judge, document: Document, kin: Mapping[str, str]) -> Told | None:
    """What the rules make of a document; None when none fires."""
    matches, entities = judge.matches_and_entities(document)
    if not matches:
        return None
    event = any(match.grade is Grade.EVENT for match in matches)
    return Told(
        id=document.id,
        title=next((document.text[f.start : f.end] for f in document.fields if f.name == "title"), ""),
        at=document.published,
        lines={
            match.rule: Line(
                rule=match.rule,
                grade=match.grade,
                assertion=match.assertion,
                cue=match.cue.text if match.cue else "",
                sentence=match.sentence.text,
                builds_on=match.builds_on,
            )
            for match in matches
        },
        features=features(document, matches, entities, kin=kin) if event else None,
    )


def volumes(found: Sequence[Told], rules: Iterable[str], weeks: float) -> list[Volume]:
    """What each of the rules would have told in `weeks` weeks."""
    grouped = _grouped(found, weeks)
    return [_volume(rule, [one for one in found if rule in one.lines], grouped) for rule in rules]


def changes(pairs: Iterable[tuple[Told | None, Told | None]], rules: Collection[str]) -> Iterator[Change]:
    """Where (new, old) readings of the same articles differ in the events of these rules."""
    for new, old in pairs:
        for rule in sorted(rules):
            before, after = _line(old, rule), _line(new, rule)
            if _is_event(after) and not _is_event(before) and new:
                yield Change(rule=rule, sign="+", told=new, why=f"before: {_in_words(before)}")
            elif _is_event(before) and not _is_event(after) and old:
                yield Change(rule=rule, sign="-", told=old, why=f"now: {_in_words(after)}")


def replaced(book: RuleBook, other: RuleBook) -> RuleBook:
    """The book with the documents of another in the place of those with the same id (cues: of the same file name)."""
    return RuleBook(
        rules=_replaced(book.rules, other.rules, lambda spec: spec.id),
        entities=_replaced(book.entities, other.entities, lambda spec: spec.id),
        terms=_replaced(book.terms, other.terms, lambda spec: spec.id),
        cues=(*_other_files(book.cues, other.cues), *other.cues),
        filters=_replaced(book.filters, other.filters, lambda spec: spec.id),
    )


# --- one rule -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grouped:
    """The events' articles in stories."""

    story_of: Mapping[str, str]
    covered: Collection[tuple[str, str]]
    """(rule, story) that a more specific rule tells already."""
    weeks: float
    partly: bool


def _volume(rule: str, found: Sequence[Told], grouped: _Grouped) -> Volume:
    events = [one for one in found if one.lines[rule].grade is Grade.EVENT]
    stories = {grouped.story_of[one.id] for one in events if one.id in grouped.story_of}
    alerts = sum((rule, story) not in grouped.covered for story in stories)
    newest = sorted((one for one in events if one.at), key=lambda one: (one.at, one.id), reverse=True)
    undated = [one for one in events if one.at is None]
    return Volume(
        rule=rule,
        events=len(events),
        mentions=len(found) - len(events),
        undated=len(undated),
        weeks=_weeks([one.at.date() for one in events if one.at]),
        alerts=alerts,
        alerts_per_week=alerts / grouped.weeks,
        partly=grouped.partly,
        samples=tuple([*newest, *undated][:SAMPLES]),
    )


def _weeks(days: Collection[date]) -> dict[str, int]:
    if not days:
        return {}
    counts = Counter(map(_week, days))
    monday, last = min(days) - timedelta(days=min(days).weekday()), max(days)
    number = (last - monday).days // 7 + 1
    return {week: counts[week] for week in (_week(monday + place * _WEEK) for place in range(number))}


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _grouped(found: Sequence[Told], weeks: float) -> _Grouped:
    """The newest articles with events in stories; without a date they are in none, their weeks cannot be told."""
    events = ((one.at, one.id, one.features) for one in found if one.features and one.at)
    dated = sorted(events, key=lambda one: one[:2], reverse=True)
    newest = dated[:GROUPED]
    partly = len(newest) < len(dated)
    story_of = dict(clusters((like for *_, like in newest), open_for=OPEN_FOR))
    return _Grouped(
        story_of=story_of,
        covered=_covered(found, story_of),
        weeks=max(1.0, (newest[0][0] - newest[-1][0]) / _WEEK) if partly else weeks,
        partly=partly,
    )


def _covered(found: Sequence[Told], story_of: Mapping[str, str]) -> set[tuple[str, str]]:
    """(rule, story) that a more specific rule tells already."""
    covered: set[tuple[str, str]] = set()
    for one in found:
        if one.id in story_of:
            events = (line for line in one.lines.values() if line.grade is Grade.EVENT)
            covered |= {(general, story_of[one.id]) for line in events for general in line.builds_on}
    return covered


# --- differences --------------------------------------------------------------------------------------------------


def _line(one: Told | None, rule: str) -> Line | None:
    return one.lines.get(rule) if one else None


def _is_event(line: Line | None) -> bool:
    return line is not None and line.grade is Grade.EVENT


def _in_words(line: Line | None) -> str:
    if line is None:
        return "no match"
    return f"mention, {line.assertion}" + (f" by “{line.cue}”" if line.cue else "")


def _replaced(
    mine: tuple[Located[S], ...], theirs: tuple[Located[S], ...], key: Callable[[S], str]
) -> tuple[Located[S], ...]:
    """In the places of the old ones, so that the order of the rules stays; what is new comes last."""
    by_key: dict[str, list[Located[S]]] = defaultdict(list)
    for one in theirs:
        by_key[key(one.spec)].append(one)
    kept = [new for one in mine for new in by_key.pop(key(one.spec), [one])]
    return (*kept, *(one for ones in by_key.values() for one in ones))


def _other_files(mine: Iterable[Located[S]], theirs: Iterable[Located[S]]) -> Iterator[Located[S]]:
    names = {one.file.rpartition("/")[2] for one in theirs}
    return (one for one in mine if one.file.rpartition("/")[2] not in names)
