"""Windows of a firm's people and of the operator, and papers to hand in."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.db import Sessions
from market.mail.models import Letter
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make

Enter = Callable[..., TestClient]
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "JPEG")
    return out.getvalue()


def paper(
    name: str = "iso.pdf", content: bytes = PDF, kind: str = "application/pdf"
) -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, content, kind)}


def facts(**more: str) -> dict[str, str]:
    """The form as a firm fills it in for an ISO 9001 certificate."""
    until = (local_day(utc_now()) + timedelta(days=700)).isoformat()
    return {"type": "iso-9001", "issuer": "Prüfstelle Beispiel", "number": "QM-1", "valid_until": until} | more


@pytest.fixture
def enter(window: Callable[[], TestClient], sessions: Sessions) -> Enter:
    """A window in which a member with these roles is signed in; the firm is made where missing."""

    def open_one(
        email: str, *roles: str, firm: str = "Probe GmbH", language: str = "de", **fields: object
    ) -> TestClient:
        client, now = window(), utc_now()
        with sessions.begin() as session:
            organisation = session.scalar(select(Organisation).where(Organisation.name == firm))
            organisation = organisation or make.organisation(session, now, name=firm, **fields)
            person = people.by_address(session, email) or people.create(
                session, OPERATOR, now, email, name=email[:3], language=language
            )
            people.join(session, OPERATOR, person, organisation, roles, now)
            token, _ = door.start(session, person, "link", now)
        client.cookies.set("session", token)
        return client

    return open_one


@pytest.fixture
def operator(window: Callable[[], TestClient], sessions: Sessions) -> TestClient:
    """A window of the operator, who belongs to no firm."""
    client, now = window(), utc_now()
    with sessions.begin() as session:
        person = people.make_operator(session, OPERATOR, "amt@werkplatz.example", "Birgit Beispiel", now)
        token, _ = door.start(session, person, "link", now)
    client.cookies.set("session", token)
    return client


@pytest.fixture
def held(sessions: Sessions) -> Callable[[], list[Certificate]]:
    """All certificates there are, oldest first."""

    def read() -> list[Certificate]:
        with sessions() as session:
            return list(session.scalars(select(Certificate).order_by(Certificate.id)))

    return read


@pytest.fixture
def letters(sessions: Sessions) -> Callable[[str], list[Letter]]:
    """The letters of one kind, oldest first."""

    def read(event: str) -> list[Letter]:
        with sessions() as session:
            return list(session.scalars(select(Letter).where(Letter.event == event).order_by(Letter.id)))

    return read


@pytest.fixture
def firm(enter: Enter) -> TestClient:
    """A window of the admin of Probe GmbH."""
    return enter("adm@probe.example", "admin")


@pytest.fixture
def handed_in(firm: TestClient, held: Callable[[], list[Certificate]]) -> Callable[..., Certificate]:
    """Hands a certificate in through the form."""

    def hand_in(**more: str) -> Certificate:
        answer = firm.post("/me/certificates/new", data=facts(**more), files=paper())
        assert answer.status_code == 303, answer.text
        return held()[-1]

    return hand_in
