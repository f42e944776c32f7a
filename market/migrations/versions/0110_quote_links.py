"""Firms answer requests for quotation by the link of their letter"""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("need_id", "needs", "CASCADE"),
        _key("organisation_id", "organisations", "CASCADE"),
        _key("person_id", "people", "CASCADE"),
        _key("bid_id", "bids", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_links")),
        sa.UniqueConstraint("ref", name=op.f("uq_quote_links_ref")),
        sa.UniqueConstraint(
            "need_id", "organisation_id", "email", name=op.f("uq_quote_links_need_id_organisation_id_email")
        ),
    )
    for column in ("organisation_id", "person_id", "bid_id"):
        op.create_index(op.f(f"ix_quote_links_{column}"), "quote_links", [column])


def _key(column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_quote_links_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("quote_links")
