"""Alive, ready, and figures for the machine room only."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from market.config import Settings
from market.db import Sessions
from market.journal import promise
from tests import factories as make
from tests.conftest import NOW


def test_it_lives_and_is_ready(client: TestClient, sessions: Sessions, deliver: Callable[[], int]) -> None:
    alive = client.get("/healthz")
    assert (alive.status_code, alive.text, alive.headers["cache-control"]) == (200, "ok\n", "no-store")
    with sessions.begin() as session:
        make.offering(session, NOW)
    deliver()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["search"] == {"state": "ok", "offerings": 1}
    assert ready.json()["relay"] == {"state": "ok", "waiting": 0, "stuck": 0, "lag_seconds": 0.0}


def test_changes_that_wait_too_long_are_told(client: TestClient, sessions: Sessions) -> None:
    """On each database: an old errand is a relay that is behind."""
    with sessions.begin() as session:
        promise(session, "search", "offerings", 1, NOW.replace(year=2025))
    answer = client.get("/readyz").json()
    assert (answer["status"], answer["relay"]["state"], answer["relay"]["waiting"]) == ("limited", "behind", 1)
    assert answer["relay"]["lag_seconds"] > 60
    assert re.search(r"^market_outbox_waiting 1\.0$", client.get("/metrics").text, re.M) is None, "not from here"


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("fdaa::3", {}, 200),
        ("8.8.8.8", {}, 404),
        ("2001:4860::1", {}, 404),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 404),
        ("127.0.0.1", {"fly-client-ip": "10.0.0.1"}, 404),
        ("8.8.8.8", {"authorization": "Bearer the-token-of-the-scraper"}, 200),
        ("8.8.8.8", {"authorization": "Bearer another"}, 404),
        ("8.8.8.8", {"authorization": "Bearer "}, 404),
    ],
)
def test_figures_are_not_public(
    seeded: TestClient, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], status: int
) -> None:
    monkeypatch.setenv("MARKET_METRICS_TOKEN", "the-token-of-the-scraper")
    answer = TestClient(seeded.app, client=(address, 4711)).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("market_outbox_waiting" in answer.text) == (status == 200)


def test_without_a_token_an_empty_one_opens_nothing(seeded: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARKET_METRICS_TOKEN", raising=False)
    far = TestClient(seeded.app, client=("8.8.8.8", 4711))
    assert far.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_requests_and_searches_are_counted_by_route(seeded: TestClient) -> None:
    near = TestClient(seeded.app, client=("127.0.0.1", 4711))

    def figure(line: str) -> float:
        found = re.search(rf"^{re.escape(line)} ([0-9.]+)$", near.get("/metrics").text, re.M)
        return float(found[1]) if found else 0.0

    lines = (
        'market_requests_total{method="GET",route="api:search",status="200"}',
        'market_requests_total{method="GET",route="none",status="404"}',
        'market_search_seconds_count{source="index",tab="needs"}',
    )
    before = [figure(line) for line in lines]
    seeded.get("/api/v1/search/needs?q=schweissen")
    seeded.get("/no/such/page")
    assert [figure(line) - was for line, was in zip(lines, before, strict=True)] == [1, 1, 1]
    assert "schweissen" not in near.get("/metrics").text


def test_the_database_alone_is_enough_to_be_in_service(settings: Settings, client: TestClient) -> None:
    """Empty index, nothing planted: the market serves, and says that search is limited."""
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "limited")
    assert answer.json()["search"] == {"state": "empty", "offerings": 0}
