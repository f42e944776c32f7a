"""The details of the kinds as columns: from their models, so that a new field is a new column by itself.

A list stands in one cell, its parts separated by `;`. A table inside the details (methods, sessions, slots) has a line
of the cell per entry, its fields separated by `|` in the order of the model.
"""

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from market.exchange import cells
from market.i18n import N_
from market.intake.words import yes_or_no
from market.offerings.kinds import KINDS
from market.taxonomy import occupations


@dataclass(frozen=True)
class Detail:
    """`key` is `details.crew_size`; `shape` is `value`, `list` or `table`; `sort` what a value is."""

    key: str
    kind: str
    shape: str
    sort: Any
    choices: tuple[str, ...] = ()
    fields: tuple["Detail", ...] = ()
    """Of a table."""
    required: bool = False

    @property
    def name(self) -> str:
        return self.key.removeprefix("details.")


NAMES: Final[dict[str, str]] = {
    "crew_size": N_("People for one job"),
    "emergency_24_7": N_("Emergency service"),
    "work_place": N_("Where you work"),
    "shift_work": N_("Shift work"),
    "qualification": N_("Qualification"),
    "standards": N_("Standards"),
    "welding": N_("Welding qualifications"),
    "forklift_stage": N_("Forklift stage"),
    "truck_types": N_("Types of trucks"),
    "prerequisites": N_("Prerequisites"),
    "teaching_units": N_("Teaching units"),
    "group_size": N_("Group size"),
    "venue": N_("Venue"),
    "funding": N_("Funding"),
    "sessions": N_("Dates"),
    "occupations": N_("Training occupations"),
    "weeks": N_("Weeks of the module"),
    "years": N_("Years of training"),
    "apprentices_per_year": N_("Apprentices a year"),
    "contract": N_("Apprenticeship contract"),
    "lead": N_("Lead firm"),
    "partners": N_("Firms of the alliance"),
    "support_possible": N_("Support may be asked for"),
    "methods": N_("Methods"),
    "accreditation_number": N_("Accreditation number"),
    "cut_off": N_("Samples count as received that day until"),
    "sampling_on_site": N_("Sampling on site"),
    "direction": N_("Available or wanted"),
    "material": N_("Material"),
    "composition": N_("Composition"),
    "ewc_code": N_("Waste code"),
    "legal_status": N_("Legal status"),
    "quantity": N_("Quantity"),
    "per": N_("Period"),
    "form": N_("Form"),
    "storage": N_("Storage"),
    "transport": N_("Transport"),
    "anonymous": N_("Anonymous listing"),
    "codes": N_("Codes of the permit"),
    "tonnes_per_year": N_("Tonnes a year of the permit"),
    "authority": N_("Authority of the permit"),
    "services": N_("Rail services"),
    "name": N_("Name of the facility"),
    "useful_length_m": N_("Useful length in m"),
    "axle_load_t": N_("Axle load in t"),
    "electrified": N_("Electrified"),
    "gauge_mm": N_("Gauge in mm"),
    "speed_kmh": N_("Speed in km/h"),
    "gross_mass_t": N_("Heaviest train in t"),
    "locomotives": N_("Locomotives"),
    "slots": N_("Time windows"),
}
PARTS: Final[dict[str, str]] = {
    "details.methods": N_(
        "parameter | matrix | standard | accredited | line of the annex | sample | days | price | limit | uncertainty"
    ),
    "details.sessions": N_("first day | last day | least seats | most seats | cancel by | language"),
    "details.welding": N_("standard | process | plate or pipe | positions"),
    "details.composition": N_("substance | from % | to %"),
    "details.slots": N_("day | 06:00-14:00 | wagons"),
}
"""What stands in a line of a table inside the details, in the order of the model."""


def _fields() -> Iterator[Detail]:
    for kind, model in KINDS.items():
        yield from _of(model, kind, "details")


