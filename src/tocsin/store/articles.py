"""The archive: articles, the keys by which one is known, and where else its text was seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    RowMapping,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    union_all,
)

from tocsin.articles.identity import keys
from tocsin.model import Article, Intake
from tocsin.store import forgotten
from tocsin.store.schema import article_keys, articles, forgotten_keys, json_each, revisions, sightings
from tocsin.store.upsert import put_new

# Made once: what is built for every article costs more than what the database does with it. The keys go in as one
# JSON text, however many they are.
_ASKED = select(json_each(bindparam("keys", type_=JSON)).table_valued("value").c.value)
_KNOWN = select(article_keys.c.key).where(article_keys.c.key.in_(_ASKED))
_KNOWN_OR_FORGOTTEN = union_all(_KNOWN, select(null()).where(exists(select(forgotten_keys.c.key))))
_OWNERS = select(article_keys.c.key, article_keys.c.article).where(article_keys.c.key.in_(_ASKED))
_NEW_ARTICLE = insert(articles)
_NEW_KEY = f"INSERT INTO {article_keys.name} (key, article) VALUES ({{mark}}, {{mark}}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours
_AT_ONCE = 500
"""Articles fetched at a time on a walk through all of them."""


def known(connection: Connection, asked: Collection[str]) -> frozenset[str]:
    """Those of the keys that belong to an article that is stored, or was until upkeep deleted it."""
    found = set(connection.execute(_KNOWN_OR_FORGOTTEN, {"keys": list(asked)}).scalars())
    if None in found:  # something was deleted once: most databases need no second question
        found.discard(None)
        found |= forgotten.among(connection, frozenset(asked) - found)
    return frozenset(found)


def save_articles(connection: Connection, made: Sequence[Article]) -> tuple[str | None, ...]:
    """Stores those of the articles that are not known yet, in few statements however many they are.

    For each article None when it is new, or else the id of the one that it already is: its new keys are kept with
    that one.
    """
    named = [keys(article) for article in made]
    owners = _owners(connection, (key for own in named for key in own))
    rows, links, found = [], [], []
    for article, own in zip(made, named, strict=True):
        owner = next((owners[key] for key in own if key in owners), None)
        found.append(owner)
        if owner is None:
            rows.append(_row(article))
        links += [(key, owner or article.id) for key in own if key not in owners]
        owners.update((key, owner or article.id) for key in own if key not in owners)
    if rows:
        connection.execute(_NEW_ARTICLE, rows)
    if links:
        _put_keys(connection, links)
    return tuple(found)


def save_article(connection: Connection, article: Article) -> bool:
    """Stores an article that is not known yet; False when it is, and then its new keys are kept with the old one."""
    return save_articles(connection, (article,)) == (None,)


def save_sighting(connection: Connection, article: Article, seen_at: datetime) -> None:
    """Notes that a stored text was seen at a further source."""
    owner = _owner(connection, article)
    if owner is not None:
        values = {"article": owner, "source": article.source, "url": article.url, "seen_at": seen_at}
        put_new(connection, sightings, [values])
        _save_keys(connection, article, owner)


def save_revision(connection: Connection, article: Article, seen_at: datetime) -> str | None:
    """Keeps a known article's new text beside its first one: that article's id; None when it is not known after all."""
    owner = _owner(connection, article)
    if owner is None:
        return None
    values = {
        "article": owner,
        "title": article.title,
        "deck": article.deck,
        "byline": article.byline,
        "paragraphs": list(article.paragraphs),
        "content_hash": article.content_hash,
        "seen_at": seen_at,
    }
    connection.execute(insert(revisions).values(values))
    _save_keys(connection, article, owner)
    return owner


def revisions_of(connection: Connection, article: Article) -> list[tuple[datetime, Article]]:
    """The article's later texts in the order they came, each with when it was first seen."""
    query = select(revisions).where(revisions.c.article == article.id).order_by(revisions.c.number)
    names = ("title", "deck", "byline", "content_hash")
    return [
        (
            row["seen_at"],
            replace(
                article,
                **{name: row[name] for name in names},
                paragraphs=tuple(row["paragraphs"]),
                original=None,
                file_name=None,
            ),
        )
        for row in connection.execute(query).mappings()
    ]


