"""Articles behind alerts are looked at again; a silence may hold for one channel's outages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table and the column."""
    op.create_table(
        "looks",
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("page_title", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("says", sa.JSON(), nullable=True),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_looks_article_articles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_due_at"), "looks", ["due_at"], unique=False)
    with op.batch_alter_table("silences") as table:
        table.add_column(sa.Column("channel", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Drops them."""
    op.drop_index(op.f("ix_looks_due_at"), table_name="looks")
    op.drop_table("looks")
    with op.batch_alter_table("silences") as table:
        table.drop_column("channel")
