"""Sidings and carriers of the marketplace for residual material that meets its counterpart."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.deliveries.by_rail import LEAST_T, REACH_KM, Siding, Way, suggested
from market.deliveries.models import Delivery
from market.deliveries.rules import is_anonymous
from market.deliveries.tonnes import TONNE, Stream, stream_of
from market.offerings.area import beyond
from market.offerings.kinds.rail import Rail
from market.offerings.kinds.residual import Residual
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.slots import rail_of
from market.taxonomy.models import Located, around
from market.values import distance_km

CARRIERS = 3
"""Firms named that run between two sidings."""
HIRE = {"wagon-hire"}
"""Trades that give wagons for trains others run, even where they call it transport."""


@dataclass(frozen=True)
class ByRail:
    """A way by rail with the offerings it stands on. `once`: the wagons are all there are, not those of a month."""

    way: Way
    here: Offering
    there: Offering
    carriers: list[Offering]
    once: bool = False


def of_delivery(session: Session, delivery: Delivery) -> ByRail | None:
    """From the holder's place to where the recipient's listing takes it, else to its firm."""
    over: Stream = "once" if delivery.per == "once" else "month"
    return between(session, delivery.kg, over, delivery.offering, delivery.wanted or delivery.recipient)


def of_listing(
    session: Session, listing: Offering, firm: Organisation, cover: tuple[int, int, str] | None
) -> ByRail | None:
    """What a listing still has, or takes, and a firm that reads it. A listing without a name says nothing of where
    it is, and sidings near it would."""
    details = listing.details
    if is_anonymous(listing) or not isinstance(details, Residual):
        return None
    if cover is not None:
        return between(session, cover[1] - cover[0], cover[2], listing, firm)
    stream = stream_of(details.quantity, details.unit, details.per) if details.direction == "wanted" else None
    return between(session, *stream, listing, firm) if stream else None


def between(session: Session, kg: int, over: str, here: Located, there: Located) -> ByRail | None:
    """The way by rail for so many kilograms a month, a year or once; None where it is not worth a word."""
    tonnes = kg / TONNE / (12 if over == "year" else 1)
    if tonnes < LEAST_T or here.point is None or there.point is None:
        return None
    km = distance_km(*here.point, *there.point)
    tracks = _tracks(session, [here.point, there.point])
    way = suggested(tonnes, km, *(_seen_from(point, tracks) for point in (here.point, there.point)))
    if way is None:
        return None
    by_id = {one.id: one for one, _ in tracks}
    ends = by_id[way.here.offering_id], by_id[way.there.offering_id]
    return ByRail(way, *ends, carriers=_carriers(session, here, there), once=over == "once")


def _tracks(session: Session, points: Iterable[tuple[float, float]]) -> list[tuple[Offering, Rail]]:
    """Public sidings with a facility near one of the points; nearness is measured later, to the kilometre."""
    boxes = [around(Offering.lat, Offering.lon, point, REACH_KM) for point in points]
    query = visible().where(Offering.kind == "rail", or_(*boxes)).order_by(Offering.id)
    found = [(one, rail_of(one)) for one in session.scalars(query)]
    return [(one, rail) for one, rail in found if rail and rail.facility and "siding" in rail.services]


def _seen_from(point: tuple[float, float], tracks: Iterable[tuple[Offering, Rail]]) -> list[Siding]:
    return [
        Siding(one.id, distance_km(*point, *one.point), rail.facility.gauge_mm, rail.facility.axle_load_t)
        for one, rail in tracks
        if one.point is not None and rail.facility is not None
    ]


def _carriers(session: Session, here: Located, there: Located) -> list[Offering]:
    """Who pulls trains and serves both ends."""
    query = visible().where(Offering.kind == "rail").order_by(Offering.title, Offering.id)
    return [
        one
        for one in session.scalars(query)
        if (rail := rail_of(one)) and _runs(one, rail) and all(_serves(one, end) for end in (here, there))
    ][:CARRIERS]


def _runs(offering: Offering, rail: Rail) -> bool:
    """Whether it moves trains: with locomotives of its own, or as a carrier that does more than let wagons."""
    return "traction" in rail.services or ("transport" in rail.services and not set(offering.trades) <= HIRE)


def _serves(offering: Offering, end: Located) -> bool:
    km = distance_km(*offering.point, *end.point) if offering.point and end.point else None
    return not beyond(offering.areas, offering.radius_km, end.district, km)
