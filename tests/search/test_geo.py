import random

import pytest

from search.geo import Near, inside, strips


@pytest.mark.parametrize("radius", [1, 10, 30, 100, 250])
def test_strips_are_safe_on_both_sides(radius: float) -> None:
    """What lies in an inner rectangle is in the circle; what is in the circle lies in an outer one."""
    near = Near(52.1458, 14.6313)
    bands = strips(near, radius)
    r = random.Random(radius)
    for _ in range(4000):
        lat = near.lat + r.uniform(-1.2, 1.2) * radius / 111.2
        lng = near.lng + r.uniform(-1.2, 1.2) * radius / 68
        is_in = near.km(lat, lng) <= radius
        band = next((b for b in bands if b.south <= lat <= b.north), None)
        off = abs(lng - near.lng)
        if band is None:
            assert not is_in
        else:
            assert is_in or off > band.inner
            assert not is_in or off <= band.outer


def test_distances_are_great_circles() -> None:
    """Eisenhüttenstadt to Guben: 22.5 km by the sphere of mean radius."""
    assert Near(52.1458, 14.6313).km(51.9499, 14.7145) == pytest.approx(22.51, abs=0.02)


def test_points_of_the_ring_are_decided_one_by_one() -> None:
    near = Near(52.0, 14.0)
    assert inside(near, 10, {"52.08900,14.00000": 3, "52.09100,14.00000": 1}) == ["52.08900,14.00000"]