ALLIANCE: Final = "details.alliance."
OCCUPATIONS: Final = f"{ALLIANCE}occupations"
COUNTED: Final = ("seats_taken", "taken", "tonnes_used")
"""What bookings and deliveries count, never a table."""


def _of(model: type[BaseModel], kind: str, above: str, nested: bool = False) -> Iterator[Detail]:
    for name, info in model.model_fields.items():
        if name in COUNTED:
            continue
        sort = _without_none(info.annotation)
        key, required = f"{above}.{name}", info.is_required()
        if get_origin(sort) is list:
            inner = _without_none(get_args(sort)[0])
            if _is_model(inner):
                if not nested:
                    yield Detail(key, kind, "table", inner, (), tuple(_of(inner, kind, "", nested=True)), required)
            else:
                yield Detail(key, kind, "list", inner, _choices(inner), (), required)
        elif _is_model(sort):
            if not nested:
                yield from (replace(one, required=one.required and required) for one in _of(sort, kind, key))
        else:
            yield Detail(key, kind, "value", sort, _choices(sort), (), required)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _choices(annotation: Any) -> tuple[str, ...]:
    return tuple(str(choice) for choice in get_args(annotation)) if get_origin(annotation) is Literal else ()


FIELDS: Final = tuple(_fields())


def value_of(detail: Detail, cell: Any) -> Any:
    """What a cell says, as the model takes it; what cannot be read stays as it is, for the model to refuse."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if detail.shape == "list":
        listed = cells.items(cell)
        return [_one(detail, part) for part in listed] if isinstance(listed, list) else listed
    if detail.shape == "table":
        return [_line(detail, line) for line in re.split(r"[\n;]", str(cell)) if line.strip()]
    return _one(detail, cell)


def _line(detail: Detail, line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.split("|")]
    named = zip(detail.fields, parts, strict=False)
    found = {one.name.lstrip("."): value_of(one, part) for one, part in named if part}
    more = {f"column {place}": part for place, part in enumerate(parts[len(detail.fields) :], len(detail.fields) + 1)}
    return found | more  # more than there are fields: refused by name


def _one(detail: Detail, part: Any) -> Any:
    try:
        if detail.sort is bool:
            return yes_or_no(part)
        if detail.sort is int:
            return cells.whole(part)
        if detail.sort is float:
            return cells.number(part)
        if detail.sort is date:
            return cells.day(part).isoformat()
        if detail.choices:
            return _chosen(detail, str(cells.text(part)))
        if detail.key == OCCUPATIONS:
            return occupations.named(str(cells.text(part))) or part
    except ValueError:
        return part
    return cells.text(part)


def _chosen(detail: Detail, written: str) -> Any:
    word = CHOICES.get(written.lower(), written.lower())
    numbers = get_args(detail.sort)
    return int(word) if word.isdigit() and numbers and isinstance(numbers[0], int) else word


CHOICES: Final = {
    said: word
    for word, all_ in {
        "on_site": "vor ort, beim kunden, baustelle, u klienta, na miejscu, on site",
        "workshop": "werkstatt, eigene werkstatt, warsztat",
        "available": "verfügbar, abzugeben, dostępne",
        "wanted": "gesucht, poszukiwane",
        "waste": "abfall, odpad",
        "by_product": "nebenprodukt, produkt uboczny",
        "week": "woche, tydzień",
        "month": "monat, miesiąc",
        "year": "jahr, rok",
        "once": "einmalig, jednorazowo",
        "shunting": "rangieren, manewry",
        "traction": "traktion, trakcja",
        "siding": "gleisanschluss, bocznica",
        "plate": "blech, blacha",
        "pipe": "rohr, rura",
        "sending_firm": "jeder betrieb, entsendender betrieb, każda firma, firma wysyłająca, each firm",
        "lead_firm": "leitbetrieb, firma wiodąca, lead firm",
    }.items()
    for said in all_.split(", ")
}
"""How people write the choices of a kind."""
