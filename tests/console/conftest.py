"""The operator at the pages of the console; members and strangers come from the fixtures of all tests."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.db import Sessions
from market.values import utc_now
from market.viewer import OPERATOR
from tests.accounts.oidc.conftest import alpha, beta, identity_server, walker

__all__ = ["alpha", "beta", "identity_server", "walker"]

Window = Callable[[], TestClient]
Enter = Callable[..., TestClient]


def sign_in(client: TestClient, sessions: Sessions) -> TestClient:
    """Sign the operator in in this window."""
    now = utc_now()
    with sessions.begin() as session:
        person = people.make_operator(session, OPERATOR, "ole@betrieb.example", "Ole Operator", now)
        token, _ = door.start(session, person, "link", now, agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    client.cookies.set("session", token)
    return client


@pytest.fixture
def operator(window: Window, sessions: Sessions) -> TestClient:
    """A window in which the operator is signed in."""
    return sign_in(window(), sessions)
