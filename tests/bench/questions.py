"""The questions that are asked, and what the product sends to Meilisearch for each."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from market.catalogue.criteria import PER_PAGE, read
from market.catalogue.finder import Finder
from market.db import connect, sessions
from search.client import Client

DAY = date(2026, 11, 24)
WORDS = ["schweißen", "kranprüfung", "instandhaltung", "rohrleitungsbau", "gerüst", "schweißer", "elektriker"]
WORDS += ["industriereinigung", "hydraulik", "kran prüfen"]
FULL = {"kind": "service", "language": "pl", "available_by": "2027-02-01", "near": "15890", "radius_km": "50"}
"""Three filters and a circle; the page and the API count their facets and mark what matched."""
LONG = [
    "Wartung und Prüfung der Krananlagen im Warmwalzwerk einschließlich Dokumentation und Stellung von Prüfgewichten",
    "Schweißer nach EN ISO 9606 für den Stillstand im März gesucht, dazu Gerüstbau und Isolierung von Rohrleitungen",
    "Reinigung von Behältern und Rohrbündeln mit Hochdruck, Entsorgung der Rückstände, Freimessung vor dem Einstieg",
]

Params = dict[str, str]
Query = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question as an address has it, the request for its hits, and all requests the page sends for it."""

    params: Params
    hits: Query
    requests: list[list[Query]]

    @property
    def address(self) -> str:
        return urlencode(self.params)


class Listening(Client):
    """The product's own client, which also keeps what it sends."""

    sent: list[list[Query]]

    async def multi_search(self, queries: list[Query]) -> list[Query]:
        if queries:
            self.sent.append(queries)
        return await super().multi_search(queries)


async def asked(database_url: str, server: tuple[str, str], every: list[Params]) -> list[Asked]:
    """The questions with what the product asks of the server for each, once it is warm."""
    engine = connect(database_url)
    finder = Finder(*server, sessions(engine), lambda: DAY)
    client = finder.client = Listening(*server, timeout=10)
    found = []
    async with finder:
        gazetteer = await finder.gazetteer()
        for params in every:
            criteria = read(QueryParams(params), gazetteer).criteria
            for _ in range(2):  # the second time circles and trades are known
                client.sent = []
                await finder.find("offerings", criteria)
            sent = [query for queries in client.sent for query in queries]
            # A text is asked for in pieces, none of which is a page: the first stands for it.
            hits = next((query for query in sent if "page" in query), {**sent[0], "page": 1, "hitsPerPage": PER_PAGE})
            found.append(Asked(params, hits, client.sent))
    engine.dispose()
    return found
