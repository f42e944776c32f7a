"""Files of drafts that come piece by piece"""

import sqlalchemy as sa
from alembic import op

revision = "0150"
down_revision = "0126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bid_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("came", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["bid_drafts.id"], name=op.f("fk_bid_uploads_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_uploads")),
        sa.UniqueConstraint("ref", name=op.f("uq_bid_uploads_ref")),
    )
    op.create_index(op.f("ix_bid_uploads_draft_id"), "bid_uploads", ["draft_id"])
    op.create_index(op.f("ix_bid_uploads_touched_at"), "bid_uploads", ["touched_at"])
    op.create_table(
        "bid_upload_pieces",
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["bid_uploads.id"], name=op.f("fk_bid_upload_pieces_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_bid_upload_pieces")),
        sa.UniqueConstraint("key", name=op.f("uq_bid_upload_pieces_key")),
    )


def downgrade() -> None:
    op.drop_table("bid_upload_pieces")
    op.drop_table("bid_uploads")
