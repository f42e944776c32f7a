"""Browser windows on the application, people signed in there, and the letters they get."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.mail.models import Letter
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make

OWN = {"sec-fetch-site": "same-origin"}
"""What a browser says with a form of our own pages."""


@pytest.fixture
def window(settings: Settings, sessions: Sessions, engine: Engine) -> Iterator[Callable[[], TestClient]]:
    """Opens a browser window of its own on the application; cookies are not shared between windows."""
    app = create_app(settings, engine)
    opened: list[TestClient] = []

    def open_one() -> TestClient:
        client = TestClient(app, follow_redirects=False, headers=OWN)
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def last_letter(sessions: Sessions) -> Callable[[], Letter]:
    def read() -> Letter:
        with sessions() as session:
            return session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()

    return read


@pytest.fixture
def mailed(last_letter: Callable[[], Letter]) -> Callable[[], tuple[str, str]]:
    """Path of the link and the code in the newest letter."""

    def read() -> tuple[str, str]:
        text = last_letter().text
        link = re.search(r"http://testserver(/\S+)", text)
        code = re.search(r"\b([A-Z2-9]{4}-[A-Z2-9]{4})\b", text)
        assert link, text
        assert code, text
        return link[1], code[1]

    return read


@pytest.fixture
def enter(window: Callable[[], TestClient], sessions: Sessions) -> Callable[..., TestClient]:
    """A window in which a member with these roles is signed in; by name of the organisation, made where missing."""

    def open_one(email: str, *roles: str, firm: str = "Probe GmbH", **fields: object) -> TestClient:
        client = window()
        now = utc_now()
        with sessions.begin() as session:
            organisation = session.scalar(select(Organisation).where(Organisation.name == firm))
            organisation = organisation or make.organisation(session, now, name=firm, **fields)
            person = people.by_address(session, email) or people.create(session, OPERATOR, now, email, name=email[:3])
            people.join(session, OPERATOR, person, organisation, roles, now)
            token, _ = door.start(session, person, "link", now, agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
        client.cookies.set("session", token)
        return client

    return open_one
