"""Silences; deliveries that wait for quiet hours to end or for a digest say so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table and the columns."""
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("waits", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("digest", sa.String(length=40), server_default="", nullable=False))
    op.create_table(
        "silences",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=True),
        sa.Column("story", sa.String(length=16), nullable=True),
        sa.Column("entity", sa.String(length=64), nullable=True),
        sa.Column("tag", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_silences")),
    )
    op.create_index(op.f("ix_silences_until"), "silences", ["until"])
