import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.geo import COARSEST, FINEST, Near, cells_of, cover, from_point, point_of

EISENHUETTENSTADT = Near(52.1458, 14.6313)
degrees = st.floats(-0.9, 0.9)


@pytest.mark.parametrize("radius", [0.3, 1, 10, 30, 100, 250, 500])
@pytest.mark.parametrize("edge_cells", [40, 300])
def test_a_cover_is_safe_on_both_sides(radius: float, edge_cells: int) -> None:
    """What lies in an inner cell is in the circle; what is in the circle lies in an inner cell or on the edge."""
    r = random.Random(radius)
    near = Near(52.1458 + r.uniform(-1, 1), 14.6313 + r.uniform(-1, 1))
    area = cover(near, radius, edge_cells)
    inside, edge = set(area.inside), set(area.edge)
    for _ in range(3000):
        lat = near.lat + r.uniform(-1.2, 1.2) * radius / 111.2
        lng = near.lng + r.uniform(-1.2, 1.2) * radius / 65
        cells = cells_of(lat, lng)
        is_in, on_edge = not inside.isdisjoint(cells), not edge.isdisjoint(cells)
        assert not (is_in and on_edge)
        if near.km(lat, lng) <= radius:
            assert is_in or on_edge
        else:
            assert not is_in


@given(lat=st.floats(-89, 89), lng=st.floats(-179, 179), radius=st.floats(0.1, 500), north=degrees, east=degrees)
def test_covers_hold_anywhere(lat: float, lng: float, radius: float, north: float, east: float) -> None:
    near = Near(lat, max(-170.0, min(170.0, lng)))
    spot = (max(-90.0, min(90.0, lat + north * radius / 111)), near.lng + east * radius / 111)
    area = cover(near, radius, 40)
    cells = cells_of(*spot)
    if near.km(*spot) <= radius:
        assert not {*area.inside, *area.edge}.isdisjoint(cells)
    else:
        assert set(area.inside).isdisjoint(cells)


def test_covers_stay_short() -> None:
    for radius in (1, 10, 25, 50, 100, 250, 500):
        area = cover(EISENHUETTENSTADT, radius)
        assert len(area.edge) <= 330
        assert len(area.inside) <= 330


def test_cells_are_named_inside_one_another() -> None:
    cells = cells_of(52.1458, 14.6313)
    assert [len(cell) for cell in cells] == list(range(COARSEST, FINEST + 1))
    assert all(finer.startswith(coarser) for coarser, finer in pairwise(cells))
    assert cells_of(90, 180)[-1] == "3" * FINEST  # the rim belongs to the last cell


@given(lat=st.floats(-90, 90), lng=st.floats(-180, 180))
def test_points_keep_every_digit(lat: float, lng: float) -> None:
    assert from_point(point_of(lat, lng)) == (lat, lng)


def test_distances_are_great_circles() -> None:
    """Eisenhüttenstadt to Guben: 22.5 km by the sphere of mean radius."""
    assert EISENHUETTENSTADT.km(51.9499, 14.7145) == pytest.approx(22.51, abs=0.02)
