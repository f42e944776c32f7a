"""That the lead of a joint bid shows it to its partner"""

import sqlalchemy as sa
from alembic import op

revision = "0161"
down_revision = "0165"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bidding_pairs", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bidding_pairs") as table:
        table.drop_column("shown_at")
