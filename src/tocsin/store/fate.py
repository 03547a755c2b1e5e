"""What became of an article: its story, its matches as judged then, the alerts of the story and their deliveries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from tocsin.alerts.looks import Look
from tocsin.store import ledger, looks
from tocsin.store.ledger import StoredStory
from tocsin.store.outbox import alert_type
from tocsin.store.schema import alerts, article_keys, attempts, circuits, deliveries, matches, sightings, story_reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send, with its outcome."""

    ended_at: datetime
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A delivery as it stands now."""

    id: str
    channel: str
    state: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    last_error: str
    waits: str
    """Why it was not due at once, or which later alert tells it; empty when neither."""
    rest_until: datetime | None
    """Until when its channel is, or was, left alone."""
    tries: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlert:
    """An alert of the story; `article` is the report that brought it."""

    id: str
    rule: str
    severity: str
    reason: str
    article: str
    created_at: datetime
    note: str
    """Who took what back, how the story has grown; empty where the match says it all."""
    deliveries: tuple[Sending, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMatch:
    """A match as it was judged when the article came; `held` says why it was not told."""

    rule: str
    grade: str
    held: str | None
    held_detail: str
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What the store knows of one article."""

    story: StoredStory | None
    matches: tuple[KeptMatch, ...]
    alerts: tuple[ToldAlert, ...]
    """All alerts of the story and those about the article, oldest first: a report may be silent because another one
    was told."""
    seen_at: tuple[str, ...]
    """Further sources that brought the same text."""
    looks: Mapping[str, Look]
    """Article → how it stands at its source, for those of the story's reports that are looked at again."""


def fate(connection: Connection, article: str) -> Fate:
    """What became of the article with this id."""
    belongs = select(story_reports.c.story).where(story_reports.c.article == article)
    told = connection.execute(belongs).scalar()
    story = ledger.story(connection, told) if told else None
    reports = [report.article for report in story.reports] if story else []
    return Fate(
        story=story,
        matches=_matches(connection, article),
        alerts=_alerts(connection, told, article),
        seen_at=tuple(
            connection.execute(select(sightings.c.source).where(sightings.c.article == article)).scalars().all()
        ),
        looks=looks.of_many(connection, [article, *reports]),
    )


def owner_of(connection: Connection, key: str) -> str | None:
    """Id of the article that is known by this identity key, at another source or address too."""
    found: str | None = connection.execute(select(article_keys.c.article).where(article_keys.c.key == key)).scalar()
    return found


def _matches(connection: Connection, article: str) -> tuple[KeptMatch, ...]:
    columns = (matches.c[name] for name in ("rule", "grade", "held", "held_detail", "judged_at"))
    query = select(*columns).where(matches.c.article == article).order_by(matches.c.grade, matches.c.rule)
    return tuple(KeptMatch(**row) for row in connection.execute(query).mappings())


def _alerts(connection: Connection, story: str | None, article: str) -> tuple[ToldAlert, ...]:
    names = ("id", "rule", "severity", "reason", "article", "created_at")
    # An alert about a threshold has a story of its own; the article is the newest of what was counted.
    about = or_(alerts.c.story == story, alerts.c.article == article)
    query = select(alerts).where(about).order_by(alerts.c.created_at, alerts.c.id)
    rows = connection.execute(query).mappings().all()
    sent = _deliveries(connection, [row["id"] for row in rows])
    return tuple(
        ToldAlert(
            **{name: row[name] for name in names},
            note=alert_type().validate_json(row["alert_json"]).note,
            deliveries=tuple(sent[row["id"]]),
        )
        for row in rows
    )


def _deliveries(connection: Connection, told: Sequence[str]) -> dict[str, list[Sending]]:
    names = ("id", "alert", "channel", "state", "attempts", "due_at", "sent_at", "last_error", "waits", "rest_until")
    columns = (circuits.c[name] if name == "rest_until" else deliveries.c[name] for name in names)
    query = select(*columns).outerjoin(circuits, circuits.c.channel == deliveries.c.channel)
    query = query.where(deliveries.c.alert.in_(told))
    rows = connection.execute(query.order_by(deliveries.c.channel)).mappings().all()
    tries = _attempts(connection, [row["id"] for row in rows])
    found: dict[str, list[Sending]] = defaultdict(list)
    for row in rows:
        given = {name: row[name] for name in names if name != "alert"}
        found[row["alert"]].append(Sending(**given, tries=tuple(tries[row["id"]])))
    return found


def _attempts(connection: Connection, sent: Sequence[str]) -> dict[str, list[Attempt]]:
    columns = (attempts.c.delivery, attempts.c.ended_at, attempts.c.outcome, attempts.c.detail)
    query = select(*columns).where(attempts.c.delivery.in_(sent)).order_by(attempts.c.number)
    found: dict[str, list[Attempt]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["delivery"]].append(Attempt(**{name: row[name] for name in row if name != "delivery"}))
    return found
