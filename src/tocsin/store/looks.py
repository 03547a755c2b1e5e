"""Looks: articles behind alerts that are to be looked at again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, case, func, or_, select, update

from tocsin import urls
from tocsin.alerts.looks import Look
from tocsin.model import Article
from tocsin.store.articles import find
from tocsin.store.schema import articles, looks, sightings, source_states
from tocsin.store.upsert import put_new

_NAMES = tuple(field.name for field in fields(Look))
_NEIGHBOURS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A look that is due, and the article as it is stored."""

    look: Look
    article: Article
    copies: tuple[str, ...] = ()
    """Other sources that brought the same text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the looks stand."""

    watched: int
    """Articles that are still looked at."""
    due: int
    """Of them, those whose look should have been made."""
    next_at: datetime | None
    missing: int
    """Missing at the last look, and not proven to have vanished."""
    vanished: int
    """Found to have vanished of late, and not there again."""


def begin(connection: Connection, begun: Collection[Look]) -> None:
    """Keeps those whose article has none yet."""
    put_new(connection, looks, [_row(one) for one in begun])


def due_hosts(connection: Connection, now: datetime, limit: int) -> frozenset[str]:
    """The hosts of the looks that `due` answers with."""
    addresses = connection.execute(_due(articles.c.url, now=now, limit=limit)).scalars()
    return frozenset(host for host in map(urls.host_port, addresses) if host)


def due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """Those that are due, the longest overdue first; of hosts that want no request now, none."""
    rows = connection.execute(_due(looks, now=now, limit=limit)).mappings().all()
    found = ((row, find(connection, row["article"])) for row in rows)
    return [
        Due(look=_look(row), article=article, copies=_copies(connection, article)) for row, article in found if article
    ]


def _due(*wanted: Any, now: datetime, limit: int) -> Select[Any]:
    return (
        select(*wanted)
        .select_from(looks)
        .join(articles, articles.c.id == looks.c.article)
        .outerjoin(source_states, source_states.c.source == articles.c.source)
        .where(looks.c.due_at <= now, articles.c.url.is_not(None))
        .where(or_(source_states.c.hold_until.is_(None), source_states.c.hold_until <= now))
        .order_by(looks.c.due_at, looks.c.article)
        .limit(limit)
    )


def of(connection: Connection, article: str) -> Look | None:
    """What the looks at an article have shown; None when none was begun."""
    row = connection.execute(select(looks).where(looks.c.article == article)).mappings().one_or_none()
    return _look(row) if row else None


def of_many(connection: Connection, wanted: Sequence[str]) -> dict[str, Look]:
    """The looks at these articles, by article; those that were never begun are left out."""
    rows = connection.execute(select(looks).where(looks.c.article.in_(wanted))).mappings()
    return {row["article"]: _look(row) for row in rows}


def standing(connection: Connection, now: datetime, since: datetime) -> Standing:
    """How the looks stand at `now`; what has vanished is counted from `since` on."""
    open_, gone = looks.c.due_at.is_not(None), looks.c.vanished_at.is_not(None)
    missing = and_(looks.c.missing_since.is_not(None), ~gone)
    counted = (open_, looks.c.due_at <= now, missing & open_, looks.c.vanished_at >= since)
    query = select(func.min(looks.c.due_at), *(func.count(case((each, 1))) for each in counted))
    next_at, watched, due, lacking, vanished = connection.execute(query).one()
    return Standing(watched=watched, due=due, next_at=next_at, missing=lacking, vanished=vanished)


def save(connection: Connection, before: Look, now_known: Look) -> bool:
    """Writes what a look has shown; False when somebody else has looked meanwhile."""
    same = (looks.c.article == before.article) & (looks.c.due_at == before.due_at)
    return connection.execute(update(looks).where(same).values(_row(now_known))).rowcount == 1


def neighbour(connection: Connection, article: Article) -> str | None:
    """The address of the newest other article of the same source and host that is not missing itself."""
    missing = select(looks.c.article).where(looks.c.missing_since.is_not(None))
    query = select(articles.c.url).where(articles.c.source == article.source, articles.c.id != article.id)
    query = query.where(articles.c.url.is_not(None), articles.c.id.not_in(missing))
    newest = connection.execute(query.order_by(articles.c.number.desc()).limit(_NEIGHBOURS)).scalars()
    place, own = urls.host_port(article.url or ""), urls.canonical(article.url or "")
    return next((url for url in newest if urls.host_port(url) == place and urls.canonical(url) != own), None)


def _copies(connection: Connection, article: Article) -> tuple[str, ...]:
    query = select(sightings.c.source).where(sightings.c.article == article.id, sightings.c.source != article.source)
    return tuple(sorted(connection.execute(query).scalars()))


def _row(look: Look) -> dict[str, object]:
    return {name: getattr(look, name) for name in _NAMES} | {"says": None if look.says is None else list(look.says)}


def _look(row: RowMapping) -> Look:
    return Look(**{**row, "says": None if row["says"] is None else tuple(row["says"])})
