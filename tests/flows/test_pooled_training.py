"""Two partners train their welders together, and a small firm answers from its letter: on a phone, without an account
and without scripts, on each database."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from market.needs.models import Invitation, Need
from tests import factories as make
from tests.flows.tendering import JOINED, LEAD, PHONE, Fields, House, draft, fill, house_on, press, sound, working_day

pytestmark = pytest.mark.browser

SCHOOL, TITLE = "Zweimann Probe GmbH", "Schweißer gemeinsam ausbilden"
MOST_INPUTS = 6


@pytest.fixture
def house(browser: Browser, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with house_on(database_url, tmp_path, browser, monkeypatch) as house:
        house.join("bea", "buyer", LEAD, is_partner=True)
        house.join("zoe", "buyer", JOINED, is_partner=True)
        yield house


def tasks(house: House) -> dict[str, Fields]:
    day = partial(working_day, house.now())
    items = {"item-title-0": "Grundkurs MAG 135", "item-quantity-0": "12", "item-unit-0": "IE"}
    more = {"item-title-1": "Schweißerprüfung", "item-quantity-1": "12", "item-unit-1": "IE"}
    return {
        "basics": {"description_de": "Kehl- und Stumpfnähte, mit Prüfung.", "estimate": "7777"},
        "place": {"place": "Guben", "site": "Tor 2", "execution_from": day(60)},
        "items": {**items, **more},
        "periods": {"bids_day": day(20), "bids_time": "12:00", "decision_by": day(40)},
    }


def test_two_partners_ask_together_and_a_firm_answers_from_its_letter(house: House) -> None:
    work = joined(house)
    letter = published(house, work)
    answered(house, letter)
    read_by_both(house, work)


def joined(house: House) -> str:
    """Asked by one, accepted by the other with eight of its own."""
    bea, zoe = house.tab("bea"), house.tab("zoe")
    work = draft(bea, "quotation", TITLE, tasks(house))
    bea.goto(f"{work}/pool")
    partner = bea.locator("option", has_text=JOINED).get_attribute("value")
    fill(bea, {"partner": str(partner), "accepted": True})
    press(bea, "Diesen Partner fragen")
    zoe.goto("/me")
    zoe.get_by_role("link", name=TITLE).first.click()
    assert "7.777" not in zoe.inner_text("main")
    for place in zoe.locator("input[name^='quantity-']").all():
        place.fill("8")
    fill(zoe, {"site": "Hafen, Halle 3", "accepted": True})
    press(zoe, "Beteiligen")
    return work


def published(house: House, work: str) -> str:
    """With both names and the sum; the path in the letter of the firm that is invited."""
    with house.sessions.begin() as session:
        school = make.organisation(session, house.now(), name=SCHOOL, email="buero@zweimann.example")
        need = session.scalars(select(Need)).one()
        session.add(Invitation(need=need, organisation=school, at=house.now()))
    bea = house.tab("bea")
    bea.goto(work)
    press(bea, "Veröffentlichen")
    need = house.need()
    bea.goto(f"/needs/{need.ref}/{need.slug}")
    for said in (LEAD, JOINED, "20 Personen", "Hafen, Halle 3"):
        expect(bea.get_by_text(said).first).to_be_visible()
    (text,) = [one.text for one in house.letters("needs/news") if one.to == "buero@zweimann.example"]
    found = re.search(rf"{house.base}(/quote/\S+)", text)
    assert found is not None, text
    return found[1]


def answered(house: House, path: str) -> None:
    """At most six fields for the whole of it; what is missing is said, and the receipt is there."""
    tab = house.stranger(PHONE, scripts=False)
    tab.goto(path)
    fields = tab.locator("main form .col input:not([type=hidden]), main form .col textarea")
    assert fields.count() <= MOST_INPUTS
    press(tab, "Gebot verbindlich abgeben")
    expect(tab.locator("#errors")).to_be_visible()
    scripted = house.stranger(PHONE)
    scripted.goto(path)
    press(scripted, "Gebot verbindlich abgeben")
    sound(scripted, "quote-faulty")
    for place in tab.locator("input[name^='price.']").all():
        place.fill("58,5")
    fill(tab, {"valid_until": "31.12.2099", "name": "Nora Probe"})
    press(tab, "Gebot verbindlich abgeben")
    expect(tab.locator("h1")).to_have_text("Ihr Gebot ist eingegangen")
    scripted.goto(tab.url)
    sound(scripted, "quote-receipt")


def read_by_both(house: House, work: str) -> None:
    """After the deadline the leading partner compares; the other reads along once it has declared."""
    until = house.need().bids_until
    assert until is not None
    bea, zoe = house.tab("bea"), house.tab("zoe")
    zoe.goto("/me/needs")
    zoe.get_by_role("link", name=TITLE).click()
    expect(zoe.get_by_role("heading", name="Geöffnete Gebote")).to_have_count(0)
    house.pass_to(until + timedelta(minutes=2))
    house.tick()
    bea.goto(work)
    press(bea, "Bewertung beginnen")
    declared(bea)
    expect(bea.get_by_role("heading", level=1)).to_contain_text("1 Gebot")
    zoe.reload()
    # Nobody can say of unknown firms that they have no interest in them; what they ask for comes after it.
    expect(zoe.get_by_text(SCHOOL)).to_be_visible()
    assert "€" not in zoe.inner_text("main")
    declared(zoe)
    expect(zoe.get_by_text(SCHOOL)).to_be_visible()
    assert "€" in zoe.inner_text("main")
    sound(zoe, "pooled")


def declared(tab: Page) -> None:
    tab.get_by_label("Ich habe kein eigenes Interesse").check(force=True)
    press(tab, "Erklären")
