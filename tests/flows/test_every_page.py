"""Every page in three languages, light and dark, on a desktop and on a phone: checkers find nothing.

axe (WCAG 2.2 AA and best practice), console, content security policy, third parties, overflow, broken words,
leftovers of templates and the budgets of weight; vnu and html-validate read the HTML as it was sent.
"""

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
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
BROKEN_WORDS = Path(__file__).with_name("broken_words.js").read_text()
CONFIG = Path(__file__).with_name("html-validate.json")
SCREENS = {"desktop": (1440, 900), "phone": (390, 844)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules to which the theme matters; the others see the same in light and dark."""
HEALTH = "/healthz"
Theme = Literal["light", "dark"]
LOOKS: list[list[tuple[str, Theme]]] = [
    [("desktop", "light"), ("phone", "dark")],
    [("desktop", "dark")],
    [("phone", "light")],
]
BUDGETS = {"total": 100_000, "document": 20_000, "stylesheet": 14_000, "font": 50_000, "script": 20_000}
"""Bytes: the total as transferred, the parts gzipped; fonts are as they are."""
MOST_REQUESTS = 10
STORED = "local_storage,cache_storage,indexeddb,service_workers"
LEFTOVERS = re.compile(r"\bNone\b(?! of)|%\(|\bundefined\b|\bNaN\b|\{\{|\}\}|\bMarkup\(")


@dataclass
class Visits:
    """Tabs that go from page to page, one of a visitor and one signed in, and what was heard in them.

    Each page is come to with no storage and the first cookies. Of the cache stays what browsers keep for ever, and
    counts with what it weighed when it came. A new window for each page would prove the same and take twice as long,
    for the browser starts a process for it. The page is loaded once, on a desktop, and then made narrow: the HTML is
    the same and the styles follow the width.
    """

    browser: Browser
    site: Site
    tabs: dict[bool, tuple[Tab, CDPSession]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    looks: dict[Tab, tuple[str, Theme]] = field(default_factory=dict)
    known: dict[str, dict[str, int]] = field(default_factory=dict)
    """What a file that is kept for ever weighs, by its address."""

    def visit(self, page: Page, language: str) -> tuple[Tab, Response]:
        cookies = self.site.cookies_of(page)
        signed_in = bool(cookies)
        if signed_in not in self.tabs:
            self.tabs[signed_in] = self._open()
        tab, devtools = self.tabs[signed_in]
        # What the last page still does ends before we listen; an address of our own keeps the browser's process.
        tab.goto(f"{self.site.origin(page)}{HEALTH}")
        devtools.send("Storage.clearDataForOrigin", {"origin": self.site.origin(page), "storageTypes": STORED})
        tab.context.clear_cookies()
        if cookies:
            tab.context.add_cookies([{"name": n, "value": v, "url": self.site.base} for n, v in cookies.items()])
        self.look(tab, "desktop", "light")
        self.heard.clear()
        self.answers.clear()
        answer = tab.goto(self.site.address(page, language), wait_until="load")
        assert answer is not None
        return tab, answer

    def look(self, tab: Tab, screen: str, theme: Theme) -> None:
        """At this width, in this theme, once the fonts are there."""
        if self.looks.get(tab) != (screen, theme):
            tab.set_viewport_size(viewport(screen))
            tab.emulate_media(color_scheme=theme)
            self.looks[tab] = (screen, theme)
        tab.evaluate("document.fonts.ready.then(() => true)")

    def _open(self) -> tuple[Tab, CDPSession]:
        context = self.browser.new_context(viewport=viewport("desktop"), reduced_motion="reduce")
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )
        context.add_init_script(f"if (location.pathname !== '{HEALTH}') {{ {AXE} }}")
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

    def weigh(self, name: str, language: str) -> list[str]:
        """What is over its budget. The weights are printed (`pytest -s`)."""
        weights = dict.fromkeys(BUDGETS, 0)
        for answer in self.answers:
            for kind, weight in self._weight(answer).items():
                weights[kind] += weight
        kilo = "  ".join(f"{kind} {weight / 1000:5.1f}" for kind, weight in weights.items())
        print(f"{name:16} {language}  {kilo} kB  {len(self.answers)} requests")
        over = [f"{kind}: {weight} bytes" for kind, weight in weights.items() if weight > BUDGETS[kind]]
        return over + ([f"{len(self.answers)} requests"] if len(self.answers) > MOST_REQUESTS else [])

    def _weight(self, answer: Response) -> dict[str, int]:
        """As transferred in `total`, and by itself in its own budget."""
        if answer.url in self.known:
            return self.known[answer.url]
        sizes, kind = answer.request.sizes(), answer.request.resource_type
        found = {"total": sizes["responseBodySize"] + sizes["responseHeadersSize"]}
        if kind in BUDGETS:
            found[kind] = sizes["responseBodySize"] if kind == "font" else len(gzip.compress(answer.body(), 6))
        if "immutable" in (answer.header_value("cache-control") or ""):
            self.known[answer.url] = found
        return found


def viewport(screen: str) -> ViewportSize:
    width, height = SCREENS[screen]
    return {"width": width, "height": height}


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
    tab, answer = visits.visit(page, language)
    assert answer.status == page.status
    html = answer.text()
    (saved / f"{page.name}-{language}.html").write_text(html)
    assert f'<html lang="{language}"' in html
    faults = [f"third party: {it.url}" for it in visits.answers if not it.url.startswith(site.origin(page))]
    wanted = looks(page, language)
    seen = [("desktop", "light"), *(one for one in wanted if one != ("desktop", "light"))]
    if "phone" not in dict(seen):
        seen.append(("phone", seen[-1][1]))
    for screen, theme in seen:
        visits.look(tab, screen, theme)
        said, width, room = tab.evaluate(
            "[document.body.innerText, document.documentElement.scrollWidth, screen.width]"
        )
        faults += [f"leftover: {it[0]}" for it in LEFTOVERS.finditer(said)]
        faults += [f"{screen}: {width} px wide"] if width > room else []
        faults += [f"{screen}: broken: {word}" for word in tab.evaluate(BROKEN_WORDS)]
        if (screen, theme) in wanted:
            rules = OF_COLOURS if theme == "dark" and len(wanted) > 1 else None
            faults += [f"{screen}, {theme}: {line}" for line in axe(tab, rules)]
    faults += visits.weigh(page.name, language) + visits.heard
    assert not faults, "\n".join(faults)


def looks(page: Page, language: str) -> list[tuple[str, Theme]]:
    """Screens with the theme axe sees each in. They take turns: among them three languages see a page in all four,
    and each language all pages; all six would cost half as much again and differ from these in words alone. Where one
    language has two of them, the second is about colours: what else there is on a phone another language sees."""
    return LOOKS[(PAGES.index(page) + list(PREFIXES).index(language)) % len(LOOKS)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_looked_at_on_both_screens_in_both_themes(page: Page) -> None:
    seen = {look for language in PREFIXES for look in looks(page, language)}
    assert seen == {(screen, theme) for screen in SCREENS for theme in ("light", "dark")}


def axe(tab: Tab, rules: list[str] | None = None) -> list[str]:
    """Findings by these rules, or by all; one line each."""
    # Where a browser runs no scripts of pages, ours run as well, but no promise is ever kept: we would wait for ever.
    assert not tab.evaluate("matchMedia('(scripting: none)').matches"), "axe needs a browser with scripts"
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    # Without a word axe loads all stylesheets once more, which only a rule asks for that is an experiment and not run.
    options = {"runOnly": rules or TAGS, "resultTypes": ["violations"], "preload": {"assets": ["media"]}}
    found = tab.evaluate(
        """async options => {
        await Promise.all(document.getAnimations().map(a => a.finished));
        return (await axe.run(document, options)).violations
        .flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' ' + (n.failureSummary || '')));
        }""",
        options,
    )
    return [" ".join(str(line).split()) for line in found]


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
