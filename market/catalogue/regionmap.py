"""The map of the region: a dot for each town, as large as the root of its firms; the same towns in a list.

Drawn on the server alone. A map library would cost more than twice the whole budget for scripts and could
show no more: there are no tiles to move, because nothing is loaded from third parties.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import TypeAlias

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.catalogue import figures
from market.catalogue.figures import Site
from market.catalogue.ground import REGION_BOX, Box, Ground, Window, ground
from market.catalogue.mapping import clear
from market.i18n import N_
from market.values import KINDS
from market.web.endpoint import Call, endpoint

DISTRICTS = {
    "DE403": "Frankfurt (Oder)",
    "DE409": "Märkisch-Oderland",
    "DE40C": "Oder-Spree",
    "DE402": "Cottbus",
    "DE40G": "Spree-Neiße",
    "DE40B": "Oberspreewald-Lausitz",
    "PL431": N_("Gorzów area"),
    "PL432": N_("Zielona Góra area"),
}
"""Districts of the region in the order of the list; the Polish ones carry no name of an authority."""
RADIUS_KM = 10
"""What a dot's link searches around its town."""

Spot: TypeAlias = tuple[Site, float, float, float]
"""A town with the middle and radius of its dot."""


@dataclass(frozen=True)
class Name:
    """Where a town's name stands and the room it takes."""

    x: float
    y: float
    anchor: str
    frame: Box


@dataclass(frozen=True)
class Dot:
    site: Site
    x: float
    y: float
    r: float
    wide: Name | None
    """On a large screen; None where there is no room."""
    narrow: Name | None
    """On a phone, where the drawing shrinks and letters must not."""


@dataclass(frozen=True)
class RegionMap:
    window: Window
    ground: Ground
    dots: list[Dot]
    many: float
    """From so many firms on a dot is a bright one."""


def show(call: Call) -> Response:
    asked = call.request.query_params.get("kind", "")
    kind = asked if asked in KINDS else ""
    sites = figures.sites(call.session, kind)
    by_district: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        by_district[site.district if site.district in DISTRICTS else ""].append(site)
    return call.render(
        "map/show.html",
        map=region_map(sites, (900, 940), names=40, phone=33),
        radius=RADIUS_KM,
        kind=kind,
        kinds=figures.offerings_by_kind(call.session),
        districts=[(code, name, by_district[code]) for code, name in DISTRICTS.items() if by_district[code]],
        elsewhere=by_district[""],
        firms=sum(site.firms for site in sites),
        towns=len(sites),
        demo=figures.shows_examples(call.session),
    )


def region_map(sites: Sequence[Site], size: tuple[int, int], *, names: int, phone: int) -> RegionMap:
    """Dots of all towns in the drawing, and names for the largest: at most `names`, at most 6 on a phone.

    `phone` is the size of letters there, in the drawing's own units.
    """
    window = Window.on(REGION_BOX, *size)
    spots: list[Spot] = []
    for site in sites:
        spot = _beside_others(site, *window.at(site.lat, site.lon), spots)
        if 0 < spot[1] < window.width and 0 < spot[2] < window.height:
            spots.append(spot)
    wide = _names(spots, window.width, 15, names)
    narrow = _names(spots, window.width, phone, 6)
    dots = [Dot(*spot, wide.get(number), narrow.get(number)) for number, spot in enumerate(spots)]
    return RegionMap(window, ground(), dots, max((site.firms for site in sites), default=0) / 4)


def _beside_others(site: Site, x: float, y: float, others: Sequence[Spot]) -> Spot:
    """Twin towns stand closer than their dots are wide: the smaller one moves off along their line."""
    r = round(5 + 2.6 * sqrt(site.firms), 1)
    for _, ox, oy, other in others:
        gap, far = r + other + 3, hypot(x - ox, y - oy)
        if far < gap:
            dx, dy = ((x - ox) / far, (y - oy) / far) if far > 1 else (1.0, 0.0)
            x, y = round(ox + dx * gap, 1), round(oy + dy * gap, 1)
    return site, x, y, r


def _names(spots: Sequence[Spot], width: float, letter: float, most: int) -> dict[int, Name]:
    """Names by the number of their dot, as many of the first ones as find room."""
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for _, x, y, r in spots]
    found: dict[int, Name] = {}
    for number, (site, x, y, r) in enumerate(spots):
        if len(found) == most:
            break
        for name in _sides(x, y, r + letter * 0.4, f"{site.town} {site.firms}", letter):
            if name.frame[0] > 2 and name.frame[2] < width - 2 and clear(name.frame, taken):
                found[number] = name
                taken.append(name.frame)
                break
    return found


def _sides(x: float, y: float, off: float, text: str, size: float) -> Iterable[Name]:
    """Right and left of a dot, a little lower or higher there, below and above."""
    wide = len(text) * size * 0.58
    for shift in (0, size * 0.55, -size * 0.55):
        line, up, down = y + size / 3 + shift, y + shift - size * 0.62, y + shift + size * 0.62
        yield Name(x + off, line, "start", (x + off - 2, up, x + off + wide, down))
        yield Name(x - off, line, "end", (x - off - wide, up, x - off + 2, down))
    for line in (y + off + size * 0.8, y - off - size * 0.1):
        yield Name(x, line, "middle", (x - wide / 2, line - size, x + wide / 2, line + size * 0.3))


routes: list[BaseRoute] = [Route("/map", endpoint(show), name="map")]
