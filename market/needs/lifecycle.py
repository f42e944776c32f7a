"""The stages of a need as a table of moves. Time moves them too: `due` says when, the clock asks."""

from datetime import datetime

from market.errors import Conflict

MOVES: dict[str, dict[str, str]] = {
    "draft": {"publish": "published"},
    "published": {"close": "closed", "withdraw": "draft"},
    "closed": {"reopen": "published"},
}
STAGES = tuple(MOVES)
VERBS = {"publish": "published", "close": "closed", "withdraw": "withdrawn", "reopen": "reopened"}
PROCEDURES = ("information", "quotation", "tender", "call_off")


def after(stage: str, move: str) -> str:
    """The stage a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[stage][move]
    except KeyError:
        raise Conflict(f"A need that is {stage} cannot be {VERBS.get(move, move)}.") from None


def due(stage: str, bids_until: datetime | None) -> tuple[datetime, str] | None:
    """When time itself moves the need, and by which move; None where it waits for people."""
    return (bids_until, "close") if stage == "published" and bids_until is not None else None
