"""The page of a firm: its own words, its proofs, how to reach it, and no person's papers."""

from datetime import datetime

from starlette.testclient import TestClient

from market.db import Sessions
from tests import factories
from tests.catalogue.conftest import PREFIXES, structured


def test_a_telephone_number_is_a_link_without_blanks(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        firm = factories.organisation(session, now, phone="+49 3561 555-014")
        factories.offering(session, now, firm)
        path = f"/providers/{firm.ref}/{firm.slug}"
    for prefix in PREFIXES.values():
        html = pages.get(prefix + path).text
        assert 'href="tel:+493561555014"' in html
        assert '<span class="tel-text">+49 3561 555-014</span>' in html


def test_papers_of_people_are_only_a_number(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        firm = factories.organisation(session, now)
        for number in ("PERS-0001", "PERS-0002"):
            factories.certificate(session, now, firm, type="iso-9606-1", number=number)
        factories.certificate(session, now, firm, number="OPEN-9001")
        offering = factories.offering(session, now, firm)
        paths = [f"/providers/{firm.ref}/{firm.slug}", f"/offerings/{offering.ref}/{offering.slug}"]
    for path in paths:
        html = pages.get(path).text
        assert "PERS-0" not in html
        assert "ISO 9001" in html
    assert "ISO 9606-1" in pages.get(paths[0]).text


def test_machines_read_the_same_firm(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        firm = factories.organisation(session, now, name="Neiße Rohrbau GmbH", street="Probeweg 1")
        factories.offering(session, now, firm)
        path = f"/providers/{firm.ref}/{firm.slug}"
    data = structured(pages.get(path).text)
    assert data["name"] == "Neiße Rohrbau GmbH"
    assert data["address"]["postalCode"] == "03172"
    assert data["url"].endswith(path)
