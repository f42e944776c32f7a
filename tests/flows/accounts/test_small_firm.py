"""A small firm comes in on a phone: registers, reads its letter, invites a colleague, goes; all by keyboard."""

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Locator, Page, expect

from market.i18n import words
from market.values import Language
from tests.flows.accounts.conftest import WAIT_MS, Letter, Open
from tests.flows.pages import PREFIXES
from tests.flows.test_every_page import OF_COLOURS, Theme, axe

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
FIRM = {"firm": "Probe & Töchter GmbH", "trade": "Gerüstbau", "place": "03172 Guben", "name": "Ida Probe"}
MOST_TABS = 60
SENT = re.compile(r"/sign-in/sent(\?|$)")
AWAY = re.compile(r"//127\.0\.0\.1:\d+/alpha/authorize")
OUT = re.compile(r"/signed-out(\?state=.+)?$")


def reach(page: Page, goal: Locator) -> None:
    """Walk to it with the Tab key; wherever one is on the way can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        there, seen, where = goal.evaluate(
            "goal => { const e = document.activeElement, b = e.getBoundingClientRect();"
            " const seen = b.bottom > 0 && b.top < innerHeight && b.right > 0 && b.left < innerWidth;"
            " return [e === goal, seen, e.tagName] }"
        )
        assert seen, f"focus on something out of sight: {where}"
        if there:
            return
    raise AssertionError(f"not reached by Tab: {goal}")


def press(page: Page, goal: Locator) -> None:
    reach(page, goal)
    page.keyboard.press("Enter")


BOTH: Mapping[Theme, list[str] | None] = {"light": None, "dark": OF_COLOURS}
"""What axe looks for in each theme."""


def check(page: Page, looks: Mapping[Theme, list[str] | None] = BOTH) -> None:
    """Nothing for axe, and nothing beside the screen."""
    for theme, rules in looks.items():
        page.emulate_media(color_scheme=theme)
        assert axe(page, rules) == []
    page.emulate_media(color_scheme="light")
    width, room = page.evaluate("[document.documentElement.scrollWidth, screen.width]")
    assert width <= room


def register(page: Page, email: str) -> None:
    for name, value in (FIRM | {"email": email}).items():
        reach(page, page.locator(f"#{name}"))
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url(SENT)


def test_a_firm_registers_invites_and_goes(tab: Open, letter: Callable[[str], Letter]) -> None:
    page = tab("/register")
    press(page, page.get_by_role("button", name="Link zusenden"))
    expect(page).to_have_title(re.compile("^Fehler:"))
    assert page.evaluate("document.activeElement.id") == "errors", "what is wrong is read first"
    check(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#firm"
    page.goto("/register")
    register(page, "ida@toechter.example")
    check(page)

    page.goto(letter("ida@toechter.example").link)
    check(page)
    press(page, page.get_by_role("button", name="Jetzt anmelden"))
    page.wait_for_url("**/me")
    expect(page.locator("main")).to_contain_text(FIRM["firm"])
    check(page)

    press(page, page.locator("main").get_by_role("link", name="Personen", exact=True))
    page.wait_for_url("**/me/team")
    reach(page, page.locator("#email"))
    page.keyboard.type("olga@toechter.example")
    reach(page, page.locator("#roles input").first)
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Einladung senden"))
    expect(page.locator("main")).to_contain_text("olga@toechter.example")
    check(page)

    colleague = tab(letter("olga@toechter.example").link)
    check(colleague)
    press(colleague, colleague.locator("main form button"))
    colleague.wait_for_url(SENT)

    page.goto("/me")
    press(page, page.get_by_role("button", name="Abmelden"))
    page.wait_for_url("**/signed-out")
    expect(page.locator("h1")).to_have_text("Sie sind abgemeldet")
    check(page)
    page.goto("/me")
    assert "/sign-in" in page.url, "nobody is signed in any more"


def test_by_code_in_polish_when_the_letter_is_opened_elsewhere(tab: Open, letter: Callable[[str], Letter]) -> None:
    first = tab("/register")
    register(first, "kod@toechter.example")
    first.goto(letter("kod@toechter.example").link)
    press(first, first.get_by_role("button", name="Jetzt anmelden"))
    first.wait_for_url("**/me")
    page = tab("/pl/sign-in")
    reach(page, page.locator("#email"))
    page.keyboard.type("kod@toechter.example")
    page.keyboard.press("Enter")
    page.wait_for_url(SENT)
    came = letter("kod@toechter.example")
    assert came.link.startswith("/pl/")
    elsewhere = tab(came.link)
    assert elsewhere.locator("main form").count() == 0, "a link opens only where it was asked for"
    check(elsewhere)
    reach(page, page.locator("#code"))
    page.keyboard.type("AAAA-AAAA")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Błąd:"))
    check(page)
    page.locator("#code").fill("")
    reach(page, page.locator("#code"))
    page.keyboard.type(came.code.lower())
    page.keyboard.press("Enter")
    page.wait_for_url("**/pl/me")
    assert page.locator("html").get_attribute("lang") == "pl"
    expect(page.locator("main")).to_contain_text(FIRM["firm"])


@pytest.mark.parametrize(("language", "width"), [("de", 1440), ("en", 390), ("pl", 1440)])
def test_a_buyer_comes_and_goes_by_the_company(tab: Open, language: Language, width: int) -> None:
    w, prefix = words(language), PREFIXES[language]
    page = tab(f"{prefix}/sign-in", width=width)
    reach(page, page.locator("#email"))
    page.keyboard.type("paula@partner.example")
    page.keyboard.press("Enter")
    page.wait_for_url(AWAY)
    person = page.get_by_role("button", name="Paula Partner")
    person.wait_for()
    assert page.locator("html").get_attribute("lang") == language, "the company's page is asked for in our language"
    check(page)
    press(page, person)
    page.wait_for_url(f"**{prefix}/me")
    expect(page.locator("main")).to_contain_text("Alpha Werke")
    check(page)
    press(page, page.get_by_role("button", name=w("Sign out")))
    page.wait_for_url(OUT)
    expect(page.locator("h1")).to_have_text(w("You are signed out"))
    assert page.locator("html").get_attribute("lang") == language
    check(page)
    page.goto(f"{prefix}/me")
    assert f"{prefix}/sign-in" in page.url
