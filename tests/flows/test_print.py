"""A firm with its offerings and proofs is printed to one clean sheet of A4."""

import re

import pytest
from playwright.sync_api import Browser

from tests.flows.conftest import Site
from tests.flows.pages import PREFIXES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", PREFIXES)
def test_a_firm_is_one_page_without_the_chrome(browser: Browser, site: Site, language: str) -> None:
    tab = browser.new_page()
    tab.goto(site.base + PREFIXES[language] + site.examples["provider"])
    pdf = tab.pdf(format="A4", print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
    tab.emulate_media(media="print")
    for part in (".top", ".foot", ".skip", ".noprint", ".btn"):
        assert not any(element.is_visible() for element in tab.locator(part).all()), part
    assert tab.locator(".imprint").is_visible()
    tab.close()
