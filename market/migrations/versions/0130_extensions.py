"""The marketplace's own health log, and deadlines that are extended for all where it shows an outage"""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "health_minutes",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("away", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_health_minutes")),
    )
    op.create_table(
        "deadline_extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("outages", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _key("need_id", "needs", "CASCADE"),
        _key("decided_by_id", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_extensions")),
        sa.UniqueConstraint("ref", name=op.f("uq_deadline_extensions_ref")),
        sa.UniqueConstraint("need_id", "deadline", name=op.f("uq_deadline_extensions_need_id_deadline")),
    )
    op.create_index(op.f("ix_deadline_extensions_decided_by_id"), "deadline_extensions", ["decided_by_id"])


def _key(column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_deadline_extensions_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("deadline_extensions")
    op.drop_table("health_minutes")
