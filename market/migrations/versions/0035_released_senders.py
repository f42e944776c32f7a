"""Senders a firm lets ask again"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enquiry_threads", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("enquiry_threads", "released_at")
