"""Residual materials: what it is, whether somebody has it or takes it, and its waste code found by words."""

import re
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from market.i18n import N_
from market.publishing.fields import Number, plain, short
from market.publishing.kinds.common import Details, Missing, Row, former, told
from market.taxonomy.codes import normalise_ewc
from market.web.forms import Form

LABELS = {
    "direction": N_("Have or take"),
    "material": N_("Material"),
    "legal_status": N_("Legal status"),
    "ewc": N_("Waste code"),
    "quantity": N_("Quantity"),
    "codes": N_("Waste codes of the permit"),
    "tonnes_per_year": N_("Tonnes a year"),
    "authority": N_("Authority"),
}
DIRECTIONS = {"available": N_("We have it and give it away"), "wanted": N_("We take it")}
STATUS = {
    "waste": N_("Waste"),
    "by_product": N_("By-product (§ 4 KrWG)"),
    "end_of_waste": N_("End of waste (§ 5 KrWG)"),
}
STATES = ("form", "storage", "transport")
BEGINS = re.compile(r"\s*(\d{2} ?\d{2} ?\d{2} ?\*?)(?!\d)")


def code_in(text: str) -> str | None:
    """The code a text begins with: `10 02 01`, `100201`, `19 12 11* something`."""
    found = BEGINS.match(text)
    return normalise_ewc(found[1].strip()) if found else None


class ComponentRow(Row):
    SETTLED: ClassVar = ()

    name: str
    percent_min: Number = Field(None, ge=0, le=100)
    percent_max: Number = Field(None, ge=0, le=100)


class ResidualForm(Form):
    direction: Literal["available", "wanted"] | None = None
    material: str = ""
    legal_status: Literal["waste", "by_product", "end_of_waste"] = "waste"
    ewc: str = ""
    pick: str = ""
    quantity: Number = Field(None, gt=0)
    unit: Literal["TNE", "KGM", "MTQ", "LTR", "H87"] = "TNE"
    per: Literal["once", "week", "month", "year"] = "year"
    form: str = ""
    storage: str = ""
    transport: str = ""
    anonymous: Literal["", "yes"] = ""
    codes: str = ""
    tonnes_per_year: Number = Field(None, gt=0)
    authority: str = ""

    @field_validator("material", "form", "storage", "transport", "authority", "ewc")
    @classmethod
    def is_short(cls, value: str) -> str:
        return short(value, 200)

    @field_validator("codes")
    @classmethod
    def are_codes(cls, value: str) -> str:
        try:
            return ", ".join(normalise_ewc(part.strip()) for part in re.split(r"[,;\n]", value) if part.strip())
        except ValueError:
            raise ValueError(N_("Write the codes with six digits, for example 10 02 01, 19 12 11*.")) from None

    @property
    def code(self) -> str | None:
        return code_in(self.pick) or code_in(self.ewc)


FORM = ResidualForm
ROWS: dict[str, type[Row]] = {"composition": ComponentRow}


def values(details: Details) -> dict[str, Any]:
    permit = details.get("permit") or {}
    return {
        **{name: details.get(name, "") for name in ("direction", "material", *STATES)},
        "legal_status": details.get("legal_status", "waste"),
        "ewc": details.get("ewc_code", ""),
        "quantity": plain(details.get("quantity")),
        "unit": details.get("unit", "TNE"),
        "per": details.get("per", "year"),
        "anonymous": "yes" if details.get("anonymous") else "",
        "codes": ", ".join(permit.get("codes", [])),
        "tonnes_per_year": plain(permit.get("tonnes_per_year")),
        "authority": permit.get("authority", ""),
        "composition": [
            {"name": line["name"], **{key: plain(line.get(key)) for key in ("percent_min", "percent_max")}}
            for line in details.get("composition", [])
        ],
    }


def details(form: ResidualForm, rows: dict[str, list[Any]], before: Details) -> Details:
    shown = {"direction", "material", "legal_status", "ewc_code", "quantity", "unit", "per", "anonymous", "permit"}
    kept = {key: value for key, value in before.items() if key not in {*shown, *STATES, "composition"}}
    codes = [code for code in form.codes.split(", ") if code]
    permit = None
    if codes and form.tonnes_per_year:
        permit = dict(before.get("permit") or {}) | {"codes": codes, "tonnes_per_year": form.tonnes_per_year}
        permit["authority"] = form.authority
    return kept | told(
        direction=form.direction,
        material=form.material,
        legal_status=form.legal_status,
        ewc_code=form.code,
        quantity=form.quantity,
        unit=form.unit,
        per=form.per,
        **{name: getattr(form, name) for name in STATES},
        anonymous=form.anonymous == "yes",
        permit=permit,
        composition=[
            {key: value for key, value in former(before, "composition", row).items() if key == "name"}
            | told(name=row.name, percent_min=row.percent_min, percent_max=row.percent_max)
            for row in rows["composition"]
        ],
    )


def missing(form: ResidualForm, rows: dict[str, list[Any]]) -> Missing:
    found: Missing = []
    if form.direction is None:
        found.append(("direction", N_("Say whether you have it or take it.")))
    if not form.material:
        found.append(("material", N_("Write what material it is, for example mill scale.")))
    if form.legal_status == "waste" and not form.code and not form.codes:
        found.append(("ewc", N_("Waste needs its code. Write the code, or words for the material.")))
    if form.codes and form.tonnes_per_year is None:
        found.append(("tonnes_per_year", N_("Write how many tonnes a year the permit allows.")))
    return found
