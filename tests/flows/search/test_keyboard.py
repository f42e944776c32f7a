"""By keyboard alone: skip link, "/", list of places, and a focus that is always seen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.search.conftest import WAIT_MS, Open

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
MOST_STOPS = 200

STOP = """() => {
  const e = document.activeElement
  if (!e || e === document.body) return null
  const round = e.closest('.control, .tender') ?? e
  const drawn = [e, round, ...e.querySelectorAll('circle, path')].map(x => getComputedStyle(x))
  const r = e.getBoundingClientRect()
  const within = (value, size) => Math.min(Math.max(value, 1), size - 1)
  const at = document.elementFromPoint(within(r.x + r.width / 2, innerWidth), within(r.y + r.height / 2, innerHeight))
  const held = at && (e.contains(at) || at.contains(e) || at.closest('label, a') === e.closest('label, a'))
  return {
    name: e.id || e.textContent.trim().slice(0, 40) || e.getAttribute('aria-label'),
    ring: drawn.some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.strokeWidth === '5px'),
    seen: r.bottom > 0 && r.top < innerHeight && r.width > 0 && !!held,
  }
}"""


def walk(page: Page) -> list[dict[str, object]]:
    """Every stop of the Tab key until the focus leaves the page."""
    stops: list[dict[str, object]] = []
    while len(stops) < MOST_STOPS:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError("the Tab key never leaves the page")


@pytest.mark.parametrize("path", ["/", "/search?q=rohr"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_focus_is_seen_at_every_stop(tab: Open, path: str, width: int) -> None:
    stops = walk(tab(path, width=width))
    assert len(stops) > 20
    assert [stop for stop in stops if not stop["ring"]] == []
    assert [stop for stop in stops if not stop["seen"]] == []


def test_the_skip_link_comes_first_and_leads_to_the_content(tab: Open) -> None:
    page = tab("/search?q=rohr")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#q")).to_be_focused()


def test_the_slash_jumps_to_the_search_and_can_be_switched_off(tab: Open) -> None:
    page = tab("/search?q=rohr")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("/")
    expect(page.locator("#q")).to_have_value("rohr/")
    page.locator("#slash").press("Enter")
    expect(page.locator("#slash")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    page.reload()
    expect(page.locator("#slash")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()


def test_the_slash_jumps_to_the_search_of_the_first_page_too(tab: Open) -> None:
    page = tab("/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_a_place_is_chosen_by_arrows_and_enter(tab: Open) -> None:
    page = tab("/search?q=rohr")
    near = page.locator("#near")
    near.press_sequentially("Eisenh")
    expect(near).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#near + *, #near-list").last).to_be_visible()
    near.press("ArrowDown")
    option = page.locator("#near-list [aria-selected=true]")
    expect(option).to_have_count(1)
    assert near.get_attribute("aria-activedescendant") == option.get_attribute("id")
    chosen = option.inner_text()
    near.press("Enter")
    expect(near).to_have_attribute("aria-expanded", "false")
    expect(near).to_have_value(chosen)
    page.wait_for_url(re.compile("near="))
    expect(page.locator("h1")).to_contain_text("Eisenhüttenstadt")


def test_escape_closes_the_places_and_keeps_the_text_and_free_text_is_taken(tab: Open) -> None:
    page = tab("/search?q=rohr")
    near = page.locator("#near")
    near.press_sequentially("Gub")
    expect(near).to_have_attribute("aria-expanded", "true")
    near.press("Escape")
    expect(near).to_have_attribute("aria-expanded", "false")
    expect(near).to_have_value("Gub")
    near.fill("Guben")
    near.press("Escape")
    near.press("Enter")
    page.wait_for_url(re.compile("near=.*Guben"))
    expect(page.locator("h1")).to_contain_text("Guben")
