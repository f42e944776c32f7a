"""What firms do with each other, from the first click to the letter: seats, pledges, deliveries, slots, samples."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import select

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.app import create_app
from market.commands.migrate import migrate
from market.db import Sessions, connect
from market.db import sessions as make_sessions
from market.mail.models import Letter
from market.offerings.models import Offering
from market.values import fold, local_day
from market.viewer import OPERATOR
from tests import factories as make
from tests.bookings.conftest import course, rows_of, written
from tests.deliveries.conftest import permit, stream
from tests.flows.conftest import settings
from tests.flows.serving import free_port, on_a_port
from tests.movements.support import far, railway, slot_on, slots_of
from tests.samples.test_views import METHODS, SECRET

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}


class Street:
    """A marketplace of firms that have never seen each other, each in a window of its own."""

    def __init__(self, base: str, factory: Sessions, browser: Browser) -> None:
        self.base, self.factory, self.browser = base, factory, browser
        self.opened: list[BrowserContext] = []

    def firm(self, name: str, *, phone: bool = False, language: str = "de") -> Page:
        """A window of the firm's admin, who is signed in."""
        now = datetime.now(UTC)
        with self.factory.begin() as session:
            firm = session.scalar(select(Organisation).where(Organisation.name == name))
            firm = firm or make.organisation(session, now, name=name, verified_on=local_day(now))
            person = people.create(session, OPERATOR, now, address(name), language=language)
            people.join(session, OPERATOR, person, firm, ("admin",), now)
            token, _ = door.start(session, person, "link", now)
        context = self.browser.new_context(
            base_url=self.base, viewport=PHONE if phone else DESK, has_touch=phone, reduced_motion="reduce"
        )
        context.add_cookies([{"name": "session", "value": token, "url": self.base}])
        self.opened.append(context)
        return context.new_page()

    def letters(self, name: str) -> list[str]:
        with self.factory() as session:
            found = session.scalars(select(Letter).where(Letter.to == address(name)).order_by(Letter.id))
            return [letter.subject for letter in found]


def address(name: str) -> str:
    return f"{fold(name).split()[0]}@strasse.example"


@pytest.fixture(scope="module")
def place(meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Sessions]]:
    var, port = tmp_path_factory.mktemp("business"), free_port()
    given = settings(Path(var), "market.db", port, meili)
    migrate(given.database_url)
    engine = connect(given.database_url)
    with on_a_port(create_app(given), port) as base:
        yield base, make_sessions(engine)
    engine.dispose()


@pytest.fixture
def street(place: tuple[str, Sessions], browser: Browser) -> Iterator[Street]:
    built = Street(*place, browser)
    yield built
    for context in built.opened:
        context.close()


def fits(page: Page) -> None:
    width, room = page.evaluate("[document.documentElement.scrollWidth, screen.width]")
    assert width <= room, page.url


def test_a_cancelled_seat_goes_to_who_waits_and_both_sides_read_of_it(street: Street) -> None:
    first, second = street.firm("Kranwerk GmbH", phone=True), street.firm("Hebezeug GmbH", phone=True)
    with street.factory.begin() as session:
        today = local_day(datetime.now(UTC))
        made = course(session, today, written(today, seats_min=1, seats_max=2), number=11)
        ref, provider = rows_of(session, made)[0].ref, made.organisation.name
    street.firm(provider)
    first.goto(f"/sessions/{ref}/book")
    first.fill("#seats", "2")
    first.fill("#names", "Ada Probe\nBo Probe")
    first.locator("form[action$='/book'] button").click()
    expect(first).to_have_url(re.compile("/me/bookings/"))
    fits(first)
    second.goto(f"/sessions/{ref}/book")
    expect(second.get_by_role("heading", level=1)).to_have_text("Auf die Warteliste")
    second.fill("#seats", "1")
    second.locator("form[action$='/book'] button").click()
    expect(second.locator("main")).to_contain_text("Warteliste")
    assert "Ada Probe" not in second.content()
    first.get_by_role("link", name="Buchung stornieren").click()
    first.locator("form[action$='/cancel'] button").click()
    second.reload()
    expect(second.locator("main")).to_contain_text("reserviert")
    fits(second)
    assert len(street.letters("Hebezeug GmbH")) == 2, "on the waiting list, and moved up"
    assert len(street.letters(provider)) >= 3, "booked, cancelled, moved up"


def test_two_firms_together_make_a_course_certain(street: Street) -> None:
    first, second = street.firm("Spaw Sp. z o.o.", language="pl"), street.firm("Most Sp. z o.o.", language="pl")
    with street.factory.begin() as session:
        today = local_day(datetime.now(UTC))
        made = course(session, today, written(today, seats_min=4, seats_max=8), number=12)
        ref, page = rows_of(session, made)[0].ref, f"/pl/offerings/{made.ref}/{made.slug}"
    for window in (first, second):
        window.goto(f"/pl/sessions/{ref}/pledge")
        window.fill("#seats", "2")
        window.locator("form[action$='/pledge'] button").click()
        expect(window).to_have_url(re.compile("/me/bookings"))
    expect(second.locator("main")).to_contain_text("zarezerwowane")
    first.goto(page)
    expect(first.locator("#sessions")).to_contain_text("Odbędzie się na pewno")
    assert [len(street.letters(f"{name} Sp. z o.o.")) for name in ("Spaw", "Most")] == [1, 1]


