"""A small firm becomes one that can be trusted: certificate in, looked at, seen by everybody, gone the day it ends."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select

import market.app
from market import clock
from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions, connect
from market.db import sessions as make_sessions
from market.i18n import Words, words
from market.relay import Relay
from market.values import Language, local_day, utc_now
from market.viewer import OPERATOR
from market.web import endpoint
from tests import factories as make
from tests.certificates.conftest import PDF
from tests.files.test_checks import picture
from tests.flows.accounts.conftest import HEIGHTS, WAIT_MS, Letter, read_letter
from tests.flows.accounts.test_small_firm import check as checked
from tests.flows.accounts.test_small_firm import press, reach
from tests.flows.conftest import settings
from tests.flows.pages import PREFIXES
from tests.flows.serving import free_port, on_a_port
from tests.flows.test_every_page import OF_COLOURS, Theme

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
LOOKS: dict[Language, dict[Theme, list[str] | None]] = {"de": {"light": None}, "en": {"dark": OF_COLOURS}, "pl": {}}
"""What axe looks for: all of it once, and what a dark screen changes. The sweep has every page in every look."""
DAYS = 40
"""How long the certificate still holds."""
OTHER = {390: 1440, 1440: 390}
"""The operator's screen, by the firm's."""
ABOUT = "Wir stellen Gerüste im laufenden Betrieb."
LOGO: FilePayload = {"name": "logo.png", "mimeType": "image/png", "buffer": picture()}
PAPER: FilePayload = {"name": "iso-9001.pdf", "mimeType": "application/pdf", "buffer": PDF}


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

    def seal_found(self, firm: str, language: Language = "de", width: int = 390) -> str | None:
        """The seal beside the firm's hit among those with the certificate, once the relay has told the index."""
        while self.relay.deliver(self.now()):
            pass
        page = self.window(f"{PREFIXES[language]}/search?q=Siegelgerüst&certificate=iso-9001", width)
        card = page.locator("article.card", has_text=firm)
        seal = "".join(card.locator(".seal").all_inner_texts()) if card.count() else None
        page.context.close()
        return seal


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
    relay.close()
    engine.dispose()


