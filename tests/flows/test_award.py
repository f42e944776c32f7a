"""A tender with two lots is decided by five people: two score, one proposes, one approves, a bidder reads. Every page
on the way is looked at in both widths, in all languages, by axe."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from market.accounts import sessions as door
from market.db import connect
from market.db import sessions as make_sessions
from tests.awards.conftest import Scene, build
from tests.flows.conftest import Site
from tests.flows.test_every_page import LEFTOVERS, SCREENS, axe, look

pytestmark = pytest.mark.browser

PRICES = (("12.40", "310"), ("11.90", None), ("13", "295.50"), ("12.10", "330"))
Enter = Callable[[str], Page]


class Told:
    """What the story needs of the scene once its session is closed."""

    def __init__(self, scene: Scene, session: Session, now: datetime) -> None:
        self.ref, self.bids = scene.need.ref, [bid.ref for bid in scene.bids]
        people = scene.people.items()
        self.cookies = {name: door.start(session, person, "link", now)[0] for name, person in people}


@pytest.fixture
def told(site: Site) -> Told:
    now = datetime.now(UTC)
    engine = connect(f"sqlite:///{site.var / 'market.db'}")
    with make_sessions(engine).begin() as session:
        asked = {"title": "SCC-Nachweis", "type": "bool", "knock_out": True}
        more = {"answers": (True, True, True, False), "title": "Kühlwasserleitungen erneuern"}
        scene = build(session, now, PRICES, lots=2, requirement=asked, estimate_cents=90_000_00, **more)
        told = Told(scene, session, now)
    engine.dispose()
    return told


@pytest.fixture
def enter(browser: Browser, site: Site, told: Told) -> Iterator[Enter]:
    opened: dict[str, Page] = {}

    def window(name: str) -> Page:
        if name not in opened:
            context = browser.new_context(reduced_motion="reduce")
            context.add_cookies([{"name": "session", "value": told.cookies[name], "url": site.base}])
            opened[name] = context.new_page()
        return opened[name]

    yield window
    for page in opened.values():
        page.context.close()


def clean(page: Page, address: str) -> None:
    """Nothing for axe to find, nothing wider than the screen, nothing left over."""
    page.goto(address)
    faults: list[str] = []
    for screen, theme in (("phone", "dark"), ("desktop", "light")):
        look(page, screen, theme)  # type: ignore[arg-type]
        faults += [f"{screen}: {line}" for line in axe(page)]
        width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        faults += [f"{screen}: {width} px wide"] if width > room else []
    faults += [f"leftover: {it[0]}" for it in LEFTOVERS.finditer(page.inner_text("body"))]
    assert not faults, address + "\n" + "\n".join(faults)


def test_two_score_one_proposes_one_approves_and_every_bidder_is_answered(site: Site, told: Told, enter: Enter) -> None:
    bea = enter("bea")
    work = f"{site.base}/me/needs/{told.ref}"
    bea.goto(work)
    bea.get_by_role("button", name="Bewertung beginnen").click()
    expect(bea).to_have_url(re.compile("/declaration$"))
    clean(bea, f"{site.base}/pl/me/needs/{told.ref}/declaration")
    bea.goto(f"{work}/declaration")
    bea.get_by_label("Ich habe kein eigenes Interesse").check()
    bea.get_by_role("button", name="Erklären").click()
    expect(bea.get_by_role("heading", level=1)).to_contain_text("4 Gebote nebeneinander")
    bea.get_by_role("link", name="Bieter 4 GmbH").first.click()
    expect(bea.get_by_text("nicht erfüllt: nein")).to_be_visible()

    for name, concept, screen in (("eva", "9", "phone"), ("egon", "4,5", "desktop")):
        page = enter(name)
        page.set_viewport_size({"width": SCREENS[screen][0], "height": SCREENS[screen][1]})
        page.goto(f"{work}/scores")
        page.get_by_label("Ich habe kein eigenes Interesse").check()
        page.get_by_role("button", name="Erklären").click()
        page.get_by_role("link", name="Meine Werte").click()
        page.get_by_label("Bieter 1 GmbH, Konzept").fill(concept)
        page.get_by_role("button", name="Meine Werte abgeben").click()
        expect(page.get_by_role("alert")).to_contain_text("2 Angaben")
        page.get_by_label("Bieter 2 GmbH, Konzept").fill("6")
        page.get_by_label("Bieter 3 GmbH, Konzept").fill("7,5")
        page.get_by_role("button", name="Meine Werte abgeben").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Gemeinsame Werte")
    clean(enter("eva"), f"{site.base}/en/me/needs/{told.ref}/scores")

    clean(bea, f"{site.base}/en/me/needs/{told.ref}/consensus")
    bea.goto(f"{work}/consensus")
    bea.get_by_role("button", name="Gemeinsame Werte speichern").click()
    expect(bea.get_by_role("alert")).to_contain_text("warum Sie sich")
    bea.get_by_label("Bieter 1 GmbH, Konzept, Begründung").fill("Nach Aussprache einheitlich")
    bea.get_by_role("button", name="Gemeinsame Werte speichern").click()
    clean(bea, f"{site.base}/pl/me/needs/{told.ref}/bids")
    clean(bea, f"{site.base}/me/needs/{told.ref}/bids/{told.bids[3]}")

    for form in ("whole", "lines", "none", "lots"):
        clean(bea, f"{site.base}/me/needs/{told.ref}/award?form={form}")
    bea.get_by_label("Los 1: Teil 1").select_option(told.bids[1])
    bea.get_by_label("Los 2: Teil 2").select_option(told.bids[2])
    bea.get_by_label("Grund", exact=True).fill("Je Los das beste Gebot")
    bea.get_by_role("button", name="Zuschlag vorschlagen").click()
    expect(bea.get_by_role("alert")).to_contain_text("liegt vor dem")
    for place in (1, 3):
        bea.get_by_label(f"Hinweis an den Bieter (freiwillig), Bieter {place} GmbH").fill("Später frei")
    bea.get_by_role("button", name="Zuschlag vorschlagen").click()
    expect(bea.get_by_text("Wartet auf die zweite Person")).to_be_visible()

    ada = enter("ada")
    ada.goto(f"{work}/award")
    ada.get_by_label("Ich habe kein eigenes Interesse").check()
    ada.get_by_role("button", name="Erklären").click()
    clean(ada, f"{site.base}/pl/me/needs/{told.ref}/award")
    ada.goto(f"{work}/award")
    ada.get_by_role("button", name="Freigeben und alle Bieter").click()
    expect(ada.get_by_role("heading", name="Jeder Bieter hat eine Antwort")).to_be_visible()
    clean(ada, f"{work}/award")

    bidder = enter("bidder1")
    bidder.goto(f"{site.base}/needs/{told.ref}")
    bidder.get_by_role("link", name="Was über Ihr Gebot entschieden wurde").click()
    expect(bidder.get_by_role("heading", level=1)).to_have_text("Sie haben gewonnen")
    clean(bidder, f"{site.base}/pl/needs/{told.ref}/outcome")
    assert "Bieter 3" not in bidder.inner_text("main")

    bea.goto(f"{work}/award")
    with bea.expect_download() as saved:
        bea.get_by_role("link", name="Vergabevermerk als PDF").click()
    assert saved.value.path().read_bytes().startswith(b"%PDF")
    bea.get_by_role("button", name="Bedarf abschließen").click()
    bea.goto(work)
    expect(bea.get_by_text("Abgeschlossen").first).to_be_visible()
