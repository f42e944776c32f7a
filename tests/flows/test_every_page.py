"""Every page in three languages, light and dark, on a desktop and on a phone: checkers find nothing.

axe (WCAG 2.2 AA and best practice), console, content security policy, third parties, overflow, leftovers of
templates and the budgets of weight; vnu and html-validate read the HTML as it was sent.
"""

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Response, ViewportSize
from playwright.sync_api import Page as Tab
from starlette.routing import Route

from market.app import ROUTES
from tests.flows.conftest import Site
from tests.flows.pages import NO_PAGES, PAGES, PREFIXES, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
CONFIG = Path(__file__).with_name("html-validate.json")
SCREENS = {"desktop": (1440, 900), "phone": (390, 844)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Theme = Literal["light", "dark"]
LOOKS: list[list[tuple[str, Theme]]] = [
    [("desktop", "light"), ("phone", "dark")],
    [("desktop", "dark")],
    [("phone", "light")],
]
BUDGETS = {"total": 100_000, "document": 20_000, "stylesheet": 14_000, "font": 50_000, "script": 20_000}
"""Bytes: the total as transferred, the parts gzipped; fonts are as they are."""
MOST_REQUESTS = 10
LEFTOVERS = re.compile(r"\bNone\b(?! of)|%\(|\bundefined\b|\bNaN\b|\{\{|\}\}|\bMarkup\(")


@dataclass
class Visits:
    """Tabs that go from page to page, one of a visitor and one signed in, and what was heard in them.

    Each page is come to with nothing kept from the one before: empty cache, no storage, the first cookies. A new
    window for each would prove the same and take twice as long, for the browser starts a process for it.
    The page is loaded once, on a desktop, and then made narrow: the HTML is the same and the styles follow the width.
    """

    browser: Browser
    site: Site
    tabs: dict[bool, tuple[Tab, CDPSession]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def visit(self, address: str, cookies: Mapping[str, str]) -> tuple[Tab, Response]:
        signed_in = bool(cookies)
        if signed_in not in self.tabs:
            self.tabs[signed_in] = self._open()
        tab, devtools = self.tabs[signed_in]
        tab.goto("about:blank")  # what the last page still does ends before we listen
        devtools.send("Network.clearBrowserCache")
        for origin in (self.site.base, self.site.broken):
            devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        tab.context.clear_cookies()
        if cookies:
            tab.context.add_cookies([{"name": n, "value": v, "url": self.site.base} for n, v in cookies.items()])
        look(tab, "desktop", "light")
        self.heard.clear()
        self.answers.clear()
        answer = tab.goto(address, wait_until="load")
        assert answer is not None
        return tab, answer

    def _open(self) -> tuple[Tab, CDPSession]:
        context = self.browser.new_context(viewport=viewport("desktop"), reduced_motion="reduce")
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )
        tab = context.new_page()
        tab.on("console", self._hear)
        tab.on("pageerror", lambda error: self.heard.append(str(error)))
        tab.on("response", self._answered)
        return tab, context.new_cdp_session(tab)

    def close(self) -> None:
        for tab, _ in self.tabs.values():
            tab.context.close()

    def _answered(self, answer: Response) -> None:
        """A page that looks again and again whether something has happened does so as often as we are slow."""
        again = answer.request.resource_type == "fetch" and answer.url in {earlier.url for earlier in self.answers}
        if not again:
            self.answers.append(answer)

    def _hear(self, message: ConsoleMessage) -> None:
        about_the_page = message.text.startswith("Failed to load resource") and "status of" in message.text
        if message.type in ("error", "warning") and not about_the_page:
            self.heard.append(message.text)


def viewport(screen: str) -> ViewportSize:
    width, height = SCREENS[screen]
    return {"width": width, "height": height}


def look(tab: Tab, screen: str, theme: Theme) -> None:
    tab.set_viewport_size(viewport(screen))
    tab.emulate_media(color_scheme=theme)
    tab.evaluate("document.fonts.ready.then(() => true)")


@pytest.fixture(scope="module")
def visits(browser: Browser, site: Site) -> Iterator[Visits]:
    visits = Visits(browser, site)
    yield visits
    visits.close()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the HTML of all pages lies for the checkers of markup."""
    return tmp_path_factory.mktemp("html")


def test_every_route_is_a_page_with_an_example_or_known_to_be_none() -> None:
    asked = {route.name for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())}
    examples = {page.route for page in PAGES if page.route}
    assert not examples & NO_PAGES.keys()
    assert asked == examples | NO_PAGES.keys()


@pytest.mark.parametrize("language", PREFIXES)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(visits: Visits, site: Site, saved: Path, page: Page, language: str) -> None:
    tab, answer = visits.visit(site.address(page, language), site.cookies_of(page))
    assert answer.status == page.status
    html = answer.text()
    (saved / f"{page.name}-{language}.html").write_text(html)
    assert f'<html lang="{language}"' in html
    faults = [f"third party: {it.url}" for it in visits.answers if not it.url.startswith(site.origin(page))]
    for screen in SCREENS:
        look(tab, screen, "light")
        faults += [f"leftover: {it[0]}" for it in LEFTOVERS.finditer(tab.inner_text("body"))]
        width, room = tab.evaluate("[document.documentElement.scrollWidth, screen.width]")
        faults += [f"{screen}: {width} px wide"] if width > room else []
    for screen, theme in looks(page, language):
        look(tab, screen, theme)
        faults += [f"{screen}, {theme}: {line}" for line in axe(tab)]
    faults += weigh(page.name, language, visits.answers) + visits.heard
    assert not faults, "\n".join(faults)


def looks(page: Page, language: str) -> list[tuple[str, Theme]]:
    """Screens with the theme axe sees each in. They take turns: among them three languages see a page in all four,
    and each language all pages; all six would cost half as much again and differ from these in words alone."""
    return LOOKS[(PAGES.index(page) + list(PREFIXES).index(language)) % len(LOOKS)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_looked_at_on_both_screens_in_both_themes(page: Page) -> None:
    seen = {look for language in PREFIXES for look in looks(page, language)}
    assert seen == {(screen, theme) for screen in SCREENS for theme in ("light", "dark")}


def axe(tab: Tab) -> list[str]:
    """Findings, one line each."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    found = tab.evaluate(
        """async tags => {
        await Promise.all(document.getAnimations().map(a => a.finished));
        return (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations
        .flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' ' + (n.failureSummary || '')));
        }""",
        TAGS,
    )
    return [" ".join(str(line).split()) for line in found]


