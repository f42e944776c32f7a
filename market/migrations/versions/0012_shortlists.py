"""shortlists"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shortlists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_shortlists_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_shortlists_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlists")),
        sa.UniqueConstraint("ref", name=op.f("uq_shortlists_ref")),
    )
    with op.batch_alter_table("shortlists", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shortlists_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortlists_person_id"), ["person_id"], unique=False)

    op.create_table(
        "shortlist_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("shortlist_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("firm", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by_id", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["people.id"], name=op.f("fk_shortlist_items_kept_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["people.id"], name=op.f("fk_shortlist_items_noted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_shortlist_items_offering_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisations.id"], name=op.f("fk_shortlist_items_provider_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["shortlist_id"], ["shortlists.id"], name=op.f("fk_shortlist_items_shortlist_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlist_items")),
        sa.UniqueConstraint("ref", name=op.f("uq_shortlist_items_ref")),
        sa.UniqueConstraint("shortlist_id", "offering_id", name=op.f("uq_shortlist_items_shortlist_id_offering_id")),
        sa.UniqueConstraint("shortlist_id", "provider_id", name=op.f("uq_shortlist_items_shortlist_id_provider_id")),
    )
    with op.batch_alter_table("shortlist_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shortlist_items_kept_by_id"), ["kept_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortlist_items_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortlist_items_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shortlist_items_shortlist_id"), ["shortlist_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("shortlist_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shortlist_items_shortlist_id"))
        batch_op.drop_index(batch_op.f("ix_shortlist_items_provider_id"))
        batch_op.drop_index(batch_op.f("ix_shortlist_items_offering_id"))
        batch_op.drop_index(batch_op.f("ix_shortlist_items_kept_by_id"))

    op.drop_table("shortlist_items")
    with op.batch_alter_table("shortlists", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shortlists_person_id"))
        batch_op.drop_index(batch_op.f("ix_shortlists_organisation_id"))

    op.drop_table("shortlists")
