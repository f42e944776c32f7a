"""The states of a booking as a table of moves; nothing else decides what may follow what."""

from market.i18n import N_
from market.offerings.sessions import Refusal

MOVES: dict[str, dict[str, str]] = {
    "waiting": {"move_up": "reserved", "cancel": "cancelled"},
    "reserved": {"confirm": "confirmed", "cancel": "cancelled"},
    "confirmed": {"attend": "attended", "miss": "no_show", "cancel": "cancelled"},
    "attended": {"certify": "certified", "miss": "no_show"},
    "no_show": {"attend": "attended"},
    "certified": {},
    "cancelled": {},
}
STATES = tuple(MOVES)
VERBS = {
    "move_up": "moved_up",
    "confirm": "confirmed",
    "attend": "attended",
    "certify": "certified",
    "miss": "missed",
    "cancel": "cancelled",
}
"""Move -> past tense for the journal."""
STATE_NAMES = {
    "waiting": N_("on the waiting list"),
    "reserved": N_("reserved"),
    "confirmed": N_("confirmed"),
    "attended": N_("attended"),
    "certified": N_("certified"),
    "no_show": N_("not attended"),
    "cancelled": N_("cancelled"),
}
FORBIDDEN = N_("This booking has changed meanwhile: it is %(state)s now. Look at it once more.")


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Refusal where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Refusal(FORBIDDEN, state=STATE_NAMES[state]) from None
