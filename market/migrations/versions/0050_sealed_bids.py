"""Sealed bids, their receipts and their opening"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_keys")),
    )
    op.create_table(
        "opening_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("memory", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_opening_keys_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_opening_keys_public")),
    )
    with op.batch_alter_table("opening_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_keys_person_id"), ["person_id"], unique=False)

    op.create_table(
        "bid_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_bid_drafts_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bid_drafts_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["people.id"], name=op.f("fk_bid_drafts_saved_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_drafts")),
        sa.UniqueConstraint("need_id", "organisation_id", name=op.f("uq_bid_drafts_need_id_organisation_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_bid_drafts_ref")),
    )
    with op.batch_alter_table("bid_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_drafts_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_drafts_saved_by_id"), ["saved_by_id"], unique=False)

    op.create_table(
        "bid_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("seal_ref", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_bid_log_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_log")),
        sa.UniqueConstraint("hash", name=op.f("uq_bid_log_hash")),
        sa.UniqueConstraint("prev", name=op.f("uq_bid_log_prev")),
        sa.UniqueConstraint("seal_ref", "place", name=op.f("uq_bid_log_seal_ref_place")),
    )
    with op.batch_alter_table("bid_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_log_need_id"), ["need_id"], unique=False)

    op.create_table(
        "bids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("need_version", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_bids_need_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bids_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bids_person_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bids")),
        sa.UniqueConstraint("ref", name=op.f("uq_bids_ref")),
    )
    with op.batch_alter_table("bids", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bids_need_id_organisation_id"), ["need_id", "organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_bids_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bids_person_id"), ["person_id"], unique=False)

    op.create_table(
        "opening_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bids", sa.JSON(), nullable=False),
        sa.Column("log_place", sa.Integer(), nullable=False),
        sa.Column("log_head", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_opening_records_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_records")),
        sa.UniqueConstraint("need_id", name=op.f("uq_opening_records_need_id")),
    )
    op.create_table(
        "seals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("platform", sa.LargeBinary(), nullable=True),
        sa.Column("halves", sa.JSON(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_place", sa.Integer(), nullable=False),
        sa.Column("log_head", sa.String(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["giver_id"], ["people.id"], name=op.f("fk_seals_giver_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_seals_need_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("need_id", name=op.f("uq_seals_need_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_seals_ref")),
    )
    with op.batch_alter_table("seals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seals_giver_id"), ["giver_id"], unique=False)

    op.create_table(
        "bid_draft_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["bid_drafts.id"], name=op.f("fk_bid_draft_files_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_draft_files")),
        sa.UniqueConstraint("key", name=op.f("uq_bid_draft_files_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_bid_draft_files_ref")),
    )
    with op.batch_alter_table("bid_draft_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_draft_files_draft_id"), ["draft_id"], unique=False)

    op.create_table(
        "bid_files",
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_files_bid_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_bid_files_file_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bid_id", "file_id", name=op.f("pk_bid_files")),
    )
    with op.batch_alter_table("bid_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_files_file_id"), ["file_id"], unique=False)

    op.create_table(
        "bid_receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("bid_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_bid_receipts_bid_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_receipts")),
        sa.UniqueConstraint("ref", name=op.f("uq_bid_receipts_ref")),
    )
    with op.batch_alter_table("bid_receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_receipts_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "seal_openers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["opening_keys.id"], name=op.f("fk_seal_openers_key_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_seal_openers_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name=op.f("fk_seal_openers_seal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_openers")),
        sa.UniqueConstraint("seal_id", "person_id", name=op.f("uq_seal_openers_seal_id_person_id")),
    )
    with op.batch_alter_table("seal_openers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seal_openers_key_id"), ["key_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seal_openers_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("seal_openers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seal_openers_person_id"))
        batch_op.drop_index(batch_op.f("ix_seal_openers_key_id"))

    op.drop_table("seal_openers")
    with op.batch_alter_table("bid_receipts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_receipts_bid_id"))

    op.drop_table("bid_receipts")
    with op.batch_alter_table("bid_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_files_file_id"))

    op.drop_table("bid_files")
    with op.batch_alter_table("bid_draft_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_draft_files_draft_id"))

    op.drop_table("bid_draft_files")
    with op.batch_alter_table("seals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seals_giver_id"))

    op.drop_table("seals")
    op.drop_table("opening_records")
    with op.batch_alter_table("bids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bids_person_id"))
        batch_op.drop_index(batch_op.f("ix_bids_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_bids_need_id_organisation_id"))

    op.drop_table("bids")
    with op.batch_alter_table("bid_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_log_need_id"))

    op.drop_table("bid_log")
    with op.batch_alter_table("bid_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_drafts_saved_by_id"))
        batch_op.drop_index(batch_op.f("ix_bid_drafts_organisation_id"))

    op.drop_table("bid_drafts")
    with op.batch_alter_table("opening_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_keys_person_id"))

    op.drop_table("opening_keys")
    op.drop_table("receipt_keys")
