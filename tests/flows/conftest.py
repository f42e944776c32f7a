"""A real browser before the demo data, served on a port of its own."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market import demo_identity as identity
from market.accounts.models import Organisation
from market.app import create_app
from market.config import load
from market.db import Sessions, connect
from market.db import sessions as make_sessions
from market.files.stores import store_at
from market.mail.models import Letter
from market.needs.models import Need
from market.offerings import service as offerings
from market.offerings.models import Offering
from tests import factories
from tests.flows.bid_pages import bid_examples
from tests.flows.examples import address, signed_in_examples
from tests.flows.operating import operator_examples
from tests.flows.pages import KINDS, PREFIXES, Page
from tests.flows.serving import free_port, on_a_port
from tests.support import chromium

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
    " --disable-sync --no-first-run"
)


@dataclass
class Site:
    """The demo marketplace behind a port, and beside it one without tables in its database."""

    base: str
    broken: str
    var: Path
    """Its database and files."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Of somebody who is signed in."""
    others: dict[str, dict[str, str]] = field(default_factory=dict)
    """Cookies of others, by what they are."""
    examples: dict[str, str] = field(default_factory=dict)
    """Name in a page's path -> address of such a thing, without language."""

    def origin(self, page: Page) -> str:
        return self.broken if page.broken else self.base

    def cookies_of(self, page: Page) -> dict[str, str]:
        return self.others[page.by] if page.by else self.cookies if page.signed_in else {}

    def address(self, page: Page, language: str) -> str:
        return self.origin(page) + PREFIXES[language] + page.path.format_map(self.examples)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed when the journeys are over: its driver keeps an event loop here, and `asyncio.run` wants none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=ARGUMENTS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(
    seeded: TestClient, seeded_url: str, seeded_meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The demo data as `seeded` planted and indexed it; the database is a copy with what the demo does not hold."""
    var = tmp_path_factory.mktemp("site")
    with sqlite3.connect(seeded_url.removeprefix("sqlite:///")) as old, sqlite3.connect(var / "market.db") as new:
        old.backup(new)
    engine = connect(f"sqlite:///{var / 'market.db'}")
    factory = make_sessions(engine)
    with factory.begin() as session:
        examples = pick(session, datetime.now(UTC))
    port, other, third = free_port(), free_port(), free_port()
    given = settings(var, "market.db", port, seeded_meili)
    broken = create_app(settings(var, "empty.db", other, seeded_meili))
    (company,) = identity.build(
        f"http://127.0.0.1:{third}",
        given.base_url,
        {"werk": "ref-werk"},
        [{"key": "werk", "name": "Werk", "people": []}],
    )
    with (
        on_a_port(create_app(given), port) as base,
        on_a_port(broken, other) as without_tables,
        on_a_port(identity.application([company]), third),
    ):
        cookies = sign_in(base, factory)
        with factory.begin() as session:
            session.info["secret"] = given.secret
            examples |= signed_in_examples(session, store_at(f"file:{var / 'files'}"), datetime.now(UTC))
            examples |= operator_examples(session, given.secret, company.issuer, datetime.now(UTC))
            more, others = bid_examples(session, given.secret, datetime.now(UTC))
        yield Site(base, without_tables, var, cookies, others, examples | more)
    engine.dispose()


def settings(var: Path, database: str, port: int, meili: tuple[str, str]) -> Any:
    given = {
        "MARKET_DATABASE_URL": f"sqlite:///{var / database}",
        "MARKET_VAR": str(var),
        "MARKET_BASE_URL": f"http://127.0.0.1:{port}",
        "MARKET_SEARCH_URL": meili[0],
        "MARKET_SEARCH_KEY": meili[1],
    }
    return load(given)


def pick(session: Session, now: datetime) -> dict[str, str]:
    """The richest example of each kind, and what the demo lacks: closed, anonymous, over."""
    found = {}
    for kind in KINDS:
        query = select(Offering).where(Offering.kind == kind, Offering.status == "published")
        best = max(
            session.scalars(query),
            key=lambda o: (bool(o.details_json.get("sessions")), len(f"{o.details_json}{o.texts}")),
        )
        if kind == "training":
            best.details_json = {**best.details_json, "alliance": factories.ALLIANCE}
        found[kind] = address("offerings", best)
    firm = session.scalars(select(Organisation).where(Organisation.external_id == "oderadler-rohrbau")).first()
    firm = firm or session.scalars(select(Organisation).join(Offering).where(Organisation.is_demo)).first()
    assert firm is not None
    partner = session.scalars(select(Organisation).where(Organisation.is_partner)).first()
    need = max(session.scalars(select(Need).where(Need.stage == "published")), key=lambda n: len(n.description))
    residual = factories.DETAILS["residual"] | {"anonymous": True, "quantity": 400, "per": "month"}
    anonymous = factories.offering(session, now, firm, kind="residual", details=residual, title="Hüttensand, lose")
    closed = factories.offering(session, now, firm, title="Rohrleitungsbau, eingestellt")
    offerings.move(session, factories.TESTER, closed, "archive", now)
    over = factories.need(session, now, firm, bids_until=now - timedelta(days=3), title="Rohrleitungen, abgelaufen")
    crash = factories.offering(session, now, title="Nicht lesbar", kind="rail", trades=())
    session.flush()
    session.execute(update(Offering).where(Offering.id == crash.id).values(details_json={"no": "such field"}))
    things = {"anonymous": anonymous, "closed": closed, "crash": crash}
    found |= {name: address("offerings", thing) for name, thing in things.items()}
    found |= {"provider": address("providers", firm), "partner": address("providers", partner)}
    found |= {"need": address("needs", need), "over": address("needs", over)}
    asked = {name: found[name].rpartition("/")[0] for name in ("need", "service")}
    return found | {f"{name}_ref": path for name, path in asked.items()}


def sign_in(base: str, factory: Sessions) -> dict[str, str]:
    """Cookies of somebody who has registered a firm and followed the letter."""
    with httpx2.Client(base_url=base, headers={"sec-fetch-site": "same-origin"}) as client:
        form = {"firm": "Probe & Söhne GmbH", "trade": "Gerüstbau", "place": "03172 Guben", "name": "Ute Probe"}
        assert client.post("/register", data=form | {"email": "ute@probe-soehne.example"}).status_code == 303
        with factory() as session:
            text = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
        assert text is not None
        link = re.search(rf"{base}(/\S+)", text.text)
        assert link
        assert client.post(link[1]).status_code == 303
        return dict(client.cookies)
