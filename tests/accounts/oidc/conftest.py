"""The demo's provider as a real server beside the application, and people walking between the two."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import uvicorn
from starlette.testclient import TestClient

from market.accounts import providers, vault
from market.accounts.providers import IdentityProvider
from market.config import Settings
from market.db import Sessions
from market.demo_identity import CLIENT, SECRET, Company, application, build
from market.viewer import OPERATOR
from tests import factories as make

PEOPLE: list[dict[str, Any]] = [
    {"sub": "p-1", "name": "Paula Partner", "email": "paula@partner.example", "groups": ["buyers"], "tid": "t-1"},
    {"sub": "p-2", "name": "Otto Oeffner", "email": "otto@partner.example", "groups": ["openers", "x"], "tid": "t-1"},
    {"sub": "p-3", "name": "Gast", "email": "paula@partner.example", "groups": [], "tid": "t-1"},
    {"sub": "p-4", "name": "Fremd", "email": "fremd@partner.example", "groups": ["buyers"], "tid": "t-2"},
]
ROLES = {"buyers": "buyer", "openers": "opener"}


@dataclass
class Provider:
    """A running provider and its row."""

    company: Company
    row: IdentityProvider

    @property
    def faults(self) -> dict[str, Any]:
        return self.company.faults


@pytest.fixture(scope="session")
def identity_server() -> Iterator[tuple[str, list[Company]]]:
    """Two companies on one real server; their memory is emptied before each test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    found = [{"key": key, "name": key.title(), "people": PEOPLE} for key in ("alpha", "beta")]
    companies = build(base, "http://testserver", {"alpha": "ref-alpha", "beta": "ref-beta"}, found)
    server = uvicorn.Server(uvicorn.Config(application(companies), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield base, companies
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def alpha(
    identity_server: tuple[str, list[Company]], sessions: Sessions, now: datetime, settings: Settings
) -> Provider:
    return _introduce(identity_server[1][0], sessions, now, settings)


@pytest.fixture
def beta(identity_server: tuple[str, list[Company]], sessions: Sessions, now: datetime, settings: Settings) -> Provider:
    return _introduce(identity_server[1][1], sessions, now, settings)


def _introduce(company: Company, sessions: Sessions, now: datetime, settings: Settings) -> Provider:
    company.faults.clear()
    company.sessions.clear()
    company.codes.clear()
    company.told.clear()
    with sessions.begin() as session:
        firm = make.organisation(session, now, name=f"{company.name} Werke", is_partner=True)
        row = providers.add(
            session,
            OPERATOR,
            firm,
            now,
            local=True,
            key=company.key,
            ref=f"ref-{company.key}",
            issuer=company.issuer,
            client_id=CLIENT,
            client_secret=vault.lock_away(settings.secret, SECRET),
            role_map=ROLES,
            domains=("partner.example",) if company.key == "alpha" else (),
        )
        _ = row.organisation.name
    return Provider(company, row)


class Walker:
    """A browser that follows the way to the provider and back by hand."""

    def __init__(self, market: TestClient) -> None:
        self.market = market
        self.outside = httpx2.Client()

    def leave(self, key: str, query: str = "") -> httpx2.URL:
        """Go to the sign-in; gives the address at the provider."""
        answer = self.market.get(f"/sign-in/{key}{query}")
        assert answer.status_code == 303, answer.text
        return httpx2.URL(answer.headers["location"])

    def choose(self, there: httpx2.URL, person: str) -> str:
        """Choose a person at the provider; gives path and query of the way back."""
        answer = self.outside.get(there)
        if answer.status_code == 200:
            answer = self.outside.post(there, data={"person": person})
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def arrive(self, back: str) -> Any:
        return self.market.get(back)

    def sign_in(self, key: str, person: str, query: str = "") -> Any:
        return self.arrive(self.choose(self.leave(key, query), person))


@pytest.fixture
def walker(window: Callable[[], TestClient]) -> Iterator[Callable[[], Walker]]:
    made: list[Walker] = []

    def make_one() -> Walker:
        made.append(Walker(window()))
        return made[-1]

    yield make_one
    for one in made:
        one.outside.close()
