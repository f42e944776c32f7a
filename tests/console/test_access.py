"""Who gets what from each address of the console: a route without a row fails."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.routing import Route
from starlette.testclient import TestClient

from market.accounts import claims, people
from market.accounts.models import Member, Organisation
from market.console.views import routes
from market.db import Sessions
from market.mail import letters
from market.values import utc_now
from market.viewer import OPERATOR
from tests.accounts.oidc.conftest import Provider

REASON = {"reason": "Aus gutem Grund"}
OPERATORS_ONLY: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "/operator/providers", {}, 200),
    ("GET", "/operator/providers/new", {}, 200),
    ("POST", "/operator/providers/new", {}, 422),
    ("GET", "/operator/providers/{provider}", {}, 200),
    ("POST", "/operator/providers/{provider}", {}, 422),
    ("POST", "/operator/providers/{provider}/switch", {"on": "1"}, 303),
    ("GET", "/operator/providers/{provider}/trial", {}, 200),
    ("GET", "/operator/providers/{provider}/trial/sign-in", {}, 303),
    ("GET", "/operator/firms", {}, 200),
    ("GET", "/operator/firms/{firm}", {}, 200),
    ("POST", "/operator/firms/{firm}/suspend", REASON, 303),
    ("POST", "/operator/firms/{firm}/reinstate", REASON, 303),
    ("POST", "/operator/firms/{firm}/members/{member}", {"roles": "admin"}, 303),
    ("POST", "/operator/firms/{firm}/members/{member}/sign-out", {}, 303),
    ("POST", "/operator/firms/{firm}/members/{member}/end", {}, 409),
    ("POST", "/operator/firms/{firm}/act", {}, 303),
    ("POST", "/operator/firms/{firm}/confirmation", {}, 409),
    ("POST", "/operator/act/end", {}, 303),
    ("GET", "/operator/claims", {}, 200),
    ("POST", "/operator/claims/{claim}/decline", REASON, 303),
    ("POST", "/operator/claims/{claim}/grant", {}, 409),
    ("GET", "/operator/journal", {}, 200),
    ("GET", "/operator/journal.csv", {}, 200),
    ("GET", "/operator/health", {}, 200),
    ("POST", "/operator/health/outbox", {}, 303),
    ("POST", "/operator/health/letters/{letter}", {}, 303),
    ("GET", "/operator/searches", {}, 200),
    ("GET", "/operator/taxonomy", {}, 200),
]
"""For everybody else each of them is 404."""
PUBLIC: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", "/confirm/unknown", {}, 410),
    ("POST", "/confirm/unknown", {"name": "x", "answer": "yes"}, 410),
    ("GET", "/firms/{firm}/claim", {}, 200),
    ("GET", "/firms/unknown/claim", {}, 404),
]
"""The same for all."""


@pytest.fixture
def filled(alpha: Provider, enter: Callable[..., TestClient], sessions: Sessions) -> dict[str, str]:
    """A record of each sort, by the names in the addresses."""
    enter("adm@probe.example", "admin")
    now = utc_now()
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        person = people.create(session, OPERATOR, now, "neu@privat.example")
        claims.proved(session, person, firm, "", now)
        context: dict[str, Any] = {"day": now.date(), "place": 1, "hash": "ab"}
        letter = letters.write(session, now, "x@firma.example", "de", "journal/anchor", **context)
        session.flush()
        return {
            "provider": alpha.row.ref,
            "firm": firm.ref,
            "member": session.scalars(select(Member.ref)).one(),
            "claim": session.scalars(select(claims.Claim.ref)).one(),
            "letter": letter.ref,
        }


def ask(client: TestClient, method: str, path: str, form: dict[str, str]) -> int:
    return client.request(method, path, data=form if method == "POST" else None).status_code


def test_every_route_has_a_row() -> None:
    rows = [(method, path) for method, path, *_ in OPERATORS_ONLY + PUBLIC]
    for route in routes:
        assert isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}:
            fits = [path for given, path in rows if given == method and route.path_regex.match(path)]
            claim = method == "POST" and route.path == "/firms/{ref}/claim"  # writes a letter, see test_organisations
            assert fits or claim, f"{method} {route.path} has no row"


def test_operators_get_everything_nobody_else_anything(
    filled: dict[str, str],
    operator: TestClient,
    window: Callable[[], TestClient],
    enter: Callable[..., TestClient],
    sessions: Sessions,
) -> None:
    others = [
        window(),
        enter("str@andere.example", "admin", firm="Andere AG"),
        *(enter(f"{role}@probe.example", role) for role in ("editor", "bidder", "reader")),
    ]
    own = enter("adm@probe.example", "admin")
    for method, pattern, form, _ in OPERATORS_ONLY:
        path = pattern.format_map(filled)
        for client in (*others, own):
            assert ask(client, method, path, form) == 404, f"{method} {path}"
    with sessions.begin() as session:  # the last admin alone is left, so that ending it is refused
        for member in session.scalars(select(Member)):
            if member.ref != filled["member"]:
                member.ended_at = utc_now()
    for method, pattern, form, status in OPERATORS_ONLY:
        path = pattern.format_map(filled)
        assert ask(operator, method, path, form) == status, f"{method} {path}"


def test_public_addresses_answer_all_alike(
    filled: dict[str, str], operator: TestClient, window: Callable[[], TestClient], enter: Callable[..., TestClient]
) -> None:
    for client in (window(), enter("str@andere.example", "admin", firm="Andere AG"), operator):
        for method, pattern, form, status in PUBLIC:
            assert ask(client, method, pattern.format_map(filled), form) == status, f"{method} {pattern}"


def test_a_form_of_another_site_is_refused(operator: TestClient, filled: dict[str, str], sessions: Sessions) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    for method, pattern, form, _ in OPERATORS_ONLY:
        if method == "POST":
            answer = operator.post(pattern.format_map(filled), data=form, headers=foreign)
            assert answer.status_code == 403, pattern
    with sessions() as session:
        assert session.scalars(select(Organisation).where(Organisation.suspended_at.is_not(None))).all() == []
