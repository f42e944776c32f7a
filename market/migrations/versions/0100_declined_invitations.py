"""Invited firms decline with a reason"""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("need_invitations") as table:
        table.add_column(sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("declined_reason", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("need_invitations") as table:
        table.drop_column("declined_reason")
        table.drop_column("declined_at")
