"""publishing"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
        sa.UniqueConstraint("name", name=op.f("uq_settings_name")),
    )
    op.create_table(
        "still_true",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("offerings", sa.JSON(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_still_true_organisation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_still_true")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_still_true_token_hash")),
    )
    with op.batch_alter_table("still_true", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_still_true_organisation_id"), ["organisation_id"], unique=False)

    with op.batch_alter_table("offerings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("returned_reason", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("returned_note", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("paused_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("blocked_weeks", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("confirmed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("asked_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("sunk_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("offerings", schema=None) as batch_op:
        batch_op.drop_column("sunk_on")
        batch_op.drop_column("asked_on")
        batch_op.drop_column("confirmed_on")
        batch_op.drop_column("blocked_weeks")
        batch_op.drop_column("paused_until")
        batch_op.drop_column("returned_note")
        batch_op.drop_column("returned_reason")
        batch_op.drop_column("queued_at")

    with op.batch_alter_table("still_true", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_still_true_organisation_id"))

    op.drop_table("still_true")
    op.drop_table("settings")
