"""How the facts of an offering read in a language: kinds, units, prices, availability, languages.

Whole phrases are translated, a unit with its price, so that every language keeps its own grammar.
"""

from datetime import date

from babel.dates import format_date

from market.i18n import N_, Words
from market.offerings.kinds.training import Training
from market.offerings.models import Offering
from market.taxonomy import occupations as apprenticeships

KIND_NAMES = {
    "service": N_("Service"),
    "training": N_("Training"),
    "lab_test": N_("Laboratory test"),
    "residual": N_("Residual material"),
    "rail": N_("Rail and shunting"),
}
KIND_ICONS = {
    "service": "wrench",
    "training": "graduation-cap",
    "lab_test": "flask-conical",
    "residual": "recycle",
    "rail": "train-track",
}
PRICES = {
    "HUR": N_("%(price)s per hour"),
    "DAY": N_("%(price)s per day"),
    "WEE": N_("%(price)s per week"),
    "MON": N_("%(price)s per month"),
    "ANN": N_("%(price)s per year"),
    "TNE": N_("%(price)s per t"),
    "KGM": N_("%(price)s per kg"),
    "MTR": N_("%(price)s per m"),
    "KMT": N_("%(price)s per km"),
    "MTK": N_("%(price)s per m²"),
    "MTQ": N_("%(price)s per m³"),
    "LTR": N_("%(price)s per litre"),
    "IE": N_("%(price)s per person"),
    "H87": N_("%(price)s per piece"),
    "C62": N_("%(price)s per unit"),
    "LS": N_("%(price)s lump sum"),
}
SYMBOLS = {"TNE": "t", "KGM": "kg", "MTR": "m", "KMT": "km", "MTK": "m²", "MTQ": "m³", "LTR": "l", "HUR": "h"}
PERIODS = {
    "once": N_("%(amount)s once"),
    "week": N_("%(amount)s a week"),
    "month": N_("%(amount)s a month"),
    "year": N_("%(amount)s a year"),
}
RAIL_SERVICES = {
    "shunting": N_("Shunting"),
    "traction": N_("Traction with crew"),
    "siding": N_("Siding and loading track"),
    "wagon_workshop": N_("Wagon workshop"),
    "transport": N_("Rail transport"),
}
PROCESSES = {
    "111": N_("manual metal arc welding"),
    "121": N_("submerged arc welding"),
    "131": N_("MIG welding"),
    "135": N_("MAG welding"),
    "136": N_("MAG welding with flux-cored wire"),
    "138": N_("MAG welding with metal-cored wire"),
    "141": N_("TIG welding"),
    "15": N_("plasma welding"),
    "311": N_("oxy-acetylene welding"),
}
"""ISO 4063, those the region's courses teach."""
SEAMS = {"BW": N_("butt weld (BW)"), "FW": N_("fillet weld (FW)")}
VALIDITY = {
    "9.3a": N_("3 years, then a new test (9.3a)"),
    "9.3b": N_("2 years, then by evidence for 2 more (9.3b)"),
    "9.3c": N_("without an end while ISO 3834 is fulfilled (9.3c)"),
}
STAGES = {
    1: N_("1, general: counts in every firm"),
    2: N_("2, additional for special trucks: needs stage 1, counts in every firm"),
    3: N_("3, in the company: counts with this employer only"),
}
CONTRACTS = {
    "sending_firm": N_("each firm with its own apprentices"),
    "lead_firm": N_("one lead firm for all"),
}
"""Who holds the apprenticeship contract in an alliance."""
BANDS = {
    "1-9": N_("1 to 9 people"),
    "10-49": N_("10 to 49 people"),
    "50-249": N_("50 to 249 people"),
    "250+": N_("250 people or more"),
}


def kind(w: Words, code: str) -> str:
    return w(KIND_NAMES[code])


def price(w: Words, mode: str, cents: int | None, currency: str, unit: str) -> str:
    """`from €58 per hour`, `€1,180 per person`, `on request`."""
    if mode == "on_request" or cents is None:
        return w(N_("on request"))
    amount = w.money(cents, currency or "EUR")
    text = w(PRICES[unit], price=amount) if unit in PRICES else amount
    return w(N_("from %(price)s"), price=text) if mode == "from" else text


