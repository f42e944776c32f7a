"""Sessions that stood in the details before get their rows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, text

from market.commands.migrate import MIGRATIONS, migrate
from market.db import connect

DAYS = {"starts_on": "2099-05-04", "ends_on": "2099-05-08"}
SESSIONS = [
    DAYS | {"seats_min": 4, "seats_max": 10, "seats_taken": 3, "cancel_by": "2099-04-20"},
    DAYS | {"seats_max": 6, "seats_taken": 6},
]


def test_existing_sessions_get_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine, config = connect(url), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    before = ScriptDirectory.from_config(config).get_revision("0011").down_revision
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, str(before))
        insert(connection, "organisations", id=1)
        details = {"qualification": "Schweißer", "sessions": SESSIONS}
        for number, kind in ((1, "training"), (2, "service")):
            insert(connection, "offerings", id=number, organisation_id=1, kind=kind, details=details)
    engine.dispose()
    migrate(url)
    with connect(url).begin() as connection:
        columns = "offering_id, starts_on, number, seats_min, seats_max, seats_taken, cancel_by, state"
        rows = connection.execute(text(f"SELECT {columns} FROM course_sessions ORDER BY id")).all()
    assert rows == [
        (1, "2099-05-04", 1, 4, 10, 3, "2099-04-20", "open"),
        (1, "2099-05-04", 2, 1, 6, 6, None, "open"),
    ]


def insert(connection: Connection, name: str, **given: Any) -> None:
    """A row of an old table, with something in every column that wants a value."""
    table = Table(name, MetaData(), autoload_with=connection)
    something: dict[type, Any] = {
        str: f"x{given['id']}",
        int: 0,
        bool: False,
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
    }
    needed = {c.name: something.get(_python(c), {}) for c in table.columns if not c.nullable and c.name not in given}
    connection.execute(table.insert().values(**needed, **given))


def _python(column: Any) -> type:
    try:
        found: type = column.type.python_type
    except NotImplementedError:
        return dict
    return found