@pytest.fixture(autouse=True)
def closed(browser: Browser) -> Iterator[None]:
    """What a story opened is closed with it: the system's own window opens for the page in front only."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture
def letter(trust: House) -> Callable[[str], Letter]:
    def read(to: str) -> Letter:
        page = trust.window("/dev/mail", 1440)
        found = read_letter(page, to)
        page.context.close()
        return found

    return read


def check(page: Page) -> None:
    language: Language = page.locator("html").get_attribute("lang")  # type: ignore[assignment]
    checked(page, LOOKS[language])


def write(page: Page, fields: dict[str, str]) -> None:
    """Type into fields, in the order of the Tab key."""
    for name, value in fields.items():
        reach(page, page.locator(f"#{name}"))
        page.keyboard.type(value)


def attach(page: Page, file: FilePayload) -> None:
    """Choose a file: by key up to the system's own window."""
    page.bring_to_front()
    reach(page, page.locator("#file"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)


def come_in(
    trust: House, letter: Callable[[str], Letter], language: Language, width: int, firm: str, email: str
) -> Page:
    w, prefix = words(language), PREFIXES[language]
    page = trust.window(f"{prefix}/register", width)
    check(page)
    write(page, {"firm": firm, "trade": "Gerüstbau", "place": "03172 Guben", "name": "Ida Probe", "email": email})
    press(page, page.get_by_role("button", name=w("Send me the link")))
    page.wait_for_url("**/sign-in/sent**")
    came = letter(email)
    assert came.link.startswith(prefix or "/sign-in"), "the letter leads into the language it was asked in"
    page.goto(came.link)
    press(page, page.get_by_role("button", name=w("Sign in now")))
    page.wait_for_url(f"**{prefix}/me")
    assert page.locator("html").get_attribute("lang") == language
    return page


def fill_profile(page: Page, w: Words) -> None:
    """All that the profile asks for, in one go; what it still lacks then is a certificate, and it says so."""
    press(page, page.locator("main").get_by_role("link", name=w("Profile"), exact=True))
    page.wait_for_url("**/me/profile")
    write(page, {"employees": "6", "about_de": ABOUT, "about_en": "We put up scaffolding while work goes on."})
    reach(page, page.locator("#languages input").last)
    page.keyboard.press("Space")
    page.locator("#logo-file").set_input_files(LOGO)
    write(page, {"street": "Gerüstweg 4", "phone": "+49 3561 4711", "contact": "Ida Probe"})
    write(page, {"website": "https://siegel.example", "court": "Cottbus", "hrb": "HRB 4711", "imprint": "Ida Probe"})
    with page.expect_navigation():
        press(page, page.get_by_role("button", name=w("Save the profile")))
    page.goto(page.url)
    expect(page.locator("#about_de")).to_have_value(ABOUT)
    expect(page.locator("main section p", has_text=w("Next:"))).to_contain_text(w("A certificate"))
    check(page)


def hand_in(page: Page, language: Language) -> str:
    """The certificate with its file; gives its reference."""
    page.goto(f"{PREFIXES[language]}/me/certificates/new")
    check(page)
    write(page, {"q": "ISO 9001"})
    page.keyboard.press("Enter")
    page.wait_for_url("**q=ISO+9001")
    check(page)
    attach(page, PAPER)
    write(page, {"issuer": "Prüfstelle Beispiel"})
    write_day(page, local_day(utc_now()) + timedelta(days=DAYS))
    press(page, page.get_by_role("button", name=words(language)("Hand in to be checked")))
    page.wait_for_url(lambda url: "/me/certificates/" in url and not url.endswith("/new"))
    expect(page.locator("main")).to_contain_text("iso-9001.pdf")
    check(page)
    return page.url.rpartition("/")[2]


def write_day(page: Page, day: date) -> None:
    """Type the last day; the browser's own field for days speaks American here."""
    write(page, {"valid_until": f"{day:%m%d%Y}"})
    assert page.locator("#valid_until").input_value() == day.isoformat()


def look_at(desk: Page, w: Words, ref: str, firm_ref: str) -> None:
    """The operator finds the certificate right, and that the firm is what it says."""
    prefix = PREFIXES[w.language]
    desk.goto(f"{prefix}/operator/certificates/{ref}")
    check(desk)
    press(desk, desk.get_by_role("button", name=w("File and facts agree: it counts")))
    desk.wait_for_url("**/operator/certificates")
    desk.goto(f"{prefix}/operator/organisations/{firm_ref}")
    reach(desk, desk.locator("input[name=source]").first)
    desk.keyboard.press("Space")
    with desk.expect_navigation():
        press(desk, desk.locator("form[action$='/verify'] button"))


def become_trusted(
    trust: House, letter: Callable[[str], Letter], language: Language, width: int, firm: str
) -> tuple[Page, Page]:
    """From the registration to the seal; gives a stranger's window on the public page, and the operator's."""
    w = words(language)
    page = come_in(trust, letter, language, width, firm, f"ida@{language}.siegel.example")
    fill_profile(page, w)
    ref = hand_in(page, language)
    with trust.factory.begin() as session:
        row = session.scalars(select(Organisation).where(Organisation.name == firm)).one()
        make.offering(session, utc_now(), row, title="Siegelgerüst")
        public = f"{PREFIXES[language]}/providers/{row.ref}/{row.slug}"
    assert trust.seal_found(firm) is None, "what nobody has looked at counts nowhere"
    desk = trust.window("/healthz", OTHER[width], trust.operator())
    look_at(desk, w, ref, row.ref)
    page.goto(f"{PREFIXES[language]}/me/profile")
    expect(page.locator("main")).to_contain_text(w("The profile is complete."))
    assert trust.seal_found(firm, language, width) == w("Checked %(month)s", month=w.day(trust.now(), "month"))
    seen = trust.window(public, width)
    expect(seen.locator("#certificates")).to_contain_text("ISO 9001")
    expect(seen.locator("main li.lit")).to_contain_text(w("Checked on %(day)s", day=w.day(trust.now(), "long")))
    check(seen)
    return seen, desk


def test_in_german_on_a_phone_from_the_registration_to_the_seal_and_to_its_end(
    trust: House, letter: Callable[[str], Letter]
) -> None:
    firm = "Siegelprobe GmbH"
    seen, _ = become_trusted(trust, letter, "de", 390, firm)
    trust.ahead = timedelta(days=DAYS)
    try:
        seen.reload()
        expect(seen.locator("#certificates")).to_contain_text("ISO 9001")
        trust.ahead = timedelta(days=DAYS + 1)
        seen.reload()
        expect(seen.locator("#certificates")).not_to_contain_text("ISO 9001")
        assert trust.seal_found(firm) is None, "search knows by itself what day it is"
        with trust.factory.begin() as session:
            clock.tick(session, trust.now())
        assert trust.seal_found(firm) is None
        check(seen)
    finally:
        trust.ahead = timedelta()


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("pl", 390)])
def test_in_the_other_languages_from_the_registration_to_the_seal(
    trust: House, letter: Callable[[str], Letter], language: Language, width: int
) -> None:
    become_trusted(trust, letter, language, width, f"Siegel {language} GmbH")
