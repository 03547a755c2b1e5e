"""The ledger: stories with their reports, matches with what became of them, and alerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, and_, delete, func, or_, select, update

from tocsin.model import Alert, Grade, Held, Match, Reason, Report
from tocsin.store.outbox import alert_type
from tocsin.store.schema import alerts, articles, deliveries, matches, stories, story_reports
from tocsin.store.upsert import put

_ASKED_TOGETHER = 500
"""Ids in one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStory:
    """A story with its reports in the order they came; `features` holds one JSON text for each."""

    id: str
    title: str
    first_seen: datetime
    last_seen: datetime
    reports: tuple[Report, ...]
    features: tuple[str, ...]
    told: Mapping[str, tuple[Reason, ...]]


@cache
def _report_type() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


@cache
def match_type() -> TypeAdapter[Match]:
    """How a match is kept as JSON; built once, on first use."""
    return TypeAdapter(Match)


def open_stories(connection: Connection, since: datetime) -> list[StoredStory]:
    """Stories that had a report at `since` or later, oldest first."""
    return _stories(connection, select(stories).where(stories.c.last_seen >= since).order_by(stories.c.first_seen))


def stories_around(
    connection: Connection, first: datetime, last: datetime, articles: Sequence[str]
) -> list[StoredStory]:
    """Stories that had reports from `first` to `last`, and those of these articles, oldest first."""
    own = select(story_reports.c.story).where(story_reports.c.article.in_(articles))
    meanwhile = and_(stories.c.last_seen >= first, stories.c.first_seen <= last)
    query = select(stories).where(or_(meanwhile, stories.c.id.in_(own)))
    return _stories(connection, query.order_by(stories.c.first_seen, stories.c.id))


def stretch_story(connection: Connection, story_id: str, first: datetime, last: datetime) -> None:
    """Says from when to when a story had reports, where they did not come in their order."""
    connection.execute(update(stories).where(stories.c.id == story_id).values(first_seen=first, last_seen=last))


def drop_report(connection: Connection, article: str) -> None:
    """Takes an article out of its story; a story that is left without reports, and was never told, goes."""
    own = connection.execute(select(story_reports.c.story).where(story_reports.c.article == article)).scalars().all()
    connection.execute(delete(story_reports).where(story_reports.c.article == article))
    connection.execute(
        delete(stories).where(
            stories.c.id.in_(own),
            stories.c.id.not_in(select(story_reports.c.story)),
            stories.c.id.not_in(select(alerts.c.story)),
        )
    )


def story(connection: Connection, wanted: str) -> StoredStory | None:
    """One story by its id."""
    found = _stories(connection, select(stories).where(stories.c.id == wanted))
    return found[0] if found else None


def _stories(connection: Connection, query: Select[Any]) -> list[StoredStory]:
    rows = connection.execute(query).mappings().all()
    ids = [row["id"] for row in rows]
    members: dict[str, list[tuple[Report, str]]] = defaultdict(list)
    reports = select(story_reports).where(story_reports.c.story.in_(ids)).order_by(story_reports.c.seen_at)
    for row in connection.execute(reports).mappings():
        members[row["story"]].append((_report_type().validate_json(row["report_json"]), row["features_json"]))
    told = _told(connection, ids)
    return [
        StoredStory(
            **row,
            reports=tuple(report for report, _ in members[row["id"]]),
            features=tuple(features for _, features in members[row["id"]]),
            told=told[row["id"]],
        )
        for row in rows
    ]


def _told(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, tuple[Reason, ...]]]:
    told: dict[str, dict[str, tuple[Reason, ...]]] = defaultdict(dict)
    columns = (alerts.c.story, alerts.c.rule, alerts.c.reason)
    for where, rule, reason in connection.execute(
        select(*columns).where(alerts.c.story.in_(ids)).order_by(alerts.c.created_at)
    ):
        told[where][rule] = (*told[where].get(rule, ()), Reason(reason))
    return told


def save_report(connection: Connection, story_id: str, report: Report, features: str) -> None:
    """Adds a report to a story, which is made when it is new."""
    seen = report.seen_at
    row = {"id": story_id, "title": report.title, "first_seen": seen, "last_seen": seen}
    put(connection, stories, [row], over=["last_seen"])
    values = {
        "story": story_id,
        "article": report.article,
        "report_json": _report_type().dump_json(report).decode(),
        "features_json": features,
        "seen_at": seen,
    }
    put(connection, story_reports, [values], over=["report_json", "features_json"])  # by a revision


