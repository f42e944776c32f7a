"""Filters count without their own choice, chips let go, pins are the cards, and no way offered is empty."""

import re
from itertools import combinations
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.flows.search.conftest import Open

pytestmark = pytest.mark.browser
NOTHING = (
    "/search?q=xqzvwk&near=Guben",
    "/search?q=schweissen&near=Forst&radius_km=10&kind=lab_test&employees=250%2B",
    "/search?tab=needs&q=gips&near=S%C5%82ubice&radius_km=10",
    "/en/search?tab=providers&certificate=iso_3834&employees=1-9&language=en&verified=1&q=gips",
    "/pl/search?q=schweissen&kind=rail&employees=250%2B",
)
FULL = ("/search", "/search?q=rohr", "/search?near=Guben&radius_km=50", "/search?tab=providers", "/search?tab=needs")


def number(text: str) -> int:
    digits = re.sub(r"\D", "", text)
    return int(digits)


def total(page: Page) -> int:
    return number(page.locator("#count").inner_text())


LIMITED = re.compile("zurzeit eingeschränkt|limited at present|w ograniczonym zakresie")


def in_full(page: Page) -> Page:
    """The page as the search server answers it: while that has too much to do, the database answers without counts."""
    for _ in range(20):
        if not page.get_by_text(LIMITED).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    return page


READ = """async ([address, name, value]) => {
  const read = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html")
  const box = [...read.querySelectorAll("input")].find(it => it.name === name && it.value === value)
  return {
    text: read.body.textContent,
    count: read.querySelector("#count").textContent,
    cards: read.querySelectorAll(".card").length,
    chips: [...read.querySelectorAll("a.chip")].map(it => it.getAttribute("href")),
    checked: !!box && box.checked,
    beside: box ? box.closest(".opt").querySelector("em").textContent : "",
    others: read.querySelectorAll(`#g-${name === "verified" ? "certificate" : name} .opt`).length,
  }
}"""
"""What a page says, read by a window that stays where it is: to show every one of them takes far longer."""


def read(window: Page, address: str, name: str = "", value: str = "") -> dict[str, Any]:
    """As `in_full`."""
    for _ in range(20):
        found: dict[str, Any] = window.evaluate(READ, [address, name, value])
        if not LIMITED.search(found["text"]):
            break
        window.wait_for_timeout(500)
    return found


@pytest.mark.parametrize("path", FULL)
def test_groups_are_few_counts_hold_and_no_value_is_empty(tab: Open, path: str) -> None:
    page, window = in_full(tab(path, js=False)), tab(path)
    groups = page.locator("fieldset[id^=g-]")
    assert 1 <= groups.count() <= 6
    for at in range(groups.count()):
        group = groups.nth(at)
        assert group.locator("> div > .opt").count() <= 7
        counts = [number(text) for text in group.locator(".opt em").all_text_contents()]
        assert all(counts)
    said = {}
    for box in page.locator("fieldset[id^=g-] > div > .opt").all()[::4]:
        field = box.locator("input")
        name, value = field.get_attribute("name"), field.get_attribute("value")
        assert name
        assert value
        said[name, value] = number(box.locator("em").inner_text())
    for (name, value), count in said.items():
        address = f"{path}{'&' if '?' in path else '?'}{httpx2.QueryParams({name: value})}"
        chosen = read(window, address, name, value)
        assert number(chosen["count"]) == count, f"{name}={value}"
        assert chosen["checked"]
        assert number(chosen["beside"]) == count
        assert chosen["others"] >= 1
        (chip,) = chosen["chips"]
        assert read(window, chip)["chips"] == []
    window.goto(address)
    in_full(window).locator(".chip").click()
    expect(window.locator(".chip")).to_have_count(0)


@pytest.mark.parametrize("path", NOTHING)
def test_each_way_out_of_nothing_has_the_hits_it_says(tab: Open, path: str) -> None:
    page = in_full(tab(path))
    assert page.locator(".card").count() == 0
    ways = page.locator(".way")
    assert ways.count() >= 1
    for way in ways.all():
        led = read(page, str(way.get_attribute("href")))
        assert led["cards"] >= 1
        assert number(led["count"]) == number(way.locator("span").inner_text())


@pytest.mark.parametrize("path", [*FULL[:4], "/search?near=15890&sort=distance", "/search?near=Guben&page=2"])
def test_pins_are_the_cards_and_keep_apart(tab: Open, path: str) -> None:
    page = tab(path)
    on_cards = [number(text) for text in page.locator(".card .where .pin").all_text_contents()]
    pins = page.locator(".mapbox a.p")
    assert [number(text) for text in pins.locator("text").all_text_contents()] == on_cards
    assert on_cards
    boxes = [box for pin in pins.locator("circle").all() if (box := pin.bounding_box())]
    assert len(boxes) == len(on_cards)
    assert min(box["width"] for box in boxes) >= 24
    for one, two in combinations(boxes, 2):
        apart = ((one["x"] - two["x"]) ** 2 + (one["y"] - two["y"]) ** 2) ** 0.5
        assert apart >= 24
    if mark := page.locator(".mapbox rect.site"):
        assert mark.count() == ("near=" in path)
        for box in boxes if mark.count() else ():
            middle = mark.bounding_box()
            assert middle
            off_x = box["x"] + box["width"] / 2 - middle["x"] - middle["width"] / 2
            off_y = box["y"] + box["height"] / 2 - middle["y"] - middle["height"] / 2
            assert (off_x**2 + off_y**2) ** 0.5 >= 24, "a pin covers the place searched"
    for pin in pins.all():
        assert page.locator(str(pin.get_attribute("href"))).count() == 1
