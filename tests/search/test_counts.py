"""Totals, tabs and facets on a real Meilisearch, compared with a plain count of the documents."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from search import query
from search.criteria import FACETS, Criteria, facets_of
from search.documents import INDEXES, IndexName
from tests.bench.questions import Listening
from tests.search.conftest import TODAY
from tests.search.plain import TYPES, crowd, fits, holds, needs_of, random_criteria

OFFERINGS = crowd(500, seed=4)
PROVIDERS = [d | {"kinds": [*d["kinds"], "lab_test"][: 1 + n % 2]} for n, d in enumerate(crowd(120, seed=5))]
"""Firms have several kinds."""
NEEDS = needs_of(crowd(150, seed=6))
STORED: dict[IndexName, list[dict[str, Any]]] = {"offerings": OFFERINGS, "providers": PROVIDERS, "needs": NEEDS}


@pytest.fixture
def stored(fill: Callable[..., None]) -> None:
    fill(**STORED)


def values(d: dict[str, Any], group: str) -> list[str]:
    if group == "verified":
        return ["true" if d["verified_on"] is not None else "false"]
    value = d.get(FACETS[group])
    return value if isinstance(value, list) else [] if value is None else [value]


def plain_facet(index: IndexName, group: str, c: Criteria) -> dict[str, int]:
    """Values of a group among the documents that fit everything but the group's own choice."""
    others = [d for d in STORED[index] if fits(d, c.without(group), index)]
    if group == "certificates" and index != "needs":
        day = c.valid_on or TODAY
        return {type_: n for type_ in TYPES if (n := sum(holds(d, type_, day) for d in others))}
    return dict(Counter(value for d in others for value in values(d, group) if value))


@pytest.mark.parametrize("seed", range(60))
def test_totals_tabs_and_facets_equal_a_plain_count(seed: int, stored: None, ask: Callable[..., Any]) -> None:
    """The circle is exact, certificates are counted on their day, each group without its own choice."""
    r = random.Random(seed)
    c, index = random_criteria(r), r.choice(INDEXES)
    found, counts = ask(lambda client: query.find(client, index, c, TODAY))
    expected = [d["id"] for d in STORED[index] if fits(d, c, index)]
    assert found.total == len(expected)
    assert found.total_is_exact
    assert {hit.ref for hit in found.hits} <= set(expected)
    assert len(found.hits) == min(100, len(expected))
    assert counts == {name: sum(fits(d, c, name) for d in STORED[name]) for name in INDEXES}
    assert set(found.facets) == set(facets_of(index))
    for group in found.facets:
        assert found.facets[group] == plain_facet(index, group, c), group


@pytest.mark.parametrize(
    ("index", "c", "queries"),
    [
        ("offerings", Criteria(kinds=("service", "rail"), languages=("pl",)), 2),
        ("offerings", Criteria(kinds=("service",), certificates=("scc", "iso-9001")), 2),
        ("offerings", Criteria(kinds=("service",), certificates=("scc",), valid_on=20270115), 3),
        ("offerings", Criteria(kinds=("training",), languages=("en", "de"), districts=("DE40C",)), 3),
        ("offerings", Criteria(languages=("en",), districts=("DE40C",)), 3),
        ("needs", Criteria(kinds=("service",), certificates=("scc",)), 2),
        ("providers", Criteria(kinds=("service",), languages=("pl",)), 3),
    ],
)
def test_a_kind_and_one_more_choice_are_counted_at_once(
    index: IndexName, c: Criteria, queries: int, stored: None, meili: tuple[str, str]
) -> None:
    """Both exactly as a plain count says, by one query less; not where documents have several kinds."""

    async def ask() -> tuple[query.Hits, int]:
        async with Listening(*meili, timeout=10) as client:
            client.sent = []
            await query.find(client, index, c, TODAY, with_counts=False)  # what is asked once, like types on a day
            client.sent = []
            found, _ = await query.find(client, index, c, TODAY, with_counts=False)
            return found, sum(len(queries) for queries in client.sent)

    found, asked = asyncio.run(ask())
    assert asked == queries
    for group in found.facets:
        assert found.facets[group] == plain_facet(index, group, c), group


@pytest.mark.parametrize("kind", ["service", "training", "rail"])
def test_a_single_choice_counts_exactly_its_hits(kind: str, stored: None, ask: Callable[..., Any]) -> None:
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(kinds=(kind,)), TODAY))
    assert found.total == found.facets["kinds"][kind]


def test_many_questions_are_counted_in_one_request(stored: None, ask: Callable[..., Any]) -> None:
    r = random.Random(1)
    asked = [random_criteria(r) for _ in range(12)]
    assert ask(lambda c: query.count(c, "offerings", asked, TODAY)) == [
        sum(fits(d, one) for d in OFFERINGS) for one in asked
    ]


def test_paging_goes_through_all_once(stored: None, ask: Callable[..., Any]) -> None:
    pages = [
        ask(lambda c, n=n: query.find(c, "providers", Criteria(page=n, per_page=50), TODAY))[0].hits
        for n in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert len({hit.ref for page in pages for hit in page}) == 120


@pytest.mark.parametrize(("order", "field"), [("price", "price_cents"), ("available", "available_on")])
def test_sorting_by_price_and_availability(order: str, field: str, stored: None, ask: Callable[..., Any]) -> None:
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(sort=order, per_page=100), TODAY))
    known = [hit.document[field] for hit in found.hits if hit.document[field] is not None]
    assert known == sorted(known)
    assert len(found.hits) == 100
