"""The states of a bid, and of the admission of a late one, as tables of moves. A draft is no bid yet and has no
state."""

from typing import Final

from market.errors import Conflict

MOVES: Final[dict[str, dict[str, str]]] = {
    "submitted": {
        "amend": "needs_confirmation",
        "replace": "replaced",
        "withdraw": "withdrawn",
        "open": "opened",
        "spoil": "unreadable",
        "void": "void",
    },
    "needs_confirmation": {
        "confirm": "submitted",
        "replace": "replaced",
        "withdraw": "withdrawn",
        "lapse": "lapsed",
        "void": "void",
    },
    "replaced": {},
    "withdrawn": {},
    "opened": {"void": "void"},
    "unreadable": {"void": "void"},
    "lapsed": {},
    "void": {},
}
"""`lapse`: the need was changed and the bidder has not confirmed until the opening. `spoil`: it is not what was sealed.
`void`: the need was cancelled."""
STATES: Final = tuple(MOVES)
LIVE: Final = ("submitted", "needs_confirmation")
"""Counts until something happens to it; a firm has one at a time."""

_ENDS: Final = {"revoke": "revoked", "expire": "expired", "lapse": "lapsed"}
ADMISSIONS: Final[dict[str, dict[str, str]]] = {
    "proposed": {"confirm": "open", "decline": "declined", "lapse": "lapsed"},
    "open": {"redeem": "redeemed"} | _ENDS,
    "redeemed": {"use": "used"} | _ENDS,
    "used": {},
    "declined": {},
    "revoked": {},
    "expired": {},
    "lapsed": {},
}
"""`redeem`: the firm has followed the link and may write. `use`: its bid is in. `lapse`: the need went on without."""
RUNNING: Final = ("open", "redeemed")
"""Nothing is opened while one is so and its time is not over."""


def after(state: str, move: str, table: dict[str, dict[str, str]] = MOVES) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return table[state][move]
    except KeyError:
        raise Conflict(f"What is {state} has no way to {move}.", reason="state") from None
