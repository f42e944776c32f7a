"""The operator's pages on company sign-in: adding, editing, switching, trying out."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts import vault
from market.accounts.models import Member, Person
from market.accounts.providers import IdentityProvider
from market.accounts.sessions import BrowserSession
from market.config import Settings
from market.console import provider_form
from market.db import Sessions
from market.journal import Entry
from tests import factories as make
from tests.accounts.oidc.conftest import Provider, Walker

FORM = {
    "key": "delta",
    "issuer": "https://id.delta.example/tenant",
    "client_id": "werkplatz",
    "client_secret": "geheim-0815-ganz",
    "scope": "openid email",
    "required_claims": "tid = 77\nhd=delta.example",
    "role_claim": "groups",
    "role_map": "CN=Einkauf,OU=x = buyer\nchefs = admin",
    "domains": "@Delta.example, delta.test",
    "note": "Ein Hinweis",
}


@pytest.fixture
def partner(sessions: Sessions, now: Any) -> str:
    with sessions.begin() as session:
        return make.organisation(session, now, name="Delta Werke", is_partner=True).ref


def row_of(sessions: Sessions, key: str) -> IdentityProvider:
    with sessions() as session:
        return session.scalars(select(IdentityProvider).where(IdentityProvider.key == key)).one()


def test_a_provider_is_added_switched_off_and_led_to_its_trial(
    operator: TestClient, window: Callable[[], TestClient], partner: str, sessions: Sessions, settings: Settings
) -> None:
    assert "Delta Werke" in operator.get("/operator/providers/new").text
    answer = operator.post("/operator/providers/new", data=FORM | {"organisation": partner})
    row = row_of(sessions, "delta")
    assert answer.headers["location"] == f"/operator/providers/{row.ref}/trial"
    assert not row.enabled
    assert row.required_claims == {"tid": "77", "hd": "delta.example"}
    assert row.role_map == {"CN=Einkauf,OU=x": "buyer", "chefs": "admin"}
    assert row.domains == ("delta.example", "delta.test")
    assert vault.take_out(settings.secret, row.client_secret) == "geheim-0815-ganz"
    assert window().get("/sign-in/delta").status_code == 404
    page = operator.get("/operator/providers")
    assert "ausgeschaltet" in page.text
    assert operator.post(f"/operator/providers/{row.ref}/switch", data={"on": "1"}).status_code == 303
    assert row_of(sessions, "delta").enabled


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("issuer", "http://id.delta.example/", "Der Aussteller muss mit https:// beginnen."),
        ("key", "Mit Leerzeichen", "Zwei bis 40 Kleinbuchstaben"),
        ("key", "step-up", "Zwei bis 40 Kleinbuchstaben"),
        ("scope", "email", "Der Umfang muss openid enthalten."),
        ("required_claims", "tid", "Ein Paar je Zeile"),
        ("role_map", "x = chef", "Hinter dem Gleichheitszeichen steht eine Rolle"),
        ("role_map", "x = buyer\nx = admin", "Ein Paar je Zeile"),
        ("domains", "nicht@so", "Schreiben Sie E-Mail-Domänen so"),
        ("organisation", "nirgends", "Bitte wählen Sie"),
        ("client_secret", "", "Bitte füllen Sie"),
    ],
)
def test_a_wrong_entry_is_named_and_everything_but_the_secret_kept(
    operator: TestClient, partner: str, sessions: Sessions, field: str, typed: str, sentence: str
) -> None:
    answer = operator.post("/operator/providers/new", data=FORM | {"organisation": partner} | {field: typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "Ein Hinweis" in answer.text
    assert "geheim-0815" not in answer.text
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(IdentityProvider)) == 0


def test_editing_keeps_the_secret_when_the_field_stays_empty(
    operator: TestClient, alpha: Provider, sessions: Sessions, settings: Settings
) -> None:
    path = f"/operator/providers/{alpha.row.ref}"
    page = operator.get(path)
    assert alpha.company.issuer in page.text
    assert f"http://testserver/auth/{alpha.row.ref}/callback" in page.text
    assert alpha.row.client_secret not in page.text
    kept = provider_form.shown(alpha.row) | {"note": "Neu", "domains": "partner.example"}
    assert operator.post(path, data=kept).headers["location"] == "/operator/providers"
    row = row_of(sessions, "alpha")
    assert (row.note, row.client_secret) == ("Neu", alpha.row.client_secret)
    operator.post(path, data=kept | {"client_secret": "ein-neues-geheimnis"})
    assert vault.take_out(settings.secret, row_of(sessions, "alpha").client_secret) == "ein-neues-geheimnis"
    with sessions() as session:
        told = session.scalars(select(Entry).where(Entry.verb == "accounts.provider_changed").order_by(Entry.id)).all()
        assert [entry.data["fields"] for entry in told] == [["note"], ["client_secret"]]
        assert all(entry.actor.startswith("person:") for entry in told)


def test_a_domain_of_another_provider_is_refused(operator: TestClient, alpha: Provider, beta: Provider) -> None:
    given = provider_form.shown(beta.row) | {"domains": "partner.example"}
    answer = operator.post(f"/operator/providers/{beta.row.ref}", data=given)
    assert answer.status_code == 422
    assert "gehört zu einem anderen Anmeldedienst" in answer.text


def test_the_issuer_of_people_who_use_it_stays(
    operator: TestClient, alpha: Provider, walker: Callable[[], Walker]
) -> None:
    walker().sign_in("alpha", "p-1")
    given = provider_form.shown(alpha.row) | {"issuer": "https://other.example"}
    answer = operator.post(f"/operator/providers/{alpha.row.ref}", data=given)
    assert answer.status_code == 422
    assert "https://other.example" in answer.text
    assert "melden sich schon Personen an" in answer.text


def test_the_last_provider_in_use_cannot_be_switched_off(
    operator: TestClient, alpha: Provider, walker: Callable[[], Walker], sessions: Sessions
) -> None:
    path = f"/operator/providers/{alpha.row.ref}/switch"
    walker().sign_in("alpha", "p-1")
    answer = operator.post(path, data={"on": "0"})
    assert answer.status_code == 409
    assert "Alpha Werke" in answer.text
    assert "nur mit diesem Anmeldedienst" in answer.text
    assert row_of(sessions, "alpha").enabled


def test_trying_out_shows_each_check_of_the_provider(operator: TestClient, alpha: Provider) -> None:
    path = f"/operator/providers/{alpha.row.ref}/trial"
    page = operator.get(path)
    assert page.status_code == 200
    assert "alles passt" in page.text
    alpha.faults["metadata"] = {
        "issuer": "https://evil.example",
        "token_endpoint": "http://evil.example/token",
        "id_token_signing_alg_values_supported": ["HS256", "none"],
        "code_challenge_methods_supported": ["plain"],
    }
    broken = operator.get(path).text
    for fault in ("issuer_mismatch", "unsafe_endpoint", "no_algorithm", "no_pkce"):
        assert fault in broken
    assert "4 Prüfungen nicht bestanden" in broken
    alpha.faults.clear()
    alpha.faults["down"] = True
    page = operator.get(path)
    assert page.status_code == 200
    assert "1 Prüfung nicht bestanden" in page.text


def try_sign_in(operator: TestClient, alpha: Provider, person: str) -> Any:
    one = Walker(operator)
    there = operator.get(f"/operator/providers/{alpha.row.ref}/trial/sign-in").headers["location"]
    arrived = one.arrive(one.choose(there, person))  # type: ignore[arg-type]
    one.outside.close()
    return arrived


def test_a_trial_sign_in_takes_the_token_apart_and_signs_nobody_in(
    operator: TestClient, alpha: Provider, sessions: Sessions
) -> None:
    operator.post(f"/operator/providers/{alpha.row.ref}/switch", data={"on": "0"})
    with sessions() as session:
        before = session.scalar(select(func.count()).select_from(BrowserSession))
    arrived = try_sign_in(operator, alpha, "p-1")
    assert arrived.headers["location"].startswith(f"/operator/providers/{alpha.row.ref}/trial?trial=")
    page = operator.get(arrived.headers["location"])
    assert "Paula Partner" in page.text
    assert "Einkauf" in page.text
    assert page.text.count("alles passt") == 2
    assert operator.get("/me").status_code == 200
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 0
        assert session.scalar(select(func.count()).select_from(Person).where(Person.subject == "p-1")) == 0
        assert session.scalar(select(func.count()).select_from(BrowserSession)) == before


@pytest.mark.parametrize(
    ("faults", "fault"),
    [
        ({"claims": {"aud": "somebody-else"}}, "bad_aud"),
        ({"claims": {"iss": "https://evil.example"}}, "bad_iss"),
        ({"claims": {"nonce": "x"}}, "bad_nonce"),
        ({"claims": {"sub": ""}}, "bad_sub"),
        ({"claims": {"exp": 1}}, "expired"),
        ({"claims": {"tid": "t-9"}}, "wrong_tenant"),
        ({"forge": True}, "bad_signature"),
        ({"token_down": True}, "nicht bestanden"),
    ],
    ids=str,
)
def test_a_trial_names_what_is_wrong_with_the_token(
    operator: TestClient, alpha: Provider, sessions: Sessions, faults: dict[str, Any], fault: str
) -> None:
    with sessions.begin() as session:
        session.merge(alpha.row).required_claims = {"tid": "t-1"}
    alpha.faults.update(faults)
    arrived = try_sign_in(operator, alpha, "p-1")
    page = operator.get(arrived.headers["location"]).text
    assert fault in page
    assert "nicht bestanden" in page


def test_a_finding_is_for_the_operator_who_tried(
    operator: TestClient, enter: Callable[..., TestClient], alpha: Provider
) -> None:
    arrived = try_sign_in(operator, alpha, "p-1")
    assert enter("x@probe.example", "admin").get(arrived.headers["location"]).status_code == 404
    operator.cookies.delete("journey")
    page = operator.get(arrived.headers["location"])
    assert "Paula Partner" not in page.text
    assert "älter als zehn Minuten" in page.text


def test_nobody_but_an_operator_comes_back_from_a_trial(
    operator: TestClient, window: Callable[[], TestClient], alpha: Provider, sessions: Sessions
) -> None:
    one = Walker(operator)
    there = operator.get(f"/operator/providers/{alpha.row.ref}/trial/sign-in").headers["location"]
    back = one.choose(there, "p-1")  # type: ignore[arg-type]
    one.outside.close()
    operator.cookies.delete("session")
    assert operator.get(back).status_code == 404


def test_a_no_at_the_provider_is_named_in_the_trial(operator: TestClient, alpha: Provider) -> None:
    there = operator.get(f"/operator/providers/{alpha.row.ref}/trial/sign-in").headers["location"]
    asked = dict(parse_qsl(urlsplit(there).query))
    said = urlencode({"error": "access_denied", "state": asked["state"], "iss": alpha.company.issuer})
    arrived = operator.get(f"{urlsplit(asked['redirect_uri']).path}?{said}")
    assert "access_denied" in operator.get(arrived.headers["location"]).text
