"""The states of a sample order as a table of moves, and whose move each is."""

from typing import Final

from market.errors import Conflict

MOVES: Final[dict[str, dict[str, str]]] = {
    "ordered": {"receive": "received", "cancel": "cancelled"},
    "received": {"begin": "in_test", "cancel": "cancelled"},
    "in_test": {"report": "reported", "cancel": "cancelled"},
    "reported": {},
    "cancelled": {},
}
BUYERS: Final = {"ordered": frozenset({"cancel"})}
"""What the buyer may do; everything else is the laboratory's."""
VERBS: Final = {"receive": "received", "begin": "begun", "report": "reported", "cancel": "cancelled"}
"""Move -> past tense for the journal."""


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(f"a sample order that is {state} cannot be {VERBS.get(move, move)}", reason="state") from None
