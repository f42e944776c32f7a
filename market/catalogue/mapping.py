"""Maps drawn on the server: beside the hits, and the reach of a firm. Templates: `_macros/map.html`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import cos, hypot, pi, radians, sin

from market.catalogue.ground import REGION_BOX, Box, Ground, Point, Window, ground

PIN = 13
"""Radius of a pin: 26 px across, above the 24 px of WCAG 2.5.8."""
APART = 2 * PIN + 2
MOST_ACROSS = 132.0
"""Kilometres from the middle of a firm's map to its side: beyond that nothing is drawn."""


@dataclass(frozen=True)
class Pin:
    number: int
    x: float
    y: float
    at_x: float
    at_y: float
    """The place itself, where the pin had to make room."""
    href: str
    label: str

    @property
    def moved(self) -> bool:
        return hypot(self.x - self.at_x, self.y - self.at_y) > 6


@dataclass(frozen=True)
class Label:
    name: str
    x: float
    y: float
    anchor: str
    at: Point


@dataclass(frozen=True)
class Map:
    window: Window
    ground: Ground
    pins: list[Pin] = field(default_factory=list)
    towns: list[Label] = field(default_factory=list)
    centre: Point | None = None
    radius: float | None = None


def mini_map(
    points: Sequence[tuple[int, float, float, str, str]],
    centre: tuple[float, float] | None = None,
    radius_km: float | None = None,
    size: tuple[int, int] = (302, 378),
) -> Map:
    """The map beside a list: `points` are (number on the card, lat, lon, link, what the pin is called).

    Pins keep clear of each other and of the mark of the place; one that had to move is tied to its place by a line.
    """
    window = Window.on(_box([(lat, lon) for _, lat, lon, _, _ in points], centre, radius_km), *size)
    places = [window.at(lat, lon) for _, lat, lon, _, _ in points]
    site = window.at(*centre) if centre else None
    spots = spread(places, window.width, window.height, site)
    pins = [
        Pin(number, x, y, *place, href, label)
        for (number, _, _, href, label), place, (x, y) in zip(points, places, spots, strict=True)
    ]
    taken = [_around(x, y, PIN + 1) for x, y in spots] + ([_around(*site, 10)] if site else [])
    length = window.length(radius_km) if site and radius_km else None
    return Map(window, ground(), pins, _names(window, taken), site, length)


def reach_map(lat: float, lon: float, radius_km: float | None, town: str, size: tuple[int, int] = (620, 470)) -> Map:
    """Where a firm works from, and how far, as the head of its page shows it.

    A flat drawing cuts the circle at the top and bottom, and a circle wider than the region reaches past every
    edge: what matters is which towns lie inside.
    """
    flat = size[1] / size[0]
    least, share = (45.0, 1.12) if flat > 0.6 else (30.0, 1.15 * flat)
    across = max(least, min((radius_km or 0) * share, MOST_ACROSS * flat))
    window = Window.on(_round(lat, lon, across), *size)
    spot = window.at(lat, lon)
    name = Label(town, spot[0] + 19, spot[1] + 5, "start", spot)
    taken = [_around(*spot, 16), (spot[0], spot[1] - 10, spot[0] + 26 + len(town) * 8.6, spot[1] + 10)]
    return Map(
        window,
        ground(),
        towns=[name, *_names(window, taken, letter=8.6, gap=12, most=7, without=town)],
        centre=spot,
        radius=window.length(radius_km) if radius_km else None,
    )


def spread(places: Sequence[Point], width: float, height: float, site: Point | None = None) -> list[Point]:
    """A spot for each pin, in order: its own place if free, else the nearest free one on rings around it.

    None covers the mark of `site`, the place that was searched.
    """
    taken = [site] if site else []
    first = len(taken)
    for place in places:
        taken.append(next(spot for spot in _candidates(place, width, height) if _free(*spot, taken)))
    return taken[first:]


# Six pins touch around one, twelve around those: rings half a pin apart, with as many spots as have room.
_RINGS = [
    (14.2 * ring * cos(angle), 14.2 * ring * sin(angle))
    for ring, steps in ((ring, 3 * ring + ring % 2 * 3) for ring in range(1, 20))
    for angle in (2 * pi * (step + ring % 4 / 4) / steps for step in range(steps))
]


