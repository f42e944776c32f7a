"""People of an organisation: invitations, roles, leaving; one's own account."""

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import claims
from market.accounts.invitations import Invitation
from market.accounts.models import Member, Person
from market.accounts.sessions import BrowserSession
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from tests import factories as make

Window = Callable[[], TestClient]
Enter = Callable[..., TestClient]


def member_of(sessions: Sessions, email: str) -> Member:
    with sessions() as session:
        return session.scalars(select(Member).join(Member.person).where(Person.email == email)).one()


def invitation_link(letter: Letter) -> str:
    found = re.search(r"http://testserver(/invitation/\S+)", letter.text)
    assert found
    return found[1]


def test_an_invited_colleague_proves_the_address_and_joins_with_the_roles(
    enter: Enter,
    window: Window,
    last_letter: Callable[[], Letter],
    mailed: Callable[[], tuple[str, str]],
    sessions: Sessions,
) -> None:
    admin = enter("adm@probe.example", "admin")
    form = {"email": "neu@probe.example", "roles": ["editor", "bidder", "opener"]}
    assert admin.post("/me/team", data=form).status_code == 303
    link = invitation_link(last_letter())
    assert "neu@probe.example" in admin.get("/me/team").text
    new = window()
    assert "Probe GmbH" in new.get(link).text
    assert new.post(link).headers["location"].startswith("/sign-in/sent")
    assert last_letter().to == "neu@probe.example"
    sign_in, _ = mailed()
    assert new.post(sign_in).headers["location"] == "/me"
    assert member_of(sessions, "neu@probe.example").roles == ("editor", "bidder")
    assert window().get(link).status_code == 410


def test_an_invitation_is_for_its_address_only(
    enter: Enter, last_letter: Callable[[], Letter], sessions: Sessions
) -> None:
    admin = enter("adm@probe.example", "admin")
    admin.post("/me/team", data={"email": "neu@probe.example", "roles": ["admin"]})
    link = invitation_link(last_letter())
    other = enter("oth@probe.example", "reader", firm="Andere AG")
    other.post(link)
    assert last_letter().to == "neu@probe.example"
    with sessions() as session:
        assert session.scalars(select(Invitation)).one().accepted_at is None
    known = enter("neu@probe.example", "reader", firm="Andere AG")
    assert known.post(link).headers["location"] == "/me"
    assert "Probe GmbH" in known.get("/me").text


