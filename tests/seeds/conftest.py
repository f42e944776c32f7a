"""The demo as it was planted, for what joins it later."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.db import connect
from market.db import sessions as make_sessions


@pytest.fixture
def planted_before(seeded: TestClient, seeded_url: str) -> Iterator[Session]:
    """What a test changes there is taken back."""
    engine = connect(seeded_url)
    with make_sessions(engine)() as session:
        yield session
        session.rollback()
    engine.dispose()
