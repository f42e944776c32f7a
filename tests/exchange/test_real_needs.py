"""Real notices of public buyers as needs: all of them are taken, and each is found by its own title."""

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from market.catalogue import finder
from market.relay import Relay
from search.client import Client
from tests.support.quality_needs import lines

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked here is whether needs are found, not how fast on a machine busy with other tests."""
    monkeypatch.setattr(finder, "Client", partial(Client, timeout=20))


# Imports on PostgreSQL have tests of their own; 250 long questions take their time.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_load_and_each_is_found_by_its_title(
    database_url: str, relay: Relay, client: TestClient, tmp_path: Path
) -> None:
    file = tmp_path / "needs.jsonl"
    with file.open("w", encoding="utf-8") as out:
        subprocess.run([sys.executable, "-m", "tests.support.quality_needs"], cwd=ROOT, stdout=out, check=True)
    titles = [record["title"] for record in lines(file)]
    environ = os.environ | {"MARKET_DATABASE_URL": database_url, "MARKET_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "market", "import", "needs", str(file)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    assert done.stdout.startswith(f"{len(titles)} created, 0 changed, 0 unchanged"), done.stdout
    while relay.deliver(datetime.now(UTC)):
        pass
    ranks = Counter(rank(client, title) for title in titles)
    print(f"ranks of {len(titles)} needs asked for by their own titles: {dict(sorted(ranks.items()))}")
    assert ranks[0] == 0, f"{ranks[0]} of {len(titles)} are not on the first page"
    assert ranks[1] >= 0.95 * len(titles), ranks


def rank(client: TestClient, title: str) -> int:
    """Place of the first hit with this title on the first page, 0 where it is not there."""
    answer = client.get("/api/v1/search/needs", params={"q": title})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert not found["limited"], title
    return next((place for place, hit in enumerate(found["hits"], 1) if hit["title"] == title), 0)
