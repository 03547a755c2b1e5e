"""When an article was last looked at; which deliveries take back what their channel was never told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, and an index over a story's alerts in their order."""
    with op.batch_alter_table("looks") as table:
        table.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("unheard", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_alerts_story_created_at"), "alerts", ["story", "created_at"], unique=False)
    op.drop_index(op.f("ix_alerts_story"), table_name="alerts")


def downgrade() -> None:
    """Drops them."""
    op.create_index(op.f("ix_alerts_story"), "alerts", ["story"], unique=False)
    op.drop_index(op.f("ix_alerts_story_created_at"), table_name="alerts")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("unheard")
    with op.batch_alter_table("looks") as table:
        table.drop_column("looked_at")
