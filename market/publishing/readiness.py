"""What an offering still lacks before it can be public, and where a draft goes on."""

from pydantic import ValidationError

from market.i18n import N_
from market.offerings.models import Offering

STEPS = ("what", "trade", "facts", "where")
"""Screens 1 to 4 of the wizard; the fifth shows everything."""
PARTS = (*STEPS, "texts")


def faults(offering: Offering) -> list[tuple[str, str]]:
    """Part of the wizard and sentence for everything that is missing."""
    found = []
    if not offering.title:
        found.append(("what", N_("Write in a few words what you offer.")))
    if not offering.trades:
        found.append(("trade", N_("Choose at least one trade.")))
    try:
        assert offering.details is not None
    except ValidationError:
        found.append(("facts", N_("The facts of this kind are not complete yet.")))
    if offering.lat is None or not offering.town:
        found.append(("where", N_("Give a postcode or a town.")))
    return found


def goes_on_at(offering: Offering) -> str:
    """The first screen that lacks something, else the fifth."""
    found = faults(offering)
    return found[0][0] if found else "check"


def after(part: str) -> str:
    """The screen that follows; `check` is the fifth."""
    if part not in STEPS:
        return "check"
    place = STEPS.index(part) + 1
    return STEPS[place] if place < len(STEPS) else "check"


def before(part: str) -> str:
    """The screen before, empty for the first."""
    steps = (*STEPS, "check")
    return steps[steps.index(part) - 1] if part in steps[1:] else ""
