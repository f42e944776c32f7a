"""One organisation before the operator: state, people, acting on its behalf, taking it over."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market.accounts import behalf, people, service
from market.accounts.behalf import Confirmation
from market.accounts.claims import Claim
from market.accounts.models import Member, Organisation, Person
from market.accounts.sessions import BrowserSession, viewer
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.values import utc_now
from tests import factories as make
from tests.console.conftest import Enter, Window

MAIL = "post@probe.example"


@pytest.fixture
def firm(sessions: Sessions) -> Organisation:
    with sessions.begin() as session:
        return make.organisation(session, utc_now(), name="Probe GmbH", email=MAIL)


def verbs(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Entry.verb).order_by(Entry.id)))


def test_the_page_shows_people_browsers_and_what_is_published(
    operator: TestClient, enter: Enter, firm: Organisation, sessions: Sessions
) -> None:
    enter("adm@probe.example", "admin")
    with sessions.begin() as session:
        own = session.get_one(Organisation, firm.id)
        make.offering(session, utc_now(), own, title="Kranprüfung vor Ort")
        make.offering(session, utc_now(), own, title="Noch ein Entwurf", status="draft")
    page = operator.get(f"/operator/firms/{firm.ref}").text
    for shown in ("adm@probe.example", "1 Browser", "Kranprüfung vor Ort", MAIL, "Angebot eingetragen"):
        assert shown in page
    assert "Noch ein Entwurf" not in page


def test_firms_are_found_by_name_and_address(operator: TestClient, firm: Organisation, sessions: Sessions) -> None:
    with sessions.begin() as session:
        make.organisation(session, utc_now(), name="Gießerei Müllrose", town="Müllrose")
    both = operator.get("/operator/firms").text
    assert "Probe GmbH" in both
    assert "Gießerei Müllrose" in both
    for typed in ("müllrose", "giesserei"):
        page = operator.get("/operator/firms", params={"q": typed}).text
        assert "Gießerei Müllrose" in page
        assert "Probe GmbH" not in page
    assert "Probe GmbH" in operator.get("/operator/firms", params={"q": "post@probe"}).text
    assert "Keine Firma passt." in operator.get("/operator/firms", params={"q": "%"}).text


def test_suspending_needs_a_reason_that_the_firm_is_told(
    operator: TestClient, firm: Organisation, sessions: Sessions, last_letter: Callable[[], Letter]
) -> None:
    path = f"/operator/firms/{firm.ref}"
    answer = operator.post(f"{path}/suspend", data={"reason": "ja"})
    assert answer.status_code == 422
    assert "Bitte geben Sie den Grund" in answer.text
    assert operator.post(f"{path}/suspend", data={"reason": "Falsche Anschrift"}).status_code == 303
    letter = last_letter()
    assert letter.to == MAIL
    assert "Falsche Anschrift" in letter.text
    assert "gesperrt" in operator.get(path).text
    assert operator.post(f"{path}/suspend", data={"reason": "Noch einmal"}).status_code == 409
    assert operator.post(f"{path}/reinstate", data={"reason": "Anschrift berichtigt"}).status_code == 303
    assert "Anschrift berichtigt" in last_letter().text
    with sessions() as session:
        both = select(Entry).where(Entry.verb.in_(("accounts.suspended", "accounts.reinstated")))
        told = session.scalars(both.order_by(Entry.id))
        assert [entry.data["reason"] for entry in told] == ["Falsche Anschrift", "Anschrift berichtigt"]
        assert session.get_one(Organisation, firm.id).suspended_at is None


def test_roles_are_given_memberships_and_browsers_ended(
    operator: TestClient, enter: Enter, firm: Organisation, sessions: Sessions
) -> None:
    enter("adm@probe.example", "admin")
    editor = enter("edi@probe.example", "editor")
    with sessions() as session:
        refs = {m.person.email: m.ref for m in session.scalars(select(Member))}
    path = f"/operator/firms/{firm.ref}/members"
    assert operator.post(f"{path}/{refs['edi@probe.example']}", data={"roles": ["bidder"]}).status_code == 303
    assert editor.get("/me").status_code == 200
    assert operator.post(f"{path}/{refs['edi@probe.example']}/sign-out").status_code == 303
    assert editor.get("/me").status_code == 303
    assert operator.post(f"{path}/{refs['adm@probe.example']}/end").status_code == 409
    assert operator.post(f"{path}/{refs['edi@probe.example']}/end").status_code == 303
    with sessions() as session:
        member = session.scalars(select(Member).where(Member.ref == refs["edi@probe.example"])).one()
        assert member.roles == ("bidder",)
        assert member.ended_at is not None


def test_a_member_is_found_under_its_own_organisation_only(
    operator: TestClient, enter: Enter, firm: Organisation, sessions: Sessions
) -> None:
    enter("adm@probe.example", "admin")
    with sessions.begin() as session:
        other = make.organisation(session, utc_now(), name="Andere AG")
        ref = session.scalars(select(Member.ref)).one()
    assert operator.post(f"/operator/firms/{other.ref}/members/{ref}/end").status_code == 404


def test_acting_for_a_firm_is_said_everywhere_and_ends_with_one_click(
    operator: TestClient, window: Window, firm: Organisation, sessions: Sessions
) -> None:
    assert operator.post(f"/operator/firms/{firm.ref}/act").headers["location"] == "/me"
    for path in ("/", "/me", "/search", "/operator/journal"):
        page = operator.get(path).text
        assert "Sie handeln im Auftrag von Probe GmbH" in page
        assert 'action="/operator/act/end"' in page
    assert "Sie handeln im Auftrag" not in window().get("/").text
    token = operator.cookies["session"]
    with sessions.begin() as session:
        who = viewer(session, token, utc_now())
        assert who.is_operator
        assert who.acts_for(firm.id, "editor")
        assert not who.acts_for(firm.id, "admin")
        service.change(session, who, session.get_one(Organisation, firm.id), utc_now(), phone="0335 1234")
    with sessions() as session:
        entry = session.scalars(select(Entry).where(Entry.verb == "accounts.changed")).one()
        assert entry.data["on_behalf_of"] == firm.ref
        assert entry.actor.startswith("person:")
    assert operator.post("/operator/act/end").headers["location"] == f"/operator/firms/{firm.ref}"
    assert "Sie handeln im Auftrag" not in operator.get("/me").text
    assert operator.post("/operator/act/end").headers["location"] == "/me"


def test_whoever_is_operator_no_more_acts_for_nobody(
    operator: TestClient, firm: Organisation, sessions: Sessions
) -> None:
    operator.post(f"/operator/firms/{firm.ref}/act")
    with sessions.begin() as session:
        session.execute(update(Person).values(is_operator=False))
        who = viewer(session, operator.cookies["session"], utc_now())
        assert who.organisation_id is None
        assert who.behalf_of == ""


def act_and_enter(operator: TestClient, sessions: Sessions, firm: Organisation, **fields: object) -> None:
    operator.post(f"/operator/firms/{firm.ref}/act")
    with sessions.begin() as session:
        who = viewer(session, operator.cookies["session"], utc_now())
        service.change(session, who, session.get_one(Organisation, firm.id), utc_now(), **fields)
    operator.post("/operator/act/end")


def confirm_link(letter: Letter) -> str:
    found = re.search(r"http://testserver(/confirm/\S+)", letter.text)
    assert found
    return found[1]


def test_the_firm_confirms_by_link_what_was_entered(
    operator: TestClient,
    window: Window,
    firm: Organisation,
    sessions: Sessions,
    last_letter: Callable[[], Letter],
) -> None:
    path = f"/operator/firms/{firm.ref}"
    assert operator.post(f"{path}/confirmation").status_code == 409
    act_and_enter(operator, sessions, firm, phone="0335 98765", town="Guben-Nord")
    assert "1 Eintrag ist nicht bestätigt" in operator.get(path).text
    assert operator.post(f"{path}/confirmation").status_code == 303
    letter = last_letter()
    assert letter.to == MAIL
    assert "0335 98765" in letter.text
    assert "0335 98765" in letter.html
    link = confirm_link(letter)
    outside = window()
    assert "Guben-Nord" in outside.get(link).text
    assert outside.post(link, data={"answer": "yes"}).status_code == 422  # a scanner types no name
    assert outside.post(link, data={"name": "Ina Inhaber"}).status_code == 422
    assert outside.post(link, data={"answer": "yes", "name": "Ina Inhaber"}).status_code == 200
    assert outside.get(link).status_code == 410
    assert outside.post(link, data={"answer": "yes", "name": "Noch jemand"}).status_code == 410
    page = operator.get(path).text
    assert "bestätigt von Ina Inhaber" in page
    assert "nicht bestätigt" not in page
    assert "accounts.confirmed" in verbs(sessions)


def test_the_firm_says_what_is_wrong(
    operator: TestClient,
    window: Window,
    firm: Organisation,
    sessions: Sessions,
    last_letter: Callable[[], Letter],
) -> None:
    act_and_enter(operator, sessions, firm, phone="0335 98765")
    operator.post(f"/operator/firms/{firm.ref}/confirmation")
    link = confirm_link(last_letter())
    refused = window().post(link, data={"answer": "no", "name": "Ina"})
    assert refused.status_code == 422
    assert "Bitte schreiben Sie, was nicht stimmt." in refused.text
    window().post(link, data={"answer": "no", "name": "Ina", "text": "Falsche <b>Nummer</b>"})
    page = operator.get(f"/operator/firms/{firm.ref}").text
    assert "Falsche &lt;b&gt;Nummer&lt;/b&gt;" in page
    assert "beanstandet von Ina" in page


def test_an_old_or_wrong_link_confirms_nothing(
    operator: TestClient,
    window: Window,
    firm: Organisation,
    sessions: Sessions,
    last_letter: Callable[[], Letter],
) -> None:
    act_and_enter(operator, sessions, firm, phone="0335 98765")
    operator.post(f"/operator/firms/{firm.ref}/confirmation")
    link = confirm_link(last_letter())
    with sessions.begin() as session:
        session.execute(update(Confirmation).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert window().get(link).status_code == 410
    assert window().post(link, data={"answer": "yes", "name": "Ina"}).status_code == 410
    assert window().get("/confirm/wrong").status_code == 410


def test_a_firm_without_an_address_gets_no_letter(operator: TestClient, sessions: Sessions) -> None:
    with sessions.begin() as session:
        firm = make.organisation(session, utc_now(), name="Stumm GmbH")
    act_and_enter(operator, sessions, firm, phone="0335 98765")
    answer = operator.post(f"/operator/firms/{firm.ref}/confirmation")
    assert answer.status_code == 409
    assert "keine E-Mail-Adresse hinterlegt" in answer.text
    with sessions() as session:
        assert len(behalf.unconfirmed(session, firm)) == 1


def test_whoever_proves_the_address_on_record_becomes_admin(
    window: Window, firm: Organisation, sessions: Sessions, mailed: Callable[[], tuple[str, str]]
) -> None:
    one = window()
    path = f"/firms/{firm.ref}/claim"
    assert "Probe GmbH" in one.get(path).text
    answer = one.post(path, data={"email": "Post@Probe.example", "name": "Ina Inhaber"})
    assert answer.headers["location"].startswith("/sign-in/sent")
    link, _ = mailed()
    assert one.post(link).headers["location"] == path
    assert "Sie handeln für diese Firma." in one.get(path).text
    with sessions() as session:
        member = session.scalars(select(Member)).one()
        assert (member.roles, member.person.name) == (("admin",), "Ina Inhaber")
        assert session.scalars(select(Claim)).all() == []


def test_any_other_address_asks_and_the_operator_decides(
    operator: TestClient,
    window: Window,
    firm: Organisation,
    sessions: Sessions,
    mailed: Callable[[], tuple[str, str]],
    last_letter: Callable[[], Letter],
) -> None:
    path = f"/firms/{firm.ref}/claim"
    given = {"email": "ina@privat.example", "name": "Ina Inhaber", "note": "Geschäftsführerin"}
    one = window()
    location = one.post(path, data=given).headers["location"]
    assert location.startswith("/sign-in/sent")  # the same answer as for the address on record
    one.post(mailed()[0])
    assert "Ihre Anfrage ist bei uns." in one.get(path).text
    one.post(path)
    assert "Geschäftsführerin" in operator.get(f"/operator/firms/{firm.ref}").text
    assert "Ina Inhaber" in operator.get("/operator/claims").text
    with sessions() as session:
        claim = session.scalars(select(Claim)).one()
        assert session.scalars(select(Member)).all() == []
    assert operator.post(f"/operator/claims/{claim.ref}/grant").status_code == 303
    assert last_letter().to == "ina@privat.example"
    assert operator.post(f"/operator/claims/{claim.ref}/decline", data={"reason": "Doch nicht"}).status_code == 409
    with sessions() as session:
        assert session.scalars(select(Member)).one().roles == ("admin",)
    assert "Ina Inhaber" not in operator.get("/operator/claims").text


def test_a_declined_request_is_told_with_its_reason(
    operator: TestClient, enter: Enter, firm: Organisation, sessions: Sessions, last_letter: Callable[[], Letter]
) -> None:
    stranger = enter("str@andere.example", "admin", firm="Andere AG")
    assert stranger.post(f"/firms/{firm.ref}/claim", data={"note": "Meine"}).status_code == 303
    with sessions() as session:
        claim = session.scalars(select(Claim)).one()
    assert operator.post(f"/operator/claims/{claim.ref}/decline", data={"reason": ""}).status_code == 422
    assert (
        operator.post(f"/operator/claims/{claim.ref}/decline", data={"reason": "Nicht im Register"}).status_code == 303
    )
    assert "Nicht im Register" in last_letter().text
    with sessions() as session:
        owners = session.scalars(select(Member).where(Member.organisation_id == firm.id)).all()
        assert owners == []


def test_a_firm_with_people_is_not_handed_over_by_its_address_alone(
    enter: Enter, window: Window, firm: Organisation, sessions: Sessions, mailed: Callable[[], tuple[str, str]]
) -> None:
    enter("adm@probe.example", "admin")
    one = window()
    one.post(f"/firms/{firm.ref}/claim", data={"email": MAIL, "name": "Wer"})
    one.post(mailed()[0])
    with sessions() as session:
        assert session.scalars(select(Claim)).one().person.email == MAIL
        assert len(session.scalars(select(Member).where(Member.organisation_id == firm.id)).all()) == 1


def test_partners_and_suspended_firms_cannot_be_taken_over(window: Window, sessions: Sessions) -> None:
    with sessions.begin() as session:
        partner = make.organisation(session, utc_now(), is_partner=True)
        gone = make.organisation(session, utc_now(), suspended_at=utc_now())
    for ref in (partner.ref, gone.ref, "unknown"):
        assert window().get(f"/firms/{ref}/claim").status_code == 404
        assert window().post(f"/firms/{ref}/claim", data={"email": "a@b.example"}).status_code == 404


def test_a_person_without_a_firm_stays_signed_in_while_asking(
    window: Window, firm: Organisation, sessions: Sessions, mailed: Callable[[], tuple[str, str]]
) -> None:
    one = window()
    one.post(f"/firms/{firm.ref}/claim", data={"email": "neu@privat.example", "name": "Neu"})
    one.post(mailed()[0])
    assert one.get("/me").status_code == 200
    with sessions() as session:
        person = people.by_address(session, "neu@privat.example")
        assert person is not None
        assert people.memberships(session, person.id) == []
        assert session.scalars(select(BrowserSession)).one().member_id is None
