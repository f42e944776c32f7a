"""People before the operator's pages: operators, members, strangers, nobody."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.accounts.oidc.conftest import alpha, beta, identity_server, walker

__all__ = ["alpha", "beta", "identity_server", "walker"]

Window = Callable[[], TestClient]
Enter = Callable[..., TestClient]


def sign_in(client: TestClient, sessions: Sessions, email: str, firm: str, *roles: str) -> TestClient:
    """Sign this window in; without a firm as operator."""
    now = utc_now()
    with sessions.begin() as session:
        if not firm:
            person = people.make_operator(session, OPERATOR, email, "Ole Operator", now)
        else:
            organisation = session.scalar(select(Organisation).where(Organisation.name == firm))
            organisation = organisation or make.organisation(session, now, name=firm)
            person = people.by_address(session, email) or people.create(session, OPERATOR, now, email, name=email[:3])
            people.join(session, OPERATOR, person, organisation, roles, now)
        token, _ = door.start(session, person, "link", now, agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    client.cookies.set("session", token)
    return client


@pytest.fixture
def operator(window: Window, sessions: Sessions) -> TestClient:
    """A window in which the operator is signed in."""
    return sign_in(window(), sessions, "ole@betrieb.example", "")


@pytest.fixture
def enter(window: Window, sessions: Sessions) -> Enter:
    """A window in which a member of a firm is signed in."""

    def open_one(email: str, *roles: str, firm: str = "Probe GmbH") -> TestClient:
        return sign_in(window(), sessions, email, firm, *roles)

    return open_one
