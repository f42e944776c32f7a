"""A small firm answers a request for quotation on a phone, from its letter, without an account and without scripts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from market.app import create_app
from market.db import connect
from market.db import sessions as make_sessions
from market.values import utc_now
from tests.bids.test_quotes import Mailbox
from tests.conftest import empty, settings_for
from tests.flows.serving import free_port, on_a_port
from tests.flows.test_every_page import axe, look
from tests.support.keyroom import key_process

MOST_INPUTS = 6
pytestmark = pytest.mark.browser


@pytest.fixture
def letter(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[str, Mailbox]]:
    """The application on a port, and the letter of a request with two items."""
    engine, port = connect(sqlite_url), free_port()
    empty(engine)
    settings = settings_for(sqlite_url, None, tmp_path, f"http://127.0.0.1:{port}")
    with key_process(settings.var, utc_now), on_a_port(create_app(settings), port) as base:
        yield base, Mailbox(make_sessions(engine), settings)
    engine.dispose()


def sound(tab: Page, name: str) -> None:
    look(tab, "phone", "light")
    assert axe(tab) == [], name
    width, room = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if folder := os.environ.get("QUOTE_SHOTS"):
        tab.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert width <= room, name


def test_a_quotation_takes_at_most_six_inputs_on_a_phone(browser: Browser, letter: tuple[str, Mailbox]) -> None:
    base, box = letter
    with browser.new_context(
        viewport={"width": 390, "height": 844}, reduced_motion="reduce", java_script_enabled=False
    ) as plain:
        tab = plain.new_page()
        tab.goto(base + box.path)
        fields = tab.locator("main form .col input:not([type=hidden]), main form .col textarea")
        assert fields.count() <= MOST_INPUTS
        for name, text in box.typed("58,5").items():
            field = tab.locator(f"[name='{name}']")
            if field.get_attribute("type") != "hidden":
                field.fill(text)
        tab.locator("main form button").click()
        expect(tab.locator("h1")).to_have_text("Ihr Angebot ist eingegangen")
        receipt = tab.url
    assert [state for state, _ in box.states()] == ["submitted"]
    with browser.new_context(reduced_motion="reduce") as checked:
        tab = checked.new_page()
        tab.goto(base + box.path)
        sound(tab, "form")
        tab.locator("main form button").click()
        expect(tab.locator("#errors")).to_be_visible()
        sound(tab, "faulty")
        tab.goto(receipt)
        sound(tab, "receipt")
