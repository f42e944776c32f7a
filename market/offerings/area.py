"""How far an offering goes: the one rule of matching, and of whatever else asks whether a firm comes to a site."""

from collections.abc import Iterable
from typing import Literal


def beyond(
    areas: Iterable[str], radius_km: float | None, district: str, km: float | None
) -> Literal["", "districts", "radius"]:
    """What puts a site out of reach. Districts served (NUTS codes) decide where they are named; else the radius; who
    names neither serves everybody, and what is not known of the site counts for it."""
    served = tuple(areas)
    if served:
        return "districts" if district and not district.startswith(served) else ""
    return "radius" if km is not None and radius_km is not None and km > radius_km else ""
