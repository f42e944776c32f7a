"""The states of an offering as a table of moves; nothing else decides what may follow what."""

from market.errors import Conflict

ASKED_AFTER_DAYS, SINKS_AFTER_DAYS, PAUSES_AFTER_DAYS = 30, 14, 14
"""Whether an offering still holds: asked so long after the last yes, further down so long after being asked without
an answer, paused so long after that."""

MOVES: dict[str, dict[str, str]] = {
    "draft": {"submit": "submitted", "publish": "published", "archive": "archived"},
    "submitted": {"publish": "published", "return": "draft", "archive": "archived"},
    "published": {"return": "draft", "pause": "paused", "expire": "expired", "archive": "archived"},
    "paused": {"publish": "published", "expire": "expired", "archive": "archived"},
    "expired": {"publish": "published", "archive": "archived"},
    "archived": {},
}
STATES = tuple(MOVES)
VERBS = {
    "submit": "submitted",
    "publish": "published",
    "return": "returned",
    "pause": "paused",
    "expire": "expired",
    "archive": "archived",
}
"""Move -> past tense for the journal."""


def after(state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return MOVES[state][move]
    except KeyError:
        raise Conflict(f"An offering that is {state} cannot be {VERBS.get(move, move)}.") from None
