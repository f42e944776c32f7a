"""Everything somebody entered, line by line, each with the part where it is changed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from market.i18n import N_, Words
from market.offerings import labels
from market.offerings.models import Offering
from market.publishing import area
from market.publishing.kinds import residual, service
from market.taxonomy import trades


@dataclass(frozen=True)
class Answer:
    name: str
    text: str
    part: str


def answers(w: Words, offering: Offering, codes: dict[str, str]) -> list[Answer]:
    """`codes` are labels of the offering's CPV and waste codes. What was left open is said, too."""
    open_ = w(N_("not stated"))
    lines = [
        (N_("Offering"), offering.title, "what"),
        (N_("Kind"), labels.kind(w, offering.kind), "what"),
        (N_("In one sentence"), offering.summary, "what"),
        (N_("Trade"), ", ".join(trades.name(id_, w.language) for id_ in offering.trades), "trade"),
        (N_("Found under"), ", ".join(codes.get(code, code) for code in offering.cpv), "trade"),
        *((name, text, "facts") for name, text in FACTS[offering.kind](w, offering.details_json or {}, codes)),
        (N_("Area"), area.in_words(w, offering), "where"),
        (N_("Available"), available(w, offering), "where"),
        (N_("Price"), labels.price_of(w, offering), "where"),
        (N_("Texts"), texts(w, offering), "texts"),
        (N_("Languages spoken"), labels.languages(w, offering.languages), "texts"),
    ]
    return [Answer(w(name), text or open_, part) for name, text, part in lines]


def available(w: Words, offering: Offering) -> str:
    free = w.day(offering.available_on, "long") if offering.available_on else w(N_("at once"))
    if offering.lead_time_days is None:
        return free
    return f"{free}, {labels.lead_time(w, offering.lead_time_days)}"


def texts(w: Words, offering: Offering) -> str:
    """In which languages there is a text of its own."""
    return labels.languages(w, list(offering.text_in("title")))


Lines = list[tuple[str, str]]
Details = dict[str, Any]


def _service(w: Words, d: Details, codes: dict[str, str]) -> Lines:
    people = d.get("crew_size")
    where = [w(service.PLACES[place]) for place in d.get("work_place", []) if place in service.PLACES]
    more = [w(text) for name, text in service.MORE.items() if d.get(name)]
    return [
        (N_("People"), w.ngettext("%(num)s person", "%(num)s people", people) % {"num": people} if people else ""),
        (N_("Work"), ", ".join([*where, *more])),
    ]


def _training(w: Words, d: Details, codes: dict[str, str]) -> Lines:
    welding = [f"{line['standard']} {line['process']}" for line in d.get("welding", [])]
    days = [w.day(date.fromisoformat(line["starts_on"]), "day") for line in d.get("sessions", [])]
    return [
        *_alliance(w, d.get("alliance") or {}),
        (N_("Qualification"), d.get("qualification", "")),
        (N_("Standards"), ", ".join([*d.get("standards", []), *welding])),
        (N_("Sessions"), ", ".join(days)),
    ]


def _alliance(w: Words, d: Details) -> Lines:
    """Only what is one says so; most courses are none."""
    if not d:
        return []
    weeks, places = d.get("weeks"), d.get("apprentices_per_year")
    lasts = [labels.weeks(w, weeks) if weeks else "", labels.apprentices(w, places) if places else ""]
    return [
        (N_("Apprenticeship in"), labels.occupations(w, d.get("occupations", []))),
        (N_("Module"), ", ".join(part for part in lasts if part)),
    ]


def _lab_test(w: Words, d: Details, codes: dict[str, str]) -> Lines:
    methods = [f"{line['parameter']}, {line['matrix']}, {line['standard']}" for line in d.get("methods", [])]
    return [(N_("Methods"), "; ".join(methods))]


def _residual(w: Words, d: Details, codes: dict[str, str]) -> Lines:
    direction = w(residual.DIRECTIONS[d["direction"]]) if d.get("direction") in residual.DIRECTIONS else ""
    code = d.get("ewc_code", "")
    amount = d.get("quantity")
    return [
        (N_("Material"), ": ".join(part for part in (direction, d.get("material", "")) if part)),
        (N_("Legal status"), w(residual.STATUS[d.get("legal_status", "waste")])),
        (N_("Waste code"), f"{code} {codes.get(code, '')}".strip()),
        (N_("Quantity"), labels.stream(w, amount, d.get("unit", "TNE"), d.get("per", "year")) if amount else ""),
    ]


def _rail(w: Words, d: Details, codes: dict[str, str]) -> Lines:
    facility = d.get("facility") or {}
    length, load = facility.get("useful_length_m"), facility.get("axle_load_t")
    figures = [f"{w.number(length)}\u00a0m" if length else "", f"{w.number(load)}\u00a0t" if load else ""]
    count = len(d.get("slots", []))
    return [
        (N_("Services"), labels.rail_services(w, d.get("services", []))),
        (N_("Track length, axle load"), ", ".join(figure for figure in figures if figure)),
        (N_("Slots"), w.ngettext("%(num)s slot", "%(num)s slots", count) % {"num": count} if count else ""),
    ]


FACTS = {"service": _service, "training": _training, "lab_test": _lab_test, "residual": _residual, "rail": _rail}
