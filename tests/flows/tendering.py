"""People of two partners and of small firms, each in a browser of their own, before one application whose clock a
story can put forward."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

import market.app
from market import clock
from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Member, Organisation, Person
from market.bids import opening_keys
from market.db import Sessions, connect
from market.db import sessions as make_sessions
from market.mail.models import Letter
from market.needs.models import Need
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from market.web import endpoint
from tests import factories as make
from tests.conftest import empty, settings_for
from tests.flows.serving import free_port, on_a_port
from tests.flows.test_every_page import LEFTOVERS, axe
from tests.support.keyroom import key_process

LEAD, JOINED = "Rock Tech Guben", "ArcelorMittal Eisenhüttenstadt"
WIDE, PHONE = 1440, 390
LOOKED_AT: set[str] = set()
"""Names of what axe has found nothing at."""


class House:
    """The application at `base`. `ahead` is how far its clock and that of the key process are before ours."""

    def __init__(self, base: str, sessions: Sessions, browser: Browser) -> None:
        self.base, self.sessions, self.browser = base, sessions, browser
        self.ahead = timedelta()
        self.tabs: dict[str, Page] = {}
        self.contexts: list[BrowserContext] = []

    def now(self) -> datetime:
        return utc_now() + self.ahead

    def join(self, name: str, role: str, firm: str, **fields: object) -> None:
        """A person of an organisation that is made where it is missing; who opens gets a key."""
        with self.sessions.begin() as session:
            found = session.scalar(select(Organisation).where(Organisation.name == firm))
            found = found or make.organisation(session, self.now(), name=firm, **fields)
            address = f"{name}@{firm.split()[0].lower()}.example"
            person = people.create(session, OPERATOR, self.now(), address, name=name.title())
            people.join(session, OPERATOR, person, found, (role,), self.now())
            if role == "opener":
                opening_keys.make(session, OPERATOR, person, f"{name} opens bids", self.now())

    def tab(self, name: str, width: int = WIDE, *, scripts: bool = True) -> Page:
        """The browser of somebody, who has just signed in when it is opened."""
        if name not in self.tabs:
            self.tabs[name] = self.stranger(width, scripts=scripts)
            self._sign_in(name)
        return self.tabs[name]

    def stranger(self, width: int = WIDE, *, scripts: bool = True) -> Page:
        """A browser in which nobody is signed in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 844},
            reduced_motion="reduce",
            locale="de-DE",
            java_script_enabled=scripts,
            base_url=self.base,
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        return context.new_page()

    def _sign_in(self, name: str) -> None:
        with self.sessions.begin() as session:
            person = session.scalars(select(Person).join(Member).where(Person.name == name.title())).one()
            token, _ = door.start(session, person, "link", self.now(), agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
        self.tabs[name].context.add_cookies([{"name": "session", "value": token, "url": self.base}])

    def pass_to(self, moment: datetime) -> None:
        """Time goes by, and everybody signs in anew."""
        self.ahead = moment - utc_now()
        for name in self.tabs:
            self._sign_in(name)

    def tick(self) -> None:
        """What time does by itself is done by now."""
        with self.sessions.begin() as session:
            clock.tick(session, self.now(), self.base)

    def need(self) -> Need:
        with self.sessions() as session:
            return session.scalars(select(Need)).one()

    def letters(self, event: str) -> list[Letter]:
        with self.sessions() as session:
            return list(session.scalars(select(Letter).where(Letter.event == event).order_by(Letter.id)))


@contextmanager
def house_on(url: str, folder: Path, browser: Browser, patch: pytest.MonkeyPatch) -> Iterator[House]:
    engine, port = connect(url), free_port()
    empty(engine)
    settings = settings_for(url, None, folder, f"http://127.0.0.1:{port}")
    house = House(settings.base_url, make_sessions(engine), browser)
    for module in (endpoint, market.app):
        patch.setattr(module, "utc_now", house.now)
    with key_process(settings.var, house.now), on_a_port(market.app.create_app(settings), port):
        yield house
        for context in house.contexts:
            context.close()
    engine.dispose()


Fields = dict[str, str | bool | tuple[str, ...]]


def fill(tab: Page, fields: Fields) -> None:
    """By the name of a field; True ticks all of that name, several words those that are called so."""
    for name, value in fields.items():
        places = tab.locator(f"[name='{name}']")
        if isinstance(value, tuple):
            for said in value:
                tab.locator("label", has=places, has_text=said).locator("input").check(force=True)
        elif value is True:
            for place in places.all():
                place.check(force=True)
        elif places.evaluate("e => e.tagName") == "SELECT":
            places.select_option(str(value))
        else:
            places.fill(str(value))


def press(tab: Page, name: str) -> None:
    """The first button whose name begins so, and the page it leads to."""
    with tab.expect_navigation():
        tab.get_by_role("button", name=name).first.click()


def draft(tab: Page, procedure: str, title: str, tasks: dict[str, Fields]) -> str:
    """A need from the first click through its tasks; its address among the buyer's pages."""
    tab.goto("/me/needs/new")
    tab.locator(f"[name=procedure][value={procedure}]").check(force=True)
    tab.locator("[name=title]").fill(title)
    press(tab, "Entwurf beginnen")
    work = tab.url.rpartition("/")[0]
    for task, fields in tasks.items():
        tab.goto(f"{work}/{task}")
        fill(tab, fields)
        press(tab, "Speichern und weiter")
        expect(tab.locator("#errors")).to_have_count(0)
    return work


def working_day(now: datetime, days: int) -> str:
    """So far from now, or the next one after."""
    day = local_day(now) + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.isoformat()


def sound(tab: Page, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen, nothing left over, as the person sees the page. Axe looks
    at what has this name once: the other database shows nothing else."""
    faults = [f"leftover: {it[0]}" for it in LEFTOVERS.finditer(tab.inner_text("body"))]
    if folder := os.environ.get("FLOW_SHOTS"):
        tab.screenshot(path=f"{folder}/{name}.png", full_page=True)
    width, room = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    faults += [f"{width} px wide"] if width > room else []
    if name not in LOOKED_AT:
        faults += axe(tab)
    assert not faults, name
    LOOKED_AT.add(name)
