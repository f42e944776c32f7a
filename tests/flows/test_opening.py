"""Two people open a tender at two browsers, one of them a phone without scripts; the record is downloaded."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab
from pypdf import PdfReader

from market.accounts import sessions as door
from market.accounts.models import Person
from market.app import create_app
from market.db import connect
from market.db import sessions as make_sessions
from market.files.stores import store_at
from market.values import utc_now
from tests import factories as make
from tests.bids.conftest import LASTS, Clock, Scene, cheap
from tests.conftest import empty, settings_for
from tests.flows.serving import free_port, on_a_port
from tests.support.keyroom import key_process

__all__ = ["cheap"]
pytestmark = pytest.mark.browser


@pytest.fixture
def due(sqlite_url: str, tmp_path: Path, cheap: None) -> Iterator[tuple[str, Scene]]:
    """The application's address, and a tender with two bids whose deadline was two minutes ago."""
    engine, port = connect(sqlite_url), free_port()
    empty(engine)
    settings = settings_for(sqlite_url, None, tmp_path, f"http://127.0.0.1:{port}")
    clock, sessions = Clock(utc_now() - LASTS - timedelta(minutes=2)), make_sessions(engine)
    with key_process(settings.var, clock) as keys, on_a_port(create_app(settings), port) as base, sessions() as session:
        session.info.update(keys=keys, store=store_at(settings.files_url), base_url=base)
        scene = Scene(session, clock)
        scene.hand_in("eins")
        scene.hand_in("zwei", firm=make.organisation(session, scene.start, name="Stahlbau Probe GmbH"))
        session.commit()
        clock.now = utc_now()
        yield base, scene
    engine.dispose()


def at_work(browser: Browser, base: str, scene: Scene, person: Person, width: int, *, scripts: bool) -> Tab:
    """A browser in which the person has just signed in, on their own pages."""
    token, _ = door.start(scene.session, person, "link", utc_now())
    scene.session.commit()
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale="de-DE", java_script_enabled=scripts, accept_downloads=True
    )
    context.add_cookies([{"name": "session", "value": token, "url": base}])
    tab = context.new_page()
    tab.goto(f"{base}/me")
    return tab


def test_two_people_open_a_tender_at_two_browsers(browser: Browser, due: tuple[str, Scene], tmp_path: Path) -> None:
    base, scene = due
    ada = at_work(browser, base, scene, scene.people["ada"], 1440, scripts=True)
    ben = at_work(browser, base, scene, scene.people["ben"], 390, scripts=False)
    for tab in (ada, ben):
        tab.get_by_role("link", name="1 Öffnung wartet auf Sie").click()
        expect(tab.get_by_role("row")).to_have_count(3)
    ada.get_by_label("Ihr Öffnungskennwort").fill("ada opens bid")
    ada.get_by_role("button", name="Als erste Person bestätigen").click()
    expect(ada.get_by_label("Ihr Öffnungskennwort")).to_have_attribute("aria-invalid", "true")
    expect(ada.get_by_label("Ihr Öffnungskennwort")).to_have_value("")
    ada.get_by_label("Ihr Öffnungskennwort").fill("ada opens bids")
    ada.get_by_role("button", name="Als erste Person bestätigen").click()
    expect(ada.get_by_text("Ihr Teil ist getan.")).to_be_visible()
    ben.reload()
    ben.get_by_label("Ihr Öffnungskennwort").fill("ben opens bids")
    ben.get_by_role("button", name="Bestätigen und öffnen").click()
    expect(ben.get_by_role("rowheader", name="Stahlbau Probe GmbH")).to_be_visible()
    ada.reload()
    with ada.expect_download() as waited:
        ada.get_by_role("link", name="Protokoll als PDF").click()
    waited.value.save_as(tmp_path / "record.pdf")
    said = PdfReader(tmp_path / "record.pdf").pages[0].extract_text()
    assert all(name in said for name in ("Ada", "Ben", "Rohrbau Probe GmbH", "Stahlbau Probe GmbH"))
    for tab in (ada, ben):
        tab.context.close()
