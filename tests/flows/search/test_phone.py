"""On a phone: room for a finger, nothing beside the screen, and text twice as large."""

import pytest
from playwright.sync_api import Page

from tests.flows.search.conftest import Open

pytestmark = pytest.mark.browser
PATHS = ("/", "/search?q=schweissen&near=Guben", "/search?tab=providers", "/search?tab=needs", "/search?q=xqzvwk")
LANGUAGES = ("", "/en", "/pl")
FINGER = 44
MAIN = (
    ".top .btn, .logo, .control, .searchbar .btn, .search-panel .btn, .dock .btn, .card .btn, .pills a, .kinds a,"
    " .pager a, .way"
)
SHEET = "#filter .opt, #filter .day input, #filter summary, #filter .btn"


def small(page: Page, selector: str) -> list[str]:
    """What can be pressed and is lower than a finger."""
    found: list[str] = page.evaluate(
        """([selector, least]) => [...document.querySelectorAll(selector)]
          .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < least - 0.5)
          .map(e => e.className + ' ' + e.textContent.trim().slice(0, 30) + ' ' + e.getBoundingClientRect().height)""",
        [selector, FINGER],
    )
    return found


def beside(page: Page) -> list[str]:
    """What reaches over the right edge, unless it stands in something that scrolls by itself."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= screen.width ? [] : [...document.querySelectorAll('body *')]
          .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > screen.width + 1)
          .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30))"""
    )
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_fingers_and_edges(tab: Open, path: str, language: str) -> None:
    page = tab(language + path, width=390, touch=True)
    assert small(page, MAIN) == []
    assert beside(page) == []
    if page.locator(".dock a[href='#filter']").count():
        page.locator(".dock a[href='#filter']").tap()
        assert small(page, SHEET) == []
        assert beside(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_the_narrowest_screen(tab: Open, path: str, language: str) -> None:
    assert beside(tab(language + path, width=320, touch=True)) == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [390, 1440])
def test_text_twice_as_large(tab: Open, path: str, width: int) -> None:
    page = tab(path, width=width)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert beside(page) == []
    cut = page.evaluate(
        """() => [...document.querySelectorAll('h1, h2, .btn, .chip, .facts dd, .pills a')]
          .filter(e => e.checkVisibility() && !e.closest('.vh') && e.clientWidth && e.scrollWidth > e.clientWidth + 2
            && getComputedStyle(e).overflowX !== 'visible')
          .map(e => e.textContent.trim().slice(0, 40))"""
    )
    assert cut == []
