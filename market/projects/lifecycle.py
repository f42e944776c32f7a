"""The states of a project as a table of moves, and how far a work package is by the stage of its need."""

from typing import Final

from market.errors import Conflict
from market.i18n import N_

MOVES: Final[dict[str, dict[str, str]]] = {"open": {"close": "closed"}, "closed": {"reopen": "open"}}
VERBS: Final = {"close": "closed", "reopen": "reopened"}
"""Move -> past tense for the journal."""
UNDER_WAY: Final = frozenset({"approval", "published", "closed", "opened", "evaluation"})
"""Stages of a need that keep its project open."""


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(N_("This project has been closed or opened again meanwhile."), reason="state") from None
