"""verdicts on reports"""

import sqlalchemy as sa
from alembic import op

revision = "0012c"
down_revision = "0012b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("enquiry_threads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verdict", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("enquiry_threads", schema=None) as batch_op:
        batch_op.drop_column("judged_at")
        batch_op.drop_column("verdict")
