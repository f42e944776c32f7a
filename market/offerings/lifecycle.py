"""The states of an offering as a table of moves; nothing else decides what may follow what."""

from market.errors import Conflict

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
