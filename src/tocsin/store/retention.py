"""What is old and no longer needed: deleted in small transactions, so that a tick beside it hardly waits.

The order matters. An alert goes when it is old, none of its deliveries is still to be sent, and its story takes no
more reports: an open story that forgets what was told would tell it again. Then stories without alerts, matches
without story, and articles that nothing speaks of. What came from a file is the user's own archive and stays. The
keys of deleted articles are kept as 64-bit hashes, for feeds list old articles for years.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
)

from tocsin.store import blindspots, forgotten
from tocsin.store.outbox import OPEN
from tocsin.store.schema import (
    alerts,
    article_keys,
    articles,
    deliveries,
    forgotten_keys,
    matches,
    silences,
    stories,
    story_reports,
    ticks,
)

_MUCH_FREE = 0.25
"""Share of an SQLite file that is free before it is written anew, which holds up every writer meanwhile."""
_WORTH_IT = 8 * 2**20  # bytes
_ASKED_TOGETHER = 500
_SECONDS_A_DAY = 86_400

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """What is older than these times may go; None keeps it for ever."""

    articles: datetime | None = None
    stories: datetime | None = None
    alerts: datetime | None = None
    keys: datetime | None = None
    ticks: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many rows went, by what they were."""

    alerts: int = 0
    stories: int = 0
    matches: int = 0
    articles: int = 0
    keys: int = 0
    silences: int = 0
    ticks: int = 0
    blind_spots: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


def remove(connection: Connection, cutoffs: Cutoffs, limit: int) -> Removed:
    """Deletes at most `limit` rows of each kind, with what hangs on them; what went. Nothing went: all is done."""
    return Removed(
        alerts=_delete(connection, alerts, alerts.c.id, _old_alerts(cutoffs), limit),
        stories=_delete(connection, stories, stories.c.id, _old_stories(cutoffs), limit),
        matches=_delete_matches(connection, cutoffs, limit),
        articles=_delete_articles(connection, cutoffs, limit),
        keys=_delete(connection, forgotten_keys, forgotten_keys.c.key, _old_keys(cutoffs), limit),
        silences=_delete(connection, silences, silences.c.number, _ended_silences(cutoffs), limit),
        ticks=_delete(connection, ticks, ticks.c.number, _old_ticks(cutoffs), limit),
        blind_spots=blindspots.forget(connection, cutoffs.ticks) if cutoffs.ticks else 0,
    )


def size(connection: Connection) -> int:
    """Bytes that the database takes."""
    if connection.dialect.name == "sqlite":
        return _pragma(connection, "page_count") * _pragma(connection, "page_size")
    return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())


def compact(connection: Connection) -> None:
    """Writes an SQLite file anew when much of it is free, and refreshes what the planner knows.

    PostgreSQL does both by itself.
    """
    if connection.dialect.name != "sqlite":
        return
    free = _pragma(connection, "freelist_count")
    pages = _pragma(connection, "page_count")
    if free > pages * _MUCH_FREE and free * _pragma(connection, "page_size") > _WORTH_IT:
        connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA optimize")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def _old_alerts(cutoffs: Cutoffs) -> ColumnElement[bool] | None:
    if cutoffs.alerts is None or cutoffs.stories is None:
        return None
    unsent = or_(deliveries.c.state.in_(OPEN), deliveries.c.lease_owner.is_not(None))
    return and_(
        alerts.c.created_at < cutoffs.alerts,
        alerts.c.id.not_in(select(deliveries.c.alert).where(unsent)),
        alerts.c.story.not_in(select(stories.c.id).where(stories.c.last_seen >= cutoffs.stories)),
    )


def _old_stories(cutoffs: Cutoffs) -> ColumnElement[bool] | None:
    if cutoffs.stories is None:
        return None
    # A backfill finds old stories: they are kept as long as what it judged.
    judged = select(matches.c.story).where(matches.c.judged_at >= cutoffs.stories, matches.c.story.is_not(None))
    told = select(alerts.c.story)
    return and_(stories.c.last_seen < cutoffs.stories, stories.c.id.not_in(told), stories.c.id.not_in(judged))


def _old_keys(cutoffs: Cutoffs) -> ColumnElement[bool] | None:
    return None if cutoffs.keys is None else forgotten_keys.c.day < forgotten.day(cutoffs.keys)


def _ended_silences(cutoffs: Cutoffs) -> ColumnElement[bool] | None:
    return None if cutoffs.alerts is None else silences.c.until < cutoffs.alerts


def _old_ticks(cutoffs: Cutoffs) -> ColumnElement[bool] | None:
    if cutoffs.ticks is None:
        return None
    newest = select(func.max(ticks.c.number)).where(ticks.c.ended_at.is_not(None)).scalar_subquery()
    return and_(ticks.c.started_at < cutoffs.ticks, ticks.c.number < newest)


def _delete(
    connection: Connection, table: Table, column: ColumnElement[Any], old: ColumnElement[bool] | None, limit: int
) -> int:
    if old is None:
        return 0
    ids = connection.execute(select(column).where(old).limit(limit)).scalars().all()
    for part in _parts(ids):
        connection.execute(delete(table).where(column.in_(part)))
    return len(ids)


def _delete_matches(connection: Connection, cutoffs: Cutoffs, limit: int) -> int:
    """The matches of stories that are gone, but for those on articles that an alert is about."""
    if cutoffs.stories is None:
        return 0
    orphaned = or_(matches.c.story.is_(None), matches.c.story.not_in(select(stories.c.id)))
    old = and_(matches.c.judged_at < cutoffs.stories, orphaned, matches.c.article.not_in(select(alerts.c.article)))
    rows = connection.execute(select(matches.c.article, matches.c.rule).where(old).limit(limit)).tuples().all()
    for article, rule in rows:
        connection.execute(delete(matches).where(matches.c.article == article, matches.c.rule == rule))
    return len(rows)


def _delete_articles(connection: Connection, cutoffs: Cutoffs, limit: int) -> int:
    """Articles that nothing kept speaks of, with their keys, sightings and revisions; the keys stay as hashes."""
    if cutoffs.articles is None:
        return 0
    old = and_(
        articles.c.fetched_at < cutoffs.articles,
        articles.c.file_name.is_(None),
        articles.c.id.not_in(select(matches.c.article)),
        articles.c.id.not_in(select(story_reports.c.article)),
        articles.c.id.not_in(select(alerts.c.article)),
    )
    rows = connection.execute(select(articles.c.id).where(old).order_by(articles.c.number).limit(limit))
    ids = rows.scalars().all()
    for part in _parts(ids):
        keys = connection.execute(select(article_keys.c.key).where(article_keys.c.article.in_(part))).scalars().all()
        forgotten.keep(connection, keys, cutoffs.articles)
        connection.execute(delete(articles).where(articles.c.id.in_(part)))
    return len(ids)


def _parts(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    return (rows[start : start + _ASKED_TOGETHER] for start in range(0, len(rows), _ASKED_TOGETHER))
