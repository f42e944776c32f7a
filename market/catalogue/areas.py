"""The map on the pages of offerings and needs: where the firm works from and how far, or where the work is.

Those slices stand below the catalogue and do not know its maps, so they leave a place that is filled here.
"""

from typing import Any

from market.catalogue.mapping import Map, reach_map
from market.needs import views as needs
from market.needs.models import Need
from market.offerings import views as offerings
from market.offerings.models import Offering
from market.web.endpoint import Call

SIZE = (760, 260)


def of_offering(call: Call, offering: Offering) -> dict[str, Any]:
    radius = None if offering.kind == "training" else offering.radius_km  # people come to a course
    return {"map": _map(offering.lat, offering.lon, radius, offering.town)}


def of_need(call: Call, need: Need) -> dict[str, Any]:
    return {"map": _map(need.lat, need.lon, None, need.town)}


def _map(lat: float | None, lon: float | None, radius_km: float | None, town: str) -> Map | None:
    return reach_map(lat, lon, radius_km, town, SIZE) if lat is not None and lon is not None else None


offerings.PARTS.append(of_offering)
needs.PARTS.append(of_need)
