"""When an article was last looked at; which deliveries take back what their channel was never told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    with op.batch_alter_table("looks") as table:
        table.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("unheard", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drops them."""
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("unheard")
    with op.batch_alter_table("looks") as table:
        table.drop_column("looked_at")
