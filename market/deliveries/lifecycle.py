"""The states of a delivery as a table of moves: which side may make which."""

from typing import Final

from market.errors import Conflict

MOVES: Final[dict[str, dict[str, str]]] = {
    "proposed": {"agree": "agreed", "cancel": "cancelled"},
    "agreed": {"deliver": "delivered", "cancel": "cancelled"},
    "delivered": {},
    "cancelled": {},
}
VERBS: Final = {"agree": "agreed", "deliver": "delivered", "cancel": "cancelled"}
"""Move -> past tense for the journal."""
COUNTED: Final = ("agreed", "delivered", "cancelled")
"""States that may take tonnes; `Delivery.counted` says how many."""


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(f"a delivery that is {state} cannot be {VERBS.get(move, move)}", reason="state") from None
