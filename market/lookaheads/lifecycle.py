"""The states of planned work and of a pledge as tables of moves. Time moves too: what is over lapses."""

from datetime import date
from typing import Final

from market.errors import Conflict
from market.i18n import N_

MOVES: Final[dict[str, dict[str, str]]] = {
    "draft": {"publish": "published", "cancel": "cancelled"},
    "published": {"call": "called", "cancel": "cancelled", "lapse": "lapsed"},
    "called": {},
    "cancelled": {},
    "lapsed": {},
}
PLEDGES: Final[dict[str, dict[str, str]]] = {
    "pledged": {"change": "pledged", "withdraw": "withdrawn"},
    "withdrawn": {"pledge": "pledged"},
}
VERBS: Final = {
    "publish": "published",
    "call": "called",
    "cancel": "cancelled",
    "lapse": "lapsed",
    "pledge": "pledged",
    "change": "pledge_changed",
    "withdraw": "pledge_withdrawn",
}
"""Move -> past tense for the journal."""
CHANGEABLE: Final = frozenset({"draft", "published"})


def after(table: dict[str, dict[str, str]], state: str, move: str) -> str:
    """The state a move leads to. Raises Conflict where the table forbids it."""
    try:
        return table[state][move]
    except KeyError:
        raise Conflict(N_("This has changed meanwhile, so that is no longer possible."), reason="state") from None


def is_over(state: str, last_on: date, today: date) -> bool:
    """Whether time itself ends it now."""
    return state == "published" and last_on < today
