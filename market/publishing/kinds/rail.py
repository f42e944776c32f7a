"""Rail and shunting: which services, the figures a train must fit, and dated slots."""

import re
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field, field_validator

from market.i18n import N_
from market.offerings.kinds.rail import RidClass
from market.publishing.fields import Number, joined, listed, plain, short
from market.publishing.kinds.common import AT_LEAST_ONE, Details, Missing, Row, former, told
from market.web.forms import Day, Form, one_of

LABELS = {
    "services": N_("Services on the rails"),
    "facility": N_("Name of the facility"),
    "useful_length_m": N_("Useful track length"),
    "axle_load_t": N_("Axle load"),
    "gross_mass_t": N_("Heaviest train"),
    "speed_kmh": N_("Speed"),
    "gauge_mm": N_("Gauge"),
    "locomotives": N_("Locomotives"),
    "dangerous_goods": N_("Dangerous goods you take (RID classes)"),
}
FIGURES = ("useful_length_m", "axle_load_t", "gross_mass_t", "speed_kmh")


NO_GOODS = "none"
CLASSES: tuple[str, ...] = get_args(RidClass)


class SlotRow(Row):
    SETTLED: ClassVar = ("unit",)

    day: Day
    window: str
    capacity: int = Field(ge=1, le=500)
    unit: Literal["wagon", "train"] = "wagon"

    @field_validator("window")
    @classmethod
    def is_a_window(cls, value: str) -> str:
        found = re.fullmatch(r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})", value)
        if not found or int(found[1]) > 23 or int(found[3]) > 24 or int(found[2]) > 59 or int(found[4]) > 59:
            raise ValueError(N_("Write the time like this: 06:00-10:00"))
        return f"{int(found[1]):02}:{found[2]}-{int(found[3]):02}:{found[4]}"


class RailForm(Form):
    services: list[Literal["shunting", "traction", "siding", "wagon_workshop", "transport"]] = []
    facility: str = ""
    useful_length_m: int | None = Field(None, ge=1, le=5000)
    axle_load_t: Number = Field(None, gt=0, le=40)
    gross_mass_t: int | None = Field(None, ge=1, le=20000)
    speed_kmh: int | None = Field(None, ge=1, le=300)
    gauge_mm: int = Field(1435, ge=600, le=1676)
    electrified: Literal["", "yes"] = ""
    locomotives: str = ""
    dangerous_goods: list[str] = []

    @field_validator("facility", "locomotives")
    @classmethod
    def is_short(cls, value: str) -> str:
        return short(value, 300)

    @field_validator("dangerous_goods")
    @classmethod
    def agree(cls, value: list[str]) -> list[str]:
        for one in value:
            one_of(one, (NO_GOODS, *CLASSES))
        if NO_GOODS in value and len(value) > 1:
            raise ValueError(N_("Tick either “none” or the classes you take."))
        return value

    def classes(self) -> list[str] | None:
        """None where nothing is ticked: then it is not stated."""
        taken = [one for one in CLASSES if one in self.dangerous_goods]
        return taken if taken or self.dangerous_goods else None


FORM = RailForm
ROWS: dict[str, type[Row]] = {"slots": SlotRow}


def values(details: Details) -> dict[str, Any]:
    facility = details.get("facility") or {}
    goods = facility.get("dangerous_goods")
    return {
        "services": details.get("services", []),
        "facility": facility.get("name", ""),
        **{name: plain(facility.get(name)) for name in FIGURES},
        "gauge_mm": plain(facility.get("gauge_mm", 1435)),
        "electrified": "yes" if facility.get("electrified") else "",
        "locomotives": joined(details.get("locomotives")),
        "dangerous_goods": [NO_GOODS] if goods == [] else goods or [],
        "slots": [
            {name: line[name] for name in ("day", "window", "capacity")} | {"unit": line.get("unit", "wagon")}
            for line in details.get("slots", [])
        ],
    }


def details(form: RailForm, rows: dict[str, list[Any]], before: Details) -> Details:
    figures = told(**{name: getattr(form, name) for name in FIGURES}, name=form.facility)
    if form.classes() is not None:
        figures["dangerous_goods"] = form.classes()
    facility = figures | {"gauge_mm": form.gauge_mm, "electrified": form.electrified == "yes"} if figures else None
    slots = [
        former(before, "slots", row)
        | {"day": row.day.isoformat(), "window": row.window, "capacity": row.capacity, "unit": row.unit}
        for row in rows["slots"]
    ]
    ordered = sorted(slots, key=lambda slot: (slot["day"], slot["window"]))
    return told(services=list(form.services), facility=facility, locomotives=listed(form.locomotives), slots=ordered)


def missing(form: RailForm, rows: dict[str, list[Any]]) -> Missing:
    return [] if form.services else [("services", AT_LEAST_ONE)]
