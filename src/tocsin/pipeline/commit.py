"""One source's pass: its new articles judged, and everything that follows from them written in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection

from tocsin.alerts.decide import decide, publisher_of, report_of
from tocsin.articles.document import document, running_text
from tocsin.articles.retraction import is_retracted
from tocsin.model import (
    Alert,
    Article,
    Collected,
    Document,
    FetchOutcome,
    Field,
    Grade,
    Held,
    HeldReason,
    Match,
    Report,
    Story,
)
from tocsin.pipeline.takeback import RETRACTED, Loss, behind, events_in, without, words_for
from tocsin.pipeline.telling import Telling
from tocsin.sources.rereading import is_whole
from tocsin.specs.sources import SourceSpec
from tocsin.store import Store, articles, ledger, looks, sources
from tocsin.store.ledger import StoredStory
from tocsin.stories.assign import OPEN_FOR, OpenStory, assign, new_story_id
from tocsin.stories.origin import Origin, origin_of
from tocsin.stories.similarity import Features, copied, features
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)

_features_type = TypeAdapter(Features)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTold:
    """A match that is not told, with what a person needs to recognise it."""

    held: Held
    title: str
    source: str
    match: Match


@dataclass(slots=True, kw_only=True)
class Judged:
    """What judging did, over all sources so far."""

    articles: int = 0
    revisions: int = 0
    matches: int = 0
    alerts: list[Alert] = field(default_factory=list)
    not_told: list[NotTold] = field(default_factory=list)
    outcomes: Counter[FetchOutcome] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    """Sentences about what could not be judged."""

    def add(self, other: Judged) -> None:
        """Counts another step's work in."""
        self.articles += other.articles
        self.revisions += other.revisions
        self.matches += other.matches
        self.alerts += other.alerts
        self.not_told += other.not_told
        self.outcomes.update(other.outcomes)
        self.notes += other.notes


@dataclass(frozen=True, slots=True)
class Reading:
    """An article with what the rules made of it."""

    article: Article
    matches: tuple[Match, ...]
    features: Features | None
    """None when there are no matches."""
    origin: Origin | None = None


