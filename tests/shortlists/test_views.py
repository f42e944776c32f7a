"""Shortlists: kept before sign-in and after, shared inside one organisation, honest about what is gone."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, func, select, update
from starlette.testclient import TestClient

from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.shortlists.models import Item, Shortlist
from market.shortlists.tray import MOST
from market.values import utc_now
from tests import factories as make

Enter = Callable[..., TestClient]


@pytest.fixture
def codes(sessions: Sessions) -> list[str]:
    """A service, an anonymous residual and a firm, as they are kept."""
    now = utc_now()
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Geheime Hütte GmbH")
        service = make.offering(session, now, title="Rohre biegen")
        details = make.DETAILS["residual"] | {"anonymous": True}
        residual = make.offering(session, now, firm, kind="residual", title="Hüttensand", details=details)
        session.flush()
        return [f"o{service.ref}", f"o{residual.ref}", f"p{service.organisation.ref}"]


def keep(client: TestClient, *codes: str) -> None:
    for code in codes:
        assert client.post("/shortlists/keep", data={"item": code, "back": "/search"}).status_code == 303


def test_kept_before_sign_in_it_comes_along(
    window: Callable[[], TestClient], enter: Enter, sessions: Sessions, codes: list[str]
) -> None:
    visitor = window()
    keep(visitor, *codes, codes[0])
    page = visitor.get("/shortlists")
    assert page.text.count("Entfernen<span") == 3
    assert "Geheime" not in page.text
    assert "<b>3</b>" in visitor.get("/").text
    visitor.post("/shortlists/drop", data={"item": codes[2]})
    member = enter("ada@probe.example", "buyer", firm="Werk SE", is_partner=True)
    visitor.cookies.set("session", member.cookies["session"])
    visitor.get("/me")
    assert "kept" not in visitor.cookies
    assert "<b>2</b>" in visitor.get("/search").text
    with sessions() as session:
        assert session.scalar(select(func.count(Item.id))) == 2
    lists = visitor.get("/shortlists").text
    assert "Meine Merkliste" in lists
    assert "2 Einträge" in lists


@pytest.mark.parametrize("cookie", ["", "x", "W10.", "WyJvYWJjZGVmZ2hqayJd.AAAA", "a" * 3000, "ö"])
def test_a_cookie_that_is_not_ours_holds_nothing(window: Callable[[], TestClient], cookie: str) -> None:
    answer = window().get("/shortlists", headers={"cookie": f"kept={cookie}".encode()})
    assert answer.status_code == 200
    assert "Noch nichts gemerkt" in answer.text


def test_the_cookie_keeps_the_newest_thirty(window: Callable[[], TestClient], sessions: Sessions) -> None:
    now = utc_now()
    with sessions.begin() as session:
        firm = make.organisation(session, now)
        found = [f"o{make.offering(session, now, firm).ref}" for _ in range(MOST + 1)]
    client = window()
    keep(client, *found)
    assert len(client.cookies["kept"]) < 1000
    page = client.get("/shortlists").text
    assert found[-1] in page
    assert found[0] not in page


def test_notes_are_shared_inside_and_nowhere_else(enter: Enter, sessions: Sessions, codes: list[str]) -> None:
    buyer = enter("ada@probe.example", "buyer", firm="Werk SE", is_partner=True)
    keep(buyer, codes[0])
    with sessions() as session:
        shortlist, item = session.scalars(select(Shortlist)).one(), session.scalars(select(Item)).one()
    path = f"/shortlists/{shortlist.ref}"
    assert buyer.post(f"{path}/{item.ref}/note", data={"note": "Nachtschicht möglich"}).status_code == 303
    colleague = enter("bob@probe.example", "reader", firm="Werk SE")
    seen = colleague.get(path).text
    assert "Nachtschicht möglich" in seen
    assert "Notiz von ada" in seen
    stranger = enter("eve@fremd.example", "admin", firm="Fremde AG")
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/{item.ref}/note", data={"note": "x"}).status_code == 404
    assert "Nachtschicht" not in stranger.get("/shortlists").text
    own = stranger.post("/shortlists", data={"name": "Eigene"}).headers["location"]
    assert stranger.post(f"{path}/{item.ref}/move", data={"list": own.rpartition("/")[2]}).status_code == 404
    faulty = buyer.post(f"{path}/{item.ref}/note", data={"note": "x" * 1001})
    assert faulty.status_code == 422
    assert "x" * 1001 in faulty.text


def test_taken_off_and_put_back_with_its_note(enter: Enter, sessions: Sessions, codes: list[str]) -> None:
    client = enter("ada@probe.example", "admin")
    keep(client, codes[0])
    with sessions() as session:
        shortlist, item = session.scalars(select(Shortlist)).one(), session.scalars(select(Item)).one()
    path = f"/shortlists/{shortlist.ref}"
    client.post(f"{path}/{item.ref}/note", data={"note": "bleibt"})
    after = client.post(f"{path}/{item.ref}/take-off").headers["location"]
    page = client.get(after).text
    assert "bleibt" not in page
    assert "Zurückholen" in page
    client.post(f"{path}/{item.ref}/put-back")
    assert "bleibt" in client.get(path).text
    second = client.post("/shortlists", data={"name": "Zweite"}).headers["location"]
    client.post(f"{path}/{item.ref}/move", data={"list": second.rpartition("/")[2]})
    assert "bleibt" in client.get(second).text
    assert "Auf dieser Liste steht nichts" in client.get(path).text
    assert client.post(f"{second}/remove").status_code == 303
    assert client.get(second).status_code == 404


def test_what_is_gone_is_said(enter: Enter, sessions: Sessions, codes: list[str]) -> None:
    client = enter("ada@probe.example", "admin")
    keep(client, *codes)
    with sessions() as session:
        path = f"/shortlists/{session.scalars(select(Shortlist.ref)).one()}"
    with sessions.begin() as session:
        service = session.scalars(select(Offering).where(Offering.title == "Rohre biegen")).one()
        offerings.move(session, make.TESTER, service, "pause", utc_now())
        session.execute(delete(Offering).where(Offering.title == "Hüttensand"))
    page = client.get(path).text
    assert "Von der Firma zurzeit pausiert" in page
    assert "Inzwischen gelöscht" in page
    assert "Hüttensand" in page
    assert "Geheime" not in page
    with sessions.begin() as session:
        session.execute(update(Offering).values(status="archived"))
    assert "Nicht mehr angeboten" in client.get(path).text


def test_nothing_that_was_never_public_can_be_kept(enter: Enter, sessions: Sessions) -> None:
    with sessions.begin() as session:
        draft = make.offering(session, utc_now(), status="draft")
    client = enter("ada@probe.example", "admin")
    for code in (f"o{draft.ref}", "oabcdefghjk", "x", "p" + "ü" * 10):
        assert client.post("/shortlists/keep", data={"item": code}).status_code == 404


def test_an_operator_on_behalf_sees_no_list(enter: Enter, sessions: Sessions, codes: list[str]) -> None:
    buyer = enter("ada@probe.example", "admin", firm="Probe GmbH")
    keep(buyer, codes[0])
    client = enter("ole@probe.example", "reader", firm="Andere GmbH")
    with sessions.begin() as session:
        row = session.scalars(select(door.BrowserSession).order_by(door.BrowserSession.id.desc()).limit(1)).one()
        shortlist = session.scalars(select(Shortlist)).one()
        row.person.is_operator, row.behalf_of_id = True, shortlist.organisation_id
    assert client.get(f"/shortlists/{shortlist.ref}").status_code == 404


def test_the_comparison_says_what_differs_and_names_nobody_who_hides(
    enter: Enter, sessions: Sessions, codes: list[str]
) -> None:
    buyer = enter("ada@probe.example", "buyer", firm="Werk SE", is_partner=True)
    keep(buyer, *codes)
    with sessions() as session:
        ref = session.scalars(select(Shortlist.ref)).one()
    page = buyer.get(f"/shortlists/{ref}/compare").text
    assert page.count('<th scope="col">') == 3
    assert "Rohre biegen" in page
    assert "Hüttensand" in page
    assert "Geheime" not in page
    assert "nicht angegeben" in page
    two = buyer.get(f"/shortlists/{ref}/compare?item={codes[0]}&item={codes[1]}&item=oabcdefghjk&only=differences").text
    assert two.count('<th scope="col">') == 2
    assert 'class="same"' not in two
    assert "2 Einträge" in two
    assert "braucht es zwei" in buyer.get(f"/shortlists/{ref}/compare?item={codes[0]}").text
    stranger = enter("eve@other.example", "buyer", firm="Andere SE")
    assert stranger.get(f"/shortlists/{ref}/compare").status_code == 404


def test_a_list_leaves_as_tables_and_paper(enter: Enter, sessions: Sessions, codes: list[str]) -> None:
    buyer = enter("ada@probe.example", "buyer", firm="Werk SE", is_partner=True)
    keep(buyer, *codes)
    with sessions.begin() as session:
        ref = session.scalars(select(Shortlist.ref)).one()
        session.scalars(select(Item)).first().note = '=HYPERLINK("http://probe.example")'  # type: ignore[union-attr]
    for place in ("list", "compare"):
        table = buyer.get(f"/shortlists/{ref}/{place}.csv")
        assert table.content.startswith(b"\xef\xbb\xbfMeine Merkliste")
        assert "Stand" in table.text
        assert "Hüttensand" in table.text
        assert "'=HYPERLINK" in table.text
        assert ';"=HYPER' not in table.text
        assert "Geheime" not in table.text
        assert "meine-merkliste-20" in table.headers["content-disposition"]
        book = load_workbook(BytesIO(buyer.get(f"/shortlists/{ref}/{place}.xlsx").content))
        cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]  # type: ignore[union-attr]
        assert {cell.data_type for cell in cells} == {"s"}
        assert any("=HYPERLINK" in str(cell.value) for cell in cells)
        assert not any("Geheime" in str(cell.value) for cell in cells)
        paper = buyer.get(f"/shortlists/{ref}/{place}.pdf")
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.content.startswith(b"%PDF-")
        assert paper.content.count(b"/Type /Page\n") == 1
    assert buyer.get(f"/shortlists/{ref}/list.html").status_code == 404


def test_a_firm_no_letter_reaches_is_not_asked_and_the_list_says_what_to_do(
    enter: Enter, sessions: Sessions, codes: list[str]
) -> None:
    ada = enter("ada@probe.example", "buyer", firm="Werk SE", is_partner=True)
    keep(ada, codes[0], codes[2])
    with sessions.begin() as session:
        for firm in session.scalars(select(Organisation)):
            firm.email = "post@firma.example"
    lists = ada.get("/shortlists").text
    path = re.findall(r'href="(/shortlists/\w+)"', lists)[0]
    assert "keine Adresse" not in ada.get(path).text
    with sessions.begin() as session:
        for firm in session.scalars(select(Organisation)):
            firm.email, firm.phone = "", "+49 3561 000000"
    page = ada.get(path).text
    assert "keine Adresse" in page
    assert "+49 3561 000000" in page
    assert "Diese Firmen anfragen" not in page
