"""Daily views"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0012c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_views",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref", "day", name=op.f("pk_daily_views")),
    )


def downgrade() -> None:
    op.drop_table("daily_views")
