"""A firm brings a table in the browser and watches it; the same without JavaScript, by loading the page again."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from market.db import connect
from market.db import sessions as make_sessions
from market.files.stores import store_at
from market.intake.worker import Worker
from market.offerings.models import Offering
from market.values import utc_now
from tests.flows.conftest import Site
from tests.intake.tables import rows, xlsx

pytestmark = pytest.mark.browser


@pytest.fixture
def working(site: Site) -> Iterator[Worker]:
    """The worker of the relay, beside the pages of `site`."""
    engine = connect(f"sqlite:///{site.var / 'market.db'}")
    worker = Worker(engine, store_at(f"file:{site.var / 'files'}"), site.base, utc_now)
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop.is_set,), daemon=True)
    thread.start()
    yield worker
    stop.set()
    thread.join(20)
    engine.dispose()


@pytest.mark.parametrize(("scripts", "many"), [(True, 400), (False, 120)], ids=["watched", "loaded again"])
def test_a_workbook_is_brought_and_followed_to_its_end(
    browser: Browser, site: Site, working: Worker, tmp_path: Path, scripts: bool, many: int
) -> None:
    lines, wrong = rows(many, word="Geschaut" if scripts else "Geladen")
    for line in lines:
        line[0] = f"{line[0]}-{scripts}" if line[0] else ""
    book = tmp_path / "leistungen.xlsx"
    book.write_bytes(xlsx(lines))
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    context.add_cookies([{"name": n, "value": v, "url": site.base} for n, v in site.cookies.items()])
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{site.base}/me/import")
    page.set_input_files("#file", book)
    page.get_by_role("button", name="Weiter zu den Spalten").click()
    expect(page.get_by_label("„Bezeichnung“ ist")).to_have_value("title")
    page.get_by_role("button", name="Alle Zeilen prüfen").click()
    _until(page, "4. Import bestätigen", scripts)
    with make_sessions(working.engine)() as session:
        mine = select(func.count()).where(Offering.title.startswith("Geschaut" if scripts else "Geladen"))
        assert session.scalar(mine) == 0
    page.get_by_role("button", name=re.compile("Zeilen übernehmen")).click()
    _until(page, "Die Tabelle ist übernommen", scripts)
    with make_sessions(working.engine)() as session:
        assert session.scalar(mine) >= many - len(wrong)
    context.close()


def _until(page: Page, heading: str, scripts: bool) -> None:
    """Watch, or load the page again as its link says, until the next step is there."""
    wanted = page.get_by_role("heading", name=heading)
    if not scripts:
        for _ in range(200):
            again = page.get_by_role("link", name="Neu laden")
            if not again.count():
                break
            again.click()
            page.wait_for_timeout(100)
    expect(wanted).to_be_visible(timeout=60_000)