def test_an_agreed_delivery_counts_the_permit_down(street: Street) -> None:
    holder, recipient = street.firm("Gipswerk GmbH", language="en"), street.firm("Baustoff GmbH", language="en")
    year = datetime.now(UTC).year + 1
    with street.factory.begin() as session:
        now, firms = datetime.now(UTC), {one.name: one for one in session.scalars(select(Organisation))}
        made = stream(session, now, firms["Gipswerk GmbH"])
        permit(session, now, firms["Baustoff GmbH"], tonnes=100)
        session.flush()
        ref = made.ref
    recipient.goto(f"/en/me/deliveries/new/{ref}")
    recipient.fill("#tonnes", "120")
    recipient.locator("#per").select_option("once")
    recipient.fill("#starts_on", f"{year}-03-01")
    recipient.fill("#ends_on", f"{year}-03-31")
    recipient.locator("main form .btn-signal").click()
    refused = recipient.locator("main")
    expect(refused).to_contain_text("50")
    recipient.fill("#tonnes", "30")
    recipient.locator("main form .btn-signal").click()
    expect(recipient).to_have_url(re.compile(r"/en/me/deliveries/[\w-]{6,}$"))
    holder.goto(recipient.url)
    holder.get_by_role("button", name="Agree", exact=True).click()
    expect(holder.locator("main")).to_contain_text("agreed")
    recipient.goto("/en/me/permits")
    expect(recipient.locator("main")).to_contain_text(f"{year}: 70 t of 100 t free".replace(" t", "\u00a0t"))
    assert [len(street.letters(name)) for name in ("Gipswerk GmbH", "Baustoff GmbH")] == [2, 1], "proposed, agreed"


def test_a_train_too_long_is_refused_a_shorter_one_agreed_and_its_empty_run_had_by_another(street: Street) -> None:
    """By keyboard alone: no finger and no mouse on the asking side."""
    asking = street.firm("Schotter GmbH")
    track = street.firm("Gleisbau GmbH")
    with street.factory.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Gleisbau GmbH")).one()
        offering = railway(session, datetime.now(UTC), slot_on(far(9)), firm=firm)
        ref = slots_of(session, offering)[0].ref
    asking.goto(f"/rail/slots/{ref}")
    train = {"wagons": "10", "length_m": "420", "gross_mass_t": "600", "origin": "Ziltendorf", "destination": "Guben"}
    for field, text in train.items():
        asking.locator(f"#{field}").focus()
        asking.keyboard.press("ControlOrMeta+a")
        asking.keyboard.type(text)
    press(asking, "Zeitfenster anfragen")
    expect(asking.locator("main")).to_contain_text("Zug 420 m, nutzbare Länge 380 m: 40 m zu lang")
    asking.locator("#length_m").focus()
    asking.keyboard.press("ControlOrMeta+a")
    asking.keyboard.type("300")
    press(asking, "Zeitfenster anfragen")
    expect(asking).to_have_url(re.compile("/me/movements/"))
    track.goto(asking.url)
    track.get_by_role("button", name="Auftrag bestätigen").click()
    asking.reload()
    expect(asking.locator("main")).to_contain_text("bestätigt")
    assert [len(street.letters(name)) for name in ("Gleisbau GmbH", "Schotter GmbH")] == [2, 2], (
        "asked and agreed, both sides"
    )
    track.get_by_role("link", name="Die Leerfahrt anbieten").click()
    track.get_by_label("Endet in").fill("Ziltendorf")
    track.get_by_role("button", name="Fahrt anbieten").click()
    expect(track.locator("#runs")).to_contain_text("Ladegleis → Ziltendorf")
    asking.goto("/me/movements")
    asking.get_by_role("link", name="Ladegleis → Ziltendorf").click()
    for field, text in {"wagons": "10", "length_m": "300", "gross_mass_t": "200"}.items():
        asking.locator(f"#{field}").fill(text)
    asking.get_by_role("button", name="Diese Fahrt anfragen").click()
    expect(asking.locator("main")).to_contain_text("Leerfahrt")
    track.reload()
    expect(track.locator("#runs")).to_contain_text("Schotter GmbH: wartet auf Ihre Antwort")


def press(page: Page, name: str) -> None:
    """From field to field until the button is reached, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_a_report_is_read_by_the_buyer_and_by_nobody_else(street: Street) -> None:
    buyer, lab = street.firm("Blechwerk GmbH", phone=True, language="en"), street.firm("Labor GmbH", language="en")
    stranger = street.firm("Fremd GmbH", language="en")
    with street.factory.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Labor GmbH")).one()
        made: Offering = make.offering(
            session, datetime.now(UTC), firm, kind="lab_test", title="Metalllabor", details={"methods": METHODS}
        )
        session.flush()
        ref = made.ref
    buyer.goto(f"/en/me/samples/new/{ref}")
    buyer.locator("input[name=methods]").first.check(force=True)
    buyer.fill("#description", "Sheets of batch 7")
    buyer.fill("#count", "2")
    buyer.locator("main form .btn-signal").click()
    expect(buyer).to_have_url(re.compile(r"/en/me/samples/[\w-]{6,}$"))
    fits(buyer)
    order = buyer.url
    lab.goto(order)
    lab.get_by_role("button", name="Received").click()
    lab.get_by_role("button", name="In test now").click()
    lab.locator("#file").set_input_files({"name": "report.pdf", "mimeType": "application/pdf", "buffer": SECRET})
    lab.get_by_role("button", name="Hand over the report").click()
    buyer.reload()
    link = buyer.get_by_role("link", name="Open the report")
    path = link.get_attribute("href") or ""
    with buyer.expect_download() as loaded:
        link.click()
    assert Path(loaded.value.path()).read_bytes() == SECRET
    assert [stranger.goto(one).status for one in (order, street.base + path)] == [404, 404]  # type: ignore[union-attr]
    assert street.letters("Blechwerk GmbH")
