"""Sources have a rhythm, a way they moved, and a memory of their last feed; articles have revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIMES = ("full_at", "hold_until", "new_at", "gap_at")


def upgrade() -> None:
    """Adds the columns."""
    with op.batch_alter_table("source_states") as table:
        for name in ("asked_url", "moved_to"):
            table.add_column(sa.Column(name, sa.Text(), nullable=True))
        for name in _TIMES:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name in ("rhythm", "ttl"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name in ("skip_hours", "window"):
            table.add_column(sa.Column(name, sa.JSON(), server_default="[]", nullable=False))
        table.add_column(sa.Column("gaps", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("deck", sa.Text(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=False),
        sa.Column("paragraphs", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_revisions_article_articles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revisions")),
    )
    op.create_index(op.f("ix_revisions_article"), "revisions", ["article"], unique=False)


def downgrade() -> None:
    """Drops them."""
    op.drop_index(op.f("ix_revisions_article"), table_name="revisions")
    op.drop_table("revisions")
    with op.batch_alter_table("source_states") as table:
        for name in ("asked_url", "moved_to", *_TIMES, "rhythm", "ttl", "skip_hours", "window", "gaps"):
            table.drop_column(name)
