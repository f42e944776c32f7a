"""Filters count without their own choice, chips let go, pins are the cards, and no way offered is empty."""

import re
from itertools import combinations

import httpx2
import pytest
from playwright.sync_api import Page

from tests.flows.conftest import Site
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


@pytest.mark.parametrize("path", FULL)
def test_groups_are_few_counts_hold_and_no_value_is_empty(tab: Open, path: str) -> None:
    page = in_full(tab(path, js=False))
    groups = page.locator("fieldset[id^=g-]")
    assert 1 <= groups.count() <= 6
    for at in range(groups.count()):
        group = groups.nth(at)
        assert group.locator("> div > .opt").count() <= 7
        counts = [number(text) for text in group.locator(".opt em").all_text_contents()]
        assert all(counts)
    pages = {}
    for box in page.locator("fieldset[id^=g-] > div > .opt").all()[::4]:
        field = box.locator("input")
        given = (field.get_attribute("name"), field.get_attribute("value"))
        pages[given] = number(box.locator("em").inner_text())
    for (name, value), count in pages.items():
        chosen = in_full(
            tab(f"{path}{'&' if '?' in path else '?'}{name}={httpx2.QueryParams({'v': value})}".replace("=v=", "="))
        )
        assert total(chosen) == count, f"{name}={value}"
        box = chosen.locator(f"input[name={name}][value='{value}']")
        assert box.is_checked()
        assert number(chosen.locator(".opt", has=box).locator("em").inner_text()) == count
        others = chosen.locator(f"#g-{name if name != 'verified' else 'certificate'} .opt")
        assert others.count() >= 1
        chip = chosen.locator(".chip")
        assert chip.count() == 1
        chip.click()
        chosen.wait_for_load_state()
        assert chosen.locator(".chip").count() == 0


@pytest.mark.parametrize("path", NOTHING)
def test_each_way_out_of_nothing_has_the_hits_it_says(site: Site, tab: Open, path: str) -> None:
    page = in_full(tab(path, js=False))
    assert page.locator(".card").count() == 0
    ways = page.locator(".way")
    assert ways.count() >= 1
    for way in ways.all():
        said = number(way.locator("span").inner_text())
        led = in_full(tab(str(way.get_attribute("href")), js=False))
        assert led.locator(".card").count() >= 1
        assert total(led) == said


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
