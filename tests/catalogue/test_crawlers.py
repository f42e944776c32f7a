"""robots.txt and the sitemap: everything public, nothing else."""

import re
from datetime import datetime, timedelta

from starlette.testclient import TestClient

from market.accounts import service as accounts
from market.db import Sessions
from market.offerings import service as offerings
from tests import factories

LOCATION = re.compile(r"<loc>http://testserver([^<]+)</loc>")


def addresses(pages: TestClient) -> set[str]:
    """Every address in every part of the sitemap."""
    index = pages.get("/sitemap.xml")
    assert index.headers["content-type"].startswith("application/xml")
    found: set[str] = set()
    for part in LOCATION.findall(index.text):
        answer = pages.get(part)
        assert answer.status_code == 200
        found |= set(LOCATION.findall(answer.text))
    return found


def test_robots_names_the_sitemap_and_what_is_not_for_them(pages: TestClient) -> None:
    answer = pages.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    assert {"Disallow: /me/", "Disallow: /operator/", "Disallow: /api/"} <= set(lines)


def test_the_sitemap_holds_all_that_is_public_and_nothing_else(
    pages: TestClient, sessions: Sessions, now: datetime
) -> None:
    with sessions.begin() as session:
        firm = factories.organisation(session, now)
        shown = factories.offering(session, now, firm)
        paused = factories.offering(session, now, firm, title="Pausiert")
        offerings.move(session, factories.TESTER, paused, "pause", now)
        draft = factories.offering(session, now, firm, title="Entwurf", status="draft")
        need = factories.need(session, now, firm)
        hidden = factories.need(session, now, firm, stage="draft")
        out = factories.offering(session, now, title="Gesperrt")
        accounts.suspend(session, factories.TESTER, out.organisation, "test", now)
        public = {f"/{s}/{t.ref}/{t.slug}" for s, t in (("offerings", shown), ("needs", need), ("providers", firm))}
        private = [thing.ref for thing in (paused, draft, hidden, out, out.organisation)]
    found = addresses(pages)
    assert public <= found
    assert not [path for path in found if any(ref in path for ref in private)]
    assert not [path for path in found if path.startswith(("/me", "/operator", "/api", "/sign-in"))]
    for path in found - {"/search"}:
        answer = pages.get(path)
        assert answer.status_code == 200, path
        assert 'content="noindex"' not in answer.text, path


def test_parts_that_are_empty_or_unknown_do_not_exist(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        factories.need(session, now, bids_until=now + timedelta(days=2))
    assert pages.get("/sitemap/needs-1.xml").status_code == 200
    for name in ("needs-2", "needs-0", "needs-x", "offerings-1", "people-1", "nothing"):
        assert pages.get(f"/sitemap/{name}.xml").status_code == 404
