"""Partners tell early what they plan, and firms pledge people to it"""

import sqlalchemy as sa
from alembic import op

revision = "0141"
down_revision = "0125"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "lookaheads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("trades", sa.Text(), nullable=False),
        sa.Column("cpv", sa.Text(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("published_at", moment, nullable=True),
        sa.Column("moved_at", moment, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        _key("lookaheads", "organisation_id", "organisations", "CASCADE"),
        _key("lookaheads", "need_id", "needs", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookaheads")),
        sa.UniqueConstraint("ref", name=op.f("uq_lookaheads_ref")),
    )
    for column in ("organisation_id", "need_id"):
        op.create_index(op.f(f"ix_lookaheads_{column}"), "lookaheads", [column])
    op.create_index(op.f("ix_lookaheads_state_last_on"), "lookaheads", ["state", "last_on"])
    op.create_table(
        "capacity_pledges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("lookahead_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        _key("capacity_pledges", "lookahead_id", "lookaheads", "CASCADE"),
        _key("capacity_pledges", "organisation_id", "organisations", "CASCADE"),
        _key("capacity_pledges", "person_id", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_pledges")),
        sa.UniqueConstraint("ref", name=op.f("uq_capacity_pledges_ref")),
        sa.UniqueConstraint(
            "lookahead_id", "organisation_id", name=op.f("uq_capacity_pledges_lookahead_id_organisation_id")
        ),
    )
    for column in ("organisation_id", "person_id"):
        op.create_index(op.f(f"ix_capacity_pledges_{column}"), "capacity_pledges", [column])


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("capacity_pledges")
    op.drop_table("lookaheads")
