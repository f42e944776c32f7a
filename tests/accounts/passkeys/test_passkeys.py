"""Passkeys: added, used, renamed, removed; and every answer that is not to count, counted: none does."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from starlette.testclient import TestClient

from market.accounts import people, providers, step_up
from market.accounts.models import Organisation, Person
from market.accounts.oidc.states import OidcState
from market.accounts.passkeys import ceremony
from market.accounts.passkeys.ceremony import Refused, Site
from market.accounts.passkeys.models import Passkey
from market.accounts.sessions import BrowserSession
from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.values import utc_now
from market.viewer import ANONYMOUS, OPERATOR
from tests.accounts.passkeys.conftest import OPTIONS, Holder
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.windows import OWN

Window = Callable[[], TestClient]
Make = Callable[..., Holder]
ASK, ENTER = "/sign-in/passkey/options", "/sign-in/passkey"
CONFIRM = "/sign-in/step-up/passkey"


def use(client: TestClient, device: Authenticator, **wrong: Any) -> Any:
    """Sign in with the passkey."""
    options = client.post(ASK).json()
    return client.post(ENTER, data={"credential": device.get(options, **wrong), "next": "/me/account"})


def verbs(sessions: Sessions) -> list[str]:
    with sessions() as session:
        query = select(Entry.verb).where(Entry.verb.like("accounts.passkey%"))
        return list(session.scalars(query.order_by(Entry.id)))


def grow_old(sessions: Sessions, by: timedelta = step_up.FRESH) -> None:
    """The last proof of everybody signed in was that long ago."""
    with sessions.begin() as session:
        then = utc_now() - by
        session.execute(update(BrowserSession).values(authenticated_at=then, passkey_at=None))


def test_a_passkey_is_added_and_lets_its_person_in(
    holder: Make, window: Window, sessions: Sessions, last_letter: Callable[[], Letter]
) -> None:
    ada = holder()
    letter = last_letter()
    assert (letter.event, letter.to) == ("accounts/passkey_added", "ada@probe.example")
    assert "http://localhost/me/account" in letter.text
    assert "Firefox, Linux" in letter.text
    page = ada.client.get("/me/account").text
    assert "Firefox, Linux" in page
    assert "noch nicht benutzt" in page
    other = window()
    answer = use(other, ada.device)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/account")
    assert "zuletzt benutzt" in other.get("/me/account").text
    with sessions() as session:
        row = session.scalars(select(BrowserSession).order_by(BrowserSession.id.desc())).first()
        assert row is not None
        assert (row.method, row.person.email, row.passkey_at is not None) == ("passkey", "ada@probe.example", True)
        assert session.scalars(select(Passkey.sign_count)).all() == [2]
    assert verbs(sessions) == ["accounts.passkey_added"]


def test_what_the_browser_is_asked(holder: Make, window: Window) -> None:
    ada = holder()
    asked = ada.client.post(OPTIONS).json()
    assert asked["rp"]["id"] == "localhost"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert len(asked["excludeCredentials"]) == 1
    assert "ada@probe.example" not in asked["user"]["id"]
    shown = window().post(ASK).json()
    assert (shown["userVerification"], shown["rpId"], shown.get("allowCredentials", [])) == (
        "required",
        "localhost",
        [],
    )
    assert len(shown["challenge"]) >= 43


WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://localhost.evil.example"},
    "another scheme": {"origin": "https://localhost"},
    "another port": {"origin": "http://localhost:81"},
    "another rp id": {"rp_id": "evil.example"},
    "another challenge": {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    "no challenge": {"challenge": ""},
    "inside a foreign frame": {"crossOrigin": True},
    "the other ceremony": {"type": "webauthn.create"},
    "no user verification": {"flags": PRESENT},
    "nobody present": {"flags": 0x04},
    "no flags": {"flags": 0},
    "an unknown key": {"id": b"x" * 32},
    "a signature of nothing": {"signature": b""},
    "a broken signature": {"signature": b"0" * 70},
    "a signature of another key": {"key": Authenticator().key},
    "no person named": {"handle": b""},
    "another person named": {"handle": b"somebody-else"},
    "the same count": {"count": 1},
    "no count any more": {"count": 0},
}


def test_no_wrong_answer_lets_anybody_in(holder: Make, window: Window, sessions: Sessions) -> None:
    ada, entered = holder(), []
    for name, wrong in WRONG.items():
        client = window()
        answer = use(client, ada.device, **wrong)
        if answer.status_code != 403 or client.get("/me").status_code != 303:
            entered.append(name)
        ada.device.count = 1
    assert entered == []
    with sessions() as session:
        query = select(Entry.data).where(Entry.verb == "accounts.passkey_refused").order_by(Entry.id)
        refused = session.scalars(query).all()
    assert [data["shown"] for data in refused] == [1, 0]
    assert use(window(), ada.device).status_code == 303


def test_a_challenge_is_used_once_soon_and_where_it_was_asked_for(
    holder: Make, window: Window, sessions: Sessions
) -> None:
    ada, desk = holder(), window()
    options = desk.post(ASK).json()
    answer = {"credential": ada.device.get(options)}
    assert window().post(ENTER, data=answer).status_code == 403
    foreign = window()
    foreign.post(ASK)
    assert foreign.post(ENTER, data=answer).status_code == 403
    assert desk.post(ENTER, data=answer).status_code == 303
    desk.post("/sign-out")
    again = {"credential": ada.device.get(options)}
    assert desk.post(ENTER, data=again).status_code == 403
    assert desk.post(ENTER, data=answer).status_code == 403
    late = {"credential": ada.device.get(desk.post(ASK).json())}
    with sessions.begin() as session:
        session.execute(update(OidcState).values(expires_at=utc_now()))
    assert desk.post(ENTER, data=late).status_code == 403


def test_a_challenge_for_one_purpose_serves_no_other(holder: Make, window: Window) -> None:
    ada, desk = holder(), window()
    for asked in (OPTIONS, f"{CONFIRM}/options"):
        options = ada.client.post(asked).json() | {"rpId": "localhost"}
        data = {"credential": ada.device.get(options)}
        assert ada.client.post(ENTER, data=data).status_code == 403
        assert desk.post(ENTER, data=data).status_code == 403
    options = ada.client.post(ASK).json()
    assert ada.client.post(CONFIRM, data={"credential": ada.device.get(options)}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.get"},
        {"flags": PRESENT | 0x40},
        {"flags": PRESENT | 0x04},
        {"crossOrigin": True},
    ],
)
def test_no_wrong_passkey_is_added(enter: Callable[..., TestClient], sessions: Sessions, wrong: dict[str, Any]) -> None:
    client = enter("ada@probe.example", "admin")
    answer = Authenticator().create(client.post(OPTIONS).json(), **wrong)
    refused = client.post("/me/account/passkeys", data={"credential": answer})
    assert refused.status_code == 422
    assert "Der Passkey wurde nicht hinzugefügt" in refused.text
    assert verbs(sessions) == []


def test_nobody_adds_a_key_that_is_known_or_with_the_challenge_of_another(holder: Make, window: Window) -> None:
    ada, bea = holder(), holder("bea@probe.example")
    twice = bea.client.post("/me/account/passkeys", data={"credential": ada.device.create(_options(bea))})
    assert twice.status_code == 422
    assert "schon in Gebrauch" in twice.text
    new = Authenticator().create(_options(bea))
    assert ada.client.post("/me/account/passkeys", data={"credential": new}).status_code == 422
    assert window().post("/me/account/passkeys", data={"credential": new}).status_code == 303
    assert bea.client.post("/me/account/passkeys", data={"credential": new}).status_code == 303


def _options(holder: Holder) -> Any:
    return holder.client.post(OPTIONS).json()


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answer=st.text(max_size=40)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: st.dictionaries(
            st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "signature"]), inner, max_size=6
        ),
    ).map(json.dumps)
)
def test_what_no_browser_sends_is_refused_without_a_crash(session: Any, answer: str) -> None:
    site = Site("localhost", "http://localhost")
    with pytest.raises(Refused):
        ceremony.shown(session, site, "sign-in", ANONYMOUS, "b" * 43, answer, utc_now())
    with pytest.raises(Refused):
        ceremony.add(session, site, OPERATOR, Person(id=1, ref="x"), "b" * 43, answer, "Telefon", utc_now())


def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(
    holder: Make, window: Window, sessions: Sessions, last_letter: Callable[[], Letter]
) -> None:
    ada, bea = holder(), holder("bea@probe.example")
    with sessions() as session:
        ref = session.scalars(select(Passkey.ref).order_by(Passkey.id)).first()
    path = f"/me/account/passkeys/{ref}"
    assert bea.client.post(path, data={"name": "Meins"}).status_code == 404
    assert bea.client.get(f"{path}/remove").status_code == 404
    assert bea.client.post(f"{path}/remove").status_code == 404
    assert ada.client.post(path, data={"name": "x" * 61}).status_code == 422
    assert ada.client.post(path, data={"name": "  "}).status_code == 422
    assert ada.client.post(path, data={"name": " Telefon  <b>Werkstatt</b> "}).status_code == 303
    assert "Telefon &lt;b&gt;Werkstatt&lt;/b&gt;" in ada.client.get("/me/account").text
    assert "Telefon &lt;b&gt;Werkstatt" in ada.client.get(f"{path}/remove").text
    assert ada.client.post(f"{path}/remove").status_code == 303
    assert (last_letter().event, last_letter().to) == ("accounts/passkey_removed", "ada@probe.example")
    assert use(window(), ada.device).status_code == 403
    assert use(window(), bea.device).status_code == 303
    assert verbs(sessions)[-2:] == ["accounts.passkey_renamed", "accounts.passkey_removed"]


def test_adding_wants_a_fresh_proof_and_a_passkey_is_one(holder: Make, sessions: Sessions) -> None:
    ada = holder()
    grow_old(sessions)
    for path in (OPTIONS, "/me/account/passkeys"):
        answer = ada.client.post(path)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/sign-in/step-up?next=%2Fme%2Faccount%23passkeys",
        )
    assert "Bestätigen, dann hinzufügen" in ada.client.get("/me/account").text
    page = ada.client.get("/sign-in/step-up?next=/me/team").text
    assert "Mit Passkey bestätigen" in page
    assert "neuen Link an ada@probe.example" in page
    options = ada.client.post(f"{CONFIRM}/options").json()
    assert len(options["allowCredentials"]) == 1
    answer = ada.client.post(CONFIRM, data={"credential": ada.device.get(options), "next": "/me/team"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/team")
    assert ada.client.post(OPTIONS).status_code == 200


def test_nobody_confirms_with_the_passkey_of_another(holder: Make, sessions: Sessions) -> None:
    ada, bea = holder(), holder("bea@probe.example")
    grow_old(sessions)
    for wrong in ({}, {"handle": b""}, {"handle": ada.device.handle}):
        options = ada.client.post(f"{CONFIRM}/options").json()
        answer = ada.client.post(CONFIRM, data={"credential": bea.device.get(options, **wrong), "next": "/me"})
        assert answer.status_code == 403
        assert "Dieser Passkey ließ sich hier nicht benutzen" in answer.text
    assert ada.client.post(OPTIONS).status_code == 303


def test_a_fresh_link_confirms_and_keeps_for_whom_one_acts(
    enter: Callable[..., TestClient], last_letter: Callable[[], Letter], sessions: Sessions
) -> None:
    client = enter("ada@probe.example", "admin")
    enter("ada@probe.example", "editor", firm="Zweite GmbH")
    with sessions() as session:
        second = session.scalars(select(Organisation.ref).where(Organisation.name == "Zweite GmbH")).one()
    assert client.post("/me/organisation", data={"organisation": second}).status_code == 303
    grow_old(sessions)
    assert client.post("/sign-in/step-up", data={"next": "/me/account#passkeys"}).status_code == 303
    code = re.search(r"\b([A-Z2-9]{4}-[A-Z2-9]{4})\b", last_letter().text)
    assert code
    answer = client.post("/sign-in/code", data={"code": code[1]})
    assert answer.headers["location"] == "/me/account#passkeys"
    assert "Zweite GmbH" in client.get("/me").text
    assert client.post(OPTIONS).status_code == 200


def test_people_of_a_company_confirm_only(holder: Make, window: Window, sessions: Sessions) -> None:
    ada = holder("ada@werk.example", "buyer", firm="Werk SE", is_partner=True)
    with sessions.begin() as session:
        person = session.scalars(select(Person)).one()
        person.issuer, person.subject = "https://id.example", "ada-1"
        session.execute(update(BrowserSession).values(method="oidc", issuer="https://id.example"))
    asked = ada.client.post(OPTIONS).json()
    assert asked["authenticatorSelection"]["residentKey"] == "discouraged"
    other = window()
    answer = use(other, ada.device)
    assert answer.status_code == 403
    assert "Firmenanmeldung" in answer.text
    assert other.get("/me").status_code == 303
    grow_old(sessions)
    page = ada.client.get("/sign-in/step-up?by=passkey&next=/me").text
    assert "Mit Passkey bestätigen" in page
    assert "neuen Link" not in page
    options = ada.client.post(f"{CONFIRM}/options").json()
    data = {"credential": ada.device.get(options), "next": "/me", "by": "passkey"}
    assert ada.client.post(CONFIRM, data=data).status_code == 303
    with sessions() as session:
        row = session.scalars(select(BrowserSession)).one()
        viewer = replace(people.viewer_of(row.person), session_id=row.id)
        assert step_up.is_fresh(session, viewer, utc_now(), by="passkey")
        assert not step_up.is_fresh(session, viewer, utc_now())


def test_an_address_that_became_a_companys_signs_in_there(holder: Make, window: Window, sessions: Sessions) -> None:
    ada = holder("ada@werk.example", "editor")
    with sessions.begin() as session:
        providers.add(
            session,
            OPERATOR,
            session.scalars(select(Organisation)).one(),
            utc_now(),
            local=True,
            key="werk",
            issuer="https://id.example",
            client_id="werkplatz",
            client_secret="locked away",
            domains=("werk.example",),
        )
    assert use(window(), ada.device).status_code == 403


def test_passkeys_are_exported_and_end_with_the_person(holder: Make, window: Window, sessions: Sessions) -> None:
    ada = holder()
    found = json.loads(ada.client.get("/me/account/data.json").text)["passkeys"]
    assert [one["name"] for one in found] == ["Firefox, Linux"]
    assert ada.client.post("/me/account/erase").status_code == 303
    with sessions() as session:
        assert session.scalars(select(Passkey)).all() == []
    assert use(window(), ada.device).status_code == 403


def test_one_client_does_not_ask_without_end(window: Window) -> None:
    """Thirty within five minutes."""
    browser = window()
    answers = [browser.post(ASK) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]


def test_an_address_that_is_a_number_has_no_passkeys(settings: Settings) -> None:
    assert ceremony.site_of(settings) is not None
    assert ceremony.site_of(replace(settings, base_url="http://127.0.0.1:8000")) is None


def test_one_person_has_so_many_passkeys_at_most(holder: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceremony, "MOST", 1)
    ada = holder()
    answer = Authenticator().create(ada.client.post(OPTIONS).json())
    assert ada.client.post("/me/account/passkeys", data={"credential": answer}).status_code == 422


def test_a_key_that_names_itself_otherwise_than_it_is_is_not_added(
    enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    client, device = enter("ada@probe.example", "admin"), Authenticator()
    answer = json.loads(device.create(client.post(OPTIONS).json()))
    answer["id"] = answer["rawId"] = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
    refused = client.post("/me/account/passkeys", data={"credential": json.dumps(answer)})
    assert refused.status_code == 422
    assert verbs(sessions) == []


def test_at_an_address_without_a_name_there_are_no_passkeys(settings: Settings, sessions: Sessions) -> None:
    given = replace(settings, base_url="http://127.0.0.1:8000")
    client = TestClient(create_app(given), base_url=given.base_url, headers=OWN, follow_redirects=False)
    assert client.post(ASK).status_code == 404


def test_who_has_none_confirms_with_none_and_the_same_name_is_no_change(
    holder: Make, enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    assert enter("bea@probe.example", "admin").post(f"{CONFIRM}/options").status_code == 404
    ada = holder()
    with sessions() as session:
        ref, name = session.execute(select(Passkey.ref, Passkey.name)).one()
    assert ada.client.post(f"/me/account/passkeys/{ref}", data={"name": name}).status_code == 303
    assert verbs(sessions) == ["accounts.passkey_added"]


def test_somebody_no_letter_reaches_adds_a_passkey_without_one(
    enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    client, device = enter("ada@probe.example", "admin"), Authenticator()
    with sessions.begin() as session:
        session.scalars(select(Person).where(Person.email == "ada@probe.example")).one().email = "ada at probe"
    added = client.post("/me/account/passkeys", data={"credential": device.create(client.post(OPTIONS).json())})
    assert added.status_code == 303
    with sessions() as session:
        assert session.scalars(select(Letter)).all() == []