def weigh(name: str, language: str, answers: list[Response]) -> list[str]:
    """What is over its budget. The weights are printed (`pytest -s`)."""
    weights = dict.fromkeys(BUDGETS, 0)
    for answer in answers:
        sizes = answer.request.sizes()
        weights["total"] += sizes["responseBodySize"] + sizes["responseHeadersSize"]
        kind = answer.request.resource_type
        if kind in weights:
            weights[kind] += sizes["responseBodySize"] if kind == "font" else len(gzip.compress(answer.body(), 6))
    kilo = "  ".join(f"{kind} {weight / 1000:5.1f}" for kind, weight in weights.items())
    print(f"{name:16} {language}  {kilo} kB  {len(answers)} requests")
    over = [f"{kind}: {weight} bytes" for kind, weight in weights.items() if weight > BUDGETS[kind]]
    return over + ([f"{len(answers)} requests"] if len(answers) > MOST_REQUESTS else [])


def test_vnu_finds_nothing(saved: Path) -> None:
    files = sorted(saved.iterdir())
    assert len(files) == len(PAGES) * len(PREFIXES)
    java = shutil.which("java")
    assert java, "tools/debian installs it"
    jar = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
    done = subprocess.run(
        [java, "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always", *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = [
        f"{Path(it['url']).name}:{it.get('lastLine')}: {it['message']}" for it in json.loads(done.stdout)["messages"]
    ]
    assert not found, "\n".join(found)


def test_html_validate_finds_nothing(saved: Path, tmp_path: Path) -> None:
    program, report = ROOT / "node_modules/.bin/html-validate", tmp_path / "found.json"
    done = subprocess.run(
        [str(program), "--config", str(CONFIG), "--formatter", f"json={report}", str(saved)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr
    found = [
        f"{Path(file['filePath']).name}:{it['line']}: {it['ruleId']}: {it['message']}"
        for file in json.loads(report.read_text())
        for it in file["messages"]
    ]
    assert not found, "\n".join(found)
