"""On a phone, each kind from the sign-in page to the search that finds it: screens and inputs are counted."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.app import create_app
from market.db import connect
from market.db import sessions as make_sessions
from market.mail.models import Letter
from market.relay import Relay
from market.viewer import OPERATOR
from tests import factories as make
from tests.flows.conftest import settings
from tests.flows.pages import KINDS
from tests.flows.serving import free_port, on_a_port
from tests.flows.test_every_page import axe

pytestmark = pytest.mark.browser
WAIT_MS = 15_000
expect.set_options(timeout=WAIT_MS)
EMAIL = "{}@handy.example"
MOST_SCREENS, MOST_REQUIRED, MOST_ACTS = 5, 8, 25
Newest = Callable[[], str]


class Thumb:
    """Somebody with a phone, whose entries and taps are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.screens, self.required, self.acts = page, 0, 0, 0

    def write(self, field: str, text: str, *, required: bool = True) -> None:
        box = self.page.locator(f"#{field}")
        assert (box.get_attribute("required") is not None) is required, field
        box.fill(text)
        self.required += required
        self.acts += len(text.split())

    def tap(self, selector: str, *, required: bool = False) -> None:
        self.page.locator(selector).first.click(force="input[" in selector)
        self.required += required
        self.acts += 1

    def go_on(self, to: str) -> None:
        """Leave a screen; what waits there fits the phone."""
        self.tap(".wizard-foot .btn:not(.back)")
        self.page.wait_for_url(re.compile(to))
        self.screens += 1
        assert axe(self.page) == []
        width, room = self.page.evaluate("[document.documentElement.scrollWidth, screen.width]")
        assert width <= room, to


@pytest.fixture(scope="module")
def house(
    seeded_url: str, meili: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Newest, Relay]]:
    """A marketplace with one firm, its address, the link of the newest letter and the relay of the search."""
    var, now = tmp_path_factory.mktemp("phone"), datetime.now(UTC)
    with sqlite3.connect(seeded_url.removeprefix("sqlite:///")) as old, sqlite3.connect(var / "market.db") as new:
        old.backup(new)
    port = free_port()
    given = settings(var, "market.db", port, meili)
    engine = connect(given.database_url)
    factory = make_sessions(engine)
    with factory.begin() as session:
        firm = make.organisation(session, now, name="Handy & Töchter GmbH")
        for kind in KINDS:  # each has an address of its own: nobody gets more than three links in a quarter of an hour
            person = people.create(session, OPERATOR, now, EMAIL.format(kind), name="Ida Probe")
            people.join(session, OPERATOR, person, firm, ("editor",), now)

    def newest() -> str:
        with factory() as session:
            found = re.search(r"http://127\.0\.0\.1:\d+(/\S+)", last(session).text)
        assert found
        return found[1]

    relay = Relay(engine, given.search_url, given.search_key)
    relay.prepare()
    relay.rebuild(now)
    with on_a_port(create_app(given), port) as base:
        yield base, newest, relay
    relay.close()
    engine.dispose()


def last(session: Session) -> Letter:
    return session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()


def facts(thumb: Thumb, kind: str) -> None:
    """What the kind requires."""
    if kind == "training":
        thumb.write("qualification", "EN ISO 9606-1, 135 P BW")
    if kind == "lab_test":
        for field, text in (("parameter", "Zugfestigkeit"), ("matrix", "Stahl"), ("standard", "DIN EN ISO 6892-1")):
            thumb.write(f"methods-0-{field}", text)
    if kind == "residual":
        thumb.tap("input[name=direction][value=available]", required=True)
        thumb.write("material", "Walzzunder")
        thumb.page.locator("#ewc").press_sequentially("10 02 10", delay=10)
        thumb.page.locator(".listbox li").first.click()
        thumb.required, thumb.acts = thumb.required + 1, thumb.acts + 4
    if kind == "rail":
        thumb.tap("input[name=services][value=shunting]", required=True)


def pick_trade(thumb: Thumb, letters: str) -> None:
    """By three letters and the list, or by the first suggestion."""
    if letters:
        thumb.page.locator("#trade").press_sequentially(letters, delay=10)
        thumb.page.locator(".listbox li").first.click()
        thumb.required, thumb.acts = thumb.required + 1, thumb.acts + 2
    else:
        thumb.tap("#trades input[type=checkbox]", required=True)


@pytest.mark.parametrize(
    ("kind", "title", "letters"),
    [
        ("service", "Rohrleitungen aus Edelstahl schweißen", ""),
        ("training", "Schweißerprüfung nach EN ISO 9606-1", ""),
        ("lab_test", "Zugversuch an Stahlproben", "zug"),
        ("residual", "Walzzunder, trocken", "wal"),
        ("rail", "Rangieren im Werkbahnhof", "ran"),
    ],
)
def test_from_sign_in_to_found(
    browser: Browser, house: tuple[str, Newest, Relay], kind: str, title: str, letters: str
) -> None:
    base, newest, relay = house
    context = browser.new_context(
        base_url=base, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto("/sign-in?next=/me/offerings/new")
    page.fill("#email", EMAIL.format(kind))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sign-in/sent"))
    page.goto(newest())
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/me"))
    page.goto("/me/offerings/new")
    thumb = Thumb(page)
    thumb.write("title", title)
    thumb.tap(f"input[name=kind][value={kind}]", required=True)
    thumb.go_on("/trade$")
    pick_trade(thumb, letters)
    thumb.go_on("/facts$")
    facts(thumb, kind)
    thumb.go_on("/where$")
    assert page.locator("#place").input_value() == "03172 Guben", "the firm's own place is there already"
    assert page.locator("#place").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 16
    thumb.required += 1
    thumb.go_on("/me/offerings/[a-z0-9]{10}$")
    expect(page.locator(".answers")).to_contain_text(title)
    thumb.go_on("/done$")
    counted = f"{kind}: {thumb.screens} screens, {thumb.required} required, {thumb.acts} taps and words"
    assert thumb.screens <= MOST_SCREENS, counted
    assert thumb.required <= MOST_REQUIRED, counted
    assert thumb.acts <= MOST_ACTS, counted
    while relay.deliver(datetime.now(UTC)):
        pass
    page.goto(f"/search?q={title}")
    expect(page.locator("main")).to_contain_text(title)
    page.get_by_role("link", name=title).first.click()
    expect(page.locator("h1")).to_contain_text(title)
    context.close()
    print(counted)
