"""Two firms bid together: one on a phone without scripts proposes it, the other leads, hands in and both see that it is
in. What the two are refused stands in tests/bids/test_joint.py, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from market.values import local_day
from tests.bids.conftest import cheap
from tests.bids.stand import Stand
from tests.conftest import settings_for
from tests.flows.tendering import PHONE, House, house_on, press

__all__ = ["cheap"]
pytestmark = pytest.mark.browser

LEADS, JOINS = "Leitfirma Probe GmbH", "Teilfirma Probe GmbH"


@pytest.fixture
def house(
    browser: Browser, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cheap: None
) -> Iterator[House]:
    with house_on(sqlite_url, tmp_path, browser, monkeypatch) as house:
        Stand(house.sessions, settings_for(sqlite_url, None, tmp_path, house.base)).post()
        for name, firm in (("lena", LEADS), ("timo", JOINS)):
            house.join(name, "bidder", firm, verified_on=local_day(house.now()))
        yield house


def test_two_firms_find_each_other_agree_and_hand_in_one_bid(house: House) -> None:
    need = house.need()
    page = f"/needs/{need.ref}/{need.slug}"
    lena, timo = house.tab("lena"), house.tab("timo", PHONE, scripts=False)
    wants(lena, page, "DN 300")
    wants(timo, page, "Naht")
    follow(timo, "Gemeinsames Gebot vorschlagen")
    timo.get_by_role("radio", name=LEADS).check(force=True)
    timo.get_by_label("Unsere Aufgabe").fill("Schweißnähte mit Prüfung")
    timo.get_by_label(f"Aufgabe von {LEADS}").fill("Rohre und Bauleitung")
    press(timo, "Vorschlagen")
    lena.goto("/me")
    follow(lena, "Vorgeschlagenes gemeinsames Gebot")
    press(lena, "Zustimmen")
    follow(lena, "Gemeinsames Gebot schreiben")
    hands_in(lena)
    timo.goto(page)
    expect(timo.get_by_text(f"Gemeinsames Gebot, federführend {LEADS}. Abgegeben.")).to_be_visible()
    follow(timo, "Gemeinsames Gebot ansehen")
    expect(timo.get_by_text("Hash des versiegelten Gebots")).to_be_visible()
    assert "412" not in timo.inner_text("main")
    lena.goto(page)
    follow(lena, "Ihr Gebot: Abgegeben")
    expect(lena.get_by_role("link", name=f"Gemeinsames Gebot mit {JOINS}")).to_be_visible()


def follow(tab: Page, name: str) -> None:
    with tab.expect_navigation():
        tab.get_by_role("link", name=name).click()


def wants(tab: Page, page: str, part: str) -> None:
    tab.goto(page)
    follow(tab, "Nur einen Teil? Partner finden")
    tab.get_by_label(part).check(force=True)
    tab.locator("[name=agreed]").check(force=True)
    press(tab, "Partner suchen")


def hands_in(tab: Page) -> None:
    expect(tab.get_by_label(f"Wir bieten gemeinsam mit {JOINS}")).to_be_checked()
    tab.locator("input[name=lots]").first.check(force=True)
    tab.locator("input[name^='price.']").first.fill("412,50")
    tab.locator("select[name^='value.']").select_option("yes")
    press(tab, "Ansehen und abgeben")
    expect(tab.get_by_text(f"für {LEADS} und {JOINS} verbindlich")).to_be_visible()
    tab.locator("#binding").check(force=True)
    press(tab, "Abgeben")
    expect(tab.locator("h1")).to_have_text("Ihr Gebot ist eingegangen")
