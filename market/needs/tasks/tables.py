"""Tasks that are lists of rows: lots and items, requirements, criteria. Without scripts a button brings more rows."""

from typing import Any, TypeVar

from starlette.datastructures import FormData

from market.certificates import labels as proofs
from market.i18n import N_
from market.needs import contents, service
from market.needs.forms import CriterionRow, ItemRow, LotRow, RequirementRow
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Lot, Requirement
from market.taxonomy import certificates
from market.web.endpoint import Call
from market.web.figures import plain
from market.web.forms import Filled, Form, read

R = TypeVar("R", bound=Form)
BLANK, MOST = 3, 100
"""Empty rows below the last one, and rows altogether."""


def rows_of(call: Call, prefix: str, model: type[R], into: Filled[Any]) -> list[R]:
    """The rows that say something, in order; values and faults go into `into` under `PREFIX-field-number`."""
    said = str(call.form.get(f"{prefix}-rows", "0"))
    count = min(int(said) if said.isdecimal() else 0, MOST)
    into.values[f"{prefix}-rows"] = count
    found = []
    for number in range(count):
        given = FormData([(name, call.form.get(f"{prefix}-{name}-{number}", "")) for name in model.model_fields])
        filled = read(given, model, call.words)
        into.values |= {f"{prefix}-{name}-{number}": value for name, value in filled.values.items()}
        if not any(filled.values.get(name) for name in model.KEYS):  # type: ignore[attr-defined]
            continue
        into.errors |= {f"{prefix}-{name}-{number}": sentence for name, sentence in filled.errors.items()}
        for name, sentence in getattr(filled.data, "faults", list)():
            into.errors[f"{prefix}-{name}-{number}"] = call.words(sentence)
        if filled.data is not None:
            found.append(filled.data)
    return found


def shown(prefix: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows as values of the form, with room for more."""
    values: dict[str, Any] = {f"{prefix}-rows": len(rows) + BLANK}
    for number, row in enumerate(rows):
        values |= {f"{prefix}-{name}-{number}": value for name, value in row.items()}
    return values


def items(call: Call, need: Need) -> Filled[Any]:
    lots = contents.lots_of(call.session, need)
    held = [
        {
            "ref": item.ref,
            "lot": item.lot.place if item.lot else "",
            "title": item.title,
            "quantity": plain(item.quantity),
            "unit": item.unit,
            "required_on": item.required_on or "",
            "cpv": item.cpv,
            "optional": "yes" if item.optional else "",
        }
        for item in contents.items_of(call.session, need)
    ]
    parts = [{"ref": lot.ref, "title": lot.title, "description": lot.description} for lot in lots]
    return Filled(shown("lot", parts) | shown("item", held))


def save_items(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = Filled()
    lots, lines = rows_of(call, "lot", LotRow, filled), rows_of(call, "item", ItemRow, filled)
    for number, row in enumerate(lines):
        if row.lot is not None and not 1 <= row.lot <= len(lots):
            said = N_("There is no lot %(number)s above. Write the number of one, or leave it empty.")
            filled.errors[f"item-lot-{number}"] = call.words(said, number=row.lot)
    if filled.errors:
        return filled
    made = contents.write(call.session, call.viewer, need, Lot, [lot.model_dump() for lot in lots], call.now)
    rows = []
    for row in lines:
        fields = row.model_dump(exclude={"lot"}) | {"optional": row.optional == "yes"}
        rows.append(fields | {"lot": made[row.lot - 1] if row.lot else None})
    contents.write(call.session, call.viewer, need, Item, rows, call.now)
    filled.data = lines
    return filled


def requirements(call: Call, need: Need) -> Filled[Any]:
    rows = []
    for one in contents.requirements_of(call.session, need):
        limits = one.limits
        level = f":{limits['level']}" if limits.get("level") else ""
        rows.append(
            {
                "ref": one.ref,
                "lot": one.lot.place if one.lot else "",
                "title": one.title,
                "type": one.type,
                "least": plain(limits.get("min")),
                "most": plain(limits.get("max")),
                "unit": limits.get("unit", ""),
                "options": "; ".join(limits.get("options", [])),
                "certificate": f"{limits['type']}{level}" if limits.get("type") else "",
                "knock_out": "yes" if one.knock_out else "",
                "evidence": one.evidence,
            }
        )
    return Filled(shown("req", rows))


def requirements_context(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    none = [("", call.words(N_("please choose")))]
    wanted = []
    for id_, kind in certificates.types().items():
        wanted.append((id_, certificates.name(id_, call.language)))
        wanted += [(f"{id_}:{level}", proofs.wanted(call.words, f"{id_}:{level}")) for level in kind.levels]
    return {"certificate_options": none + wanted, "lot_options": lot_options(call, need)}


def lot_options(call: Call, need: Need) -> list[tuple[str, str]]:
    lots = contents.lots_of(call.session, need)
    return [("", call.words(N_("whole need")))] + [(str(lot.place), f"{lot.place}. {lot.title}") for lot in lots]


def save_requirements(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = Filled()
    rows = rows_of(call, "req", RequirementRow, filled)
    lots = contents.lots_of(call.session, need)
    if filled.errors:
        return filled
    fields = []
    for row in rows:
        lot = lots[row.lot - 1] if row.lot and row.lot <= len(lots) else None
        title = row.title or proofs.wanted(call.words, row.certificate)
        knock_out = row.knock_out == "yes"
        same = {"ref": row.ref, "type": row.type, "evidence": row.evidence, "limits": row.limits()}
        fields.append(same | {"lot": lot, "title": title, "knock_out": knock_out})
    contents.write(call.session, call.viewer, need, Requirement, fields, call.now)
    must = [row.certificate for row in rows if row.type == "certificate" and row.knock_out and not row.lot]
    service.change(call.session, call.viewer, need, call.now, certificates=tuple(dict.fromkeys(must)))
    filled.data = rows
    return filled


def criteria(call: Call, need: Need) -> Filled[Any]:
    held = contents.criteria_of(call.session, need)
    rows = [
        {"ref": one.ref, "title": one.title, "weight": one.weight, "is_price": "yes" if one.is_price else ""}
        for one in held
    ]
    return Filled(shown("crit", rows or [{"title": call.words(N_("Price")), "weight": 100, "is_price": "yes"}]))


def criteria_context(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    count = int(filled.values["crit-rows"])
    said = [str(filled.values.get(f"crit-weight-{number}", "")) for number in range(count)]
    return {"total": sum(int(weight) for weight in said if weight.isdecimal())}


def save_criteria(call: Call, need: Need) -> Filled[Any]:
    """Weights that do not make 100 yet are kept in a draft: the list says how many are missing."""
    filled: Filled[Any] = Filled()
    rows = rows_of(call, "crit", CriterionRow, filled)
    total = sum(row.weight for row in rows)
    if not filled.errors and need.stage != "draft" and total != 100:
        sentence = N_("The weights make %(total)s; together they have to make 100.")
        filled.errors["crit-weight-0"] = call.words(sentence, total=total)
    if filled.errors:
        return filled
    fields = [row.model_dump() | {"is_price": row.is_price == "yes"} for row in rows]
    contents.write(call.session, call.viewer, need, Criterion, fields, call.now)
    filled.data = rows
    return filled
