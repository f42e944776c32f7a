"""Training: what the participant holds afterwards, by which standard, and the dated sessions."""

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from market.i18n import N_
from market.publishing.fields import Number, joined, lines, listed, plain, short
from market.publishing.kinds.common import Details, Missing, Row, former, told
from market.taxonomy import occupations
from market.web.forms import BACKWARDS, Day, Form, one_of

LABELS = {
    "qualification": N_("What the participants hold afterwards"),
    "standards": N_("Standards and rules"),
    "teaching_units": N_("Teaching units"),
    "group_size": N_("Group size"),
    "venue": N_("Venue"),
    "prerequisites": N_("Prerequisites"),
    "funding": N_("Funding"),
    "forklift_stage": N_("Stage of DGUV Grundsatz 308-001"),
    "truck_types": N_("Truck types"),
    "alliance_occupations": N_("For which training occupations"),
    "alliance_weeks": N_("Weeks of the module"),
    "alliance_apprentices": N_("Apprentices a year"),
    "alliance_years": N_("Years of training it fits"),
    "alliance_contract": N_("Who holds the apprenticeship contract"),
    "alliance_lead": N_("Lead firm"),
    "alliance_partners": N_("Firms that are in already"),
}
YEARS: dict[str, str] = {"1": N_("1st year"), "2": N_("2nd year"), "3": N_("3rd year"), "4": N_("4th year")}


class WeldingRow(Row):
    """EN ISO 9606 with process (ISO 4063), product and positions (ISO 6947)."""

    SETTLED: ClassVar = ("standard", "product")

    standard: Literal["EN ISO 9606-1", "EN ISO 9606-2", "EN ISO 9606-3", "EN ISO 9606-4", "EN ISO 9606-5"] = (
        "EN ISO 9606-1"
    )
    process: str
    product: Literal["plate", "pipe"] = "plate"
    positions: str = ""

    @field_validator("process")
    @classmethod
    def is_a_number(cls, value: str) -> str:
        if not (value.isdecimal() and 2 <= len(value) <= 3):
            raise ValueError(N_("Write the number of the process by ISO 4063, for example 135."))
        return value


class SessionRow(Row):
    SETTLED: ClassVar = ("language", "seats_min")

    starts_on: Day
    ends_on: Day
    seats_min: int = Field(1, ge=1, le=500)
    seats_max: int = Field(ge=1, le=500)
    cancel_by: Day = None
    place: str = Field("", max_length=200)
    seat_price: Number = Field(None, ge=0, le=100_000)
    language: Literal["de", "en", "pl"] = "de"

    @model_validator(mode="before")
    @classmethod
    def lasts_a_day(cls, values: Any) -> Any:
        """Without an end the session ends on the day it starts."""
        return {"ends_on": values.get("starts_on"), **values} if isinstance(values, dict) else values

    @field_validator("ends_on")
    @classmethod
    def is_later(cls, value: Any, info: Any) -> Any:
        start = info.data.get("starts_on")
        if start and value and value < start:
            raise ValueError(BACKWARDS)
        return value

    @field_validator("seats_max")
    @classmethod
    def is_enough(cls, value: int, info: Any) -> int:
        if value < (info.data.get("seats_min") or 1):
            raise ValueError(N_("There have to be at least as many seats as the session needs to run."))
        return value


class TrainingForm(Form):
    qualification: str = ""
    standards: str = ""
    teaching_units: int | None = Field(None, ge=1, le=5000)
    group_size: int | None = Field(None, ge=1, le=500)
    venue: str = ""
    prerequisites: str = ""
    funding: str = ""
    forklift_stage: Literal["", "1", "2", "3"] = ""
    truck_types: str = ""
    alliance_occupations: list[str] = []
    alliance_weeks: int | None = Field(None, ge=1, le=52)
    alliance_apprentices: int | None = Field(None, ge=1, le=1000)
    alliance_years: list[Literal["1", "2", "3", "4"]] = []
    alliance_contract: Literal["", "sending_firm", "lead_firm"] = ""
    alliance_lead: str = ""
    alliance_partners: str = ""
    alliance_support: Literal["", "yes"] = ""

    @field_validator("qualification", "standards", "venue", "prerequisites", "funding", "truck_types")
    @classmethod
    def is_short(cls, value: str) -> str:
        return short(value, 300)

    @field_validator("alliance_lead")
    @classmethod
    def is_a_name(cls, value: str) -> str:
        return short(value)

    @field_validator("alliance_partners")
    @classmethod
    def are_names(cls, value: str) -> str:
        for one in lines(value):
            short(one)
        return value

    @field_validator("alliance_occupations")
    @classmethod
    def are_known(cls, value: list[str]) -> list[str]:
        for one in value:
            one_of(one, occupations.by_id())
        return value

    def alliance(self) -> Details | None:
        """What was said of a module of joint apprenticeship training; None where nothing was."""
        said = told(
            occupations=self.alliance_occupations,
            weeks=self.alliance_weeks,
            apprentices_per_year=self.alliance_apprentices,
            years=[int(year) for year in self.alliance_years],
            contract=self.alliance_contract,
            lead=self.alliance_lead,
            partners=lines(self.alliance_partners),
            support_possible=self.alliance_support == "yes",
        )
        return said or None


