"""How states of bookings and sessions read, and the sign beside them."""

from market.bookings.lifecycle import STATE_NAMES
from market.bookings.models import Booking
from market.i18n import N_, Words

SIGNS = {
    "waiting": ("", "clock"),
    "reserved": ("warn", "timer"),
    "confirmed": ("ok", "circle-check"),
    "attended": ("ok", "check"),
    "certified": ("ok", "badge-check"),
    "no_show": ("q", "circle-x"),
    "cancelled": ("q", "circle-x"),
}
REASONS = {
    "firm": N_("cancelled by the firm that booked"),
    "provider": N_("cancelled by the provider"),
    "hold": N_("not confirmed in time"),
    "session": N_("the date was cancelled"),
    "began": N_("no seat became free"),
}
OUTCOMES = {
    "": N_("not marked yet"),
    "attended": N_("attended"),
    "no_show": N_("not attended"),
    "certified": N_("certified"),
}


def state(w: Words, booking: Booking) -> str:
    """The state as the page shows it, with the reason where it has ended."""
    return w(REASONS[booking.reason]) if booking.reason else w(STATE_NAMES[booking.state])
