"""What upkeep deletes stays known, and its keys are found without reading them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table and the index."""
    op.create_table(
        "forgotten_keys",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_forgotten_keys")),
    )
    op.create_index(op.f("ix_article_keys_article"), "article_keys", ["article"], unique=False)


def downgrade() -> None:
    """Drops them."""
    op.drop_index(op.f("ix_article_keys_article"), table_name="article_keys")
    op.drop_table("forgotten_keys")
