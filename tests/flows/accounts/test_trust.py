"""A small firm becomes one that can be trusted: certificate in, looked at, seen by everybody, gone the day it ends."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

import market.app
from market import clock
from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.db import Sessions, connect
from market.db import sessions as make_sessions
from market.i18n import words
from market.relay import Relay
from market.values import Language, local_day, utc_now
from market.viewer import OPERATOR
from market.web import endpoint
from tests import factories as make
from tests.certificates.conftest import PDF
from tests.flows.accounts.conftest import HEIGHTS, WAIT_MS, Letter, read_letter
from tests.flows.accounts.test_small_firm import check, press, reach
from tests.flows.conftest import settings
from tests.flows.serving import free_port, on_a_port

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
DAYS = 40
"""How long the certificate still holds."""
PREFIX: dict[Language, str] = {"de": "", "en": "/en", "pl": "/pl"}


@dataclass
class House:
    base: str
    factory: Sessions
    relay: Relay
    browser: Browser
    ahead: timedelta = timedelta()
    """How far the clock of the marketplace is moved on."""

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def window(self, path: str, width: int, token: str = "") -> Page:
        context = self.browser.new_context(
            base_url=self.base, viewport={"width": width, "height": HEIGHTS[width]}, reduced_motion="reduce"
        )
        context.set_default_timeout(WAIT_MS)
        if token:
            context.add_cookies([{"name": "session", "value": token, "url": self.base}])
        page = context.new_page()
        page.goto(path)
        return page

    def operator(self) -> str:
        """A session of somebody who runs the marketplace."""
        with self.factory.begin() as session:
            person = people.make_operator(session, OPERATOR, "amt@werkplatz.example", "Birgit Beispiel", utc_now())
            return door.start(session, person, "link", utc_now())[0]

    def found(self, firm: str) -> int:
        """Hits for the firm among those with the certificate, once the relay has told the index."""
        while self.relay.deliver(self.now()):
            pass
        page = self.window("/search?q=Siegelgerüst&certificate=iso-9001", 390)
        hits = page.locator("article.card", has_text=firm).count()
        page.context.close()
        return hits


@pytest.fixture(scope="module")
def trust(
    browser: Browser, seeded_url: str, meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    var = tmp_path_factory.mktemp("trust")
    with sqlite3.connect(seeded_url.removeprefix("sqlite:///")) as old, sqlite3.connect(var / "market.db") as new:
        old.backup(new)
    port = free_port()
    given = settings(var, "market.db", port, meili)
    engine = connect(given.database_url)
    relay = Relay(engine, given.search_url, given.search_key)
    relay.prepare()
    relay.rebuild(datetime.now(UTC))
    house = House(f"http://127.0.0.1:{port}", make_sessions(engine), relay, browser)
    with pytest.MonkeyPatch.context() as patch:
        for module in (endpoint, market.app):
            patch.setattr(module, "utc_now", house.now)
        with on_a_port(market.app.create_app(given), port):
            yield house
    for context in browser.contexts:
        context.close()
    relay.close()
    engine.dispose()


@pytest.fixture
def letter(trust: House) -> Callable[[str], Letter]:
    def read(to: str) -> Letter:
        page = trust.window("/dev/mail", 1440)
        found = read_letter(page, to)
        page.context.close()
        return found

    return read


def register(page: Page, language: Language, firm: str, email: str) -> None:
    fields = {"firm": firm, "trade": "Gerüstbau", "place": "03172 Guben", "name": "Ida Probe", "email": email}
    for name, value in fields.items():
        reach(page, page.locator(f"#{name}"))
        page.keyboard.type(value)
    press(page, page.get_by_role("button", name=words(language)("Send me the link")))
    page.wait_for_url("**/sign-in/sent**")


def hand_in(page: Page, language: Language) -> None:
    """The certificate with its file: only keys, the file from the system's own window."""
    page.goto(f"{PREFIX[language]}/me/certificates/new")
    check(page)
    reach(page, page.locator("#q"))
    page.keyboard.type("ISO 9001")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=ISO+9001")
    check(page)
    page.bring_to_front()  # the system's own window opens for the one in front only
    reach(page, page.locator("#file"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files({"name": "iso-9001.pdf", "mimeType": "application/pdf", "buffer": PDF})
    reach(page, page.locator("#issuer"))
    page.keyboard.type("Prüfstelle Beispiel")
    page.locator("#valid_until").fill((local_day(utc_now()) + timedelta(days=DAYS)).isoformat())
    press(page, page.get_by_role("button", name=words(language)("Hand in to be checked")))
    page.wait_for_url(lambda url: "/me/certificates/" in url and not url.endswith("/new"))
    expect(page.locator("main")).to_contain_text("iso-9001.pdf")
    check(page)


def come_in(
    trust: House, letter: Callable[[str], Letter], language: Language, width: int, firm: str, email: str
) -> Page:
    page = trust.window(f"{PREFIX[language]}/register", width)
    check(page)
    register(page, language, firm, email)
    came = letter(email)
    assert came.link.startswith(PREFIX[language] or "/sign-in"), "the letter leads into the language it was asked in"
    page.goto(came.link)
    press(page, page.get_by_role("button", name=words(language)("Sign in now")))
    page.wait_for_url(f"**{PREFIX[language]}/me")
    assert page.locator("html").get_attribute("lang") == language
    return page


def test_on_a_phone_from_the_registration_to_the_seal_and_to_its_end(
    trust: House, letter: Callable[[str], Letter]
) -> None:
    firm = "Siegelprobe GmbH"
    page = come_in(trust, letter, "de", 390, firm, "ida@siegelprobe.example")
    page.goto("/me/profile")
    reach(page, page.locator("#about_de"))
    page.keyboard.type("Wir stellen Gerüste im laufenden Betrieb.")
    reach(page, page.locator("#phone"))
    page.keyboard.type("+49 3561 4711")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/me/profile")
    expect(page.locator("#about_de")).to_have_value("Wir stellen Gerüste im laufenden Betrieb.")
    check(page)
    hand_in(page, "de")
    with trust.factory.begin() as session:
        row = session.scalars(select(Organisation).where(Organisation.name == firm)).one()
        ref = session.scalars(select(Certificate.ref).where(Certificate.organisation_id == row.id)).one()
        make.offering(session, utc_now(), row, title="Siegelgerüst")
        public = f"/providers/{row.ref}/{row.slug}"
    assert trust.found(firm) == 0, "what nobody has looked at counts nowhere"

    desk = trust.window(f"/operator/certificates/{ref}", 1440, trust.operator())
    check(desk)
    press(desk, desk.get_by_role("button", name="Datei und Angaben stimmen: zählt"))
    desk.wait_for_url("**/operator/certificates")
    began = time.monotonic()
    while not trust.found(firm):
        assert time.monotonic() - began < 60
    print(f"verified certificate found in search after {time.monotonic() - began:.2f} s")
    seen = trust.window(public, 390)
    expect(seen.locator("#certificates")).to_contain_text("ISO 9001")
    check(seen)

    desk.goto(f"/operator/organisations/{row.ref}")
    reach(desk, desk.locator("input[name=source]").first)
    desk.keyboard.press("Space")
    with desk.expect_navigation():
        press(desk, desk.locator("form[action$='/verify'] button"))
    seen.reload()
    expect(seen.locator("main li.lit", has_text="Geprüft am")).to_be_visible()

    trust.ahead = timedelta(days=DAYS)
    try:
        seen.reload()
        expect(seen.locator("#certificates")).to_contain_text("ISO 9001")
        trust.ahead = timedelta(days=DAYS + 1)
        seen.reload()
        expect(seen.locator("#certificates")).not_to_contain_text("ISO 9001")
        assert trust.found(firm) == 0, "search knows by itself what day it is"
        with trust.factory.begin() as session:
            clock.tick(session, trust.now())
        assert trust.found(firm) == 0
        check(seen)
    finally:
        trust.ahead = timedelta()


@pytest.mark.parametrize("language", ["en", "pl"])
def test_on_a_desk_in_the_other_languages(trust: House, letter: Callable[[str], Letter], language: Language) -> None:
    page = come_in(trust, letter, language, 1440, f"Siegel {language} GmbH", f"ida@{language}.example")
    check(page)
    hand_in(page, language)
