"""Partners group their needs: projects and work packages"""

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        _key("projects", "organisation_id", "organisations", "CASCADE"),
        _key("projects", "contact_id", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("ref", name=op.f("uq_projects_ref")),
    )
    op.create_index(op.f("ix_projects_organisation_id"), "projects", ["organisation_id"])
    op.create_index(op.f("ix_projects_contact_id"), "projects", ["contact_id"])
    op.create_table(
        "work_packages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("need_id", sa.Integer(), nullable=True),
        _key("work_packages", "project_id", "projects", "CASCADE"),
        _key("work_packages", "need_id", "needs", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_packages")),
        sa.UniqueConstraint("ref", name=op.f("uq_work_packages_ref")),
        sa.UniqueConstraint("need_id", name=op.f("uq_work_packages_need_id")),
    )
    op.create_index(op.f("ix_work_packages_project_id"), "work_packages", ["project_id"])


def _key(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    op.drop_table("work_packages")
    op.drop_table("projects")
