"""Inbox of firms, saved searches, alerts"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("moved_at", moment, nullable=True),
        _key("notices", "organisation_id", "organisations"),
        _key("notices", "need_id", "needs"),
        _key("notices", "offering_id", "offerings", "SET NULL"),
        _key("notices", "person_id", "people", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("ref", name=op.f("uq_notices_ref")),
        sa.UniqueConstraint("organisation_id", "need_id", name=op.f("uq_notices_organisation_id_need_id")),
    )
    _index("notices", "organisation_id", "need_id", "offering_id", "person_id", "created_at")
    op.create_table(
        "alert_wishes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        _key("alert_wishes", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_alert_wishes")),
        sa.UniqueConstraint("token", name=op.f("uq_alert_wishes_token")),
    )
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("client_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tab", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.Column("known", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("known_whole", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
        _key("saved_searches", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("ref", name=op.f("uq_saved_searches_ref")),
        sa.UniqueConstraint("token", name=op.f("uq_saved_searches_token")),
    )
    _index("saved_searches", "person_id", "email", "client_hash", "tab", "created_at")
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("search_id", sa.Integer(), nullable=True),
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("written_at", moment, nullable=True),
        _key("alerts", "person_id", "people"),
        _key("alerts", "notice_id", "notices"),
        _key("alerts", "search_id", "saved_searches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("notice_id", "person_id", name=op.f("uq_alerts_notice_id_person_id")),
        sa.UniqueConstraint("search_id", "thing", name=op.f("uq_alerts_search_id_thing")),
    )
    _index("alerts", "person_id", "written_at")
    op.create_index(op.f("ix_alerts_due_at_written_at"), "alerts", ["due_at", "written_at"])


def _key(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table in ("alerts", "saved_searches", "alert_wishes", "notices"):
        op.drop_table(table)
