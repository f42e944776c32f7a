"""Firms that want a part of a need find the one that wants the rest"""

import sqlalchemy as sa
from alembic import op

revision = "0142"
down_revision = "0141"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "part_interests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        _key("part_interests", "need_id", "needs", "CASCADE"),
        _key("part_interests", "organisation_id", "organisations", "CASCADE"),
        _key("part_interests", "person_id", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_interests")),
        sa.UniqueConstraint("ref", name=op.f("uq_part_interests_ref")),
        sa.UniqueConstraint("need_id", "organisation_id", name=op.f("uq_part_interests_need_id_organisation_id")),
    )
    for column in ("organisation_id", "person_id"):
        op.create_index(op.f(f"ix_part_interests_{column}"), "part_interests", [column])
    op.create_table(
        "introductions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        _key("introductions", "first_id", "part_interests", "CASCADE"),
        _key("introductions", "second_id", "part_interests", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introductions")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_introductions_first_id_second_id")),
    )
    op.create_index(op.f("ix_introductions_second_id"), "introductions", ["second_id"])


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("introductions")
    op.drop_table("part_interests")
