"""An invited firm declines with one click; the buyer sees who and why, others nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.db import Sessions
from market.mail.models import Letter
from market.needs.models import Need
from market.values import utc_now
from tests.needs.test_desk import draft, only_need, staff

Enter = Callable[..., TestClient]


@pytest.fixture
def invited(enter: Enter, sessions: Sessions) -> tuple[TestClient, TestClient, str]:
    """The buyer's window, the invited firm's, and the reference of a need that is out."""
    bea, _ = staff(enter)
    gina = enter("gina@andere.example", "bidder", firm="Andere AG")
    ref = draft(bea, "information")
    with sessions() as session:
        key = session.scalars(select(Organisation.ref).where(Organisation.name == "Andere AG")).one()
    bea.post(f"/me/needs/{ref}/firms", data={"firm": [key]})
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    return bea, gina, ref


def test_a_firm_declines_from_the_letters_page_and_the_buyer_sees_who_and_why(
    invited: tuple[TestClient, TestClient, str], enter: Enter, sessions: Sessions
) -> None:
    bea, gina, ref = invited
    with sessions() as session:
        letter = session.scalars(select(Letter).where(Letter.to == "gina@andere.example")).one()
    page = f"/needs/{ref}/{only_need(sessions).slug}"
    assert f"{page}#invitation" in letter.text
    assert "Zu dieser Zeit keine Kapazität" in gina.get(page).text
    answer = gina.post(f"/needs/{ref}/invitation", data={"reason": "capacity"})
    assert answer.headers["location"] == f"{page}#invitation"
    assert "hat am" in gina.get(page).text
    desk = bea.get(f"/me/needs/{ref}/firms").text
    for said in ("abgesagt", "Zu dieser Zeit keine Kapazität", "Ohne die, die abgesagt haben"):
        assert said in desk, said
    assert "Passt nicht" in gina.get("/me/inbox?stage=passed").text
    gina.post(f"/needs/{ref}/invitation", data={"reason": "back"})
    assert "abgesagt" not in bea.get(f"/me/needs/{ref}/firms").text
    assert "Sie sind eingeladen" in gina.get("/me/inbox?stage=new").text + gina.get(page).text


def test_who_declined_hears_no_more_of_it_and_passing_in_the_inbox_is_the_same_answer(
    invited: tuple[TestClient, TestClient, str], sessions: Sessions
) -> None:
    bea, gina, ref = invited
    gina.post(f"/needs/{ref}/invitation", data={"reason": "terms"})
    inbox = gina.get("/me/inbox?stage=passed").text
    move = inbox.split('action="/me/inbox/')[1].split('"')[0]
    given = {"place": "Guben", "site": "Tor 7", "reason": "Tor 2 ist gesperrt."}
    assert bea.post(f"/me/needs/{ref}/place", data=given).status_code == 303
    with sessions() as session:
        assert len(session.scalars(select(Letter).where(Letter.to == "gina@andere.example")).all()) == 1
    gina.post(f"/me/inbox/{move}", data={"stage": "back"})
    assert "abgesagt" not in bea.get(f"/me/needs/{ref}/firms").text
    gina.post(f"/me/inbox/{move}", data={"stage": "passed", "reason": "scope"})
    assert "Nicht unsere Art von Arbeit" in bea.get(f"/me/needs/{ref}/firms").text


def test_nobody_else_declines_and_nobody_after_the_deadline(
    invited: tuple[TestClient, TestClient, str], enter: Enter, sessions: Sessions
) -> None:
    bea, gina, ref = invited
    fred = enter("fred@firma.example", "admin", firm="Firma GmbH")
    assert fred.post(f"/needs/{ref}/invitation", data={"reason": "scope"}).status_code == 404
    assert bea.post(f"/needs/{ref}/invitation", data={"reason": "scope"}).status_code == 404
    assert gina.post(f"/needs/{ref}/invitation", data={"reason": "weather"}).status_code == 400
    assert "eingeladen" not in fred.get(f"/needs/{ref}/{only_need(sessions).slug}").text
    with sessions.begin() as session:
        session.scalars(select(Need)).one().bids_until = utc_now()
    late = gina.post(f"/needs/{ref}/invitation", data={"reason": "scope"})
    assert (late.status_code, "nichts mehr abzusagen" in late.text) == (409, True)
