"""The wallet: file, person, who decided what and why."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("source", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("note", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("warned_days", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_certificates_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_replaces_id"), ["replaces_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_valid_until"), ["valid_until"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_certificates_replaces_id"), "certificates", ["replaces_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_certificates_file_id"), "files", ["file_id"], ["id"], ondelete="SET NULL"
        )
    # What lists brought in counted until now and goes on counting; from now on only verified ones count.
    op.execute("UPDATE certificates SET state = 'verified', source = 'import' WHERE state = 'uploaded'")


def downgrade() -> None:
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_certificates_file_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_certificates_replaces_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_certificates_valid_until"))
        batch_op.drop_index(batch_op.f("ix_certificates_state"))
        batch_op.drop_index(batch_op.f("ix_certificates_replaces_id"))
        batch_op.drop_index(batch_op.f("ix_certificates_file_id"))
        batch_op.drop_column("warned_days")
        batch_op.drop_column("note")
        batch_op.drop_column("reason")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("submitted_at")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("file_id")
        batch_op.drop_column("source")
        batch_op.drop_column("holder")
