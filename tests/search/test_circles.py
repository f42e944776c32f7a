"""Circles and the order by distance on a real Meilisearch: exact, however many documents and points there are."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from search import query, write
from search.circles import points_in
from search.client import Client, admin
from search.criteria import Criteria
from search.errors import SearchUnavailable
from search.geo import Near, cells_of, cover, from_point, point_of
from search.indexes import MAX_FACET_VALUES
from tests.search.conftest import TODAY, document

EISENHUETTENSTADT = Near(52.1458, 14.6313)
GUBEN = Near(51.9499, 14.7145)


def many() -> list[dict[str, Any]]:
    """More documents than one answer counts points of: most near one town, some at one point, a few at none."""
    r = random.Random(3)
    made = []
    for n in range(MAX_FACET_VALUES + 1500):
        wide = 0.005 if n % 2 else 0.4
        spot: dict[str, Any] = {"lat": GUBEN.lat + r.gauss(0, wide), "lng": GUBEN.lng + r.gauss(0, wide)}
        if n % 50 == 0:
            spot = {"lat": 52.0, "lng": 14.5}
        elif n % 997 == 0:
            spot = {"lat": None, "lng": None}
        made.append(document(f"d{n}", title="Rohrbau" if n % 3 else "Stahlbau", **spot))
    return made


MANY = many()


@pytest.fixture
def stored(fill: Callable[..., None]) -> None:
    fill(offerings=MANY)


def inside(near: Near, km: float) -> set[str]:
    return {d["id"] for d in MANY if d["lat"] is not None and near.km(d["lat"], d["lng"]) <= km}


@pytest.mark.parametrize("km", [0.2, 1, 2.5, 5, 12.5, 30, 60, 100, 250])
def test_circles_are_exact(km: float, stored: None, ask: Callable[..., Any]) -> None:
    r = random.Random(km)
    for near in (GUBEN, Near(GUBEN.lat + r.gauss(0, 0.2), GUBEN.lng + r.gauss(0, 0.2))):
        expected = inside(near, km)
        (total,) = ask(lambda c, n=near: query.count(c, "offerings", [Criteria(near=n, radius_km=km)], TODAY))
        assert total == min(len(expected), 5000)
        found, _ = ask(
            lambda c, n=near: query.find(c, "offerings", Criteria(near=n, radius_km=km, per_page=1000), TODAY)
        )
        assert {hit.ref for hit in found.hits} <= expected
        assert len(found.hits) == min(len(expected), 1000)


def test_a_document_exactly_on_the_edge_is_inside(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    spot = (52.2345678901234, 14.7123456789012)
    fill(offerings=[document("a", lat=spot[0], lng=spot[1])])
    km = EISENHUETTENSTADT.km(*spot)
    asked = [Criteria(near=EISENHUETTENSTADT, radius_km=radius) for radius in (km, km - 1e-7)]
    assert ask(lambda c: query.count(c, "offerings", asked, TODAY)) == [1, 0]


def test_a_new_firm_on_the_edge_counts_within_two_seconds(
    fill: Callable[..., None], meili: tuple[str, str], ask: Callable[..., Any]
) -> None:
    """What is remembered of a circle is dropped with the first change of any index."""
    near = Near(52.0, 14.0)
    edge = next(d for d in range(1, 400) if cells_of(52.0, 14.0 + d / 1000)[-1] in cover(near, 10).edge)
    fill(offerings=[document("a", lat=52.0, lng=14.0)])

    async def story(client: Client) -> tuple[int, int]:
        c = Criteria(near=near, radius_km=10)
        before = (await query.find(client, "offerings", c, TODAY))[0].total
        write.put(admin(*meili), "offerings", [document("b", lat=52.0, lng=14.0 + edge / 1000 - 0.001)])  # type: ignore[list-item]
        client._state_until = 0  # a second has gone by
        return before, (await query.find(client, "offerings", c, TODAY))[0].total

    assert ask(story) == (1, 2)


def test_points_are_asked_for_in_parts_when_there_are_too_many(stored: None, ask: Callable[..., Any]) -> None:
    cells = cells_of(GUBEN.lat, GUBEN.lng)[0]
    four = [cells + digit for digit in "0123"]
    held = {point_of(d["lat"], d["lng"]) for d in MANY if d["lat"] is not None}
    expected = {p for p in held if cells_of(*from_point(p))[1] in four}
    assert len(expected) > MAX_FACET_VALUES
    found = ask(lambda c: points_in(c, "offerings", four))
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("page", [1, 2, 7, 40])
@pytest.mark.parametrize(
    "c",
    [
        Criteria(near=GUBEN),
        Criteria(near=EISENHUETTENSTADT),
        Criteria(near=Near(52.5, 13.4), q="Stahlbau"),
        Criteria(near=EISENHUETTENSTADT, radius_km=12.5),
    ],
)
def test_order_by_distance_is_exact_over_all_hits(
    c: Criteria, page: int, stored: None, ask: Callable[..., Any]
) -> None:
    assert c.near is not None
    within = inside(c.near, c.radius_km) if c.radius_km else {d["id"] for d in MANY}
    fitting = [d for d in MANY if d["id"] in within and (not c.q or d["title"] == c.q)]
    km = {d["id"]: c.near.km(d["lat"], d["lng"]) if d["lat"] is not None else float("inf") for d in fitting}
    nearest = sorted(km.values())[(page - 1) * 20 : page * 20]
    asked = Criteria(q=c.q, near=c.near, radius_km=c.radius_km, sort="distance", page=page)
    found, _ = ask(lambda client: query.find(client, "offerings", asked, TODAY))
    assert [km[hit.ref] for hit in found.hits] == nearest
    assert len({hit.ref for hit in found.hits}) == len(nearest)
    assert found.total == min(5000, len(fitting))


def test_documents_without_a_point_come_last_and_once(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    r = random.Random(8)
    made = [document(f"d{n}", lat=52 + r.random(), lng=14 + r.random()) for n in range(7)]
    made += [document(f"n{n}", lat=None, lng=None) for n in range(6)]
    made += [document(f"s{n}", lat=52.0, lng=14.0) for n in range(5)]
    fill(offerings=made)
    pages = []
    for page in (1, 2, 3, 4, 5):
        c = Criteria(near=Near(52.0, 14.0), sort="distance", page=page, per_page=4)
        pages.append(ask(lambda client, c=c: query.find(client, "offerings", c, TODAY))[0].hits)
    refs = [hit.ref for hits in pages for hit in hits]
    assert [ref[0] for ref in refs] == ["s"] * 5 + ["d"] * 7 + ["n"] * 6
    assert len(set(refs)) == 18


def test_distances_are_told(fill: Callable[..., None], ask: Callable[..., Any]) -> None:
    fill(offerings=[document("a", lat=GUBEN.lat, lng=GUBEN.lng), document("b", lat=None, lng=None)])
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(near=EISENHUETTENSTADT, sort="distance"), TODAY))
    assert [hit.distance_km for hit in found.hits] == [pytest.approx(22.51, abs=0.02), None]


def test_an_index_of_an_earlier_version_is_left_to_the_database(
    server: Any, fill: Callable[..., None], ask: Callable[..., Any]
) -> None:
    """Documents without cells would be in no circle: better no answer than an empty one."""
    fill(offerings=[document("a")])
    old = next(iter(write.all_documents(server, "offerings")))
    del old["cells"]
    server.wait_for_task(server.index("offerings").add_documents([old]).task_uid)
    assert write.count(server, "offerings") is None  # the relay builds it anew
    with pytest.raises(SearchUnavailable):
        ask(lambda c: query.find(c, "offerings", Criteria(near=GUBEN, radius_km=10), TODAY))
    found, _ = ask(lambda c: query.find(c, "offerings", Criteria(), TODAY))
    assert found.total == 1
