"""The whole application without a search server: pages of single things read the database alone."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from market.app import create_app
from tests.conftest import settings_for

PREFIXES = {"de": "", "en": "/en", "pl": "/pl"}


@pytest.fixture
def pages(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[TestClient]:
    """A visitor who does not follow redirects, on the test's empty database."""
    app = create_app(settings_for(database_url, None, tmp_path), engine)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture
def now() -> datetime:
    """The moment in which the pages are asked for: the edge reads the clock."""
    return datetime.now(UTC)


def structured(html: str) -> dict[str, Any]:
    """The JSON-LD of a page, exactly one block."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data: dict[str, Any] = json.loads(block)
    return data
