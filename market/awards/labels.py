"""How decisions read: forms, outcomes, reasons and rank bands."""

from decimal import Decimal
from typing import Final

from market.awards import grid
from market.awards.cases import MET, MISSED, UNKNOWN
from market.bids.labels import LATE as LATE
from market.bids.labels import is_late as is_late
from market.bids.labels import price as price
from market.i18n import N_, Words
from market.needs import labels
from market.needs.parts import Lot

FORMS: Final = {
    "whole": N_("To one bidder, as a whole"),
    "lots": N_("Lot by lot"),
    "lines": N_("Line by line"),
    "none": N_("To nobody"),
}
STATES: Final = {
    "proposed": N_("Waits for the second person"),
    "approved": N_("Decided"),
    "returned": N_("Given back"),
}
OUTCOMES: Final = {
    "won": N_("You have won"),
    "partly": N_("You have won a part"),
    "lost": N_("Not won"),
    "cancelled": N_("Cancelled"),
}
"""As the bidder reads them."""
ANSWERS: Final = {
    "won": N_("won"),
    "partly": N_("won a part"),
    "lost": N_("not won"),
    "cancelled": N_("cancelled"),
}
"""As the buyer's record says them."""
REASONS: Final = {
    "best": N_("Your bid was the best by the criteria of this need."),
    "chosen": N_("The buyer has chosen your bid."),
    "otherwise": N_("The buyer has decided for another bid although yours stood before it, and tells you why."),
    "points": N_("Another bid reached more points."),
    "price": N_("Another bid was lower."),
    "knock_out": N_("Your bid did not meet a requirement without which no bid counts."),
    "incomplete": N_("Your bid had gaps and could not be compared as a whole."),
    "unreadable": N_("What was opened is not what you had sealed, so it could not be read."),
    "lapsed": N_("The need was changed, and your bid was not confirmed before the deadline."),
    "nobody": N_("The need was not awarded to anybody."),
    "cancelled": N_("The buyer has cancelled the need."),
}
UNREAD: Final = {
    "unreadable": N_("It is not what was sealed and could not be read."),
    "lapsed": N_("It was not confirmed after the last change of the need and is not read."),
}
"""As the buyer reads them."""
CHOSEN: Final = ("points", "price", "knock_out", "incomplete")
"""Reasons the buyer chooses among; the others follow from what happened."""
BANDS: Final = {
    "upper": N_("upper third"),
    "middle": N_("middle third"),
    "lower": N_("lower third"),
}
VERDICTS: Final = {MET: N_("met"), MISSED: N_("not met"), UNKNOWN: N_("not stated")}


def lot(w: Words, one: Lot | grid.Part) -> str:
    return f"{w(N_('Lot %(number)s'), number=one.place)}: {one.title}"


def points(w: Words, value: Decimal | float) -> str:
    return w.number(float(value))


def quantity(w: Words, row: grid.Row) -> str:
    return labels.amount(w, float(row.quantity), row.unit)