def save_match(
    connection: Connection, article: str, match: Match, *, story_id: str | None, held: Held | None, now: datetime
) -> None:
    """Keeps a match, with the reason why it is not told, if it is not."""
    values = {
        "article": article,
        "rule": match.rule,
        "grade": match.grade.value,
        "severity": match.severity.value,
        "story": story_id,
        "match_json": as_text(match),
        "held": held.reason.value if held else None,
        "held_detail": held.detail if held else "",
        "judged_at": now,
    }
    put(connection, matches, [values])  # over the old one by a revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A match as it is stored."""

    rule: str
    grade: Grade
    text: str
    """The match as JSON; equal for equal matches."""
    told: bool


def kept(connection: Connection, asked: Sequence[str]) -> dict[str, dict[str, Kept]]:
    """The stored matches of these articles: article → rule → match."""
    found: dict[str, dict[str, Kept]] = defaultdict(dict)
    columns = (matches.c.article, matches.c.rule, matches.c.grade, matches.c.match_json, matches.c.held)
    for start in range(0, len(asked), _ASKED_TOGETHER):
        some = asked[start : start + _ASKED_TOGETHER]
        for article, rule, grade, text, held in connection.execute(select(*columns).where(matches.c.article.in_(some))):
            found[article][rule] = Kept(rule=rule, grade=Grade(grade), text=text, told=held is None)
    return found


def as_text(match: Match) -> str:
    """A match as JSON, as it is stored."""
    return match_type().dump_json(match).decode()


def drop_matches(connection: Connection, article: str, rules: Collection[str]) -> None:
    """Forgets what these rules found in an article."""
    connection.execute(delete(matches).where(matches.c.article == article, matches.c.rule.in_(rules)))


def grades(connection: Connection, article: str) -> dict[str, Grade]:
    """The grade of each rule's match on the article so far, by rule."""
    query = select(matches.c.rule, matches.c.grade).where(matches.c.article == article)
    return {rule: Grade(grade) for rule, grade in connection.execute(query)}


def told_alert(connection: Connection, story: str, rule: str) -> Alert | None:
    """The first alert that a rule told of a story."""
    query = select(alerts.c.alert_json).where(alerts.c.story == story, alerts.c.rule == rule)
    found = connection.execute(query.order_by(alerts.c.created_at).limit(1)).scalar()
    return alert_type().validate_json(found) if found else None


def next_moment(connection: Connection, alert: Alert) -> datetime:
    """When the alert was made: after the last one of its rule and story, for they are told in the order of their times.

    One pass may make several, and a clock may be set back.
    """
    last = select(func.max(alerts.c.created_at)).where(alerts.c.story == alert.story, alerts.c.rule == alert.rule)
    latest: datetime | None = connection.execute(last).scalar()
    return alert.created_at if latest is None else max(alert.created_at, latest + timedelta(microseconds=1))


def alerts_since(connection: Connection, since: datetime) -> list[Alert]:
    """The alerts made at `since` or later, oldest first."""
    query = select(alerts.c.alert_json).where(alerts.c.created_at >= since).order_by(alerts.c.created_at)
    return [alert_type().validate_json(text) for text in connection.execute(query).scalars()]


def list_alerts(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The newest alerts with their article's headline, each with its deliveries' states by channel."""
    names = ("id", "rule", "severity", "reason", "title", "story", "article", "created_at")
    query = select(*(alerts.c[name] for name in names), articles.c.title.label("headline"), articles.c.url)
    joined = query.outerjoin(articles, articles.c.id == alerts.c.article)
    newest = joined.order_by(alerts.c.created_at.desc()).limit(limit)
    rows = [dict(row) for row in connection.execute(newest).mappings()]
    states: dict[str, dict[str, str]] = defaultdict(dict)
    asked = select(deliveries.c.alert, deliveries.c.channel, deliveries.c.state)
    for alert, channel, state in connection.execute(asked.where(deliveries.c.alert.in_([row["id"] for row in rows]))):
        states[alert][channel] = state
    return [row | {"deliveries": states[row["id"]]} for row in rows]


def list_held(connection: Connection, limit: int, grade: Grade | None = None) -> list[dict[str, Any]]:
    """The newest matches that were not told, with the reason and the article's title."""
    query = (
        select(matches.c.rule, matches.c.grade, matches.c.severity, matches.c.held, matches.c.held_detail)
        .add_columns(matches.c.article, matches.c.judged_at, articles.c.title, articles.c.source, articles.c.url)
        .join(articles, articles.c.id == matches.c.article)
        .where(matches.c.held.is_not(None))
    )
    if grade is not None:
        query = query.where(matches.c.grade == grade.value)
    return [dict(row) for row in connection.execute(query.order_by(matches.c.judged_at.desc()).limit(limit)).mappings()]


def find_alert(connection: Connection, wanted: str) -> Alert | None:
    """The only alert whose id begins so."""
    query = select(alerts.c.alert_json).where(alerts.c.id.startswith(wanted, autoescape=True)).limit(2)
    found = connection.execute(query).scalars().all()
    return alert_type().validate_json(found[0]) if len(found) == 1 else None
