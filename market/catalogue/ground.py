"""The ground all maps stand on: districts and rivers, drawn once in flat units of about 111 m.

A page shows a part of the ground by a transform, so a map costs a few labels and pins, not a thousand points.
"""

import json
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from pathlib import Path
from typing import Any, TypeAlias

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

REGION = ("DE402", "DE403", "DE409", "DE40B", "DE40C", "DE40G")
REGION_BOX: Box = (13.42, 51.42, 15.72, 52.88)
KM = 1000 / 111.195
"""Units in one kilometre."""
_SQUEEZE = cos(radians(52.2))
_WEST, _NORTH = 13.0, 53.6


@dataclass(frozen=True)
class Town:
    name: str
    lat: float
    lon: float
    side: str
    """Where its name stands: l, r, t or b."""


@dataclass(frozen=True)
class Ground:
    land: tuple[tuple[str, str], ...]
    """Class and path of each district; those of the region last, so that their edges lie on top."""
    water: tuple[tuple[str, str], ...]
    east: str
    """The Polish side, shown dotted."""
    towns: tuple[Town, ...]


def flat(lat: float, lon: float) -> Point:
    """Degrees to units: x to the east, y to the south."""
    return (lon - _WEST) * _SQUEEZE * 1000, (_NORTH - lat) * 1000


@dataclass(frozen=True)
class Window:
    """A part of the ground in a drawing of `width` x `height`."""

    width: int
    height: int
    scale: float
    left: float
    top: float

    @classmethod
    def on(cls, box: Box, width: int, height: int, *, fill: bool = False) -> "Window":
        """The window that shows the whole box, or with `fill` the one the box covers."""
        west, south, east, north = box
        (x0, y0), (x1, y1) = flat(north, west), flat(south, east)
        scales = width / (x1 - x0), height / (y1 - y0)
        scale = max(scales) if fill else min(scales)
        return cls(width, height, scale, (x0 + x1 - width / scale) / 2, (y0 + y1 - height / scale) / 2)

    def at(self, lat: float, lon: float) -> Point:
        x, y = flat(lat, lon)
        return round((x - self.left) * self.scale, 1), round((y - self.top) * self.scale, 1)

    def length(self, km: float) -> float:
        return round(km * KM * self.scale, 1)

    @property
    def transform(self) -> str:
        s = self.scale
        return f"translate({-self.left * s:.1f} {-self.top * s:.1f}) scale({s:.4f})"

    @property
    def unscale(self) -> str:
        """For the pattern of dots, which keeps its size."""
        return f"scale({1 / self.scale:.4f})"


def _line(points: list[list[float]]) -> str:
    """Corners as a path of whole units, each relative to the one before: half as long as absolute numbers."""
    path, last = "", (0, 0)
    for number, (lon, lat) in enumerate(points):
        x, y = (round(value) for value in flat(lat, lon))
        path += f"M{x} {y}l" if number == 0 else f"{x - last[0]} {y - last[1]} "
        last = x, y
    return path.rstrip()


def _curve(points: list[list[float]]) -> str:
    """A river: Catmull-Rom through its points, as cubic curves."""
    p = [flat(lat, lon) for lon, lat in points]
    path = f"M{p[0][0]:.0f} {p[0][1]:.0f}"
    for i in range(len(p) - 1):
        before, here, there, after = p[max(i - 1, 0)], p[i], p[i + 1], p[min(i + 2, len(p) - 1)]
        first = here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6
        second = there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6
        path += "C" + " ".join(f"{x:.0f} {y:.0f}" for x, y in (first, second, there))
    return path


def _outlines() -> Any:
    return json.loads((Path(__file__).parent / "outlines.json").read_text(encoding="utf-8"))


@cache
def districts() -> dict[str, str]:
    """NUTS code -> outline as a path in the ground's units; the Polish areas have none."""
    return {code: "".join(_line(ring) + "z" for ring in rings) for code, rings in _outlines()["districts"].items()}


@cache
def ground() -> Ground:
    data = _outlines()
    rivers = data["rivers"]
    border = rivers["neisse"] + rivers["oder"][7:]
    return Ground(
        land=tuple(
            ("m-land" if code in REGION else "m-land2", path)
            for code, path in sorted(districts().items(), key=lambda item: item[0] in REGION)
        ),
        water=(
            ("thin", _curve(rivers["spree"])),
            ("thin", _curve(rivers["warthe"])),
            ("mid", _curve(rivers["neisse"])),
            ("", _curve(rivers["oder"])),
        ),
        east=_line([[18.0, 51.0], [14.83, 51.0], *border, [18.0, 54.0]]) + "z",
        towns=tuple(Town(*town) for town in data["towns"]),
    )
