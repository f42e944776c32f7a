"""needs and tenders"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("visibility", sa.String(), nullable=False, server_default="public"))
        batch_op.add_column(sa.Column("late_policy", sa.String(), nullable=False, server_default="refuse"))
        batch_op.add_column(sa.Column("is_template", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("contact_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("contact_hidden", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("estimate_cents", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("submitted_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("refused_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancelled_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_needs_approved_by_id"), ["approved_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_submitted_by_id"), ["submitted_by_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_needs_approved_by_id"), "people", ["approved_by_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_needs_submitted_by_id"), "people", ["submitted_by_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_needs_contact_id"), "people", ["contact_id"], ["id"], ondelete="SET NULL"
        )

    op.create_table(
        "approval_thresholds",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_approval_thresholds_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_approval_thresholds")),
    )
    op.create_table(
        "amendments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("deadline_moved", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_amendments_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_amendments_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
        sa.UniqueConstraint("need_id", "version", name=op.f("uq_amendments_need_id_version")),
    )
    with op.batch_alter_table("amendments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendments_person_id"), ["person_id"], unique=False)

    op.create_table(
        "criteria",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("is_price", sa.Boolean(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_criteria_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria")),
        sa.UniqueConstraint("ref", name=op.f("uq_criteria_ref")),
    )
    with op.batch_alter_table("criteria", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criteria_need_id"), ["need_id"], unique=False)

    op.create_table(
        "lots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_lots_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("ref", name=op.f("uq_lots_ref")),
    )
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lots_need_id"), ["need_id"], unique=False)

    op.create_table(
        "need_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name=op.f("fk_need_invitations_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_need_invitations_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_invitations")),
        sa.UniqueConstraint("need_id", "organisation_id", name=op.f("uq_need_invitations_need_id_organisation_id")),
    )
    with op.batch_alter_table("need_invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_invitations_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "need_papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("gated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_need_papers_file_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_need_papers_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_papers")),
        sa.UniqueConstraint("ref", name=op.f("uq_need_papers_ref")),
    )
    with op.batch_alter_table("need_papers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_papers_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_papers_need_id"), ["need_id"], unique=False)

    op.create_table(
        "need_roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_need_roles_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_need_roles_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_roles")),
        sa.UniqueConstraint("need_id", "person_id", "role", name=op.f("uq_need_roles_need_id_person_id_role")),
    )
    with op.batch_alter_table("need_roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_roles_person_id"), ["person_id"], unique=False)

    op.create_table(
        "need_watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_need_watches_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_need_watches_organisation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_watches")),
        sa.UniqueConstraint("need_id", "organisation_id", name=op.f("uq_need_watches_need_id_organisation_id")),
    )
    with op.batch_alter_table("need_watches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_watches_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "bidder_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_bidder_questions_answered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_bidder_questions_lot_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name=op.f("fk_bidder_questions_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_bidder_questions_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_bidder_questions_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bidder_questions")),
        sa.UniqueConstraint("ref", name=op.f("uq_bidder_questions_ref")),
    )
    with op.batch_alter_table("bidder_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bidder_questions_answered_by_id"), ["answered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bidder_questions_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bidder_questions_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bidder_questions_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bidder_questions_person_id"), ["person_id"], unique=False)

    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("required_on", sa.Date(), nullable=True),
        sa.Column("cpv", sa.String(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_items_lot_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_items_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("ref", name=op.f("uq_items_ref")),
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_items_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_items_need_id"), ["need_id"], unique=False)

    op.create_table(
        "requirements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("knock_out", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_requirements_lot_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_requirements_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirements")),
        sa.UniqueConstraint("ref", name=op.f("uq_requirements_ref")),
    )
    with op.batch_alter_table("requirements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requirements_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_requirements_need_id"), ["need_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("requirements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirements_need_id"))
        batch_op.drop_index(batch_op.f("ix_requirements_lot_id"))

    op.drop_table("requirements")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_items_need_id"))
        batch_op.drop_index(batch_op.f("ix_items_lot_id"))

    op.drop_table("items")
    with op.batch_alter_table("bidder_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bidder_questions_person_id"))
        batch_op.drop_index(batch_op.f("ix_bidder_questions_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_bidder_questions_need_id"))
        batch_op.drop_index(batch_op.f("ix_bidder_questions_lot_id"))
        batch_op.drop_index(batch_op.f("ix_bidder_questions_answered_by_id"))

    op.drop_table("bidder_questions")
    with op.batch_alter_table("need_watches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_watches_organisation_id"))

    op.drop_table("need_watches")
    with op.batch_alter_table("need_roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_roles_person_id"))

    op.drop_table("need_roles")
    with op.batch_alter_table("need_papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_papers_need_id"))
        batch_op.drop_index(batch_op.f("ix_need_papers_file_id"))

    op.drop_table("need_papers")
    with op.batch_alter_table("need_invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_invitations_organisation_id"))

    op.drop_table("need_invitations")
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lots_need_id"))

    op.drop_table("lots")
    with op.batch_alter_table("criteria", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_criteria_need_id"))

    op.drop_table("criteria")
    with op.batch_alter_table("amendments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amendments_person_id"))

    op.drop_table("amendments")
    op.drop_table("approval_thresholds")

    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_needs_contact_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_needs_submitted_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_needs_approved_by_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_needs_submitted_by_id"))
        batch_op.drop_index(batch_op.f("ix_needs_contact_id"))
        batch_op.drop_index(batch_op.f("ix_needs_approved_by_id"))
        batch_op.drop_column("cancelled_reason")
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("completed_at")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("opened_at")
        batch_op.drop_column("refused_reason")
        batch_op.drop_column("approved_by_id")
        batch_op.drop_column("submitted_by_id")
        batch_op.drop_column("submitted_at")
        batch_op.drop_column("estimate_cents")
        batch_op.drop_column("contact_hidden")
        batch_op.drop_column("contact_id")
        batch_op.drop_column("is_template")
        batch_op.drop_column("late_policy")
        batch_op.drop_column("visibility")
        batch_op.drop_column("version")
