"""What bears a train on a slot: the facility of its offering, and for an empty run the run's own limits."""

from market.movements.plausibility import Track, track_of, within
from market.offerings.kinds.rail import Facility
from market.offerings.models import Offering
from market.offerings.slots import RailSlot, rail_of


def facility_of(offering: Offering) -> Facility | None:
    """Figures of the track, where there are some."""
    rail = rail_of(offering)
    return rail.facility if rail else None


def track_at(slot: RailSlot) -> Track:
    track = track_of(facility_of(slot.offering))
    return within(track, slot.wagons, slot.length_m, slot.gross_mass_t) if slot.is_run else track
