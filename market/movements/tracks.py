"""What bears a train on a slot: the facility of its offering, and for an empty run the run's own limits."""

import logging

from pydantic import ValidationError

from market.movements.plausibility import Track, track_of, within
from market.offerings.kinds.rail import Facility, Rail
from market.offerings.models import Offering
from market.offerings.slots import RailSlot

log = logging.getLogger(__name__)


def facility_of(offering: Offering) -> Facility | None:
    """Figures of the track; none where the details of the offering cannot be read: the fault of one firm hides
    no board."""
    try:
        details = offering.details
    except ValidationError:
        log.warning("details of offering %s cannot be read", offering.ref)
        return None
    return details.facility if isinstance(details, Rail) else None


def track_at(slot: RailSlot) -> Track:
    track = track_of(facility_of(slot.offering))
    return within(track, slot.wagons, slot.length_m, slot.gross_mass_t) if slot.is_run else track
