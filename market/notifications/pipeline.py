"""Where a firm stands with a need, from the inbox to the outcome: a table of what it may do by hand, and what its bid
says by itself."""

from typing import Final

from market.errors import Conflict
from market.i18n import N_

MOVES: Final[dict[str, frozenset[str]]] = {
    "new": frozenset({"watching", "preparing", "passed"}),
    "watching": frozenset({"new", "preparing", "passed"}),
    "preparing": frozenset({"new", "watching", "passed"}),
    "passed": frozenset({"back"}),
}
"""Stage -> where the firm may put it by hand; `back` is where it was before it was passed."""
BY_HAND: Final = tuple(MOVES)
BIDS: Final[dict[str, str]] = {
    "draft": "preparing",
    "needs_confirmation": "preparing",
    "submitted": "submitted",
    "opened": "waiting",
    "unreadable": "waiting",
    "lapsed": "passed",
    "won": "won",
    "lost": "lost",
    "withdrawn": "passed",
}
"""State of the firm's own bid -> stage. A bid says more than what was put by hand."""
STAGES: Final[dict[str, str]] = {
    "new": N_("New for you"),
    "watching": N_("Watching"),
    "preparing": N_("In preparation"),
    "submitted": N_("Sent"),
    "waiting": N_("Waiting for the decision"),
    "won": N_("Won"),
    "lost": N_("Not won"),
    "passed": N_("Passed"),
}


def after(stage: str, wanted: str, before: str) -> str:
    """The stage a move by hand leads to. Raises Conflict where the table forbids it."""
    if wanted not in MOVES.get(stage, frozenset()):
        raise Conflict(f"A need that is {stage} cannot become {wanted}.")
    return before if wanted == "back" else wanted


def stage_of(by_hand: str, bid: str | None, need_stage: str) -> str:
    """What the inbox shows: the state of the firm's bid where it has one, else where it put the need itself.

    A bid that was handed in waits from the moment no others are taken.
    """
    found = BIDS.get(bid or "", by_hand)
    return "waiting" if found == "submitted" and need_stage != "published" else found
