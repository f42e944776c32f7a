"""Declarations, scores, rulings, award proposals and the decision for every bid"""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "interest_declarations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        *_keys("interest_declarations", need_id="needs", person_id="people"),
        *_unique("interest_declarations", "need_id", "person_id"),
    )
    op.create_table(
        "score_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.Column("handed_in_at", moment, nullable=True),
        *_keys("score_sheets", need_id="needs", person_id="people"),
        *_unique("score_sheets", "need_id", "person_id"),
    )
    op.create_table(
        "bid_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        *_keys("bid_scores", sheet_id="score_sheets", bid_id="bids", criterion_id="criteria"),
        *_unique("bid_scores", "sheet_id", "bid_id", "criterion_id"),
    )
    op.create_table(
        "agreed_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        *_keys("agreed_scores", bid_id="bids", criterion_id="criteria", person_id="people"),
        *_unique("agreed_scores", "bid_id", "criterion_id"),
    )
    op.create_table(
        "requirement_rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        *_keys("requirement_rulings", bid_id="bids", requirement_id="requirements", person_id="people"),
        *_unique("requirement_rulings", "bid_id", "requirement_id"),
    )
    _proposals(moment)
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _proposals(moment: sa.DateTime) -> None:
    op.create_table(
        "award_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", moment, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        *_keys("award_proposals", need_id="needs", proposed_by_id="people", decided_by_id="people"),
        *_unique("award_proposals", "ref"),
    )
    op.create_table(
        "award_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        *_keys("award_shares", proposal_id="award_proposals", bid_id="bids", lot_id="lots", item_id="items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_shares")),
    )
    op.create_table(
        "bid_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("told_at", moment, nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        *_keys("bid_decisions", need_id="needs", bid_id="bids", proposal_id="award_proposals"),
        *_unique("bid_decisions", "bid_id"),
    )


INDEXES = {
    "interest_declarations": ("person_id",),
    "score_sheets": ("person_id",),
    "bid_scores": ("bid_id", "criterion_id"),
    "agreed_scores": ("criterion_id", "person_id"),
    "requirement_rulings": ("requirement_id", "person_id"),
    "award_proposals": ("need_id", "proposed_by_id", "decided_by_id"),
    "award_shares": ("proposal_id", "bid_id", "lot_id", "item_id"),
    "bid_decisions": ("need_id", "proposal_id"),
}


def _keys(table: str, **others: str) -> list[sa.ForeignKeyConstraint]:
    """What refers to a person stays when the person goes; everything else goes with what it belongs to."""
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{other}.id"],
            name=op.f(f"fk_{table}_{column}_{other}"),
            ondelete="SET NULL" if other == "people" else "CASCADE",
        )
        for column, other in others.items()
    ]


def _unique(table: str, *columns: str) -> tuple[sa.PrimaryKeyConstraint, sa.UniqueConstraint]:
    name = op.f(f"uq_{table}_{'_'.join(columns)}")
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")), sa.UniqueConstraint(*columns, name=name)


def downgrade() -> None:
    for table in (
        "bid_decisions",
        "award_shares",
        "award_proposals",
        "requirement_rulings",
        "agreed_scores",
        "bid_scores",
        "score_sheets",
        "interest_declarations",
    ):
        op.drop_table(table)
