"""The half-yearly confirmation of a welder's qualification"""

import sqlalchemy as sa
from alembic import op

revision = "0126"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("certificates") as table:
        table.add_column(sa.Column("confirmed_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("reminded_of", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("certificates") as table:
        table.drop_column("reminded_of")
        table.drop_column("confirmed_on")