def quantity(w: Words, amount: float, unit: str) -> str:
    """An amount with its unit; counted things in the right plural form."""
    number = w.number(amount)
    whole = round(amount)
    if unit in SYMBOLS:
        return f"{number}\u00a0{SYMBOLS[unit]}"
    if unit == "IE":
        return w.ngettext("%(number)s person", "%(number)s people", whole) % {"number": number}
    if unit in ("H87", "C62"):
        return w.ngettext("%(number)s piece", "%(number)s pieces", whole) % {"number": number}
    if unit == "DAY":
        return w.ngettext("%(number)s day", "%(number)s days", whole) % {"number": number}
    if unit == "MON":
        return w.ngettext("%(number)s month", "%(number)s months", whole) % {"number": number}
    return f"{number} {unit}".strip()


def stream(w: Words, amount: float, unit: str, per: str) -> str:
    """`50 t a month`, as residual materials are counted."""
    return w(PERIODS[per], amount=quantity(w, amount, unit))


def lead_time(w: Words, days: int | None) -> str:
    if days is None:
        return w(N_("not stated"))
    if days == 0:
        return w(N_("the same day"))
    return w.ngettext("within %(days)s day", "within %(days)s days", days) % {"days": days}


def answers_in(w: Words, minutes: int) -> str:
    """How long a firm takes to answer, measured in working time (nine hours a day)."""
    if minutes < 60:
        return w(N_("answers within an hour"))
    if minutes < 540:
        hours = round(minutes / 60)
        return w.ngettext("answers in about %(num)s hour", "answers in about %(num)s hours", hours) % {"num": hours}
    days = round(minutes / 540)
    return w.ngettext("answers in about %(num)s working day", "answers in about %(num)s working days", days) % {
        "num": days
    }


def free_from(w: Words, available_on: date | None, today: date) -> str:
    return w(N_("at once")) if available_on is None or available_on <= today else w.day(available_on, "day")


def language(w: Words, code: str) -> str:
    """Name of a language in the reader's language; German and Polish names as they stand in a list."""
    name = str(w.locale.languages.get(code, code))
    return name[:1].upper() + name[1:] if w.language != "pl" else name


def languages(w: Words, codes: tuple[str, ...] | list[str]) -> str:
    return ", ".join(language(w, code) for code in codes)


def price_of(w: Words, offering: Offering) -> str:
    return price(w, offering.price_mode, offering.price_cents, offering.currency, offering.unit)


def rail_services(w: Words, codes: list[str]) -> str:
    return ", ".join(w(RAIL_SERVICES[code]) for code in codes)


def weekday(w: Words, day: date) -> str:
    """`Mon`, as the reader's language shortens it."""
    return format_date(day, "EEE", locale=w.locale)


def language_inside(w: Words, code: str) -> str:
    """Name of a language as it stands inside a sentence."""
    return str(w.locale.languages.get(code, code))


def free_line(w: Words, available_on: date | None, today: date) -> str:
    """When work can begin, as a line of its own."""
    if available_on is None or available_on <= today:
        return w(N_("free at once"))
    return w(N_("free from %(day)s"), day=w.day(available_on, "day"))


def when_line(w: Words, offering: Offering, today: date) -> str:
    """When it can be had: a course has dates, a material is no work that begins."""
    if isinstance(offering.details, Training):
        session = offering.details.next_session(today)
        return w(N_("next date %(day)s"), day=w.day(session.starts_on, "day")) if session else ""
    return "" if offering.kind == "residual" else free_line(w, offering.available_on, today)


def occupations(w: Words, ids: list[str]) -> str:
    """Names of training occupations."""
    return ", ".join(apprenticeships.name(id_, w.language) for id_ in ids)


def weeks(w: Words, count: int) -> str:
    return w.ngettext("%(num)s week", "%(num)s weeks", count) % {"num": count}


def apprentices(w: Words, count: int) -> str:
    return w.ngettext("%(num)s apprentice a year", "%(num)s apprentices a year", count) % {"num": count}
