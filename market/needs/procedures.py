"""The four procedures as fixed subsets of one form: which tasks each has, and which of them it cannot do without."""

from dataclasses import dataclass
from typing import Final

from market.i18n import N_

TASKS: Final = {
    "basics": N_("What is needed"),
    "codes": N_("Trade and codes"),
    "place": N_("Place and time of the work"),
    "items": N_("Lots and items"),
    "requirements": N_("Requirements"),
    "criteria": N_("Award criteria"),
    "papers": N_("Documents"),
    "periods": N_("Deadlines"),
    "people": N_("People"),
    "audience": N_("Who may answer"),
    "pool": N_("Together with another partner"),
}
"""In the order in which they are done."""


@dataclass(frozen=True)
class Procedure:
    line: str
    """What it is for, in one sentence."""
    tasks: tuple[str, ...]
    needed: frozenset[str]
    """Tasks without which it cannot be published."""
    visibility: str = "public"


_COMMON: Final = ("basics", "codes", "place", "papers", "periods", "people", "audience")


def _tasks(*more: str) -> tuple[str, ...]:
    return tuple(name for name in TASKS if name in _COMMON or name in more)


PROCEDURES: Final = {
    "information": Procedure(
        N_("You want to know who could do something and how. Nothing is ordered."),
        _tasks("requirements"),
        frozenset({"basics", "place", "periods", "people"}),
    ),
    "quotation": Procedure(
        N_("You ask for prices of a clear piece of work. Firms can answer from the letter."),
        _tasks("items", "requirements"),
        frozenset({"basics", "place", "items", "periods", "people"}),
    ),
    "tender": Procedure(
        N_("Formal and sealed: nobody reads a bid before two people open them all."),
        _tasks("items", "requirements", "criteria"),
        frozenset({"basics", "place", "items", "criteria", "periods", "people"}),
    ),
    "call_off": Procedure(
        N_("A part of what a framework contract covers, asked of the firms in it."),
        _tasks("items"),
        frozenset({"basics", "place", "items", "periods", "people"}),
        visibility="invited",
    ),
}
