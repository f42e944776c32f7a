"""The states of a movement as a table of moves, and who makes each; nothing else decides what may follow what."""

from typing import Final

from market.errors import Conflict

MOVES: Final[dict[str, dict[str, str]]] = {
    "waiting": {"admit": "requested", "decline": "declined", "cancel": "cancelled", "lapse": "expired"},
    "requested": {"confirm": "confirmed", "decline": "declined", "cancel": "cancelled", "lapse": "expired"},
    "confirmed": {"finish": "done", "cancel": "cancelled"},
    "done": {},
    "declined": {},
    "cancelled": {},
    "expired": {},
}
STATES: Final = tuple(MOVES)
VERBS: Final = {
    "admit": "admitted",
    "confirm": "confirmed",
    "decline": "declined",
    "cancel": "cancelled",
    "finish": "finished",
    "lapse": "lapsed",
}
"""Move -> past tense for the journal."""
HOLDING: Final = frozenset(("requested", "confirmed", "done"))
"""States in which a movement has its places on the slot."""
OPEN: Final = frozenset(("waiting", "requested", "confirmed"))
PROVIDERS: Final = frozenset(("confirm", "decline", "finish"))
"""Moves of the firm that runs the track; cancelling a confirmed one is open to both sides."""
REASONED: Final = frozenset(("decline",))


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(f"A movement that is {state} cannot be {VERBS.get(move, move)}.", reason="state") from None


def open_to(state: str, *, provider: bool, requester: bool) -> list[str]:
    """Moves a side may make in a state, in the order of the table."""
    found = []
    for move in MOVES[state]:
        mine = (
            provider if move in PROVIDERS else move == "cancel" and (requester or (provider and state == "confirmed"))
        )
        if mine:
            found.append(move)
    return found
