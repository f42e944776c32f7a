"""Empty runs: slots that go somewhere, and the movement each comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0151"
down_revision = "0150"
branch_labels = None
depends_on = None

BEFORE = "uq_rail_slots_offering_id_day_window"
AFTER = "uq_rail_slots_offering_id_day_window_origin_destination"
KEY = ["offering_id", "day", "window"]


def upgrade() -> None:
    _keep_movements()
    with op.batch_alter_table("rail_slots") as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("destination", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("wagons", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("length_m", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("gross_mass_t", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("asked_until", sa.Date(), nullable=True))
        batch_op.drop_constraint(batch_op.f(BEFORE), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(AFTER), [*KEY, "origin", "destination"])
    with op.batch_alter_table("rail_slots") as batch_op:
        batch_op.alter_column("origin", server_default=None)
        batch_op.alter_column("destination", server_default=None)
    _bring_movements_back()
    with op.batch_alter_table("movements") as batch_op:
        batch_op.add_column(sa.Column("run_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_movements_run_id"), "rail_slots", ["run_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_movements_run_id"), ["run_id"])


def downgrade() -> None:
    with op.batch_alter_table("movements") as batch_op:
        batch_op.drop_index(batch_op.f("ix_movements_run_id"))
        batch_op.drop_constraint(batch_op.f("fk_movements_run_id"), type_="foreignkey")
        batch_op.drop_column("run_id")
    op.execute("delete from rail_slots where origin <> ''")
    _keep_movements()
    with op.batch_alter_table("rail_slots") as batch_op:
        batch_op.drop_constraint(batch_op.f(AFTER), type_="unique")
        batch_op.create_unique_constraint(batch_op.f(BEFORE), KEY)
        for name in ("asked_until", "gross_mass_t", "length_m", "wagons", "destination", "origin"):
            batch_op.drop_column(name)
    _bring_movements_back()


def _keep_movements() -> None:
    """SQLite changes a constraint by writing the table anew, and dropping the old one drops what hangs on it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("create table kept_movements as select * from movements")


def _bring_movements_back() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("delete from movements")
        op.execute("insert into movements select * from kept_movements")
        op.execute("drop table kept_movements")
