"""Laboratory tests: a table of methods, of which one line is enough."""

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from market.i18n import N_
from market.publishing.fields import Number, plain, short
from market.publishing.kinds.common import Details, Missing, Row, former, told
from market.web.forms import Form

LABELS = {
    "methods-0-parameter": N_("What is tested"),
    "methods-0-matrix": N_("In what material"),
    "methods-0-standard": N_("By which standard"),
    "accreditation_number": N_("Number of the accreditation"),
    "cut_off": N_("Samples that come until then count as received that day"),
}


class MethodRow(Row):
    SETTLED: ClassVar = ("accredited",)

    parameter: str
    matrix: str
    standard: str
    accredited: Literal["", "yes"] = ""
    scope_line: str = ""
    sample_amount: str = ""
    turnaround_days: int | None = Field(None, ge=0, le=365)
    price: Number = Field(None, ge=0)
    detection_limit: str = ""
    uncertainty: str = ""

    @field_validator("parameter", "matrix", "standard", "scope_line", "sample_amount", "detection_limit", "uncertainty")
    @classmethod
    def is_short(cls, value: str) -> str:
        return short(value, 200)


class LabTestForm(Form):
    accreditation_number: str = ""
    sampling_on_site: Literal["", "yes"] = ""
    cut_off: str = ""

    @field_validator("accreditation_number", "cut_off")
    @classmethod
    def is_short(cls, value: str) -> str:
        return short(value)


FORM = LabTestForm
ROWS: dict[str, type[Row]] = {"methods": MethodRow}


def values(details: Details) -> dict[str, Any]:
    plain_ = [name for name in MethodRow.model_fields if name not in ("was", "accredited", "price")]
    lines = [
        {
            **{key: "" if line.get(key) is None else line[key] for key in plain_},
            "accredited": "yes" if line.get("accredited") else "",
            "price": plain(line.get("price")),
        }
        for line in details.get("methods", [])
    ]
    return {
        "methods": lines,
        "accreditation_number": details.get("accreditation_number", ""),
        "sampling_on_site": "yes" if details.get("sampling_on_site") else "",
        "cut_off": details.get("cut_off", ""),
    }


def details(form: LabTestForm, rows: dict[str, list[Any]], before: Details) -> Details:
    kept = set(MethodRow.model_fields) - {"was", "parameter", "matrix", "standard"}
    methods = []
    for row in rows["methods"]:
        line = {key: value for key, value in former(before, "methods", row).items() if key not in kept}
        facts = row.model_dump(exclude={"was", "accredited"})
        methods.append(line | told(**facts, accredited=row.accredited == "yes"))
    return told(
        methods=methods,
        accreditation_number=form.accreditation_number,
        sampling_on_site=form.sampling_on_site == "yes",
        cut_off=form.cut_off,
    )


def missing(form: LabTestForm, rows: dict[str, list[Any]]) -> Missing:
    if not rows["methods"]:
        return [("methods-0-parameter", N_("Write at least one method: what is tested, in what, by which standard."))]
    if any(row.accredited for row in rows["methods"]) and not form.accreditation_number:
        return [("accreditation_number", N_("Write the number of the accreditation, for example D-PL-12345-01-00."))]
    return []
