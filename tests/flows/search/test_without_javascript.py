"""Search and landing page complete as plain HTML."""

import re

import pytest
from playwright.sync_api import expect

from tests.flows.search.conftest import Open

pytestmark = pytest.mark.browser


def test_enter_on_the_landing_page_leads_to_hits(tab: Open) -> None:
    page = tab("/", js=False)
    page.locator("#q").fill("Rohrleitungsbau")
    page.locator("#near").fill("15890")
    page.locator("#q").press("Enter")
    page.wait_for_url(re.compile(r"/search\?q=Rohrleitungsbau"))
    expect(page.locator("h1")).to_contain_text("Eisenhüttenstadt")
    assert page.locator(".card").count()


def test_filters_sort_and_pages(tab: Open) -> None:
    page = tab("/search?near=Guben", js=False)
    page.locator("#g-certificate input").first.check()
    page.locator("#sort").select_option("distance")
    page.locator(".apply").click()
    page.wait_for_url(re.compile("sort=distance"))
    assert page.locator(".chip").count() == 1
    assert page.locator("#near").input_value().endswith("Guben")
    first = page.locator(".card h2").first.inner_text()
    page.locator(".pager a").last.click()
    page.wait_for_url(re.compile("page=2"))
    expect(page.locator("#sort")).to_have_value("distance")
    assert page.locator(".card h2").first.inner_text() != first
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_the_sheet_on_a_phone_opens_chooses_and_closes(tab: Open) -> None:
    page = tab("/search?q=schweissen", width=390, js=False, touch=True)
    expect(page.locator("#filter")).not_to_be_visible()
    page.locator(".dock a[href='#filter']").tap()
    expect(page.locator("#filter")).to_be_visible()
    box = page.locator("#filter").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (390, 844)
    page.locator("#filter .close").tap()
    expect(page.locator("#filter")).not_to_be_visible()
    page.locator(".dock a[href='#filter']").tap()
    page.locator("#g-certificate label").first.tap()
    assert re.search(r"\d+ .+ anzeigen", page.locator(".apply").inner_text())
    page.locator(".apply").tap()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator("#filter")).not_to_be_visible()
    assert page.locator(".card").count()


@pytest.mark.parametrize(("code", "path"), [("en", "/en/search"), ("pl", "/pl/search"), ("de", "/search")])
def test_the_language_changes_and_the_question_stays(tab: Open, code: str, path: str) -> None:
    start = "/search" if code != "de" else "/en/search"
    page = tab(f"{start}?q=Rohr&near=Guben&radius_km=50", js=False)
    page.locator(f".lang a[hreflang={code}]").click()
    expect(page.locator("html")).to_have_attribute("lang", code)
    assert re.search(rf"//[^/]+{path}\?q=Rohr&near=.*Guben&radius_km=50$", page.url)
    assert page.locator("#q").input_value() == "Rohr"
