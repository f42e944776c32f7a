"""The demo's own drawings: hung once, small enough for the page that shows them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from market.attachments.models import Attachment
from market.db import Sessions
from market.files.models import File
from market.files.stores import store_at
from seeds.pictures import hang
from tests import factories as make

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_offerings_show_drawings(sessions: Sessions, tmp_path: Path) -> None:
    with sessions.begin() as session:
        firm = make.organisation(session, NOW, external_id="oderadler-rohrbau")
        make.offering(session, NOW, kind="service")
        shown = {make.offering(session, NOW, firm, kind=kind).id for kind in ("service", "rail")}
    store = store_at(f"file:{tmp_path}")
    assert (hang(sessions, store, NOW), hang(sessions, store, NOW)) == (4, 0)
    with sessions() as session:
        hung = list(session.scalars(select(Attachment)))
        assert {one.offering_id for one in hung} == shown
        assert all(one.text and one.sizes[0]["width"] == 400 for one in hung)
        assert sum(session.scalars(select(File.size).where(File.id.in_([one.small_id for one in hung])))) < 40_000
