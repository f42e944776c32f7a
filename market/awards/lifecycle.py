"""The states of an award proposal as a table of moves. A returned one is followed by another."""

from typing import Final

from market.errors import Conflict

MOVES: Final[dict[str, dict[str, str]]] = {
    "proposed": {"approve": "approved", "return": "returned"},
    "approved": {},
    "returned": {},
}
FORMS: Final = ("whole", "lots", "lines", "none")


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(f"A proposal that is {state} has no way to {move}.", reason="state") from None