FORM = TrainingForm
ROWS: dict[str, type[Row]] = {"sessions": SessionRow, "welding": WeldingRow}
LISTS = ("standards", "funding", "truck_types")
TEXTS = ("qualification", "venue", "prerequisites")


def values(details: Details) -> dict[str, Any]:
    sessions = [
        {name: line.get(name) or "" for name in ("starts_on", "ends_on", "seats_min", "seats_max", "cancel_by")}
        | {"language": line.get("language", "de"), "place": line.get("place", ""), "seat_price": euros(line)}
        for line in details.get("sessions", [])
    ]
    welding = [
        {name: line.get(name, "") for name in ("standard", "process", "product")}
        | {"positions": joined(line.get("positions"))}
        for line in details.get("welding", [])
    ]
    return {
        **{name: details.get(name, "") for name in (*TEXTS, "teaching_units", "group_size")},
        **{name: joined(details.get(name)) for name in LISTS},
        "forklift_stage": str(details.get("forklift_stage") or ""),
        **of_alliance(details.get("alliance") or {}),
        "sessions": sessions,
        "welding": welding,
    }


def of_alliance(kept: Details) -> dict[str, Any]:
    return {
        "alliance_occupations": kept.get("occupations", []),
        "alliance_weeks": kept.get("weeks", ""),
        "alliance_apprentices": kept.get("apprentices_per_year", ""),
        "alliance_years": [str(year) for year in kept.get("years", [])],
        "alliance_contract": kept.get("contract", ""),
        "alliance_lead": kept.get("lead", ""),
        "alliance_partners": "\n".join(kept.get("partners", [])),
        "alliance_support": "yes" if kept.get("support_possible") else "",
    }


def euros(line: Details) -> str:
    """A seat's own price as the form shows it."""
    return plain(line["price_cents"] / 100) if line.get("price_cents") is not None else ""


def details(form: TrainingForm, rows: dict[str, list[Any]], before: Details) -> Details:
    sessions = []
    for row in rows["sessions"]:
        facts = row.model_dump(mode="json", exclude={"was", "seat_price"}, exclude_none=True)
        cents = None if row.seat_price is None else round(row.seat_price * 100)
        line = former(before, "sessions", row)
        for name in ("cancel_by", "place", "price_cents"):
            line.pop(name, None)
        sessions.append(line | told(**facts, price_cents=cents))
    welding = [
        former(before, "welding", row) | row.model_dump(exclude={"was"}) | {"positions": listed(row.positions)}
        for row in rows["welding"]
    ]
    return told(
        **{name: getattr(form, name) for name in (*TEXTS, "teaching_units", "group_size")},
        **{name: listed(getattr(form, name)) for name in LISTS},
        forklift_stage=int(form.forklift_stage) if form.forklift_stage else None,
        alliance=form.alliance(),
        sessions=sorted(sessions, key=lambda line: str(line["starts_on"])),
        welding=welding,
    )


def missing(form: TrainingForm, rows: dict[str, list[Any]]) -> Missing:
    found: Missing = []
    if not form.qualification:
        sentence = N_("Write what the participants hold afterwards, for example a certificate.")
        found.append(("qualification", sentence))
    if form.alliance() is not None:
        if not form.alliance_occupations:
            found.append(("alliance_occupations", N_("Tick at least one training occupation.")))
        if form.alliance_weeks is None:
            found.append(("alliance_weeks", N_("Write how many weeks the module takes, from 1 to 52.")))
        if form.alliance_contract == "lead_firm" and not form.alliance_lead:
            found.append(
                ("alliance_lead", N_("Write the name of the lead firm, which holds the apprenticeship contracts."))
            )
    return found
