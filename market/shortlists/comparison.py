"""Up to five things of a list side by side: one row a fact, the same units everywhere, what nobody said is said so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from market.accounts.models import Organisation
from market.certificates import labels as proofs
from market.certificates.documents import public
from market.certificates.service import of_organisations
from market.i18n import N_
from market.offerings import labels
from market.offerings.kinds.lab_test import LabTest
from market.offerings.kinds.rail import Rail
from market.offerings.kinds.residual import Residual
from market.offerings.kinds.service import Service
from market.offerings.kinds.training import Training
from market.offerings.models import Offering
from market.shortlists.lines import Line, lines_of_items
from market.shortlists.models import Item
from market.shortlists.things import Thing, find
from market.web.endpoint import Call

MOST: Final = 5
NOT_STATED = N_("not stated")
OF_FIRMS = (
    N_("Checked"),
    N_("Certificates"),
    N_("Answers"),
    N_("Employees"),
)
"""What would give away a firm that does not name itself."""
ORDER = (
    N_("Kind"),
    N_("Provider"),
    N_("Place"),
    N_("Reach"),
    N_("Free from"),
    N_("Lead time"),
    N_("Price"),
    N_("Crew"),
    N_("Emergency service"),
    N_("Shift work"),
    N_("Next session"),
    N_("Apprenticeship in"),
    N_("Apprentices"),
    N_("Duration"),
    N_("Methods"),
    N_("Accredited methods"),
    N_("Fastest result"),
    N_("Sampling on site"),
    N_("Material"),
    N_("Quantity"),
    N_("Waste code"),
    N_("Services"),
    N_("Useful length"),
    N_("Axle load"),
    N_("Languages"),
    *OF_FIRMS,
    N_("State"),
    N_("Note of your own"),
)
BLANKS = {"Note of your own": N_("no note")}
"""What stands in place of nothing, where it is not the firm that could have said something."""
Facts = dict[str, str]


@dataclass(frozen=True)
class Row:
    """`cells` in the order of the columns, as text in the reader's language."""

    label: str
    cells: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return len(set(self.cells)) == 1


@dataclass(frozen=True)
class Comparison:
    columns: tuple[Line, ...]
    rows: tuple[Row, ...]

    @property
    def differing(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.is_same)


def compare(call: Call, items: Iterable[Item]) -> Comparison:
    """The things of these entries; a row that says something of none of them is left out."""
    w = call.words
    columns = lines_of_items(call, items)
    facts = facts_of(call, columns)
    rows = []
    for name in ORDER:
        cells = [of_one.get(name, "") for of_one in facts]
        if any(cells):
            blank = w(BLANKS.get(name, NOT_STATED))
            rows.append(Row(w(name), tuple(cell or blank for cell in cells)))
    return Comparison(tuple(columns), tuple(rows))


def facts_of(call: Call, columns: Sequence[Line]) -> list[Facts]:
    """For each line what is known, by the English name of the row."""
    things = find(call.session, [line.code for line in columns if line.code])
    held = _certificates(call, [t.organisation for t in things.values() if not t.anonymous])
    found = []
    for line in columns:
        facts = _of_thing(call, things[line.code], held) if line.code in things else {}
        facts["Provider"] = line.firm if line.item is None or line.item.provider is None else line.title
        facts["State"] = line.said or call.words(N_("offered"))
        facts["Note of your own"] = line.item.note if line.item else ""
        if not line.is_open:
            facts.pop("Free from", None)
        found.append(facts)
    return found


def _certificates(call: Call, firms: Sequence[Organisation]) -> dict[int, str]:
    held = of_organisations(call.session, [firm.id for firm in firms])
    names = {
        key: [proofs.title(call.words, c) for c in public([c for c in certificates if c.valid_on(call.today)])]
        for key, certificates in held.items()
    }
    return {key: ", ".join(dict.fromkeys(texts)) for key, texts in names.items()}


def _of_thing(call: Call, thing: Thing, held: dict[int, str]) -> Facts:
    w, firm = call.words, thing.organisation
    facts = _of_offering(call, thing.offering) if thing.offering else {"Kind": w(N_("Firm")), "Place": _place(firm)}
    if thing.offering is None:
        facts["Languages"] = labels.languages(w, firm.languages)
    if not thing.anonymous:
        facts["Checked"] = w.day(firm.verified_on) if firm.verified_on else ""
        facts["Certificates"] = held.get(firm.id, "")
        facts["Answers"] = labels.answers_in(w, firm.answer_minutes) if firm.answer_minutes is not None else ""
        facts["Employees"] = w.number(firm.employees) if firm.employees else ""
    return facts


def _place(of: Organisation | Offering) -> str:
    return f"{of.postcode} {of.town}".strip()


def _of_offering(call: Call, offering: Offering) -> Facts:
    w = call.words
    facts = {
        "Kind": labels.kind(w, offering.kind),
        "Place": offering.town,
        "Reach": f"{w.number(offering.radius_km)}\u00a0km" if offering.radius_km else "",
        "Price": labels.price_of(w, offering),
        "Languages": labels.languages(w, offering.languages),
        "Lead time": labels.lead_time(w, offering.lead_time_days) if offering.lead_time_days is not None else "",
    }
    if offering.kind in ("service", "lab_test", "rail"):
        facts["Free from"] = labels.free_from(w, offering.free_from(call.today), call.today)
    return facts | _of_kind(call, offering)


def _of_kind(call: Call, offering: Offering) -> Facts:
    """Figures of one kind; empty where the firm gave none."""
    w, details = call.words, offering.details
    match details:
        case Service():
            return {
                "Crew": labels.quantity(w, details.crew_size, "IE") if details.crew_size else "",
                "Emergency service": _yes(call, details.emergency_24_7),
                "Shift work": _yes(call, details.shift_work),
            }
        case Training():
            coming = min((s.starts_on for s in details.sessions if s.starts_on >= call.today), default=None)
            units = details.teaching_units
            hours = w.ngettext("%(num)s teaching unit", "%(num)s teaching units", units or 0)
            alliance, places = details.alliance, details.alliance and details.alliance.apprentices_per_year
            lasts = labels.weeks(w, alliance.weeks) if alliance else ""
            return {
                "Next session": w.day(coming) if coming else "",
                "Apprenticeship in": labels.occupations(w, alliance.occupations) if alliance else "",
                "Apprentices": labels.apprentices(w, places) if places else "",
                "Duration": lasts or (hours % {"num": units} if units else ""),
            }
        case LabTest():
            days = min((m.turnaround_days for m in details.methods if m.turnaround_days is not None), default=None)
            return {
                "Methods": w.number(len(details.methods)),
                "Accredited methods": w.number(sum(m.accredited for m in details.methods)),
                "Fastest result": labels.lead_time(w, days) if days is not None else "",
                "Sampling on site": _yes(call, details.sampling_on_site),
            }
        case Residual():
            amount = details.quantity
            return {
                "Material": details.material,
                "Quantity": labels.stream(w, amount, details.unit, details.per) if amount else "",
                "Waste code": details.ewc_code or "",
            }
        case Rail():
            facility = details.facility
            length = facility.useful_length_m if facility else None
            load = facility.axle_load_t if facility else None
            return {
                "Services": labels.rail_services(w, list(details.services)),
                "Useful length": labels.quantity(w, length, "MTR") if length else "",
                "Axle load": labels.quantity(w, load, "TNE") if load else "",
            }
    return {}


def _yes(call: Call, value: bool) -> str:
    return call.words(N_("yes") if value else N_("no"))
