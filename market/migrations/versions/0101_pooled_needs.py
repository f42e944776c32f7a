"""Partners ask together: a second one's part in a need"""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "need_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("quantities", sa.JSON(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("invited_at", moment, nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("joined_at", moment, nullable=True),
        sa.Column("joined_by_id", sa.Integer(), nullable=True),
        sa.Column("mark", sa.String(), nullable=False),
        _key("need_id", "needs", "CASCADE"),
        _key("organisation_id", "organisations", "CASCADE"),
        _key("invited_by_id", "people", "SET NULL"),
        _key("joined_by_id", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_shares")),
        sa.UniqueConstraint("ref", name=op.f("uq_need_shares_ref")),
        sa.UniqueConstraint("need_id", "organisation_id", name=op.f("uq_need_shares_need_id_organisation_id")),
    )
    for column in ("organisation_id", "invited_by_id", "joined_by_id"):
        op.create_index(op.f(f"ix_need_shares_{column}"), "need_shares", [column])


def _key(column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_need_shares_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("need_shares")