def revised(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the articles that have later texts."""
    query = select(revisions.c.article).where(revisions.c.article.in_(ids))
    return frozenset(connection.execute(query).scalars())


def origins(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, datetime | None]]:
    """The source that brought each of the articles first, and when it was published."""
    query = select(articles.c.id, articles.c.source, articles.c.published_at).where(articles.c.id.in_(ids))
    return {found: (source, at) for found, source, at in connection.execute(query).tuples()}


def last_number(connection: Connection) -> int:
    """The running number of the article that was stored last, 0 when there is none."""
    return int(connection.execute(select(func.max(articles.c.number))).scalar() or 0)


def find(connection: Connection, wanted: str) -> Article | None:
    """The article with this id, or (id's beginning, address) the only one that fits."""
    column = articles.c
    condition = or_(column.id == wanted, column.url == wanted, column.canonical_url == wanted)
    if wanted.isalnum() and len(wanted) >= 4:  # noqa: PLR2004 - shorter beginnings are rarely unique
        condition = or_(condition, column.id.startswith(wanted, autoescape=True))
    rows = connection.execute(select(articles).where(condition).limit(2)).mappings().all()
    return _article(rows[0]) if len(rows) == 1 else None


def every_article(connection: Connection) -> Iterator[Article]:
    """All articles in the order they were stored."""
    after = 0
    while rows := page(connection, after, _AT_ONCE):
        yield from (article for _, article in rows)
        after = rows[-1][0]


def page(connection: Connection, after: int, limit: int, since: datetime | None = None) -> list[tuple[int, Article]]:
    """The next articles behind a running number, each with its own; `since` leaves out what was published before.

    For long walks over the archive: no transaction stays open between the pages.
    """
    query = select(articles).where(articles.c.number > after).order_by(articles.c.number).limit(limit)
    if since is not None:
        query = query.where(func.coalesce(articles.c.published_at, articles.c.fetched_at) >= since)
    return [(row["number"], _article(row)) for row in connection.execute(query).mappings()]


def search(connection: Connection, words: Sequence[str], limit: int) -> list[Article]:
    """The newest articles that hold every one of the words, in title or text, now or in a revision, in any case."""
    revised = select(revisions.c.article).where(_holds(revisions, words))
    condition = or_(_holds(articles, words), articles.c.id.in_(revised))
    order = func.coalesce(articles.c.published_at, articles.c.fetched_at).desc()
    rows = connection.execute(select(articles).where(condition).order_by(order).limit(limit)).mappings()
    return [_article(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """Distinct articles stored, by the source that brought them first."""
    query = select(articles.c.source, func.count()).group_by(articles.c.source)
    return {source: int(number) for source, number in connection.execute(query)}


def intake(connection: Connection, since: datetime) -> dict[str, Intake]:
    """What each source has brought since then."""
    missing = case((articles.c.published_at.is_(None), 1), else_=0)
    teasers = case((articles.c.teaser, 1), else_=0)
    query = select(articles.c.source, func.count(), func.sum(teasers), func.sum(missing))
    rows = connection.execute(query.where(articles.c.fetched_at >= since).group_by(articles.c.source))
    return {source: Intake(articles=number, teasers=cut, undated=bare) for source, number, cut, bare in rows}


def _holds(table: Table, words: Sequence[str]) -> ColumnElement[bool]:
    text = table.c.title + "\n" + table.c.deck + "\n" + cast(table.c.paragraphs, String)
    return and_(*(func.lower(text).contains(word.lower(), autoescape=True) for word in words))


def _put_keys(connection: Connection, links: Sequence[tuple[str, str]]) -> None:
    """As the driver takes it: of all rows these are the most, and there is nothing in them to convert."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    connection.exec_driver_sql(_NEW_KEY.format(mark=mark), list(links))


def _save_keys(connection: Connection, article: Article, owner: str) -> None:
    _put_keys(connection, [(key, owner) for key in keys(article)])


def _owner(connection: Connection, article: Article) -> str | None:
    """Id of the stored article that this one is, if any."""
    own = keys(article)
    owners = _owners(connection, own)
    return next((owners[key] for key in own if key in owners), None)


def _owners(connection: Connection, asked: Iterable[str]) -> dict[str, str]:
    """Key → id of the stored article that has it."""
    return dict(connection.execute(_OWNERS, {"keys": list(asked)}).tuples().all())


def _row(article: Article) -> dict[str, object]:
    published = article.published
    stamp = None
    if published is not None:
        stamp = published.date().isoformat() if article.day_only else published.isoformat()
    return {
        "id": article.id,
        "source": article.source,
        "guid": article.guid,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "title": article.title,
        "deck": article.deck,
        "byline": article.byline,
        "published": stamp,
        "published_at": published,
        "paragraphs": list(article.paragraphs),
        "language": article.language,
        "content_hash": article.content_hash,
        "teaser": article.teaser,
        "fetched_at": article.fetched_at or datetime.now(UTC),
        "file_name": article.file_name,
        "original": article.original,
    }


def _article(row: RowMapping) -> Article:
    stamp: str | None = row["published"]
    day_only = stamp is not None and "T" not in stamp
    published = None
    if stamp is not None:
        published = datetime.fromisoformat(stamp)
        published = published.replace(tzinfo=UTC) if day_only else published
    given = {name: row[name] for name in row if name not in {"number", "published", "published_at", "paragraphs"}}
    return Article(**given, published=published, day_only=day_only, paragraphs=tuple(row["paragraphs"]))
