"""The states of a bid as a table of moves. A draft is no bid yet and has no state."""

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


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(f"A bid that is {state} has no way to {move}.") from None
