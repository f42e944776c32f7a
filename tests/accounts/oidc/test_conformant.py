"""Sign-in with a provider that is not ours: npm `oidc-provider`, certified by the OpenID Foundation."""

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts import providers, vault
from market.accounts.models import Member
from market.accounts.sessions import BrowserSession
from market.config import Settings
from market.db import Sessions
from market.viewer import OPERATOR
from tests import factories as make

ROOT = Path(__file__).parents[3]
REF = "ref-gamma"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A running provider; its address."""
    command = ["node", "tests/accounts/oidc/op.mjs", "http://testserver"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = process.stdout.readline().strip()
        assert found.startswith("http://127.0.0.1:"), found
        yield found
        process.terminate()
        process.wait(10)


@pytest.fixture
def gamma(issuer: str, sessions: Sessions, now: datetime, settings: Settings) -> str:
    """The provider as a row; gives its issuer."""
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Gamma Werke", is_partner=True)
        providers.add(
            session,
            OPERATOR,
            firm,
            now,
            local=True,
            key="gamma",
            ref=REF,
            issuer=issuer,
            client_id="werkplatz",
            client_secret=vault.lock_away(settings.secret, "a-secret-of-the-tests-0123456789abcdef"),
            required_claims={"tid": "gamma"},
            role_map={"buyers": "buyer", "openers": "opener"},
            domains=("gamma.example",),
        )
    return issuer


class Browser:
    """Two windows of one browser: ours, and the provider's with its own cookies."""

    def __init__(self, market: TestClient) -> None:
        self.market = market
        self.outside = httpx2.Client()

    def leave(self, path: str = "/sign-in/gamma") -> str:
        answer = self.market.get(path)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def walk(self, there: str, **form: str) -> str:
        """Follow the provider's pages, answering each with the form, until it leads back; gives path and query."""
        for _ in range(10):
            answer = self.outside.get(there)
            if answer.status_code == 200:
                answer = self.outside.post(there, data=form)
            there = str(httpx2.URL(there).join(answer.headers["location"]))
            if there.startswith("http://testserver"):
                return there.removeprefix("http://testserver")
        raise AssertionError(f"the provider never led back, last to {there}")

    def sign_in(self, person: str) -> Any:
        return self.market.get(self.walk(self.leave(), person=person))


@pytest.fixture
def browser(window: Callable[[], TestClient]) -> Iterator[Callable[[], Browser]]:
    opened: list[Browser] = []

    def open_one() -> Browser:
        opened.append(Browser(window()))
        return opened[-1]

    yield open_one
    for one in opened:
        one.outside.close()


Open = Callable[[], Browser]


def test_the_first_sign_in_makes_a_member_with_the_roles_of_the_claims(
    gamma: str, browser: Open, sessions: Sessions
) -> None:
    one = browser()
    assert one.sign_in("anna").headers["location"] == "/me"
    assert "Anna Probe" in one.market.get("/me").text
    with sessions() as session:
        member = session.scalars(select(Member)).one()
        assert member.roles == ("buyer", "opener")
        assert (member.person.issuer, member.person.subject) == (gamma, "anna-1")
        assert member.person.email == "anna@gamma.example"


def test_somebody_without_groups_reads_only(gamma: str, browser: Open, sessions: Sessions) -> None:
    assert browser().sign_in("bert").status_code == 303
    with sessions() as session:
        assert session.scalars(select(Member)).one().roles == ("reader",)


def test_a_person_of_another_tenant_is_refused(gamma: str, browser: Open, sessions: Sessions) -> None:
    answer = browser().sign_in("carl")
    assert answer.status_code == 403
    assert "wrong_tenant" in answer.text
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 0


def test_a_refusal_at_the_provider_is_said_and_signs_nobody_in(gamma: str, browser: Open) -> None:
    one = browser()
    answer = one.market.get(one.walk(one.leave(), refuse="1"))
    assert answer.status_code == 403
    assert "Sie haben die Anmeldung abgebrochen" in answer.text
    assert "<b>no</b>" not in answer.text
    assert one.market.get("/me").status_code == 303
    assert one.sign_in("anna").status_code == 303


def test_two_tabs_finish_in_any_order(gamma: str, browser: Open, sessions: Sessions) -> None:
    one = browser()
    first, second = one.leave("/sign-in/gamma?next=/search"), one.leave("/sign-in/gamma?next=/map")
    assert parse_qs(urlsplit(first).query)["state"] != parse_qs(urlsplit(second).query)["state"]
    back_second = one.walk(second, person="anna")
    back_first = one.walk(first, person="anna")
    assert one.market.get(back_second).headers["location"] == "/map"
    assert one.market.get(back_first).headers["location"] == "/search"
    assert one.market.get(back_first).status_code == 403
    assert one.market.get("/me").status_code == 200
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(BrowserSession)) == 1


def test_a_code_works_once(gamma: str, browser: Open) -> None:
    one = browser()
    back = one.walk(one.leave(), person="anna")
    assert one.market.get(back).status_code == 303
    other = one.walk(one.leave(), person="anna")
    stolen = re.sub(r"code=[^&]+", "code=" + parse_qs(urlsplit(back).query)["code"][0], other)
    assert one.market.get(stolen).status_code == 403


def test_signing_out_leads_out_at_the_provider_and_back(gamma: str, browser: Open) -> None:
    one = browser()
    one.sign_in("anna")
    shown = one.market.get(one.market.post("/sign-out").headers["location"])
    onward = shown.text.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    there = one.market.get(onward).headers["location"]
    assert there.startswith(f"{gamma}/session/end?")
    asked = one.outside.get(there)
    assert asked.status_code == 200, asked.text
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', asked.text))
    answer = one.outside.post(f"{gamma}/session/end/confirm", data=fields | {"logout": "yes"})
    assert answer.headers["location"].startswith("http://testserver/signed-out")
    assert one.market.get("/me").status_code == 303
    # Out there, too: the next sign-in asks who one is.
    answer = one.outside.get(one.leave())
    asked = one.outside.get(str(httpx2.URL(gamma).join(answer.headers["location"])))
    assert asked.json() == {"prompt": "login"}


def test_the_providers_own_logout_token_ends_the_session_here(gamma: str, browser: Open, sessions: Sessions) -> None:
    desk, phone = browser(), browser()
    desk.sign_in("anna")
    phone.sign_in("anna")
    desk.outside.get(f"{gamma}/told")
    page = desk.outside.get(f"{gamma}/session/end")
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    desk.outside.post(f"{gamma}/session/end/confirm", data=fields | {"logout": "yes"})
    (told,) = desk.outside.get(f"{gamma}/told").json()
    assert told["address"] == f"http://testserver/api/oidc/{REF}/backchannel"
    token = parse_qs(told["body"])["logout_token"][0]
    path = urlsplit(told["address"]).path
    answer = desk.market.post(path, data={"logout_token": token}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert desk.market.get("/me").status_code == 303
    assert phone.market.get("/me").status_code == 200
    assert desk.market.post(path, data={"logout_token": token}).status_code == 400
