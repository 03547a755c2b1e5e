"""What threshold rules count: the rules' events and the articles over time, and what was raised of them before."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from tocsin.model import Grade, HeldReason
from tocsin.rules.thresholds import Record
from tocsin.store.schema import alerts, articles, matches

_NOT_NEWS = (HeldReason.BASELINE, HeldReason.STALE, HeldReason.QUARANTINED, HeldReason.BACKFILL)
"""Held because it is old or doubtful: seen now, but no sign that more happens now."""


def events(connection: Connection, rules: Collection[str], since: datetime) -> list[Record]:
    """The events of these rules on articles seen at `since` or later, oldest first."""
    columns = (matches.c.judged_at, matches.c.article, matches.c.rule, matches.c.story, matches.c.match_json)
    query = (
        select(*columns, articles.c.source)
        .join(articles, articles.c.id == matches.c.article)
        .where(matches.c.judged_at >= since, matches.c.rule.in_(rules), matches.c.grade == Grade.EVENT.value)
        .where(matches.c.held.is_(None) | matches.c.held.not_in([reason.value for reason in _NOT_NEWS]))
        .order_by(matches.c.judged_at)
    )
    return [
        Record(
            at=row["judged_at"],
            article=row["article"],
            source=row["source"],
            rule=row["rule"],
            story=row["story"] or "",
            entities=tuple(json.loads(row["match_json"]).get("entities", ())),
        )
        for row in connection.execute(query).mappings()
    ]


def arrivals(connection: Connection, since: datetime) -> list[Record]:
    """The articles seen at `since` or later, oldest first."""
    columns = (articles.c.fetched_at, articles.c.id, articles.c.source)
    query = select(*columns).where(articles.c.fetched_at >= since).order_by(articles.c.fetched_at)
    return [
        Record(at=at, article=article, source=source) for at, article, source in connection.execute(query) if source
    ]


def began(connection: Connection) -> datetime | None:
    """When the first article was stored; None for an empty store."""
    found: datetime | None = connection.execute(select(func.min(articles.c.fetched_at))).scalar()
    return found


def last_raised(connection: Connection, rules: Collection[str]) -> dict[tuple[str, str], datetime]:
    """(Threshold rule, its story) → when it was last told or held."""
    told = select(alerts.c.rule, alerts.c.story, func.max(alerts.c.created_at)).where(alerts.c.rule.in_(rules))
    held = select(matches.c.rule, matches.c.story, func.max(matches.c.judged_at)).where(matches.c.rule.in_(rules))
    found: dict[tuple[str, str], datetime] = {}
    for query in (told.group_by(alerts.c.rule, alerts.c.story), held.group_by(matches.c.rule, matches.c.story)):
        for rule, story, at in connection.execute(query):
            found[rule, story] = max(at, found.get((rule, story), at))
    return found
