"""A firm answers from its letter on a phone, without an account; a buyer compares on a desktop, without scripts."""

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.conftest import Site

pytestmark = pytest.mark.browser


def test_a_firm_answers_from_its_letter_on_a_phone(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    tab = context.new_page()
    tab.goto(site.base + site.examples["answer"])
    expect(tab.locator("#price")).to_be_hidden()
    tab.locator("input[name=kind][value=quote]").check(force=True)
    tab.locator("form.reply button").click()
    expect(tab.locator("#price")).to_have_attribute("aria-invalid", "true")
    tab.locator("#price").fill("4.800,50")
    tab.locator("#text").fill("Mit Druckprüfung, Beginn am 8. Februar.")
    tab.locator("form.reply button").click()
    last = tab.locator("#last")
    expect(last).to_contain_text("4.800,50\u00a0€")
    expect(last).to_contain_text("Beginn am 8. Februar")
    width, room = tab.evaluate("[document.documentElement.scrollWidth, screen.width]")
    assert width <= room
    context.close()


def test_a_buyer_compares_two_of_a_list(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    context.add_cookies([{"name": name, "value": value, "url": site.base} for name, value in site.cookies.items()])
    tab = context.new_page()
    tab.goto(site.base + site.examples["shortlist"])
    boxes = tab.locator("input[form=compare]")
    for number in (0, 1):
        boxes.nth(number).check(force=True)
    tab.locator("#compare button").click()
    heads = tab.locator(".cmp thead th")
    expect(heads).to_have_count(2)
    rows = tab.locator(".cmp tbody tr")
    whole = rows.count()
    tab.get_by_role("link", name="Nur Unterschiede").click()
    expect(tab.locator(".cmp .same")).to_have_count(0)
    assert 0 < rows.count() < whole
    with tab.expect_download() as loaded:
        tab.get_by_role("link", name="PDF").click()
    assert loaded.value.suggested_filename.startswith("rohrleitungsbau-stillstand-februar-")
    context.close()
