"""Late bids that are admitted by link"""

import sqlalchemy as sa
from alembic import op

revision = "0165"
down_revision = "0160"
branch_labels = None
depends_on = None

PEOPLE = ("proposed_by_id", "decided_by_id", "redeemed_by_id")


def upgrade() -> None:
    op.create_table(
        "late_admissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_sha256", sa.String(), nullable=True),
        sa.Column("redeemed_by_id", sa.Integer(), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bid_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_late_admissions_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_late_admissions_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_late_admissions_bid_id"), ondelete="SET NULL"),
        *(
            sa.ForeignKeyConstraint(
                [column], ["people.id"], name=op.f(f"fk_late_admissions_{column}"), ondelete="SET NULL"
            )
            for column in PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_admissions")),
        sa.UniqueConstraint("ref", name=op.f("uq_late_admissions_ref")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_late_admissions_token_sha256")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_late_admissions_bid_id")),
    )
    for column in ("need_id", "organisation_id", *PEOPLE):
        op.create_index(op.f(f"ix_late_admissions_{column}"), "late_admissions", [column])


def downgrade() -> None:
    op.drop_table("late_admissions")
