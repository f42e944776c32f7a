"""A bid on a phone: typed as people type here, saved by itself with the network away for a while, handed in, taken
back, handed in again. On the way the checkers look at every page of a bidder."""

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as Tab

from market.accounts import people
from market.accounts import sessions as door
from market.app import create_app
from market.db import connect
from market.db import sessions as make_sessions
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.bids.conftest import cheap
from tests.bids.stand import Stand
from tests.conftest import empty, settings_for
from tests.flows.serving import free_port, on_a_port
from tests.flows.test_every_page import axe, look
from tests.support.keyroom import key_process

SAVED = re.compile(r"^Gespeichert \d\d:\d\d$")
__all__ = ["cheap"]
pytestmark = pytest.mark.browser


@pytest.fixture
def stand(sqlite_url: str, tmp_path: Path, cheap: None) -> Iterator[Stand]:
    """The application on a port, with a tender that is out."""
    engine, port = connect(sqlite_url), free_port()
    empty(engine)
    settings = settings_for(sqlite_url, None, tmp_path, f"http://127.0.0.1:{port}")
    with key_process(settings.var, utc_now), on_a_port(create_app(settings), port) as base:
        stand = Stand(make_sessions(engine), settings).post()
        stand.base = base
        yield stand
    engine.dispose()


@pytest.fixture
def phone(browser: Browser, stand: Stand) -> Iterator[BrowserContext]:
    """Of somebody who bids for a firm."""
    now = utc_now()
    with stand.sessions.begin() as session:
        firm = make.organisation(session, now, name="Rohrbau Probe GmbH")
        person = people.create(session, OPERATOR, now, "sven@rohrbau.example", name="Sven Probe")
        people.join(session, OPERATOR, person, firm, ("bidder",), now)
        token, _ = door.start(session, person, "link", now, agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce", locale="de-DE")
    context.add_cookies([{"name": "session", "value": token, "url": stand.base}])
    yield context
    context.close()


def sound(tab: Tab, name: str) -> None:
    """Nothing is wrong with the page on both screens, nor wider than it."""
    for screen in ("desktop", "phone"):
        look(tab, screen, "light")
        assert axe(tab) == [], name
        width, room = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if folder := os.environ.get("BIDDING_SHOTS"):
            tab.screenshot(path=f"{folder}/{name}-{screen}.png", full_page=True)
        assert width <= room, (name, screen)


def test_a_bid_is_written_and_handed_in_on_a_phone(phone: BrowserContext, stand: Stand) -> None:
    tab = phone.new_page()
    tab.goto(stand.base + stand.page)
    sound(tab, "empty")
    saved = tab.locator("#saved")
    said = partial(expect(saved).to_have_text, use_inner_text=True)
    said("Noch nichts gespeichert")
    tab.locator("input[name=lots]").first.check(force=True)
    price = tab.locator(f"input[name='price.{stand.items[0]}']")
    price.fill("1.412,50")
    price.press("Tab")
    expect(tab.locator(f"[data-out='line.{stand.items[0]}']")).to_have_text("254.250\xa0€")
    said(SAVED)
    phone.set_offline(True)
    other = tab.locator(f"input[name='price.{stand.items[1]}']")
    other.fill("zwölf")
    other.press("Tab")
    said("Nicht gespeichert, erneut versuchen")
    phone.set_offline(False)
    said(SAVED, timeout=15_000)
    expect(other).to_have_attribute("aria-invalid", "true")
    tab.reload()
    expect(price).to_have_value("1.412,50")
    expect(other).to_have_value("zwölf")
    sound(tab, "faulty")
    second = phone.new_page()
    second.goto(f"{stand.base}{stand.page}?edit=1")
    tab.locator("select[name^='value.']").select_option("yes")
    other.fill("12")
    with tab.expect_response(lambda answer: answer.request.method == "POST"):
        other.press("Tab")
    second.locator("#quote_number").fill("A-7")
    second.locator("#quote_number").press("Tab")
    expect(second.locator("#stale")).to_be_visible()
    sound(second, "stale")
    second.locator("#stale").get_by_role("link").click()
    expect(second.locator("#quote_number")).to_have_value("")
    second.close()
    tab.get_by_role("button", name="Noch einmal ansehen").click()
    sound(tab, "check")
    tab.locator("#binding").check(force=True)
    tab.locator("#hand-in button").click()
    expect(tab.locator("h1")).to_have_text("Ihr Gebot ist eingegangen")
    sound(tab, "receipt")
    tab.get_by_role("link", name="Gebot zurückziehen").click()
    sound(tab, "withdraw")
    tab.get_by_role("button", name="Gebot zurückziehen").click()
    expect(tab.locator("h1")).to_have_text("Ihr Gebot ist zurückgezogen")
    tab.get_by_role("link", name="Gebot schreiben").click()
    tab.locator("input[name=lots]").first.check(force=True)
    price.fill("1399")
    tab.get_by_role("button", name="Noch einmal ansehen").click()
    tab.locator("#binding").check(force=True)
    tab.locator("#hand-in button").click()
    expect(tab.locator("h1")).to_have_text("Ihr Gebot ist eingegangen")
    assert [bid.state for bid in stand.bids()] == ["withdrawn", "submitted"]
    tab.goto(stand.base + stand.page)
    sound(tab, "own")
    tab.goto(f"{stand.base}/me/bids")
    sound(tab, "list")
