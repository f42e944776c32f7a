"""Meilisearch away: the same page answers from the database with a notice, and heals by itself."""

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from market.app import create_app
from market.db import connect
from market.relay import Relay
from tests.conftest import settings_for
from tests.flows.search.conftest import WAIT_MS, Open
from tests.flows.serving import free_port, on_a_port
from tests.support.meili import start_meilisearch

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
NOTICE = "Die Suche ist zurzeit eingeschränkt"


def test_typing_goes_on_while_the_search_server_is_away(
    tab: Open, seeded: TestClient, seeded_url: str, tmp_path: Path
) -> None:
    database = tmp_path / "market.db"
    with sqlite3.connect(seeded_url.removeprefix("sqlite:///")) as old, sqlite3.connect(database) as new:
        old.backup(new)
    folder = tmp_path / "meili"
    folder.mkdir()
    url, key, process = start_meilisearch(folder)
    settings = settings_for(f"sqlite:///{database}", (url, key), tmp_path)
    engine = connect(settings.database_url)
    relay = Relay(engine, url, key)
    relay.prepare()
    relay.rebuild(datetime.now(UTC))
    relay.close()
    engine.dispose()
    with on_a_port(create_app(settings), free_port()) as base:
        page = tab("/search", base=base)
        page.locator("#q").press_sequentially("rohrbau")
        page.wait_for_url(re.compile("q=rohrbau"))
        assert page.locator(".card").count()
        expect(page.get_by_text(NOTICE)).to_have_count(0)

        process.kill()
        process.wait(10)
        page.locator("#q").fill("Rohrleitung")
        expect(page.get_by_text(NOTICE).first).to_be_visible()
        expect(page.locator("h1")).to_contain_text("Rohrleitung")
        assert page.locator(".card").count()
        expect(page.locator("#q")).to_be_focused()

        _, _, process = start_meilisearch(folder, int(url.rsplit(":", 1)[1]), key)
        try:
            for word in ("Schweißen", "Rohrbau") * 20:
                page.locator("#q").fill(word)
                expect(page.locator("h1")).to_contain_text(word)
                if not page.get_by_text(NOTICE).count():
                    break
            expect(page.get_by_text(NOTICE)).to_have_count(0)
            assert page.locator(".card").count()
        finally:
            process.terminate()
            process.wait(10)
