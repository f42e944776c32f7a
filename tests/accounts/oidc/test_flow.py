"""Through a company's provider and back, with a real server at the other end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from market.accounts import people, providers
from market.accounts.models import Member, Person
from market.accounts.oidc import client as oidc_client
from market.accounts.oidc.states import OidcState
from market.accounts.sessions import BrowserSession
from market.db import Sessions
from market.demo_identity import new_key
from market.errors import Conflict
from market.mail.models import Letter
from market.viewer import OPERATOR
from tests import factories as make
from tests.accounts.oidc.conftest import Provider, Walker
from tests.support.parallel import at_once

Walk = Callable[[], Walker]


def test_the_first_sign_in_makes_the_member_with_the_mapped_role(
    alpha: Provider, walker: Walk, sessions: Sessions
) -> None:
    one = walker()
    answer = one.sign_in("alpha", "p-1", "?next=/search%3Fq=Kran")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=Kran")
    assert answer.headers["cache-control"] == "no-store"
    assert "Paula Partner" in one.market.get("/me").text
    with sessions() as session:
        member = session.scalars(select(Member)).one()
        assert member.roles == ("buyer",)
        assert (member.person.issuer, member.person.subject) == (alpha.company.issuer, "p-1")


def test_roles_follow_the_claims_at_every_sign_in(alpha: Provider, walker: Walk, sessions: Sessions) -> None:
    walker().sign_in("alpha", "p-1")
    alpha.faults["claims"] = {"groups": ["openers"]}
    walker().sign_in("alpha", "p-1")
    with sessions() as session:
        assert session.scalars(select(Member)).one().roles == ("opener",)
    alpha.faults["claims"] = {"groups": "nonsense"}
    walker().sign_in("alpha", "p-1")
    with sessions() as session:
        assert session.scalars(select(Member)).one().roles == ("reader",)


def test_the_same_subject_or_address_elsewhere_is_somebody_else(
    alpha: Provider, beta: Provider, walker: Walk, sessions: Sessions
) -> None:
    walker().sign_in("alpha", "p-1")
    walker().sign_in("beta", "p-1")
    walker().sign_in("alpha", "p-3")  # the same e-mail address as p-1
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 3
        firms = set(session.scalars(select(Member.organisation_id)))
        assert len(firms) == 2


def test_an_ended_membership_does_not_come_back_by_signing_in(
    alpha: Provider, walker: Walk, sessions: Sessions, now: datetime
) -> None:
    walker().sign_in("alpha", "p-1")
    with sessions.begin() as session:
        people.leave(session, OPERATOR, session.scalars(select(Member)).one(), now)
    answer = walker().sign_in("alpha", "p-1")
    assert answer.status_code == 403
    assert "membership_ended" in answer.text


def test_the_tenant_has_to_be_the_one_agreed_on(
    alpha: Provider, walker: Walk, sessions: Sessions, now: datetime
) -> None:
    with sessions.begin() as session:
        row = session.merge(alpha.row)
        providers.change(session, OPERATOR, row, now + timedelta(seconds=1), local=True, required_claims={"tid": "t-1"})
    assert walker().sign_in("alpha", "p-1").status_code == 303
    assert walker().sign_in("alpha", "p-4").status_code == 403
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_state_is_good_once_in_its_own_browser_for_ten_minutes(
    alpha: Provider, walker: Walk, sessions: Sessions
) -> None:
    one, thief = walker(), walker()
    back = one.choose(one.leave("alpha"), "p-1")
    assert thief.arrive(back).status_code == 403
    assert one.arrive(back).status_code == 303
    assert one.arrive(back).status_code == 403
    late = walker()
    back = late.choose(late.leave("alpha"), "p-1")
    with sessions.begin() as session:
        session.execute(update(OidcState).values(expires_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00")))
    assert late.arrive(back).status_code == 403
    for wrong in ("", "?code=x", "?state=y", "?code=x&state=y", f"?iss={alpha.company.issuer}&code=x&state=y"):
        assert one.arrive("/auth/ref-alpha/callback" + wrong).status_code == 403


def test_two_tabs_do_not_disturb_each_other(alpha: Provider, walker: Walk) -> None:
    one = walker()
    first, second = one.leave("alpha"), one.leave("alpha")
    assert one.arrive(one.choose(second, "p-2")).status_code == 303
    assert one.arrive(one.choose(first, "p-2")).status_code == 303


def test_the_answer_of_another_provider_is_refused(alpha: Provider, beta: Provider, walker: Walk) -> None:
    one = walker()
    back = one.choose(one.leave("alpha"), "p-1")
    assert one.arrive(back.replace("ref-alpha", "ref-beta")).status_code == 403
    twice = one.choose(one.leave("alpha"), "p-1")
    assert one.arrive(f"{twice}&state=other").status_code == 403
    alpha.faults["response"] = {"iss": None}
    assert one.sign_in("alpha", "p-1").status_code == 403
    alpha.faults["response"] = {"iss": beta.company.issuer}
    assert one.sign_in("alpha", "p-1").status_code == 403


def test_of_twenty_callbacks_at_once_one_signs_in(alpha: Provider, walker: Walk, sessions: Sessions) -> None:
    one = walker()

    def go() -> str:
        with sessions.begin() as session:
            session.query(BrowserSession).delete()
        return one.choose(one.leave("alpha"), "p-1")

    for statuses in at_once(3, go, lambda back: one.arrive(back).status_code):
        assert sorted(statuses) == [303] + [403] * 19
        with sessions() as session:
            assert session.scalar(select(func.count()).select_from(BrowserSession)) == 1


@pytest.mark.parametrize(
    "faults",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"forge": True},
        {"typ": "at+jwt"},
        {"typ": "logout+jwt"},
        {"no_id_token": True},
        {"claims": {"iss": "http://127.0.0.1:1/evil"}},
        {"claims": {"aud": "other"}},
        {"claims": {"aud": ["other"], "azp": "werkplatz"}},
        {"claims": {"aud": ["other", "werkplatz"]}},
        {"claims": {"azp": "other"}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": None}},
        {"claims": {"sub": 5}},
        {"claims": {"sub": "x" * 300}},
        {"claims": {"nonce": None}},
        {"claims": {"nonce": "other"}},
        {"claims": {"exp": 1}},
        {"claims": {"exp": None}},
        {"claims": {"exp": 10**12}},
        {"claims": {"iat": None}},
        {"claims": {"iat": 1}},
        {"claims": {"iat": 10**12}},
        {"claims": {"at_hash": "AAAA"}},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_signs_in_nobody(
    alpha: Provider, walker: Walk, sessions: Sessions, faults: dict[str, object]
) -> None:
    alpha.faults.update(faults)
    answer = walker().sign_in("alpha", "p-1")
    assert answer.status_code == 403
    assert "session=" not in answer.headers.get("set-cookie", "")
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
    ids=str,
)
def test_metadata_we_do_not_believe_end_the_journey_before_it_begins(
    alpha: Provider, walker: Walk, metadata: dict[str, object]
) -> None:
    alpha.faults["metadata"] = metadata
    assert walker().market.get("/sign-in/alpha").status_code == 403


def test_metadata_that_lie_elsewhere_are_not_followed(alpha: Provider, walker: Walk) -> None:
    alpha.faults["moved"] = True
    answer = walker().market.get("/sign-in/alpha")
    assert answer.status_code in (403, 503)
    assert "Alpha Werke" in answer.text


def test_the_way_back_does_not_follow_the_host_header(alpha: Provider, walker: Walk) -> None:
    answer = walker().market.get("/sign-in/alpha", headers={"host": "localhost"})
    there = httpx2.URL(answer.headers["location"])
    assert there.params["redirect_uri"] == "http://testserver/auth/ref-alpha/callback"


@pytest.mark.parametrize("faults", [{"down": True}, {"token_down": True}], ids=str)
def test_a_provider_that_is_down_gets_a_page_and_nothing_else_suffers(
    alpha: Provider, beta: Provider, walker: Walk, faults: dict[str, object]
) -> None:
    one = walker()
    there = one.leave("alpha") if "token_down" in faults else None
    alpha.faults.update(faults)
    answer = one.arrive(one.choose(there, "p-1")) if there else one.market.get("/sign-in/alpha")
    assert answer.status_code in (403, 503)
    assert "Alpha Werke" in answer.text
    assert one.market.get("/").status_code == 200
    assert one.sign_in("beta", "p-1").status_code == 303


def test_a_provider_that_hangs_costs_six_seconds_at_most(
    alpha: Provider, walker: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc_client, "PATIENCE_SECONDS", 0.3)
    alpha.faults.update({"slow": "discovery", "seconds": 3})
    answer = walker().market.get("/sign-in/alpha")
    assert answer.status_code == 503
    assert "antwortet nicht" in answer.text


def test_saying_no_at_the_provider_is_no_fault(alpha: Provider, walker: Walk) -> None:
    one = walker()
    there = one.leave("alpha")
    answer = one.outside.post(there, data={"cancel": "1"})
    page = one.arrive(answer.headers["location"].removeprefix("http://testserver"))
    assert page.status_code == 403
    assert "Sie haben die Anmeldung abgebrochen" in page.text


def test_a_new_key_and_a_swapped_key_heal_by_themselves(
    alpha: Provider, walker: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc_client, "KEYS_AGAIN_SECONDS", 0.0)
    assert walker().sign_in("alpha", "p-1").status_code == 303
    alpha.company.keys.insert(0, new_key())
    assert walker().sign_in("alpha", "p-1").status_code == 303
    alpha.company.keys = [new_key(alpha.company.keys[0].kid)]
    assert walker().sign_in("alpha", "p-1").status_code == 303


def test_a_withdrawn_key_is_out_when_the_keys_are_read_again(
    alpha: Provider, walker: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc_client, "KEYS_SECONDS", 0.0)
    monkeypatch.setattr(oidc_client, "KEYS_AGAIN_SECONDS", 0.0)
    stolen = alpha.company.keys[0]
    assert walker().sign_in("alpha", "p-1").status_code == 303
    published = new_key()
    alpha.company.keys = [published]
    monkeypatch.setattr(alpha.company, "jwks", alpha.company.jwks)
    sign = alpha.company.sign

    def with_the_stolen_key(claims: dict[str, object], typ: str = "JWT") -> str:
        alpha.company.keys = [stolen]
        try:
            return sign(claims, typ)
        finally:
            alpha.company.keys = [published]

    monkeypatch.setattr(alpha.company, "sign", with_the_stolen_key)
    assert walker().sign_in("alpha", "p-1").status_code == 403


def test_unknown_keys_do_not_make_us_ask_the_provider_again_and_again(alpha: Provider, walker: Walk) -> None:
    assert walker().sign_in("alpha", "p-1").status_code == 303
    alpha.faults["forge"] = True
    for _ in range(3):
        assert walker().sign_in("alpha", "p-1").status_code == 403


def test_signing_out_leads_out_at_the_provider_too(alpha: Provider, walker: Walk) -> None:
    one = walker()
    one.sign_in("alpha", "p-1")
    page = one.market.post("/sign-out")
    shown = one.market.get(page.headers["location"])
    assert "/sign-out/leave?journey=" in shown.text
    onward = shown.text.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    there = one.market.get(onward)
    assert there.headers["location"].startswith(f"{alpha.company.issuer}/logout?")
    assert alpha.company.sessions
    back = one.outside.get(there.headers["location"])
    assert back.headers["location"].startswith("http://testserver/signed-out")
    assert not alpha.company.sessions
    assert one.market.get("/me").status_code == 303
    assert one.market.get(onward).headers["location"] == "/"


def test_a_journey_ends_in_the_language_it_began_in(alpha: Provider, walker: Walk, sessions: Sessions) -> None:
    """The provider knows one address to come back to, the one without a language."""
    one = walker()
    there = httpx2.URL(one.market.get("/pl/sign-in/alpha").headers["location"])
    assert there.params["ui_locales"] == "pl"
    assert one.arrive(one.choose(there, "p-1")).headers["location"] == "/pl/me"
    with sessions() as session:
        assert session.scalars(select(Person)).one().language == "pl", "letters come in the language of the first visit"
    shown = one.market.get(one.market.post("/pl/sign-out").headers["location"])
    onward = shown.text.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    back = one.outside.get(one.market.get(onward).headers["location"]).headers["location"]
    assert one.market.get(back).headers["location"] == "/pl/signed-out"
    assert one.market.get("/signed-out?state=xx.//evil.example").status_code == 200
    refused = walker()
    there = httpx2.URL(refused.market.get("/en/sign-in/alpha").headers["location"])
    alpha.faults["forge"] = True
    page = refused.arrive(refused.choose(there, "p-1"))
    assert (page.status_code, page.headers["content-language"]) == (403, "en")
    assert 'href="/en/sign-in/alpha"' in page.text


def test_an_address_of_a_partner_is_led_to_its_provider_and_gets_no_link(
    alpha: Provider, window: Callable[[], TestClient], sessions: Sessions
) -> None:
    answer = window().post("/sign-in", data={"email": "somebody@PARTNER.example"})
    assert answer.status_code == 200
    assert "/sign-in/alpha" in answer.text
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 0


def test_step_up_wants_the_same_person_freshly_signed_in(alpha: Provider, walker: Walk, sessions: Sessions) -> None:
    one = walker()
    one.sign_in("alpha", "p-1")
    there = one.market.get("/sign-in/step-up?next=/me")
    assert "max_age=0" in there.headers["location"]
    other = one.arrive(one.choose(there.headers["location"], "p-2"))  # type: ignore[arg-type]
    assert other.status_code == 403
    assert "another_person" in other.text
    there = one.market.get("/sign-in/step-up?next=/me")
    assert one.arrive(one.choose(there.headers["location"], "p-1")).headers["location"] == "/me"  # type: ignore[arg-type]
    alpha.faults["claims"] = {"auth_time": 1}
    there = one.market.get("/sign-in/step-up?next=/me")
    assert one.arrive(one.choose(there.headers["location"], "p-1")).status_code == 403  # type: ignore[arg-type]


def test_a_provider_switched_off_lets_nobody_in(
    alpha: Provider, walker: Walk, sessions: Sessions, now: datetime
) -> None:
    one = walker()
    back = one.choose(one.leave("alpha"), "p-1")
    with sessions.begin() as session:
        providers.switch(session, OPERATOR, session.merge(alpha.row), now, on=False)
    assert one.market.get("/sign-in/alpha").status_code == 404
    assert one.arrive(back).status_code == 404


def test_the_last_provider_in_use_stays(alpha: Provider, walker: Walk, sessions: Sessions, now: datetime) -> None:
    walker().sign_in("alpha", "p-1")
    with sessions.begin() as session:
        row = session.merge(alpha.row)
        with pytest.raises(Conflict):
            providers.switch(session, OPERATOR, row, now, on=False)
        more = {"client_id": "c", "client_secret": "s", "domains": ()}
        second = providers.add(
            session, OPERATOR, row.organisation, now, local=True, key="second", issuer="https://id.example/2", **more
        )
        providers.switch(session, OPERATOR, row, now, on=False)
        assert not row.enabled
        assert second.enabled


@pytest.mark.parametrize(
    ("issuer", "local", "good"),
    [
        ("https://login.example/tenant/v2.0", False, True),
        ("http://login.example/", False, False),
        ("http://127.0.0.1:9000/x", True, True),
        ("http://127.0.0.1:9000/x", False, False),
        ("https://login.microsoftonline.com/common/v2.0", False, False),
        ("https://user@login.example/", False, False),
        ("https://login.example/?x=1", False, False),
        ("ftp://login.example/", True, False),
    ],
)
def test_issuers_we_take(sessions: Sessions, issuer: str, local: bool, good: bool) -> None:
    with sessions() as session:
        found = providers.faults(session, {"issuer": issuer, "key": "k", "domains": ()}, None, local=local)
    assert ("issuer" not in found) is good


def test_a_domain_belongs_to_one_provider(alpha: Provider, sessions: Sessions, now: datetime) -> None:
    with sessions() as session:
        given = {"issuer": "https://id.example", "key": "alpha", "domains": ("partner.example",)}
        assert set(providers.faults(session, given, None, local=False)) == {"key", "domains"}
        make.organisation(session, now)
