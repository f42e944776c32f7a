"""Rows of slots follow the offering's details, and lose nothing that was agreed."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from market.commands.migrate import MIGRATIONS
from market.db import connect
from market.offerings import service as offerings
from market.offerings.slots import span
from market.viewer import OPERATOR
from tests import factories as make
from tests.movements.support import FACILITY, TUESDAY, ask, railway, slot_on, slots_of


def details(*slots: dict[str, object]) -> dict[str, object]:
    return {"services": ["shunting"], "facility": FACILITY, "slots": list(slots)}


def test_slots_follow_the_details(session: Session, now: datetime) -> None:
    offering = railway(session, now, slot_on(TUESDAY, 24, taken=4), slot_on(TUESDAY, 6), slot_on(date(2026, 12, 2)))
    first, second = slots_of(session, offering)
    assert (first.capacity, first.taken, first.free, first.unit) == (30, 4, 26, "wagon")
    assert first.starts_at == datetime(2026, 12, 1, 9, tzinfo=UTC)
    offerings.change(session, OPERATOR, offering, now, details=details(slot_on(TUESDAY, 12, unit="train")))
    assert (first.capacity, first.unit, first.state) == (12, "train", "open")
    assert second.state == "withdrawn"
    offerings.change(session, OPERATOR, offering, now, details=details(slot_on(date(2026, 12, 2), 8)))
    assert [(one.state, one.capacity) for one in slots_of(session, offering)] == [("withdrawn", 12), ("open", 8)]


def test_what_is_agreed_stays_when_its_slot_is_taken_out_or_made_smaller(session: Session, now: datetime) -> None:
    offering = railway(session, now)
    (slot,) = slots_of(session, offering)
    movement = ask(session, slot, make.organisation(session, now), now, wagons=20)
    offerings.change(session, OPERATOR, offering, now, details=details(slot_on(TUESDAY, 15)))
    assert (slot.free, slot.beyond, movement.state) == (0, 5, "requested")
    offerings.change(session, OPERATOR, offering, now, details=details())
    assert (slot.state, slot.held, movement.state) == ("withdrawn", 20, "requested")


def test_windows_over_midnight_and_on_the_night_the_clock_is_moved() -> None:
    begins, ends = span(date(2026, 10, 24), "22:00-06:00")
    assert ends - begins == timedelta(hours=9)
    assert span(TUESDAY, "18:00-24:00")[1] == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert span(TUESDAY, "06:00-06:00")[1] - span(TUESDAY, "06:00-06:00")[0] == timedelta(days=1)


@pytest.fixture
def before(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database as it was before slots had rows, with one rail offering."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    engine = connect(database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("drop database if exists old_slots"))
        connection.execute(text("create database old_slots"))
    yield engine.url.set(database="old_slots").render_as_string(hide_password=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("drop database old_slots with (force)"))
    engine.dispose()


def test_slots_known_as_json_become_rows(before: str) -> None:
    engine = connect(before)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0014")
        command.downgrade(config, "-1")
        empty = {"created_at": "2026-11-24 09:00:00+00:00", "updated_at": "2026-11-24 09:00:00+00:00", "id": 1}
        _insert(connection, "organisations", empty | {"ref": "firm", "name": "Werkbahn", "about": "{}"})
        slots = [slot_on(TUESDAY, 24, taken=3), {**slot_on(TUESDAY, 6), "window": "22:00-06:00"}]
        offering = {"ref": "track", "organisation_id": 1, "kind": "rail", "status": "published", "title": "Gleis"}
        _insert(connection, "offerings", empty | offering | {"details": json.dumps(details(*slots))})
        command.upgrade(config, "0014")
        rows = connection.execute(
            text('select "window", capacity, taken, held, state from rail_slots order by starts_at')
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("10:00-14:00", 24, 3, 0, "open"), ("22:00-06:00", 6, 0, 0, "open")]


def test_what_is_agreed_outlives_the_migration_to_empty_runs_and_back(before: str) -> None:
    engine = connect(before)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0150")
        moment = {"created_at": "2026-11-24 09:00:00+00:00", "updated_at": "2026-11-24 09:00:00+00:00", "id": 1}
        _insert(connection, "organisations", moment | {"ref": "firm", "name": "Werkbahn", "about": "{}"})
        _insert(connection, "offerings", moment | {"ref": "track", "organisation_id": 1, "kind": "rail"})
        times = {
            "day": TUESDAY.isoformat(),
            "starts_at": "2026-12-01 09:00:00+00:00",
            "ends_at": "2026-12-01 13:00:00+00:00",
        }
        slot = {
            "id": 1,
            "ref": "slot",
            "offering_id": 1,
            "window": "10:00-14:00",
            "capacity": 24,
            "taken": 0,
            "held": 9,
        }
        _insert(connection, "rail_slots", times | slot)
        train = {"wagons": 9, "places": 9, "length_m": 160.5, "gross_mass_t": 600, "gauge_mm": 1435}
        _insert(connection, "movements", moment | {"ref": "asked", "slot_id": 1, "organisation_id": 1} | train)
        kept = text("select slot_id, wagons, length_m, created_at from movements")
        there = connection.execute(kept).all()
        for go, revision in ((command.upgrade, "0151"), (command.downgrade, "0150")):
            go(config, revision)
            assert connection.execute(kept).all() == there
            assert connection.execute(text('select held, "window" from rail_slots')).all() == [(9, "10:00-14:00")]
    engine.dispose()


def _insert(connection: Connection, table: str, row: dict[str, object]) -> None:
    """A row as old code wrote it: what is not given is empty, as its type has it."""
    for column in inspect(connection).get_columns(table):
        if column["name"] not in row and not column["nullable"]:
            kind = str(column["type"])
            row[column["name"]] = False if kind == "BOOLEAN" else "[]" if kind == "JSON" else ""
    names, places = (", ".join(f"{sign}{name}{end}" for name in row) for sign, end in (('"', '"'), (":", "")))
    connection.execute(text(f"insert into {table} ({names}) values ({places})"), row)
