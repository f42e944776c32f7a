"""What the search and the landing page weigh on a first visit, and that nothing moves while they load."""

import gzip
from collections import defaultdict
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response

from tests.flows.conftest import Site

pytestmark = pytest.mark.browser
TOTAL, REQUESTS, SHIFT = 100_000, 10, 0.02
PARTS = {"document": 20_000, "stylesheet": 14_000, "font": 50_000, "script": 20_000}
SHIFTS = """
window.shift = 0
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) shift += e.value })
  .observe({type: 'layout-shift', buffered: true})
"""


@pytest.mark.parametrize("path", ["/", "/search?q=schweissen&near=Guben", "/pl/", "/pl/search"])
@pytest.mark.parametrize("width", [390, 1440])
def test_within_the_budgets(browser: Browser, site: Site, path: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 844}) as context:
        context.add_init_script(SHIFTS)
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        page.goto(site.base + path, wait_until="networkidle")
        parts: dict[str, int] = defaultdict(int)
        transferred = 0
        for answer in answers:
            sizes = answer.request.sizes()
            transferred += sizes["responseBodySize"] + sizes["responseHeadersSize"]
            kind = answer.request.resource_type
            parts[kind] += len(answer.body() if kind == "font" else gzip.compress(answer.body(), 6))
        shift = page.evaluate("shift")
        weights = ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in sorted(parts.items()))
        print(
            f"{path} at {width}: {transferred / 1000:.1f} kB, {len(answers)} requests, CLS {shift:.3f}; kB: {weights}"
        )
        assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(site.base).netloc}
        assert transferred <= TOTAL
        assert len(answers) <= REQUESTS
        assert {kind: size for kind, size in parts.items() if size > PARTS.get(kind, TOTAL)} == {}
        assert shift <= SHIFT
