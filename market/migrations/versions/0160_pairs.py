"""Firms that bid together, and the bids that are theirs"""

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0151"
branch_labels = None
depends_on = None

TABLE = "bidding_pairs"


def upgrade() -> None:
    links = [
        ("need_id", "needs.id", "CASCADE", False),
        ("lead_id", "organisations.id", "CASCADE", False),
        ("partner_id", "organisations.id", "CASCADE", False),
        ("proposer_id", "organisations.id", "CASCADE", False),
        ("ender_id", "organisations.id", "SET NULL", True),
        ("proposed_by_id", "people.id", "SET NULL", True),
        ("answered_by_id", "people.id", "SET NULL", True),
    ]
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=nullable) for name, _, _, nullable in links],
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *[
            sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{TABLE}_{name}"), ondelete=gone)
            for name, target, gone, _ in links
        ],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{TABLE}_ref")),
    )
    for name, _, _, _ in links:
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])
    op.create_table(
        "joint_bids",
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_joint_bids_bid_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pair_id"], [f"{TABLE}.id"], name=op.f("fk_joint_bids_pair_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_joint_bids")),
    )
    op.create_index(op.f("ix_joint_bids_pair_id"), "joint_bids", ["pair_id"])


def downgrade() -> None:
    op.drop_table("joint_bids")
    op.drop_table(TABLE)