@dataclass(slots=True)
class Open:
    """A story that still takes reports, and what its reports are like."""

    story: Story
    features: list[Features]

    def seen(self) -> OpenStory:
        """As new articles are held against it."""
        story = self.story
        return OpenStory(id=story.id, features=tuple(self.features), last_seen=story.last_seen, told=tuple(story.told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """What a poll brought, judged and not yet written."""

    source: SourceSpec
    collected: Collected
    readings: tuple[Reading, ...]
    revisions: tuple[Reading, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing follows from it but that it is kept: no rule found anything, and nothing known changed."""
        return not self.revisions and not any(reading.matches for reading in self.readings)


def read_source(
    workspace: Workspace, source: SourceSpec, collected: Collected, judged: Judged, now: datetime
) -> Unwritten:
    """Judges what a poll of `source` brought; nothing is written, and only notes are added to `judged`."""
    return Unwritten(
        source=source,
        collected=collected,
        readings=tuple(read_article(workspace, source, article, judged, now) for article in collected.articles),
        revisions=tuple(read_article(workspace, source, article, judged, now) for article in collected.revisions),
    )


def commit_source(workspace: Workspace, store: Store, one: Unwritten, judged: Judged, now: datetime) -> None:
    """Writes one source's pass and everything that follows from it in one transaction; `judged` is added to."""
    collected = one.collected
    judged.outcomes[collected.state.outcome or FetchOutcome.FAILED] += 1
    with store.writing() as connection:
        stories = {} if one.is_quiet else open_places(connection, now)
        commit = Commit(workspace, connection, one.source, stories, collected.held, judged, now)
        commit.articles(one.readings)
        for revised in one.revisions:
            commit.revision(revised)
        for seen in collected.sightings:
            articles.save_sighting(connection, seen, now)
        sources.save_states(connection, [collected.state])


def commit_quiet(store: Store, together: Sequence[Unwritten], judged: Judged, now: datetime) -> None:
    """Writes the passes of quiet sources in one transaction, all or none; `judged` is added to."""
    collected = [one.collected for one in together]
    judged.outcomes.update(one.state.outcome or FetchOutcome.FAILED for one in collected)
    brought = [article for one in collected for article in one.articles]
    with store.writing() as connection:
        owners = articles.save_articles(connection, brought) if brought else ()
        known = [article for article, owner in zip(brought, owners, strict=True) if owner is not None]
        for seen in (*known, *(article for one in collected for article in one.sightings)):
            articles.save_sighting(connection, seen, now)
        sources.save_states(connection, [one.state for one in collected])
    judged.articles += len(brought) - len(known)


def read_article(workspace: Workspace, source: SourceSpec, article: Article, judged: Judged, now: datetime) -> Reading:
    """One article must not keep its source from being written: what cannot be judged is stored, and said."""
    try:
        return _read(workspace, source, article, now)
    except Exception as error:
        log.exception("article %s of %s cannot be judged", article.id, source.id, extra={"source": source.id})
        where = article.url or article.file_name or article.id
        judged.notes.append(f"{source.id}: {where}: stored, but not judged: internal error ({type(error).__name__})")
        return Reading(article, (), None)


def _read(workspace: Workspace, source: SourceSpec, article: Article, now: datetime) -> Reading:
    judge = workspace.judge
    if not judge.may_match(running_text(article)):
        return Reading(article, (), None)
    # An undated text is as old as our first sight of it: the best that can be known.
    text = replace(document(article), tags=source.tags, published=article.published or article.fetched_at or now)
    matches, entities = judge.matches_and_entities(text)
    if not matches:
        return Reading(article, (), None)  # most articles: no story is asked for, so nothing is compared
    like = features(
        text,
        matches,
        entities,
        kin=judge.kin,
        day_only=article.day_only,
        content_hash=article.content_hash,
    )
    return Reading(article, matches, like, _origin(workspace, source, article, text, matches))


def _origin(
    workspace: Workspace, source: SourceSpec, article: Article, text: Document, matches: tuple[Match, ...]
) -> Origin:
    """Who first said what the article reports: read from its event's sentence, or else from its first match's."""
    voices, sayings = workspace.judge.voices(text)
    byline = Document(id="byline", text=article.byline, fields=(Field("byline", 0, len(article.byline)),))
    credited = [voice for voice in workspace.judge.voices(byline)[0] if voice.media] if article.byline else []
    told = next((match for match in matches if match.grade is Grade.EVENT), matches[0]).sentence
    publisher = publisher_of(article, source)
    return origin_of(text, (told.start, told.end), voices, sayings, credited=credited, publisher=publisher)


def open_places(connection: Connection, now: datetime) -> dict[str, Open]:
    """Every story that still takes reports at `now`, by its id."""
    return places(ledger.open_stories(connection, now - OPEN_FOR))


def places(stories: Sequence[StoredStory]) -> dict[str, Open]:
    """Stored stories as they are while further reports are written to them, by their ids."""
    return {
        one.id: Open(
            Story(
                id=one.id,
                title=one.title,
                first_seen=one.first_seen,
                last_seen=one.last_seen,
                reports=one.reports,
                told=one.told,
            ),
            [_features_type.validate_json(text) for text in one.features],
        )
        for one in stories
    }


def features_text(like: Features) -> str:
    """What is compared of an article, as it is stored with its story."""
    return _features_type.dump_json(like).decode()


@dataclass(frozen=True, slots=True)
class Commit:
    """The transaction of one source: what it writes to, and what it has found so far."""

    workspace: Workspace
    connection: Connection
    source: SourceSpec
    stories: dict[str, Open]
    holds: Mapping[str, tuple[HeldReason, str]]
    judged: Judged
    now: datetime

    def articles(self, readings: Sequence[Reading]) -> None:
        """Writes new articles and everything that follows from each of them."""
        owners = articles.save_articles(self.connection, [reading.article for reading in readings])
        for reading, owner in zip(readings, owners, strict=True):
            if owner is not None:
                articles.save_sighting(self.connection, reading.article, self.now)
                continue
            self.judged.articles += 1
            if reading.features:
                self.judged.matches += len(reading.matches)
                self.decide(reading, reading.features)

    def revision(self, reading: Reading) -> None:
        """Keeps an article's new text; what the rules find in it that they did not find before is decided upon."""
        owner = articles.save_revision(self.connection, reading.article, self.now)
        if owner is None:
            return
        self.judged.revisions += 1
        hold = self.holds.get(reading.article.id)
        known = replace(reading, article=replace(reading.article, id=owner))
        self._take_back(known)
        if not is_retracted(known.article.title, known.article.paragraphs):
            replace(self, holds={owner: hold} if hold else {}).tell_more(known)

    def tell_more(self, reading: Reading) -> None:
        """Decides upon what the rules find in a known article's new text that they did not find before."""
        before = ledger.grades(self.connection, reading.article.id)
        new = tuple(match for match in reading.matches if _says_more(match, before.get(match.rule)))
        if new and reading.features:
            self.judged.matches += len(new)
            self.decide(replace(reading, matches=new), reading.features)

    def _take_back(self, reading: Reading) -> None:
        """What an article no longer says: where its story has nobody left who does, those who were told are told so."""
        article, said = reading.article, events_in(reading.matches)
        before = ledger.grades(self.connection, article.id)
        lost = frozenset(rule for rule, grade in before.items() if grade is Grade.EVENT) - said
        if is_retracted(article.title, article.paragraphs):
            self.take_back(Loss(article=article.id, title=article.title, how=RETRACTED))
        elif lost and (old := articles.find(self.connection, article.id)) and is_whole(old, article):
            self.take_back(Loss(article=article.id, title=article.title, rules=lost, matches=reading.matches))

    def take_back(self, loss: Loss) -> None:
        """What follows where an article says something no longer; nothing when its story is closed."""
        place = self.story_of(loss.article)
        if place is None:
            return
        number = next(number for number, each in enumerate(place.story.reports) if each.article == loss.article)
        lost = without(place.story, loss)
        place.story = lost.story
        text = features_text(place.features[number])
        ledger.save_report(self.connection, place.story.id, lost.report, text)
        told = (ledger.told_alert(self.connection, place.story.id, rule) for rule in sorted(lost.rules))
        rules = self.workspace.judge.rules
        for alert in words_for(loss, lost, [one for one in told if one], rules, self.now):
            if alert.quiet:
                self._telling().add_to(alert, always=True)
            else:
                self._put_out(alert)

    def story_of(self, article: str) -> Open | None:
        """The open story that holds a report of the article."""
        return next(
            (place for place in self.stories.values() if any(each.article == article for each in place.story.reports)),
            None,
        )

    def decide(self, reading: Reading, like: Features) -> None:
        """Decides what is told of an article, and keeps its matches."""
        report = report_of(reading.article, self.source, reading.matches, self.now, reading.origin)
        story = self.story_for(reading.article, like, report)
        decision = decide(
            article=reading.article,
            source=self.source,
            matches=reading.matches,
            story=story,
            rules=self.workspace.judge.rules,
            now=self.now,
        )
        held = {one.rule: self._stock(reading, one) for one in decision.held}
        for alert in decision.alerts:
            if (kept := self._put_out(alert)) is not None:
                held[alert.rule] = kept
        if reading.article.id not in self.holds:
            for grown in decision.grown:
                self._telling().add_to(grown)
        for match in reading.matches:
            self._keep(reading.article, match, story.id, held.get(match.rule))
        self._look_again(self.stories[story.id].story, reading.article)

    def _look_again(self, story: Story, newest: Article) -> None:
        """What stands behind what was told is looked at again at its source, for a while."""
        if story.told:
            looks.begin(self.connection, behind(story, newest, self.now))

    def _stock(self, reading: Reading, held: Held) -> Held:
        """Why an event is not told; that its article is no news comes first, threshold rules do not count it then."""
        hold = self.holds.get(reading.article.id)
        event = any(match.rule == held.rule and match.grade is Grade.EVENT for match in reading.matches)
        return replace(held, reason=hold[0], detail=hold[1]) if hold and event else held

    def story_for(self, article: Article, like: Features, report: Report) -> Story:
        """The story this article belongs to, with the article among its reports."""
        if there := self.story_of(report.article):
            return self._told_again(there, like, report)
        chosen = assign(like, [one.seen() for one in self.stories.values()])
        if chosen is None:
            chosen = new_story_id(article)
            empty = Story(id=chosen, title=report.title, first_seen=self.now, last_seen=self.now)
            self.stories[chosen] = Open(empty, [])
        place = self.stories[chosen]
        report = _sourced(report, like, place)
        place.story = replace(place.story, reports=(*place.story.reports, report), last_seen=self.now)
        place.features.append(like)
        ledger.save_report(self.connection, chosen, report, features_text(like))
        return place.story

    def _told_again(self, place: Open, like: Features, report: Report) -> Story:
        """The story of an article that was rewritten: its report says what both texts say."""
        reports = list(place.story.reports)
        number = next(number for number, each in enumerate(reports) if each.article == report.article)
        earlier = reports[number]
        events = tuple(sorted({*earlier.events, *report.events}))
        reports[number] = replace(report, seen_at=earlier.seen_at, events=events)
        place.features[number] = like
        place.story = replace(place.story, reports=tuple(reports))
        text = features_text(like)
        ledger.save_report(self.connection, place.story.id, reports[number], text)
        return place.story

    def _put_out(self, alert: Alert) -> Held | None:
        """Stores the alert and its deliveries; or says why nobody is to be told."""
        if hold := self.holds.get(alert.article.article):
            return Held(rule=alert.rule, article=alert.article.article, reason=hold[0], detail=hold[1])
        if held := self._telling().put_out(alert):
            return held
        place = self.stories[alert.story]
        told = {**place.story.told, alert.rule: (*place.story.told.get(alert.rule, ()), alert.reason)}
        place.story = replace(place.story, told=told)
        self.judged.alerts.append(alert)
        return None

    def _telling(self) -> Telling:
        return Telling(workspace=self.workspace, connection=self.connection, tier=self.source.tier, now=self.now)

    def _keep(self, article: Article, match: Match, story: str, held: Held | None) -> None:
        ledger.save_match(self.connection, article.id, match, story_id=story, held=held, now=self.now)
        if held:
            name = self.source.name or self.source.id
            self.judged.not_told.append(NotTold(held=held, title=article.title, source=name, match=match))


def _sourced(report: Report, like: Features, place: Open) -> Report:
    """The report with the origin of the text that it copies, where it names none itself."""
    if report.origin != report.publisher:
        return report
    pairs = zip(place.story.reports, place.features, strict=True)
    first = next((earlier for earlier, other in pairs if copied(like, other)), None)
    return replace(report, origin=first.origin, origin_why=f"the text of {first.source_name}") if first else report


def _says_more(match: Match, before: Grade | None) -> bool:
    """Whether the match is new to the article, or an event where it was only a mention."""
    return before is None or (before is Grade.MENTION and match.grade is Grade.EVENT)
