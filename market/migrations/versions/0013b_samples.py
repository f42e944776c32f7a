"""Orders of laboratory tests"""

import sqlalchemy as sa
from alembic import op

revision = "0013b"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sample_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("accreditation_number", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["organisations.id"], name=op.f("fk_sample_orders_buyer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lab_id"], ["organisations.id"], name=op.f("fk_sample_orders_lab_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_sample_orders_offering_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["files.id"], name=op.f("fk_sample_orders_report_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_orders")),
        sa.UniqueConstraint("ref", name=op.f("uq_sample_orders_ref")),
    )
    with op.batch_alter_table("sample_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_orders_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_orders_lab_id"), ["lab_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_orders_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_orders_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_orders_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sample_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_orders_state"))
        batch_op.drop_index(batch_op.f("ix_sample_orders_report_id"))
        batch_op.drop_index(batch_op.f("ix_sample_orders_offering_id"))
        batch_op.drop_index(batch_op.f("ix_sample_orders_lab_id"))
        batch_op.drop_index(batch_op.f("ix_sample_orders_buyer_id"))

    op.drop_table("sample_orders")