def _candidates(place: Point, width: float, height: float) -> Iterable[Point]:
    """The place, then the rings around it as far as they are inside the drawing, then rows below it."""
    edge = PIN + 2
    right, bottom = width - edge, height - edge
    x, y = min(max(place[0], edge), right), min(max(place[1], edge), bottom)
    yield x, y
    for dx, dy in _RINGS:
        if edge <= x + dx <= right and edge <= y + dy <= bottom:
            yield round(x + dx, 1), round(y + dy, 1)
    row = height + PIN
    while True:
        yield from ((column + edge, row) for column in range(0, int(right - edge), APART))
        row += APART


def _free(x: float, y: float, spots: Sequence[Point]) -> bool:
    for other_x, other_y in spots:  # a plain loop: this runs some thousand times for a full page
        dx, dy = x - other_x, y - other_y
        if dx * dx + dy * dy < APART * APART:
            return False
    return True


def _round(lat: float, lon: float, km: float) -> Box:
    north = km / 111.195
    east = north / cos(radians(lat))
    return lon - east, lat - north, lon + east, lat + north


def _box(points: Sequence[Point], centre: Point | None, radius_km: float | None) -> Box:
    """Around the radius, else around all points but never closer than some 40 km, else the region."""
    if centre and radius_km:
        return _round(*centre, radius_km * 1.1)
    if centre:
        points = [*points, centre]
    if not points:
        return REGION_BOX
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    middle = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    west, south, east, north = _round(*middle, 20)
    rim_y, rim_x = (max(lats) - min(lats)) * 0.12, (max(lons) - min(lons)) * 0.12
    return (
        min(west, min(lons) - rim_x),
        min(south, min(lats) - rim_y),
        max(east, max(lons) + rim_x),
        max(north, max(lats) + rim_y),
    )


def _around(x: float, y: float, r: float) -> Box:
    return x - r, y - r, x + r, y + r


def clear(a: Box, others: Sequence[Box]) -> bool:
    """Whether it touches none of the others."""
    west, north, east, south = a
    for left, top, right, bottom in others:  # a plain loop: this, too, runs some thousand times
        if east >= left and right >= west and south >= top and bottom >= north:
            return False
    return True


def _names(
    window: Window,
    taken: list[Box],
    *,
    letter: float = 6.7,
    gap: float = 8,
    most: int = 12,
    without: str = "",
) -> list[Label]:
    """Names of towns where they find room, the important ones first, beside their dot or a little off."""
    taken, labels = list(taken), []
    for town in ground().towns:
        x, y = window.at(town.lat, town.lon)
        dot = _around(x, y, 6)
        if town.name == without or not (8 < x < window.width - 8 and 12 < y < window.height - 12):
            continue
        if not clear(dot, taken):
            continue  # its dot would stand in a name
        wide = len(town.name) * letter
        for off, side in product((gap, gap + 11), dict.fromkeys([town.side, *"lrtb"])):
            label_x, label_y, anchor, frame = _beside(x, y, wide, off, side)
            inside = frame[0] > 2 and frame[2] < window.width - 2 and frame[1] > 2 and frame[3] < window.height - 2
            if inside and clear(frame, taken):
                labels.append(Label(town.name, round(label_x), round(label_y), anchor, (x, y)))
                taken += [frame, dot]
                break
        if len(labels) == most:
            break
    return labels


def _beside(x: float, y: float, wide: float, off: float, side: str) -> tuple[float, float, str, Box]:
    """Where a name starts, how it is anchored and the room it takes."""
    if side == "l":
        return x - off, y + 4, "end", (x - off - wide, y - 8, x - off + 2, y + 8)
    if side == "r":
        return x + off, y + 4, "start", (x + off - 2, y - 8, x + off + wide, y + 8)
    if side == "t":
        return x, y - off - 1, "middle", (x - wide / 2, y - off - 14, x + wide / 2, y - off + 4)
    return x, y + off + 9, "middle", (x - wide / 2, y + off - 4, x + wide / 2, y + off + 14)
