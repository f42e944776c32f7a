"""Rail slots and movements; the slots known so far only as JSON become rows."""

import json
import re
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rail_slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_rail_slots_offering_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rail_slots")),
        sa.UniqueConstraint("offering_id", "day", "window", name=op.f("uq_rail_slots_offering_id_day_window")),
        sa.UniqueConstraint("ref", name=op.f("uq_rail_slots_ref")),
    )
    with op.batch_alter_table("rail_slots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rail_slots_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_rail_slots_offering_id"), ["offering_id"], unique=False)

    op.create_table(
        "movements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("wagons", sa.Integer(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("gross_mass_t", sa.Double(), nullable=False),
        sa.Column("axle_load_t", sa.Double(), nullable=True),
        sa.Column("gauge_mm", sa.Integer(), nullable=False),
        sa.Column("electric", sa.Boolean(), nullable=False),
        sa.Column("un_number", sa.String(), nullable=False),
        sa.Column("rid_class", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_note", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_movements_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["rail_slots.id"], name=op.f("fk_movements_slot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint("ref", name=op.f("uq_movements_ref")),
    )
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_movements_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_movements_series"), ["series"], unique=False)
        batch_op.create_index(batch_op.f("ix_movements_slot_id_state"), ["slot_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_movements_state_held_until"), ["state", "held_until"], unique=False)

    _fill(op.get_bind())


def _fill(bind: sa.Connection) -> None:
    """One row a slot of every rail offering; those whose window cannot be read as a time are left out."""
    slots = sa.table(
        "rail_slots",
        *(sa.column(name) for name in ("offering_id", "ref", "window", "capacity", "unit", "taken", "held", "state")),
        sa.column("day", sa.Date()),
        sa.column("starts_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)),
    )
    offerings = sa.table("offerings", sa.column("id"), sa.column("kind"), sa.column("details"))
    for id_, details in bind.execute(sa.select(offerings.c.id, offerings.c.details).where(offerings.c.kind == "rail")):
        plain = json.loads(details) if isinstance(details, str) else details or {}
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for slot in plain.get("slots", []):
            row = rows.setdefault((slot["day"], slot["window"]), {"capacity": 0, "taken": 0})
            row["capacity"] += slot["capacity"]
            row["taken"] += slot.get("taken", 0)
        for (day, window), row in rows.items():
            if span := _span(date.fromisoformat(day), window):
                given = {"ref": _ref(), "offering_id": id_, "day": date.fromisoformat(day), "window": window}
                given |= {"starts_at": span[0], "ends_at": span[1], "unit": "wagon", "held": 0, "state": "open"}
                bind.execute(slots.insert().values(**given, **row))


def _ref() -> str:
    return "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(10))


def _span(day: date, window: str) -> tuple[datetime, datetime] | None:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", window)
    if found is None:
        return None
    begins, _, ends = window.partition("-")
    last = day + timedelta(days=1) if ends <= begins or ends == "24:00" else day
    return _moment(day, begins), _moment(last, "00:00" if ends == "24:00" else ends)


def _moment(day: date, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def downgrade() -> None:
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_movements_state_held_until"))
        batch_op.drop_index(batch_op.f("ix_movements_slot_id_state"))
        batch_op.drop_index(batch_op.f("ix_movements_series"))
        batch_op.drop_index(batch_op.f("ix_movements_organisation_id"))

    op.drop_table("movements")
    with op.batch_alter_table("rail_slots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rail_slots_offering_id"))
        batch_op.drop_index(batch_op.f("ix_rail_slots_day"))

    op.drop_table("rail_slots")
