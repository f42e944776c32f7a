"""The map of the region: a dot for each town, as large as the root of its firms; the same towns in a list.

Drawn on the server alone. A map library would cost more than twice the whole budget for scripts and could
show no more: there are no tiles to move, because nothing is loaded from third parties.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import TypeAlias

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.catalogue import figures
from market.catalogue.figures import Site
from market.catalogue.ground import REGION_BOX, Ground, Window, ground
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

Frame: TypeAlias = tuple[float, float, float, float]
_NOWHERE = (0.0, 0.0, "", (0.0, 0.0, 0.0, 0.0))


@dataclass(frozen=True)
class Dot:
    site: Site
    x: float
    y: float
    r: float
    label_x: float
    label_y: float
    anchor: str
    """Where the name is anchored; empty where there is no room for it."""


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
        map=region_map(sites, (900, 940), labels=40),
        radius=RADIUS_KM,
        kind=kind,
        kinds=figures.offerings_by_kind(call.session),
        districts=[(code, name, by_district[code]) for code, name in DISTRICTS.items() if by_district[code]],
        elsewhere=by_district[""],
        firms=sum(site.firms for site in sites),
        towns=len(sites),
        demo=figures.shows_examples(call.session),
    )


def region_map(sites: Sequence[Site], size: tuple[int, int], labels: int) -> RegionMap:
    """Dots of all towns in the drawing; names for as many of the largest as have room, at most `labels`."""
    window = Window.on(REGION_BOX, *size)
    spots: list[tuple[Site, float, float, float]] = []
    for site in sites:
        x, y, r = _beside_others(*window.at(site.lat, site.lon), _r(site), spots)
        if 0 < x < window.width and 0 < y < window.height:
            spots.append((site, x, y, r))
    taken = [(x - r, y - r, x + r, y + r) for _, x, y, r in spots]
    dots = []
    for site, x, y, r in spots:
        wide = (len(site.town) + 2 + len(str(site.firms))) * 8.6
        free = (side for side in _sides(x, y, r + 6, wide) if _is_free(side[3], taken, window.width))
        label_x, label_y, anchor, frame = next(free, _NOWHERE) if labels > 0 else _NOWHERE
        if anchor:
            taken.append(frame)
            labels -= 1
        dots.append(Dot(site, x, y, r, round(label_x, 1), round(label_y, 1), anchor))
    return RegionMap(window, ground(), dots, max((site.firms for site in sites), default=0) / 4)


def _r(site: Site) -> float:
    return round(5 + 2.6 * sqrt(site.firms), 1)


def _beside_others(
    x: float, y: float, r: float, others: Sequence[tuple[Site, float, float, float]]
) -> tuple[float, float, float]:
    """Twin towns stand closer than their dots are wide: the smaller one moves off along their line."""
    for _, ox, oy, other in others:
        gap, far = r + other + 3, hypot(x - ox, y - oy)
        if far < gap:
            dx, dy = ((x - ox) / far, (y - oy) / far) if far > 1 else (1.0, 0.0)
            x, y = round(ox + dx * gap, 1), round(oy + dy * gap, 1)
    return x, y, r


def _sides(x: float, y: float, off: float, wide: float) -> list[tuple[float, float, str, Frame]]:
    """Where a name may stand, with the room it takes."""
    return [
        (x + off, y + 5, "start", (x + off - 3, y - 10, x + off + wide, y + 10)),
        (x - off, y + 5, "end", (x - off - wide, y - 10, x - off + 3, y + 10)),
        (x, y + off + 12, "middle", (x - wide / 2, y + off - 2, x + wide / 2, y + off + 18)),
        (x, y - off - 2, "middle", (x - wide / 2, y - off - 18, x + wide / 2, y - off + 2)),
    ]


def _is_free(frame: Frame, taken: Sequence[Frame], width: float) -> bool:
    return (
        frame[0] > 2
        and frame[2] < width - 2
        and all(f[2] < frame[0] or frame[2] < f[0] or f[3] < frame[1] or frame[3] < f[1] for f in taken)
    )


routes: list[BaseRoute] = [Route("/map", endpoint(show), name="map")]
