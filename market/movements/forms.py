"""A train as people enter it."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from market.i18n import N_
from market.movements.plausibility import Train
from market.offerings.kinds.rail import RidClass
from market.offerings.slots import span
from market.values import local_day
from market.web.forms import Day, Form, Must, one_of

GAUGES = (1435, 1520, 1000, 750)
"""Millimetres; the usual one first."""
LONGEST_AHEAD = 366
"""Days until an empty run; the board goes no further."""


def figure(value: Any) -> Any:
    """`1.440` and `1 440` are fourteen hundred and forty, `22,5` and `22.5` twenty-two and a half."""
    if not isinstance(value, str):
        return value
    plain = re.sub(r"[.\s\u00a0](?=\d{3}(?:\D|$))", "", value.strip())
    return plain.replace(",", ".")


Figure = Annotated[float, BeforeValidator(figure)]


class TrainForm(Form):
    wagons: int = Field(ge=1, le=120)
    length_m: Figure = Field(gt=0, le=5000)
    gross_mass_t: Figure = Field(gt=0, le=20000)
    axle_load_t: Annotated[float | None, BeforeValidator(figure)] = Field(None, gt=0, le=60)
    gauge_mm: int = 1435
    traction: Literal["diesel", "electric"] = "diesel"
    rid_class: str = ""
    un_number: str = ""
    origin: str = ""
    destination: str = ""
    note: str = ""
    weekdays: list[str] = []
    until: date | None = None
    rest: str = ""
    """Ask for the other days where some cannot be had."""

    @field_validator("gauge_mm")
    @classmethod
    def is_a_gauge(cls, value: int) -> int:
        return one_of(value, GAUGES)

    @field_validator("rid_class")
    @classmethod
    def is_a_class(cls, value: str) -> str:
        if value and value not in get_args(RidClass):
            raise ValueError(N_("Please choose one of the options."))
        return value

    @field_validator("un_number")
    @classmethod
    def has_four_digits(cls, value: str) -> str:
        digits = re.sub(r"^UN\s*", "", value, flags=re.IGNORECASE)
        if digits and not re.fullmatch(r"\d{4}", digits):
            raise ValueError(N_("Write the UN number with four digits, for example 1005."))
        return digits

    @field_validator("origin", "destination")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 120:
            raise ValueError(N_("Please write it shorter, with at most 120 characters."))
        return value

    @field_validator("note")
    @classmethod
    def is_readable(cls, value: str) -> str:
        if len(value) > 1000:
            raise ValueError(N_("Please write it shorter, with at most 1,000 characters."))
        return value

    @field_validator("weekdays")
    @classmethod
    def are_weekdays(cls, value: list[str]) -> list[str]:
        return [day for day in "0123456" if day in value]

    def train(self) -> Train:
        return Train(
            self.wagons,
            self.length_m,
            self.axle_load_t,
            self.gross_mass_t,
            self.gauge_mm,
            self.traction == "electric",
            self.rid_class,
        )

    def facts(self) -> dict[str, object]:
        """Fields of a movement."""
        names = {"wagons", "length_m", "gross_mass_t", "axle_load_t", "gauge_mm", "rid_class", "un_number", "origin"}
        return self.model_dump(include=names | {"destination", "note"}) | {"electric": self.traction == "electric"}


Place = Annotated[str, StringConstraints(max_length=60)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class RunForm(Form):
    """An empty run; `offering` and `of` (the movement it comes from) are references."""

    offering: str
    of: str = ""
    origin: Place
    destination: Place
    day: Must
    begins: Clock
    ends: Clock
    wagons: int = Field(ge=1, le=120)
    length_m: Annotated[float | None, BeforeValidator(figure)] = Field(None, gt=0, le=5000)
    gross_mass_t: Annotated[float | None, BeforeValidator(figure)] = Field(None, gt=0, le=20000)
    asked_until: Day = None

    @field_validator("begins", "ends", mode="before")
    @classmethod
    def is_a_time(cls, value: str) -> str:
        """14:00, 14.00 and 9:30."""
        found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", value)
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise ValueError(N_("Write a time, for example 14:30."))
        return f"{int(found[1]):02}:{found[2]}"

    @property
    def window(self) -> str:
        return f"{self.begins}-{self.ends}"

    def faults(self, now: datetime) -> list[tuple[str, str]]:
        """What does not fit together, as field and sentence."""
        begins, today = span(self.day, self.window)[0], local_day(now)
        until = self.asked_until
        found = [
            ("destination", N_("The run has to end elsewhere than it begins."), self.destination == self.origin),
            ("day", N_("This time is over. Choose a later one."), begins <= now),
            ("day", N_("Please check the year."), (self.day - today).days > LONGEST_AHEAD),
            ("asked_until", N_("This day is over. Choose today or later."), bool(until and until < today)),
            (
                "asked_until",
                N_("The run goes before. Choose its day or an earlier one."),
                bool(until and until > self.day),
            ),
        ]
        return [(name, sentence) for name, sentence, wrong in found if wrong]

    def facts(self) -> dict[str, Any]:
        """What a run is made of."""
        names = {"day", "origin", "destination", "wagons", "length_m", "gross_mass_t", "asked_until"}
        return self.model_dump(include=names) | {"window": self.window}


class AnswerForm(Form):
    """What goes with a move."""

    reason: str = ""
    note: str = ""

    @field_validator("note")
    @classmethod
    def is_readable(cls, value: str) -> str:
        if len(value) > 500:
            raise ValueError(N_("Please write it shorter, with at most 500 characters."))
        return value
