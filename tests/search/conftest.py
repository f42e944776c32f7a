"""Documents made up for the tests, and indexes filled with them on a real Meilisearch."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import meilisearch
import pytest

from search import indexes, write
from search.client import Client, admin
from search.documents import INDEXES

T = TypeVar("T")
TODAY = 20261124


def document(ref: str, **fields: Any) -> dict[str, Any]:
    """An offering as the market would hand it over; every field may be replaced."""
    return {
        "id": ref,
        "slug": ref,
        "title": "Ohne Titel",
        "lang": "de",
        "titles": {},
        "summary": "",
        "summaries": {},
        "text": "",
        "kinds": ["service"],
        "kind": "service",
        "trades": [],
        "trade_names": [],
        "trade_words": [],
        "cpv": [],
        "cpv_prefixes": [],
        "code_labels": [],
        "keywords": [],
        "languages": ["de"],
        "organisation": "Probefirma",
        "organisation_ref": "o",
        "organisation_slug": "probefirma",
        "verified_on": None,
        "is_demo": True,
        "town": "Guben",
        "postcode": "03172",
        "country": "DE",
        "district": "DE40G",
        "lat": 51.95,
        "lng": 14.71,
        "updated_on": TODAY,
        "certificates": [],
        "certificate_levels": [],
        "certificate_until": {},
        "certificate_from": {},
        "certificate_words": [],
        "radius_km": 50,
        "available_on": 0,
        "lead_time_days": None,
        "price_mode": "on_request",
        "price_cents": None,
        "currency": "EUR",
        "unit": "",
        "emergency": False,
        "reached": True,
        "employees": "10-49",
        "audience": "business_only",
        "facts": {},
        "ewc": [],
        "direction": None,
        "occupations": [],
        "offering_titles": [],
        "site": "",
        **fields,
    }


@pytest.fixture(scope="session")
def server(meili: tuple[str, str]) -> meilisearch.Client:
    return admin(*meili)


@pytest.fixture(scope="session")
def fill(server: meilisearch.Client) -> Callable[..., None]:
    """Replace what the indexes hold: `fill(offerings=[...])`; the others become nearly empty.

    What is there already, and unchanged since, is left.
    """
    there: dict[str, list[Any]] = {}
    as_of: dict[str, Any] = {}

    def now() -> dict[str, Any]:
        stats = server.get_all_stats()
        return {"changed": stats["lastUpdate"], "indexes": stats["indexes"]}

    def run(**documents: list[Any]) -> None:
        nonlocal as_of
        if as_of != now():
            there.clear()
        for name in INDEXES:
            wanted = documents.get(name) or [document("filler")]
            if there.get(name) != wanted:
                write.rebuild(server, name, indexes.settings(name), wanted)
                there[name] = wanted
        as_of = now()

    return run


@pytest.fixture(scope="session")
def ask(meili: tuple[str, str]) -> Callable[[Callable[[Client], Awaitable[T]]], T]:
    """Run an async question against the real server: `ask(lambda c: query.find(c, ...))`."""

    def run(question: Callable[[Client], Awaitable[T]]) -> T:
        async def session() -> T:
            async with Client(*meili, timeout=5) as client:
                return await question(client)

        return asyncio.run(session())

    return run
