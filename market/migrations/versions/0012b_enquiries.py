"""enquiries"""

import sqlalchemy as sa
from alembic import op

revision = "0012b"
down_revision = "0015b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiry_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_drafts")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_enquiry_drafts_token_hash")),
    )
    with op.batch_alter_table("enquiry_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_drafts_client_hash"), ["client_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_drafts_created_at"), ["created_at"], unique=False)

    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_enquiries_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_enquiries_person_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
        sa.UniqueConstraint("ref", name=op.f("uq_enquiries_ref")),
    )
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiries_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiries_person_id"), ["person_id"], unique=False)

    op.create_table(
        "enquiry_threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_minutes", sa.Integer(), nullable=True),
        sa.Column("reported_reason", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.id"], name=op.f("fk_enquiry_threads_enquiry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_enquiry_threads_offering_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_enquiry_threads_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_threads")),
        sa.UniqueConstraint("ref", name=op.f("uq_enquiry_threads_ref")),
    )
    with op.batch_alter_table("enquiry_threads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_threads_enquiry_id"), ["enquiry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_threads_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_threads_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_enquiry_threads_organisation_id_asked_at"), ["organisation_id", "asked_at"], unique=False
        )

    op.create_table(
        "enquiry_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_enquiry_links_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["enquiry_threads.id"], name=op.f("fk_enquiry_links_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_enquiry_links_token_hash")),
    )
    with op.batch_alter_table("enquiry_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_links_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_links_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "enquiry_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_enquiry_messages_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["enquiry_threads.id"], name=op.f("fk_enquiry_messages_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_messages")),
        sa.UniqueConstraint("ref", name=op.f("uq_enquiry_messages_ref")),
    )
    with op.batch_alter_table("enquiry_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_messages_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_messages_thread_id"), ["thread_id"], unique=False)

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_column("answer_minutes")

    with op.batch_alter_table("enquiry_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_messages_thread_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_messages_person_id"))

    op.drop_table("enquiry_messages")
    with op.batch_alter_table("enquiry_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_links_thread_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_links_person_id"))

    op.drop_table("enquiry_links")
    with op.batch_alter_table("enquiry_threads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_threads_organisation_id_asked_at"))
        batch_op.drop_index(batch_op.f("ix_enquiry_threads_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_threads_offering_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_threads_enquiry_id"))

    op.drop_table("enquiry_threads")
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiries_person_id"))
        batch_op.drop_index(batch_op.f("ix_enquiries_organisation_id"))

    op.drop_table("enquiries")
    with op.batch_alter_table("enquiry_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_drafts_created_at"))
        batch_op.drop_index(batch_op.f("ix_enquiry_drafts_client_hash"))

    op.drop_table("enquiry_drafts")
