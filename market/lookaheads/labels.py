"""How planned work and pledges read in a language."""

from typing import Any, Final

from market.i18n import N_, Words
from market.lookaheads.models import Lookahead, Pledge
from market.needs.labels import period
from market.taxonomy import trades

KINDS: Final = {
    "shutdown": N_("Planned shutdown"),
    "construction": N_("Construction work"),
    "framework": N_("Framework to be renewed"),
}
CONFIDENCE: Final = {
    "fixed": (N_("decided"), N_("Takes place; only details change.")),
    "likely": (N_("likely"), N_("Planned, but not approved yet.")),
    "possible": (N_("possible"), N_("Being considered.")),
}
STATES: Final = {
    "draft": N_("Draft"),
    "published": N_("Published"),
    "called": N_("Has become a need"),
    "cancelled": N_("Cancelled"),
    "lapsed": N_("Over"),
}
ENDED: Final = {
    "called": N_("A need is being made of this. Firms that have pledged are invited to it as soon as it is out."),
    "cancelled": N_("This planned work has been cancelled."),
    "lapsed": N_("The time of this planned work is over."),
}


def confidence(w: Words, code: str) -> str:
    return w(CONFIDENCE[code][0])


def window(w: Words, entry: Lookahead | Pledge) -> str:
    return period(w, entry.first_on, entry.last_on)


def place(entry: Lookahead) -> str:
    return ", ".join(part for part in (entry.site, entry.town) if part)


def trade(w: Words, id_: str) -> str:
    """Its name; people of no certain trade where the entry names none."""
    return trades.name(id_, w.language) if id_ in trades.by_id() else w(N_("People"))


def asked(entry: Lookahead) -> list[str]:
    """What a pledge is asked for: people of each trade, or just people."""
    return list(entry.trades) or [""]


def people(w: Words, held: Pledge) -> str:
    return ", ".join(f"{trade(w, id_)}: {many}" for id_, many in held.people.items())


def choices(w: Words, options: dict[str, Any]) -> list[tuple[str, str]]:
    return [(code, w(said if isinstance(said, str) else said[0])) for code, said in options.items()]
