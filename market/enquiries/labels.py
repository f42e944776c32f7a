"""How states, prices and reasons of enquiries read in a language."""

from market.enquiries.models import Message
from market.i18n import N_, Words
from market.offerings import labels

STATES = {
    "open": N_("not answered yet"),
    "answered": N_("answered"),
    "quoted": N_("quote received"),
    "declined": N_("declined"),
    "closed": N_("closed"),
    "reported": N_("ended by the firm"),
}
SEEN_BY_FIRM = {
    "open": N_("waits for your answer"),
    "answered": N_("you have answered"),
    "quoted": N_("you have sent a quote"),
    "declined": N_("you have declined"),
    "closed": N_("closed by the asker"),
    "reported": N_("reported by you"),
}
"""A firm reads its own step, not the buyer's."""
REASONS = {
    "capacity": N_("No capacity in this period"),
    "not_ours": N_("We do not offer this"),
    "too_far": N_("The place is too far away"),
    "too_small": N_("The job is too small for us"),
    "too_large": N_("The job is too large for us"),
    "other": N_("Another reason"),
}
REPORTS = {
    "advertising": N_("Advertising or sales"),
    "not_serious": N_("Not a serious enquiry"),
    "insulting": N_("Insulting or unlawful"),
    "wrong_firm": N_("We are the wrong firm and want no more of it"),
}
UNITS = ("HUR", "DAY", "WEE", "MON", "TNE", "KGM", "MTR", "MTK", "MTQ", "H87", "IE")


def price_of(w: Words, message: Message) -> str:
    """`€4,800` for the whole job, `€58 per hour`; empty where none is given."""
    if message.price_cents is None:
        return ""
    return labels.price(w, "fixed", message.price_cents, message.currency, message.unit)


def reason_of(w: Words, message: Message) -> str:
    return w(REASONS[message.reason]) if message.reason in REASONS else ""


def units(w: Words) -> list[tuple[str, str]]:
    """The units of a quote, the whole job first."""
    named = [(code, w(labels.PRICES[code], price="€").replace("€", "").strip()) for code in UNITS]
    return [("", w(N_("for the whole job"))), *named]
