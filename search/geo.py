"""Circles on the globe without Meilisearch's `_geo`, which costs 19 ms at 100k documents and rewrites its tree on every
write.

Documents carry the names of the cells they lie in (`cells_of`), from 600 km down to 1.2 km across. A circle is then a
list of cells that lie wholly inside and a list of cells its edge runs through (`cover`); what lies in the latter is
decided point by point (`search.circles`). Measured against ranges of latitude and longitude: docs/search-settings.md.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, log2, radians, sin, sqrt

EARTH_KM = 6371.0088
COARSEST, FINEST = 5, 14
"""Levels of cells documents carry: the world is halved so many times both ways; 14 is 1.2 km from south to north."""
EDGE_CELLS = 300
"""About so many cells the edge of a circle may run through: more cells, fewer points to decide."""
HALF_WAY_KM = 20015.1
SAFETY = 1e-12
"""Of a cosine: a cell within centimetres of the edge counts as one the edge runs through."""


@dataclass(frozen=True)
class Near:
    """A point in degrees WGS 84."""

    lat: float
    lng: float

    def km(self, lat: float, lng: float) -> float:
        """Great-circle distance in kilometres."""
        a, b = radians(self.lat), radians(lat)
        h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lng - self.lng) / 2) ** 2
        return 2 * EARTH_KM * asin(min(1.0, sqrt(h)))


@dataclass(frozen=True)
class Cover:
    """A circle in cells: those wholly inside and those its edge runs through; together they hold all of it."""

    inside: tuple[str, ...]
    edge: tuple[str, ...]


def cells_of(lat: float, lng: float) -> list[str]:
    """Cells a point lies in, the coarsest first; each name begins with that of the cell around it."""
    size = 1 << FINEST
    x = min(size - 1, max(0, int((lng + 180) / 360 * size)))
    y = min(size - 1, max(0, int((lat + 90) / 180 * size)))
    finest = _name(x, y, FINEST)
    return [finest[:level] for level in range(COARSEST, FINEST + 1)]


@lru_cache(maxsize=4096)
def _name(x: int, y: int, level: int) -> str:
    return "".join("0123"[(x >> bit & 1) + (y >> bit & 1) * 2] for bit in range(level - 1, -1, -1))


@lru_cache(maxsize=2048)
def cover(near: Near, radius_km: float, edge_cells: int = EDGE_CELLS) -> Cover:
    """Cells of a circle. For radii up to 5,000 km that do not cross the 180th meridian."""
    # An edge of radius r runs through about 7 r / height cells at our latitude.
    finest = int(log2(max(1.0, HALF_WAY_KM * edge_cells / 7.25 / max(radius_km, 0.001))))
    return _Covering(near, radius_km, min(FINEST, max(COARSEST, finest))).run()


class _Covering:
    """The walk from the whole world down to the cells of one circle; sines and cosines of edges are kept."""

    def __init__(self, near: Near, radius_km: float, finest: int) -> None:
        self.near = near
        self.finest = finest
        self.sin, self.cos = sin(radians(near.lat)), cos(radians(near.lat))
        self.reach = cos(min(radius_km / EARTH_KM, 3.14159))
        self.rows: dict[tuple[int, int], tuple[float, float, float]] = {}
        self.columns: dict[tuple[int, int], tuple[float, float]] = {}
        self.inside: list[str] = []
        self.edge: list[str] = []

    def run(self) -> Cover:
        self._visit(0, 0, 0)
        return Cover(tuple(self.inside), tuple(self.edge))

    def _visit(self, x: int, y: int, level: int) -> None:
        nearest, farthest = self._cosines(x, y, level)
        if nearest < self.reach - SAFETY:
            return
        if level >= COARSEST and farthest >= self.reach + SAFETY:
            self.inside.append(_name(x, y, level))
        elif level == self.finest:
            self.edge.append(_name(x, y, level))
        else:
            for below in (0, 1):
                for right in (0, 1):
                    self._visit(2 * x + right, 2 * y + below, level + 1)

    def _cosines(self, x: int, y: int, level: int) -> tuple[float, float]:
        """Cosines of the angles to the nearest and to the farthest point of a cell; larger is nearer."""
        south, sin_s, cos_s = self._row(y, level)
        north, sin_n, cos_n = self._row(y + 1, level)
        west, cos_w = self._column(x, level)
        east, cos_e = self._column(x + 1, level)
        up_s, up_n = self.sin * sin_s, self.sin * sin_n
        flat_s, flat_n = self.cos * cos_s, self.cos * cos_n
        # Along a meridian the angle has one minimum, along a parallel it grows with longitude: a corner is farthest.
        wide = min(cos_w, cos_e)
        farthest = min(up_s + flat_s * wide, up_n + flat_n * wide)
        across = west <= self.near.lng <= east
        if across and south <= self.near.lat <= north:
            return 1.0, farthest
        close = 1.0 if across else max(cos_w, cos_e)
        nearest = max(up_s + flat_s * close, up_n + flat_n * close)
        # The foot of the perpendicular lies between the corners where the slope changes its sign.
        rising = self.sin * cos_s - self.cos * close * sin_s
        falling = self.sin * cos_n - self.cos * close * sin_n
        if rising > 0 > falling:
            nearest = sqrt(self.sin**2 + (self.cos * close) ** 2)
        return nearest, farthest

    def _row(self, y: int, level: int) -> tuple[float, float, float]:
        """Latitude of an edge with its sine and cosine."""
        found = self.rows.get((y, level))
        if found is None:
            lat = y / (1 << level) * 180 - 90
            found = self.rows[y, level] = (lat, sin(radians(lat)), cos(radians(lat)))
        return found

    def _column(self, x: int, level: int) -> tuple[float, float]:
        """Longitude of an edge and the cosine of its angle to the centre's."""
        found = self.columns.get((x, level))
        if found is None:
            lng = x / (1 << level) * 360 - 180
            found = self.columns[x, level] = (lng, cos(radians(lng - self.near.lng)))
        return found


def point_of(lat: float, lng: float) -> str:
    """A point as documents name it, every digit kept: what is decided about it is decided exactly."""
    return f"{lat!r},{lng!r}"


def from_point(point: str) -> tuple[float, float]:
    lat, _, lng = point.partition(",")
    return float(lat), float(lng)