def test_a_withdrawn_invitation_opens_nothing(
    enter: Enter,
    window: Window,
    last_letter: Callable[[], Letter],
    mailed: Callable[[], tuple[str, str]],
    sessions: Sessions,
) -> None:
    admin = enter("adm@probe.example", "admin")
    admin.post("/me/team", data={"email": "neu@probe.example", "roles": ["reader"]})
    link = invitation_link(last_letter())
    new = window()
    new.post(link)
    sign_in, _ = mailed()
    with sessions() as session:
        ref = session.scalars(select(Invitation.ref)).one()
    assert admin.post(f"/me/team/invitations/{ref}/withdraw").status_code == 303
    assert window().post(link).status_code == 410
    assert new.post(sign_in).status_code == 409


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"email": "neu@probe.example"}, "Wählen Sie mindestens eine Rolle."),
        ({"email": "neu", "roles": ["reader"]}, "Schreiben Sie die E-Mail-Adresse so"),
        ({"email": "adm@probe.example", "roles": ["reader"]}, "Diese Person gehört schon dazu."),
    ],
)
def test_a_wrong_invitation_is_named(enter: Enter, form: dict[str, object], sentence: str) -> None:
    answer = enter("adm@probe.example", "admin").post("/me/team", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert str(form["email"]) in answer.text


def test_roles_change_and_the_last_admin_stays(enter: Enter, sessions: Sessions) -> None:
    admin = enter("adm@probe.example", "admin")
    enter("edi@probe.example", "editor")
    mine, other = member_of(sessions, "adm@probe.example"), member_of(sessions, "edi@probe.example")
    assert admin.post(f"/me/team/{mine.ref}", data={"roles": ["reader"]}).status_code == 409
    assert admin.post(f"/me/team/{mine.ref}/remove").status_code == 409
    assert admin.post(f"/me/team/{other.ref}", data={"roles": ["admin", "bidder"]}).status_code == 303
    assert member_of(sessions, "edi@probe.example").roles == ("admin", "bidder")
    assert admin.post(f"/me/team/{mine.ref}/remove").headers["location"] == "/me"
    assert admin.get("/me/team").status_code == 404


@pytest.mark.parametrize("roles", [("reader",), ("editor",), ("bidder",)])
def test_only_admins_manage_people(enter: Enter, sessions: Sessions, roles: tuple[str, ...]) -> None:
    enter("adm@probe.example", "admin")
    client = enter("low@probe.example", *roles)
    admin = member_of(sessions, "adm@probe.example")
    assert client.get("/me/team").status_code == 200
    assert "/me/team/invitations" not in client.get("/me/team").text
    assert client.post("/me/team", data={"email": "x@probe.example", "roles": ["admin"]}).status_code == 403
    assert client.post(f"/me/team/{admin.ref}", data={"roles": ["reader"]}).status_code == 403
    assert client.post(f"/me/team/{admin.ref}/remove").status_code == 403


def test_people_of_another_firm_are_not_there(enter: Enter, sessions: Sessions) -> None:
    enter("adm@probe.example", "admin")
    stranger = enter("str@probe.example", "admin", firm="Andere AG")
    ours = member_of(sessions, "adm@probe.example")
    assert "adm@probe.example" not in stranger.get("/me/team").text
    for path in (f"/me/team/{ours.ref}", f"/me/team/{ours.ref}/remove"):
        assert stranger.post(path, data={"roles": ["reader"]}).status_code == 404
    assert stranger.get(f"/me/team/{ours.ref}/remove").status_code == 404


def test_browsers_are_listed_and_ended(enter: Enter, sessions: Sessions) -> None:
    here, there = enter("adm@probe.example", "admin"), enter("adm@probe.example", "admin")
    other = enter("oth@probe.example", "reader", firm="Andere AG")
    page = here.get("/me/account").text
    assert page.count("Firefox, Linux") >= 2
    with sessions() as session:
        foreign = session.scalars(
            select(BrowserSession.id).join(BrowserSession.person).where(Person.email == "oth@probe.example")
        ).one()
    assert here.post(f"/me/account/browsers/{foreign}/end").status_code == 404
    assert here.post("/me/account/browsers/end").status_code == 303
    assert there.get("/me").status_code == 303
    assert here.get("/me").status_code == other.get("/me").status_code == 200


def test_ones_data_can_be_taken_along_and_holds_nobody_elses(enter: Enter) -> None:
    enter("oth@probe.example", "reader")
    answer = enter("adm@probe.example", "admin").get("/me/account/data.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    found = json.loads(answer.text)
    assert found["person"]["email"] == "adm@probe.example"
    assert found["memberships"][0]["organisation"] == "Probe GmbH"
    assert found["journal"][0]["what"] == "accounts.signed_in"
    assert "oth@probe.example" not in answer.text


def test_erasing_forgets_the_person_and_keeps_what_was_done(
    enter: Enter, sessions: Sessions, now: datetime, window: Window
) -> None:
    enter("adm@probe.example", "admin")
    client = enter("weg@probe.example", "editor")
    ref = member_of(sessions, "weg@probe.example").ref
    window().post("/sign-in", data={"email": "weg@probe.example"})
    assert "weg@probe.example" in client.get("/me/account").text
    assert client.get("/me/account/erase").status_code == 200
    assert client.post("/me/account/erase").status_code == 303
    assert client.get("/me").status_code == 303
    with sessions() as session:
        person = session.scalars(select(Person).where(Person.erased_at.is_not(None))).one()
        assert person.name == person.email == ""
        assert session.scalars(select(Member).where(Member.ref == ref)).one().ended_at is not None
        kept = " ".join(f"{e.actor} {e.data}" for e in session.scalars(select(Entry)))
        letters = " ".join(f"{x.to} {x.text}" for x in session.scalars(select(Letter)))
        assert "weg@probe.example" not in kept + letters
        assert f"person:{person.ref}" in kept


def test_a_take_over_asked_for_is_exported_and_withdrawn_with_the_person(
    enter: Enter, sessions: Sessions, now: datetime
) -> None:
    client = enter("adm@probe.example", "admin")
    with sessions.begin() as session:
        person = session.scalars(select(Person).where(Person.email == "adm@probe.example")).one()
        firm = make.organisation(session, now, name="Andere GmbH")
        claims.proved(session, person, firm, "Ich bin Ada Probe, 0151 1234", now)
    asked = json.loads(client.get("/me/account/data.json").text)["take_overs"]
    assert [(one["organisation"], one["note"], one["decided"]) for one in asked] == [
        ("Andere GmbH", "Ich bin Ada Probe, 0151 1234", None)
    ]
    assert client.post("/me/account/erase").status_code == 303
    with sessions() as session:
        assert session.scalars(claims.open_ones()).all() == []
        assert session.scalars(select(claims.Claim.note)).all() == [""]
        assert "accounts.claim_withdrawn" in session.scalars(select(Entry.verb)).all()


def test_the_last_admin_hands_over_before_erasing(enter: Enter) -> None:
    admin = enter("adm@probe.example", "admin")
    enter("edi@probe.example", "editor")
    answer = admin.post("/me/account/erase")
    assert answer.status_code == 409
    assert "Geben Sie die Rolle zuerst weiter" in answer.text
    assert admin.get("/me").status_code == 200


def test_name_and_language_are_ones_own_to_choose(enter: Enter, sessions: Sessions) -> None:
    client = enter("adm@probe.example", "admin")
    assert client.post("/me/account", data={"name": "Ada Probe", "language": "pl"}).status_code == 303
    assert client.post("/me/account", data={"name": "", "language": "xx"}).status_code == 422
    with sessions() as session:
        person = session.scalars(select(Person)).one()
        assert (person.name, person.language) == ("Ada Probe", "pl")
