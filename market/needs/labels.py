"""How the facts of a need read in a language: procedures, deadlines and the time that is left."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from market.i18n import N_, Words
from market.needs.models import Need
from market.values import ZONE, local_day

PROCEDURES = {
    "information": N_("Request for information"),
    "quotation": N_("Request for quotation"),
    "tender": N_("Tender"),
    "call_off": N_("Call-off"),
}
STAGES = {
    "draft": N_("Draft"),
    "approval": N_("Waits for approval"),
    "published": N_("Published"),
    "closed": N_("Closed"),
    "opened": N_("Bids opened"),
    "evaluation": N_("Being evaluated"),
    "awarded": N_("Awarded"),
    "unsuccessful": N_("Ended without success"),
    "completed": N_("Completed"),
    "cancelled": N_("Cancelled"),
}
SOON_DAYS = 4
"""From so many days on a deadline is shown as near."""


OVER = N_("The deadline has passed. Bids are no longer taken.")
OUTCOMES = {
    "closed": OVER,
    "opened": N_("The deadline has passed and the bids have been opened."),
    "evaluation": N_("The deadline has passed. The bids are being evaluated."),
    "awarded": N_("This need has been awarded. Bids are no longer taken."),
    "unsuccessful": N_("This need has ended without success. Bids are no longer taken."),
    "completed": N_("This need is completed. Bids are no longer taken."),
    "cancelled": N_("This need has been cancelled. Bids are no longer taken."),
}


def outcome(w: Words, need: Need, is_open: bool) -> str:
    """What became of a need that takes no offers any more; empty for an open one."""
    return "" if is_open else w(OUTCOMES.get(need.stage, OVER))


def procedure(w: Words, code: str) -> str:
    return w(PROCEDURES[code])


def deadline(w: Words, moment: datetime) -> str:
    """`Wed, 25 November 2026, 12:00 (German time)`."""
    return w(N_("%(moment)s (German time)"), moment=w.moment(moment))


def remaining(w: Words, moment: datetime, now: datetime) -> str:
    """`3 days left`, `5 hours left`, `over`: by the calendar, as people count."""
    seconds = (moment - now).total_seconds()
    if seconds <= 0:
        return w(N_("over"))
    days = (local_day(moment) - local_day(now)).days
    if days >= 1:
        return w.ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
    hours = int(seconds // 3600)
    if hours >= 1:
        return w.ngettext("%(hours)s hour left", "%(hours)s hours left", hours) % {"hours": hours}
    minutes = max(1, int(seconds // 60))
    return w.ngettext("%(minutes)s minute left", "%(minutes)s minutes left", minutes) % {"minutes": minutes}


def overdue(w: Words, need: Need, today: date) -> str:
    """`3 days overdue` for a decision that should have been made; nothing for any other."""
    if need.decision_by is None or not need.is_overdue(today):
        return ""
    days = (today - need.decision_by).days
    return w.ngettext("%(days)s day overdue", "%(days)s days overdue", days) % {"days": days}


def is_soon(moment: datetime, now: datetime) -> bool:
    return now < moment and (local_day(moment) - local_day(now)).days < SOON_DAYS


def local(moment: datetime) -> datetime:
    """The moment on the region's clocks."""
    return moment.astimezone(ZONE)


def iso(moment: datetime) -> str:
    """The moment for a machine, with the region's offset on that day."""
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def period(w: Words, first: date | None, last: date | None) -> str:
    """When the work is to be done."""
    if first and last:
        return w(N_("%(first)s to %(last)s"), first=w.day(first, "long"), last=w.day(last, "long"))
    if first:
        return w(N_("from %(day)s"), day=w.day(first, "long"))
    if last:
        return w(N_("by %(day)s"), day=w.day(last, "long"))
    return w(N_("not stated"))


UNITS = {
    "H87": N_("pieces"),
    "HUR": N_("hours"),
    "DAY": N_("days"),
    "WEE": N_("weeks"),
    "MON": N_("months"),
    "MTR": N_("metres"),
    "KMT": N_("kilometres"),
    "MTK": N_("square metres"),
    "MTQ": N_("cubic metres"),
    "KGM": N_("kilograms"),
    "TNE": N_("tonnes"),
    "LTR": N_("litres"),
    "IE": N_("people"),
    "LS": N_("lump sum"),
}
"""Units of items, by their code in UN/ECE Recommendation 20."""
REQUIREMENTS = {
    "bool": N_("yes or no"),
    "number": N_("a figure"),
    "range": N_("a range"),
    "choice": N_("one of several"),
    "text": N_("a text"),
    "certificate": N_("a certificate"),
}
EVIDENCE = {
    "": N_("nothing further"),
    "statement": N_("a statement"),
    "document": N_("a document"),
    "certificate": N_("a certificate"),
}
VISIBILITY = {
    "public": (N_("Everybody"), N_("A public page, found in the search.")),
    "verified": (N_("Checked firms"), N_("Signed-in firms the operator has checked.")),
    "invited": (N_("Invited firms only"), N_("Nobody else learns of it.")),
}
LATE = {
    "refuse": (N_("No bid after the deadline"), N_("The server clock decides.")),
    "extend": (N_("Extend for all"), N_("Only if the marketplace itself was away shortly before the deadline.")),
    "link": (
        N_("One late bid by link, told to all"),
        N_("Before the opening, with a reason, by two people of the buyer; whoever asks is treated alike."),
    ),
}


def units(w: Words) -> list[tuple[str, str]]:
    return [(code, w(said)) for code, said in UNITS.items()]


def choices(w: Words, options: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, w(said)) for code, said in options.items()]


def amount(w: Words, quantity: float, unit: str) -> str:
    """`120 metres`, `lump sum`."""
    said = w(UNITS[unit]) if unit in UNITS else unit
    return said if unit == "LS" and quantity == 1 else f"{w.number(quantity)} {said}"


def limits(w: Words, limits: Mapping[str, Any]) -> str:
    """What a requirement demands, beside its title."""
    low, high, unit = limits.get("min"), limits.get("max"), limits.get("unit", "")
    if low is not None and high is not None:
        return w(N_("%(low)s to %(high)s %(unit)s"), low=w.number(low), high=w.number(high), unit=unit).strip()
    if low is not None:
        return w(N_("at least %(low)s %(unit)s"), low=w.number(low), unit=unit).strip()
    if high is not None:
        return w(N_("at most %(high)s %(unit)s"), high=w.number(high), unit=unit).strip()
    return ", ".join(limits.get("options", []))
