"""Tabs of the served demo: `tab(...)` opens one in a context of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from tests.flows.conftest import Site

WAIT_MS = 15_000
HEIGHTS = {1440: 900, 390: 844, 320: 640}
Open = Callable[..., Tab]


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Open]:
    """A function of the address, `width` in px, `theme` ("light", "dark"), `js` and `touch`."""
    contexts: list[BrowserContext] = []

    def open_tab(
        path: str, width: int = 1440, theme: str = "light", js: bool = True, touch: bool = False, base: str = ""
    ) -> Tab:
        context = browser.new_context(
            base_url=base or site.base,
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=js,
            has_touch=touch,
            reduced_motion="reduce",  # a scroll under way would be measured half way
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_tab
    for context in contexts:
        context.close()
