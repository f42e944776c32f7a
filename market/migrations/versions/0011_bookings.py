"""Sessions of trainings get rows of their own; bookings, people on them, seat pledges."""

import json
import secrets
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seats_min", sa.Integer(), nullable=False),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("seats_taken", sa.Integer(), nullable=False),
        sa.Column("seats_booked", sa.Integer(), nullable=False),
        sa.Column("seats_waiting", sa.Integer(), nullable=False),
        sa.Column("seats_pledged", sa.Integer(), nullable=False),
        sa.Column("pledgers", sa.Integer(), nullable=False),
        sa.Column("cancel_by", sa.Date(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seats_taken + seats_booked <= seats_max", name=op.f("ck_course_sessions_never_overbooked")),
        sa.CheckConstraint("seats_taken >= 0 AND seats_booked >= 0", name=op.f("ck_course_sessions_counted")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_course_sessions_offering_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_sessions")),
        sa.UniqueConstraint(
            "offering_id",
            "starts_on",
            "ends_on",
            "number",
            name=op.f("uq_course_sessions_offering_id_starts_on_ends_on_number"),
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_course_sessions_ref")),
    )
    with op.batch_alter_table("course_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_sessions_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_sessions_starts_on"), ["starts_on"], unique=False)

    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bookings_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bookings_person_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["course_sessions.id"], name=op.f("fk_bookings_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("ref", name=op.f("uq_bookings_ref")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bookings_hold_until"), ["hold_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_state"), ["state"], unique=False)

    op.create_table(
        "participants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("certificate_type", sa.String(), nullable=False),
        sa.Column("certificate_number", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_participants_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_participants_certificate_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
        sa.UniqueConstraint("ref", name=op.f("uq_participants_ref")),
    )
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participants_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "seat_pledges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_seat_pledges_booking_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_seat_pledges_offering_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_seat_pledges_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_seat_pledges_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["course_sessions.id"], name=op.f("fk_seat_pledges_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_pledges")),
        sa.UniqueConstraint("ref", name=op.f("uq_seat_pledges_ref")),
    )
    with op.batch_alter_table("seat_pledges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_pledges_offering_id"), ["offering_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seat_pledges_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seat_pledges_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seat_pledges_state"), ["state"], unique=False)

    _fill()


def _fill() -> None:
    """The sessions written in the details, a row each; those on the same days are numbered."""
    connection = op.get_bind()
    rows = sa.table(
        "course_sessions",
        *(sa.column(name) for name in ("ref", "offering_id", "number", "seats_min", "seats_max", "seats_taken")),
        *(sa.column(name) for name in ("seats_booked", "seats_waiting", "seats_pledged", "pledgers", "language")),
        *(sa.column(name) for name in ("place", "state")),
        *(sa.column(name, sa.Date()) for name in ("starts_on", "ends_on", "cancel_by")),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    trainings = connection.execute(sa.text("SELECT id, details FROM offerings WHERE kind = 'training'")).all()
    for offering_id, details in trainings:
        written = json.loads(details) if isinstance(details, str) else details
        seen: dict[tuple[str, str], int] = {}
        for session in (written or {}).get("sessions") or ():
            days = (session["starts_on"], session["ends_on"])
            seen[days] = seen.get(days, 0) + 1
            most = int(session["seats_max"])
            connection.execute(
                rows.insert().values(
                    ref="".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(10)),
                    offering_id=offering_id,
                    starts_on=date.fromisoformat(days[0]),
                    ends_on=date.fromisoformat(days[1]),
                    number=seen[days],
                    seats_min=int(session.get("seats_min", 1)),
                    seats_max=most,
                    seats_taken=min(int(session.get("seats_taken", 0)), most),
                    seats_booked=0,
                    seats_waiting=0,
                    seats_pledged=0,
                    pledgers=0,
                    cancel_by=date.fromisoformat(session["cancel_by"]) if session.get("cancel_by") else None,
                    language=session.get("language", "de"),
                    place="",
                    state="open",
                    created_at=datetime.now(UTC),
                )
            )


def downgrade() -> None:
    for table in ("seat_pledges", "participants", "bookings", "course_sessions"):
        op.drop_table(table)
