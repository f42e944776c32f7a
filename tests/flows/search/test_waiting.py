"""A slow answer: the list stays as it is, and that another comes is said only after 200 ms."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.flows.search.conftest import WAIT_MS, Open

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
FRAME = 17
WATCH = """
// when the request begins, when the sign is first seen, when the answer stands there: milliseconds of one clock
window.seen = {}
const results = document.getElementById('results')
const note = name => { seen[name] ??= performance.now() }
const look = () => {
  if (results.classList.contains('htmx-request')) note('asked')
  else if (seen.asked) note('answered')
  if (getComputedStyle(results, '::before').visibility === 'visible') note('sign')
  if (seen.asked && !seen.answered && document.querySelectorAll('.card').length !== window.cards) note('emptied')
  if (!seen.answered) requestAnimationFrame(look)
}
window.cards = document.querySelectorAll('.card').length
look()
"""


def slow(page: Page, milliseconds: int) -> None:
    """Every part of the page asked for from now on comes so much later; the page itself does not wait."""

    def later(route: Route) -> None:
        if route.request.headers.get("hx-request"):
            page.wait_for_timeout(milliseconds)
        route.continue_()

    page.route("**/search?*", later)


def waited(page: Page) -> dict[str, float]:
    page.evaluate(WATCH)
    assert page.evaluate("cards") > 0
    page.locator("#q").fill("rohrbau")
    expect(page.locator("h1")).to_contain_text("rohrbau")
    page.wait_for_function("seen.answered")
    seen: dict[str, float] = page.evaluate("seen")
    return seen


def test_a_slow_answer_is_announced_and_the_old_list_stays(tab: Open) -> None:
    page = tab("/search?q=gips")
    slow(page, 600)
    seen = waited(page)
    assert seen["answered"] - seen["asked"] >= 600
    assert 200 - FRAME <= seen["sign"] - seen["asked"] < 450
    assert "emptied" not in seen
    assert page.evaluate("getComputedStyle(results, '::before').visibility") == "hidden"


def test_a_quick_answer_is_not_announced(tab: Open) -> None:
    page = tab("/search?q=gips")
    slow(page, 100)
    seen = waited(page)
    assert seen["answered"] - seen["asked"] >= 100
    assert seen.get("sign", seen["asked"] + 200) - seen["asked"] >= 200 - FRAME, "not even where the machine is slow"
    assert "emptied" not in seen
