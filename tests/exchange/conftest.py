"""Files in memory and a short way to import them."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.db import Sessions
from market.exchange.files import Format
from market.exchange.importing import Report, import_needs, import_offerings
from market.journal import Entry
from market.viewer import OPERATOR
from tests.conftest import NOW

Take = Callable[..., Report]


def jsonl(*records: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()


def _taker(sessions: Sessions, session: Session, function: Any) -> Take:
    def run(*records: dict[str, Any], data: bytes = b"", kind: Format = "jsonl", **options: Any) -> Report:
        session.rollback()  # a test that has looked holds SQLite's only write lock until its look ends
        options = {"now": NOW, "viewer": OPERATOR} | options
        report: Report = function(sessions, io.BytesIO(data or jsonl(*records)), kind, **options)
        return report

    return run


@pytest.fixture
def take_offerings(sessions: Sessions, session: Session) -> Take:
    return _taker(sessions, session, import_offerings)


@pytest.fixture
def take_needs(sessions: Sessions, session: Session) -> Take:
    return _taker(sessions, session, import_needs)


@pytest.fixture
def entries(sessions: Sessions) -> Callable[[], int]:
    """Number of entries in the journal."""

    def count() -> int:
        with sessions() as session:
            return session.scalar(select(func.count()).select_from(Entry)) or 0

    return count
