"""identity providers"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_seen_tokens",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_oidc_seen_tokens")),
    )
    with op.batch_alter_table("oidc_seen_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_seen_tokens_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "oidc_states",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_oidc_states")),
    )
    with op.batch_alter_table("oidc_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_states_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "identity_providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("required_claims", sa.JSON(), nullable=False),
        sa.Column("role_claim", sa.String(), nullable=False),
        sa.Column("role_map", sa.JSON(), nullable=False),
        sa.Column("domains", sa.Text(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_identity_providers_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_providers")),
        sa.UniqueConstraint("issuer", name=op.f("uq_identity_providers_issuer")),
        sa.UniqueConstraint("key", name=op.f("uq_identity_providers_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_identity_providers_ref")),
    )
    with op.batch_alter_table("identity_providers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_providers_organisation_id"), ["organisation_id"], unique=False)


def downgrade() -> None:
    for table in ("identity_providers", "oidc_states", "oidc_seen_tokens"):
        op.drop_table(table)
