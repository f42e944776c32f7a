"""What a relay does so that SQLite finds a few rows as quickly among many as among few."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, Select, select

from market.db import connect
from market.db import sessions as make_sessions
from market.models import Base
from market.needs.models import Need
from market.relay import Relay
from tests import factories as make

MANY = 300


def plan(engine: Engine, query: Select[tuple[str]]) -> str:
    """How the database goes about it, in its own words."""
    statement = query.compile(engine, compile_kwargs={"literal_binds": True})
    with engine.connect() as connection:
        return " ".join(str(row.detail) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}"))


def test_needs_by_reference_are_not_sought_among_all_of_a_stage(tmp_path: Path, now: datetime) -> None:
    address = f"sqlite:///{tmp_path / 'market.db'}"
    engine = connect(address)
    Base.metadata.create_all(engine)
    with make_sessions(engine).begin() as session:
        firm = make.organisation(session, now)
        refs = [make.need(session, now, firm).ref for _ in range(MANY)][:60]
    query = select(Need.title).where(Need.stage.in_(["published", "closed"]), Need.ref.in_(refs))
    before = plan(engine, query)
    turns = iter([False])
    with Relay(engine, None, "") as relay:
        relay.run(lambda: next(turns, True))
    engine.dispose()
    engine = connect(address)
    after = plan(engine, query)
    engine.dispose()
    assert ("ref=?" in before, "ref=?" in after) == (False, True), (before, after)
