"""A marketplace of its own behind a port, with a partner whose people sign in at their company's provider."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from market.accounts import providers, vault
from market.app import create_app
from market.db import connect
from market.db import sessions as make_sessions
from market.demo_identity import CLIENT, SECRET, application, build
from market.viewer import OPERATOR
from tests import factories as make
from tests.flows.conftest import settings
from tests.flows.serving import free_port, on_a_port

WAIT_MS = 15_000
HEIGHTS = {1440: 900, 390: 844}
PEOPLE = [{"sub": "p-1", "name": "Paula Partner", "email": "paula@partner.example", "groups": ["buyers"]}]
Open = Callable[..., Page]


@dataclass(frozen=True)
class Letter:
    """The newest one to an address, as `/dev/mail` shows it."""

    text: str
    link: str
    code: str


@pytest.fixture(scope="session")
def house(seeded_url: str, seeded_meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the marketplace; the code lists are those of the demo's database."""
    var = tmp_path_factory.mktemp("house")
    with sqlite3.connect(seeded_url.removeprefix("sqlite:///")) as old, sqlite3.connect(var / "market.db") as new:
        old.backup(new)
    port, other = free_port(), free_port()
    given = settings(var, "market.db", port, seeded_meili)
    base = f"http://localhost:{port}"  # passkeys want a name
    given = replace(given, base_url=base)
    found = [{"key": "alpha", "name": "Alpha", "people": PEOPLE}]
    companies = build(f"http://127.0.0.1:{other}", base, {"alpha": "ref-alpha"}, found)
    engine = connect(given.database_url)
    with make_sessions(engine).begin() as session:
        now = datetime.now(UTC)
        providers.add(
            session,
            OPERATOR,
            make.organisation(session, now, name="Alpha Werke", is_partner=True),
            now,
            local=True,
            key="alpha",
            ref="ref-alpha",
            issuer=companies[0].issuer,
            client_id=CLIENT,
            client_secret=vault.lock_away(given.secret, SECRET),
            role_map={"buyers": "buyer"},
            domains=("partner.example",),
        )
    engine.dispose()
    with on_a_port(application(companies), other), on_a_port(create_app(given), port):
        yield base


@pytest.fixture
def tab(browser: Browser, house: str) -> Iterator[Open]:
    """A function of the address and the width in px: a window of its own, with its own cookies."""
    contexts: list[BrowserContext] = []

    def open_tab(path: str, width: int = 390) -> Page:
        context = browser.new_context(
            base_url=house, viewport={"width": width, "height": HEIGHTS[width]}, reduced_motion="reduce"
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_tab
    for context in contexts:
        context.close()


@pytest.fixture
def letter(tab: Open) -> Callable[[str], Letter]:
    return lambda to: read_letter(tab("/dev/mail"), to)


def read_letter(page: Page, to: str) -> Letter:
    """The newest letter to an address, on the page of letters."""
    text = page.locator("article", has_text=to).first.locator("pre").inner_text()
    link = re.search(r"http://[\w.]+:\d+(/\S+)", text)
    code = re.search(r"\b([A-Z2-9]{4}-[A-Z2-9]{4})\b", text)
    assert link, text
    return Letter(text, link[1], code[1] if code else "")
