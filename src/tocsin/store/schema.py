"""The tables. The migrations make them; a test holds that both agree.

Times are stored in UTC. `alert_json` and its like hold the value as it was when it was decided, so that what is sent
and explained later is what was decided then, whatever the rules say by now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; naive times are refused, they would be somebody's local ones."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a time without a zone cannot be stored: {value!r}"
            raise ValueError(msg)
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class json_each(FunctionElement[str]):  # noqa: N801 - named like the function it is
    """The texts of a JSON list, as rows with one column `value`."""

    name = "json_each"
    inherit_cache = True


@compiles(json_each)
def _on_sqlite(element: json_each, compiler: SQLCompiler, **given: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **given)})"


@compiles(json_each, "postgresql")
def _on_postgresql(element: json_each, compiler: SQLCompiler, **given: Any) -> str:
    return f"json_array_elements_text({compiler.process(element.clauses, **given)})"


source_states = Table(
    "source_states",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("outcome", String(16)),
    Column("reason", String(40)),
    Column("detail", Text, nullable=False, default=""),
    Column("failures", Integer, nullable=False, default=0),
    Column("polled_at", Utc),
    Column("success_at", Utc),
    Column("due_at", Utc),
    Column("asked_url", Text),
    Column("moved_to", Text),
    Column("full_at", Utc),
    Column("hold_until", Utc),
    Column("new_at", Utc),
    Column("rhythm", Integer),  # seconds
    Column("ttl", Integer),  # seconds
    Column("skip_hours", JSON, nullable=False, server_default="[]"),
    Column("window", JSON, nullable=False, server_default="[]"),
    Column("gaps", Integer, nullable=False, server_default="0"),
    Column("gap_at", Utc),
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", String(300), primary_key=True),  # host:port, or a folder
    Column("lease_owner", String(120)),
    Column("lease_until", Utc),
)

articles = Table(
    "articles",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(16), nullable=False, unique=True),
    Column("source", String(64), nullable=False),
    Column("guid", Text),
    Column("url", Text),
    Column("canonical_url", Text),
    Column("title", Text, nullable=False),
    Column("deck", Text, nullable=False),
    Column("byline", Text, nullable=False),
    Column("published", String(40)),  # ISO 8601 in the publisher's own offset; a bare day when only that is known
    Column("published_at", Utc),
    Column("paragraphs", JSON, nullable=False),
    Column("language", String(3)),
    Column("content_hash", String(64), nullable=False),
    Column("teaser", Boolean, nullable=False),
    Column("fetched_at", Utc, nullable=False),
    Column("file_name", Text),
    Column("original", Text),
    Index(None, "source", "fetched_at"),
    Index(None, "published_at"),
)

article_keys = Table(
    "article_keys",
    metadata,
    Column("key", String(700), primary_key=True),
    Column("article", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Index(None, "article"),
)

forgotten_keys = Table(
    "forgotten_keys",
    metadata,
    # 64 bits of the key's hash: a feed may list for years what was deleted, and it must not be new again.
    Column("key", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),  # days since 1970, about when the article came
)

sightings = Table(
    "sightings",
    metadata,
    Column("article", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("url", Text),
    Column("seen_at", Utc, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("article", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),
    Column("deck", Text, nullable=False, default=""),
    Column("byline", Text, nullable=False, default=""),
    Column("paragraphs", JSON, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("seen_at", Utc, nullable=False),
    Index(None, "article"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("title", Text, nullable=False),
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),
    Index(None, "last_seen"),
)

story_reports = Table(
    "story_reports",
    metadata,
    Column("story", ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("article", String(16), primary_key=True),
    Column("report_json", Text, nullable=False),
    Column("features_json", Text, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Index(None, "article"),
)

matches = Table(
    "matches",
    metadata,
    Column("article", String(16), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("grade", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("story", String(16)),
    Column("match_json", Text, nullable=False),
    Column("held", String(40)),  # why it is not told; null when it is
    Column("held_detail", Text, nullable=False, default=""),
    Column("judged_at", Utc, nullable=False),
    Index(None, "judged_at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("story", String(16), nullable=False),
    Column("article", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("alert_json", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Index(None, "story", "created_at"),
    Index(None, "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("alert", ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("lease_owner", String(120)),
    Column("lease_until", Utc),
    Column("started_at", Utc),  # a send began; null again once its outcome is written
    Column("sent_at", Utc),
    Column("last_error", Text, nullable=False, default=""),
    Column("receipt", Text, nullable=False, server_default=""),  # what the channel calls the message
    Column("waits", Text, nullable=False, server_default=""),  # why it is due later than it was made
    Column("digest", String(40), nullable=False, server_default=""),  # deliveries with the same one are one message
    Column("unheard", Boolean, nullable=False, server_default=false()),  # it takes back what was not told before
    Index(None, "state", "due_at"),
    Index(None, "alert"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("delivery", ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("worker", String(120), nullable=False),
    Column("started_at", Utc),
    Column("ended_at", Utc, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Index(None, "delivery"),
    Index(None, "ended_at"),
)

circuits = Table(
    "circuits",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rest_until", Utc),
)

silences = Table(
    "silences",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("until", Utc, nullable=False),
    Column("rule", String(64)),
    Column("story", String(16)),
    Column("entity", String(64)),
    Column("tag", String(64)),
    Column("source", String(64)),
    Column("channel", String(64)),
    Index(None, "until"),
)

looks = Table(
    "looks",
    metadata,
    Column("article", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("told_at", Utc, nullable=False),
    Column("looked_at", Utc),
    Column("due_at", Utc),  # null: it is not looked at any more
    Column("etag", Text),
    Column("last_modified", Text),
    Column("page_title", Text, nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("says", JSON(none_as_null=True)),  # rules whose event its page says; null while it was never read there
    Column("missing_since", Utc),
    Column("vanished_at", Utc),
    Column("detail", Text, nullable=False),
    Index(None, "due_at"),
)

outages = Table(
    "outages",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("id", String(16), nullable=False),
    Column("since", Utc, nullable=False),
    Column("detail", Text, nullable=False),
    Column("opened_at", Utc),
    Column("ended_at", Utc),
    Column("returned", Boolean, nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("report_json", Text, nullable=False, default="{}"),
)

blind_spots = Table(
    "blind_spots",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("since", Utc, nullable=False),  # the last poll that saw the source
    Column("until", Utc),  # the next one; null while it cannot be seen
    Column("lost", Boolean, nullable=False),  # its feed no longer held what it held at `since`
    Column("detail", Text, nullable=False),
    Index(None, "until"),
    Index(None, "source", "until"),
)

totals = Table(
    "totals",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("labels", String(200), primary_key=True),  # a JSON object
    Column("value", Integer, nullable=False),
)
