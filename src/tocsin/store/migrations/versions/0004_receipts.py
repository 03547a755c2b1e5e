"""Deliveries keep their receipts; channels have a state of health."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds them."""
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("receipt", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "circuits",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_circuits")),
    )
    op.create_index(op.f("ix_attempts_ended_at"), "attempts", ["ended_at"], unique=False)


def downgrade() -> None:
    """Drops them."""
    op.drop_index(op.f("ix_attempts_ended_at"), table_name="attempts")
    op.drop_table("circuits")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("receipt")
