"""One source's pass: its new articles judged, and everything that follows from them written in one transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection

from tocsin.alerts.decide import decide, report_of
from tocsin.alerts.route import routes_for
from tocsin.articles.document import document
from tocsin.model import Alert, Article, Collected, FetchOutcome, Grade, Held, HeldReason, Match, Report, Story
from tocsin.specs.sources import SourceSpec
from tocsin.store import Store, articles, ledger, outbox, sources
from tocsin.stories.assign import OPEN_FOR, OpenStory, assign, new_story_id
from tocsin.stories.similarity import Features, features
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """An article with what the rules made of it."""

    article: Article
    matches: tuple[Match, ...]
    features: Features | None
    """None when there are no matches."""


@dataclass(slots=True)
class _Open:
    """A story that still takes reports, and what its reports are like."""

    story: Story
    features: list[Features]

    def seen(self) -> OpenStory:
        story = self.story
        return OpenStory(id=story.id, features=tuple(self.features), last_seen=story.last_seen, told=tuple(story.told))


def commit_source(
    workspace: Workspace, store: Store, source: SourceSpec, collected: Collected, judged: Judged, now: datetime
) -> None:
    """Judges what a poll of `source` brought and writes it, with the state to remember; `judged` is added to."""
    readings = [_guarded(workspace, source, article, judged, now) for article in collected.articles]
    revisions = [_guarded(workspace, source, article, judged, now) for article in collected.revisions]
    judged.outcomes[collected.state.outcome or FetchOutcome.FAILED] += 1
    with store.writing() as connection:
        matched = any(reading.matches for reading in (*readings, *revisions))
        stories = _open_stories(connection, now) if matched else {}
        for reading in readings:
            _Commit(workspace, connection, source, stories, collected.held, judged, now).article(reading)
        for revised in revisions:
            _Commit(workspace, connection, source, stories, collected.held, judged, now).revision(revised)
        for seen in collected.sightings:
            articles.save_sighting(connection, seen, now)
        sources.save_state(connection, collected.state)


def _guarded(workspace: Workspace, source: SourceSpec, article: Article, judged: Judged, now: datetime) -> _Reading:
    """One article must not keep its source from being written: what cannot be judged is stored, and said."""
    try:
        return _read(workspace, source, article, now)
    except Exception as error:
        log.exception("article %s of %s cannot be judged", article.id, source.id)
        where = article.url or article.file_name or article.id
        judged.notes.append(f"{source.id}: {where}: stored, but not judged: internal error ({type(error).__name__})")
        return _Reading(article, (), None)


def _read(workspace: Workspace, source: SourceSpec, article: Article, now: datetime) -> _Reading:
    judge = workspace.judge
    # An undated text is as old as our first sight of it: the best that can be known.
    text = replace(document(article), tags=source.tags, published=article.published or article.fetched_at or now)
    matches = judge.matches(text)
    if not matches:
        return _Reading(article, (), None)  # most articles: no story is asked for, so nothing is compared
    like = features(
        text,
        matches,
        judge.entities_in(text),
        kin=judge.kin,
        day_only=article.day_only,
        content_hash=article.content_hash,
    )
    return _Reading(article, matches, like)


def _open_stories(connection: Connection, now: datetime) -> dict[str, _Open]:
    return {
        one.id: _Open(
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
        for one in ledger.open_stories(connection, now - OPEN_FOR)
    }


@dataclass(frozen=True, slots=True)
class _Commit:
    """The transaction of one source: what it writes to, and what it has found so far."""

    workspace: Workspace
    connection: Connection
    source: SourceSpec
    stories: dict[str, _Open]
    holds: Mapping[str, tuple[HeldReason, str]]
    judged: Judged
    now: datetime

    def article(self, reading: _Reading) -> None:
        """Writes one article and everything that follows from it."""
        if not articles.save_article(self.connection, reading.article):
            articles.save_sighting(self.connection, reading.article, self.now)
            return
        self.judged.articles += 1
        if reading.features:
            self.judged.matches += len(reading.matches)
            self._decide(reading, reading.features)

    def revision(self, reading: _Reading) -> None:
        """Keeps an article's new text; what the rules find in it that they did not find before is decided upon."""
        owner = articles.save_revision(self.connection, reading.article, self.now)
        if owner is None:
            return
        self.judged.revisions += 1
        before = ledger.grades(self.connection, owner)
        new = tuple(match for match in reading.matches if _says_more(match, before.get(match.rule)))
        if not new or not reading.features:
            return
        self.judged.matches += len(new)
        hold = self.holds.get(reading.article.id)
        again = replace(self, holds={owner: hold} if hold else {})
        again._decide(replace(reading, article=replace(reading.article, id=owner), matches=new), reading.features)  # noqa: SLF001 - ourselves

    def _decide(self, reading: _Reading, like: Features) -> None:
        report = report_of(reading.article, self.source, reading.matches, self.now)
        story = self._story(reading.article, like, report)
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
        for match in reading.matches:
            self._keep(reading.article, match, story.id, held.get(match.rule))

    def _stock(self, reading: _Reading, held: Held) -> Held:
        """Why an event is not told; that its article is no news comes first, threshold rules do not count it then."""
        hold = self.holds.get(reading.article.id)
        event = any(match.rule == held.rule and match.grade is Grade.EVENT for match in reading.matches)
        return replace(held, reason=hold[0], detail=hold[1]) if hold and event else held

    def _story(self, article: Article, like: Features, report: Report) -> Story:
        """The story this article belongs to, with the article among its reports."""
        for place in self.stories.values():
            if any(each.article == report.article for each in place.story.reports):
                return self._told_again(place, like, report)
        chosen = assign(like, [one.seen() for one in self.stories.values()])
        if chosen is None:
            chosen = new_story_id(article)
            empty = Story(id=chosen, title=report.title, first_seen=self.now, last_seen=self.now)
            self.stories[chosen] = _Open(empty, [])
        place = self.stories[chosen]
        place.story = replace(place.story, reports=(*place.story.reports, report), last_seen=self.now)
        place.features.append(like)
        ledger.save_report(self.connection, chosen, report, _features_type.dump_json(like).decode())
        return place.story

    def _told_again(self, place: _Open, like: Features, report: Report) -> Story:
        """The story of an article that was rewritten: its report says what both texts say."""
        reports = list(place.story.reports)
        number = next(number for number, each in enumerate(reports) if each.article == report.article)
        earlier = reports[number]
        events = tuple(sorted({*earlier.events, *report.events}))
        reports[number] = replace(report, seen_at=earlier.seen_at, events=events)
        place.features[number] = like
        place.story = replace(place.story, reports=tuple(reports))
        text = _features_type.dump_json(like).decode()
        ledger.save_report(self.connection, place.story.id, reports[number], text)
        return place.story

    def _put_out(self, alert: Alert) -> Held | None:
        """Stores the alert and its deliveries; or says why nobody is to be told."""
        if hold := self.holds.get(alert.article.article):
            return Held(rule=alert.rule, article=alert.article.article, reason=hold[0], detail=hold[1])
        rules, channels = self.workspace.judge.rules, self.workspace.channels
        to = routes_for(alert, channels, rules[alert.rule], alert.article.language)
        if not to and channels.channels:
            return Held(rule=alert.rule, article=alert.article.article, reason=HeldReason.NO_ROUTE)
        outbox.save_alert(self.connection, alert)
        for channel in to:
            outbox.save_delivery(self.connection, alert, channel)
        place = self.stories[alert.story]
        told = {**place.story.told, alert.rule: (*place.story.told.get(alert.rule, ()), alert.reason)}
        place.story = replace(place.story, told=told)
        self.judged.alerts.append(alert)
        return None

    def _keep(self, article: Article, match: Match, story: str, held: Held | None) -> None:
        ledger.save_match(self.connection, article.id, match, story_id=story, held=held, now=self.now)
        if held:
            name = self.source.name or self.source.id
            self.judged.not_told.append(NotTold(held=held, title=article.title, source=name, match=match))


def _says_more(match: Match, before: Grade | None) -> bool:
    """Whether the match is new to the article, or an event where it was only a mention."""
    return before is None or (before is Grade.MENTION and match.grade is Grade.EVENT)
