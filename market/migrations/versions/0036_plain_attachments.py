"""Attachments that do not say whose they are"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachments", sa.Column("is_plain", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("attachments") as batch_op:
        batch_op.alter_column("is_plain", server_default=None)


def downgrade() -> None:
    op.drop_column("attachments", "is_plain")
