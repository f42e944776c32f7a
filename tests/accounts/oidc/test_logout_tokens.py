"""Back-channel logout: the provider's word ends sessions; anything less than a right token ends none."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts.sessions import BrowserSession
from market.db import Sessions
from market.demo_identity import CLIENT
from tests.accounts.oidc.conftest import Provider, Walker

EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}
ADDRESS = "/api/oidc/ref-alpha/backchannel"


def signed_in(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(BrowserSession)) or 0


def claims(provider: Provider, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {"iss": provider.company.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "events": EVENT}
    return given | {"jti": f"j-{time.monotonic_ns()}", "sub": "p-1"} | more


def test_the_providers_word_ends_its_sessions_and_no_other(
    alpha: Provider, beta: Provider, walker: Callable[[], Walker], sessions: Sessions
) -> None:
    one, other, elsewhere = walker(), walker(), walker()
    one.sign_in("alpha", "p-1")
    other.sign_in("alpha", "p-2")
    elsewhere.sign_in("beta", "p-1")
    token = alpha.company.sign(claims(alpha), "logout+jwt")
    answer = one.market.post(ADDRESS, data={"logout_token": token}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert answer.headers["cache-control"] == "no-store"
    assert one.market.get("/me").status_code == 303
    assert other.market.get("/me").status_code == elsewhere.market.get("/me").status_code == 200
    assert one.market.post(ADDRESS, data={"logout_token": token}).status_code == 400


def test_a_session_id_ends_that_browser_only(alpha: Provider, walker: Callable[[], Walker], sessions: Sessions) -> None:
    desk, phone = walker(), walker()
    desk.sign_in("alpha", "p-1")
    phone.sign_in("alpha", "p-1")
    with sessions() as session:
        sid = session.scalars(select(BrowserSession.sid).order_by(BrowserSession.id)).first()
    token = alpha.company.sign(claims(alpha, sid=sid), "logout+jwt")
    assert desk.market.post(ADDRESS, data={"logout_token": token}).json() == {"ended": 1}
    assert phone.market.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("more", "typ"),
    [
        ({}, "JWT"),
        ({}, "at+jwt"),
        ({"iss": "https://evil.example"}, "logout+jwt"),
        ({"aud": "other"}, "logout+jwt"),
        ({"aud": []}, "logout+jwt"),
        ({"iat": 1}, "logout+jwt"),
        ({"iat": 10**12}, "logout+jwt"),
        ({"iat": None}, "logout+jwt"),
        ({"exp": 1}, "logout+jwt"),
        ({"exp": None}, "logout+jwt"),
        ({"exp": "soon"}, "logout+jwt"),
        ({"events": None}, "logout+jwt"),
        ({"events": {}}, "logout+jwt"),
        ({"events": []}, "logout+jwt"),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": "x"}}, "logout+jwt"),
        ({"nonce": "n"}, "logout+jwt"),
        ({"sub": None}, "logout+jwt"),
        ({"sub": 5}, "logout+jwt"),
        ({"sid": []}, "logout+jwt"),
        ({"jti": None}, "logout+jwt"),
        ({"jti": ""}, "logout+jwt"),
    ],
    ids=str,
)
def test_a_wrong_logout_token_ends_nothing(
    alpha: Provider, walker: Callable[[], Walker], sessions: Sessions, more: dict[str, Any], typ: str
) -> None:
    one = walker()
    one.sign_in("alpha", "p-1")
    token = alpha.company.sign(claims(alpha, **more), typ)
    assert one.market.post(ADDRESS, data={"logout_token": token}).status_code == 400
    assert signed_in(sessions) == 1


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b.c.d.e", "%%%", "x" * 20_000])
def test_garbage_ends_nothing(alpha: Provider, window: Callable[[], TestClient], token: str) -> None:
    assert window().post(ADDRESS, data={"logout_token": token}).status_code == 400
    assert window().post("/api/oidc/unknown/backchannel", data={"logout_token": token}).status_code == 404


def test_a_forged_logout_token_ends_nothing(alpha: Provider, walker: Callable[[], Walker], sessions: Sessions) -> None:
    one = walker()
    one.sign_in("alpha", "p-1")
    for fault in ({"alg": "none"}, {"alg": "HS256"}, {"forge": True}):
        alpha.faults.clear()
        alpha.faults.update(fault)
        token = alpha.company.sign(claims(alpha), "logout+jwt")
        assert one.market.post(ADDRESS, data={"logout_token": token}).status_code == 400
    assert signed_in(sessions) == 1
