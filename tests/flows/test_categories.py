"""The trades on a phone: folded into groups with their counts; on a wide screen nothing is folded."""

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.conftest import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_groups_are_folded_and_open_by_tap(browser: Browser, site: Site, script: bool) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=script, base_url=site.base
    )
    tab = context.new_page()
    tab.goto("/categories")
    heights = [tab.locator("summary").nth(number).bounding_box() for number in range(5)]
    assert all(box and box["height"] >= 44 for box in heights)
    group = tab.locator("details.fold").first
    expect(group.locator("ul")).not_to_be_visible()
    stated = int(group.locator("summary em").inner_text())
    group.locator("summary").tap()
    expect(group.locator("ul")).to_be_visible()
    assert stated == sum(int(number) for number in group.locator("li em").all_inner_texts())
    whole = tab.locator("body").bounding_box()
    assert whole is not None
    assert whole["height"] < 8000, "screens to scroll"
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_on_a_wide_screen_all_trades_lie_open(browser: Browser, site: Site, script: bool) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, java_script_enabled=script, base_url=site.base
    )
    tab = context.new_page()
    tab.goto("/pl/categories#az-3")
    for number in (0, 7):
        expect(tab.locator("details.fold ul").nth(number)).to_be_visible()
    expect(tab.locator("summary em").first).not_to_be_visible()
    if script:
        assert tab.locator("details.fold:not([open])").count() == 0, "what is shown is told as open"
    context.close()


def test_a_link_to_a_letter_opens_it_on_a_phone(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=site.base)
    tab = context.new_page()
    tab.goto("/categories")
    tab.locator(".letters a").nth(4).click()
    expect(tab.locator("#az-5")).to_be_visible()
    expect(tab.locator("#az-5 li").first).to_be_in_viewport()
    context.close()
