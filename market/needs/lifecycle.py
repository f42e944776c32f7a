"""The stages of a need as a table of moves. Time moves them too: `due` says when, the clock asks.

What is sealed is opened by two before it is evaluated; everything else goes from closed to evaluation at once.
Whether questions are still taken is no stage but follows from the time (`takes_questions`).
"""

from datetime import datetime
from typing import Final

from market.errors import Conflict

_CANCEL: Final = {"cancel": "cancelled"}
MOVES: dict[str, dict[str, str]] = {
    "draft": {"submit": "approval", "publish": "published"} | _CANCEL,
    "approval": {"publish": "published", "refuse": "draft"} | _CANCEL,
    "published": {"close": "closed", "withdraw": "draft"} | _CANCEL,
    "closed": {"reopen": "published", "open": "opened", "evaluate": "evaluation"} | _CANCEL,
    "opened": {"evaluate": "evaluation"} | _CANCEL,
    "evaluation": {"award": "awarded", "fail": "unsuccessful"} | _CANCEL,
    "awarded": {"complete": "completed"},
    "unsuccessful": {"complete": "completed"},
    "completed": {},
    "cancelled": {},
}
STAGES = tuple(MOVES)
FINAL: Final = frozenset({"completed", "cancelled"})
PAST: Final = ("closed", "opened", "evaluation", "awarded", "unsuccessful", "completed")
"""Takes no offers any more; its page stays."""
UNDECIDED: Final = ("closed", "opened", "evaluation")
"""Takes no offers any more, and whoever has made one waits for an answer."""
SHOWN: Final = ("published", *PAST)
"""Stages in which others than its own people may know of it; a cancelled one too, if it was published."""
PLAIN: Final = {"draft": {"publish"}, "published": {"close", "withdraw"}, "closed": {"reopen"}}
"""The moves a list may make: what needs two people, a decision or a reason is not imported."""

VERBS = {
    "submit": "submitted",
    "publish": "published",
    "refuse": "refused",
    "close": "closed",
    "withdraw": "withdrawn",
    "reopen": "reopened",
    "open": "opened",
    "evaluate": "evaluation_begun",
    "award": "awarded",
    "fail": "unsuccessful",
    "complete": "completed",
    "cancel": "cancelled",
}
PROCEDURES = ("information", "quotation", "tender", "call_off")
SEALED: Final = frozenset({"tender"})
"""Procedures whose bids nobody reads before the opening by two."""


def after(stage: str, move: str, *, sealed: bool = False) -> str:
    """The stage a move leads to. Raises Conflict where the table forbids it."""
    possible = moves(stage, sealed=sealed)
    if move not in possible:
        raise Conflict(f"A need that is {stage} cannot be {VERBS.get(move, move).replace('_', ' ')}.")
    return possible[move]


def moves(stage: str, *, sealed: bool) -> dict[str, str]:
    """What is possible from a stage: what is sealed has to be opened, what is not cannot be."""
    shut = {"evaluate"} if sealed and stage == "closed" else {"open"} if not sealed else set()
    return {move: there for move, there in MOVES.get(stage, {}).items() if move not in shut}


def plain_moves() -> dict[str, dict[str, str]]:
    """The table as far as lists may use it."""
    return {stage: {move: MOVES[stage][move] for move in PLAIN.get(stage, ())} for stage in STAGES}


def due(stage: str, bids_until: datetime | None) -> tuple[datetime, str] | None:
    """When time itself moves the need, and by which move; None where it waits for people."""
    return (bids_until, "close") if stage == "published" and bids_until is not None else None


def takes_questions(stage: str, questions_until: datetime | None, bids_until: datetime | None, now: datetime) -> bool:
    """Until the last moment for questions, or for bids where none is named."""
    until = questions_until or bids_until
    return stage == "published" and (until is None or now < until)
