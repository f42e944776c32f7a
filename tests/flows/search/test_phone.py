"""On a phone: room for a finger, nothing beside the screen, and text twice as large."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.flows.conftest import ARGUMENTS, Site
from tests.flows.search.conftest import Open
from tests.support import chromium

pytestmark = pytest.mark.browser
PATHS = ("/", "/search?q=schweissen&near=Guben", "/search?tab=providers", "/search?tab=needs", "/search?q=xqzvwk")
LANGUAGES = ("", "/en", "/pl")
FINGER = 44
MAIN = (
    ".top .btn, .logo, .control, .searchbar .btn, .search-panel .btn, .dock .btn, .card .btn, .pills a, .kinds a,"
    " .pager a, .way, .chip, .clear, .popular a, .sort select, .trade-g a, .foot li > a, .join .btn"
)
SHEET = "#filter .opt, #filter .day input, #filter summary, #filter .btn"
SCROLLED = "const scrolled = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)" + (
    " if (getComputedStyle(p).overflowX !== 'visible') return true; return false };"
)


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
    width, room = page.evaluate("[document.documentElement.scrollWidth, screen.width]")
    found: list[str] = page.evaluate(
        f"""() => {{ {SCROLLED}
          return [...document.querySelectorAll('body *')]
          .filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 1 && !e.closest('svg') && !scrolled(e)
            && e.getBoundingClientRect().right > screen.width + 1)
          .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30)) }}"""
    )
    return found + ([f"{width} px wide"] if width > room else [])


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
    page = tab(language + path, width=320, touch=True)
    assert beside(page) == []
    shown = [button for button in page.locator(".top :is(.logo, .right > .btn)").all() if button.is_visible()]
    assert len(shown) == 4, "name, colours, sign in, menu"
    tops = {round(box["y"] + box["height"] / 2) for button in shown if (box := button.bounding_box())}
    assert max(tops) - min(tops) <= 2, "in one line"


@pytest.fixture(scope="module")
def large_text(browser: Browser) -> Iterator[Browser]:
    """A browser whose owner has set text to twice its size."""
    arguments = [*ARGUMENTS.split(), "--blink-settings=defaultFontSize=32"]
    large = browser.browser_type.launch(executable_path=chromium.program(), args=arguments)
    yield large
    large.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [390, 1440])
def test_text_twice_as_large(large_text: Browser, site: Site, path: str, width: int) -> None:
    with large_text.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(site.base + path)
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 34
        assert beside(page) == []
        cut = page.evaluate(
            f"""() => {{ {SCROLLED}
              return [...document.querySelectorAll('h1, h2, h3, .btn, .chip, .facts dd, .where, .why li, .foot a')]
              .filter(e => e.checkVisibility() && !e.closest('.vh') && e.clientWidth && !scrolled(e)
                && e.scrollWidth > e.clientWidth + 2)
              .map(e => e.textContent.trim().slice(0, 40)) }}"""
        )
        assert cut == []
