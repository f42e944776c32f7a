"""What is asked about a permit and about a delivery."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints, field_validator

from market.deliveries.tonnes import Amount, kilograms, month_of, next_month
from market.i18n import N_
from market.taxonomy.codes import normalise_ewc
from market.web.forms import BACKWARDS, Form, as_day

MOST_CODES = 200
LONGEST = 50
"""Years a permit may run; more is a slip of the finger."""
LONGEST_DELIVERY = 10


Day = Annotated[date, BeforeValidator(as_day)]
Tonnes = Annotated[int, BeforeValidator(lambda value: kilograms(str(value)))]
"""Typed as tonnes, kept as kilograms."""
Line = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=600)]
Faults = list[tuple[str, str]]
"""What does not fit together, as field and sentence."""


class PermitForm(Form):
    """A permit as it stands on the decision. `kept` is the reference of a file that waits from the last try."""

    number: Line
    authority: Line
    codes: tuple[str, ...] | str
    tonnes: Tonnes
    elsewhere: Tonnes = 0
    valid_from: Day | None = None
    valid_until: Day | None = None
    kept: str = ""

    @field_validator("codes")
    @classmethod
    def are_codes(cls, value: str | tuple[str, ...]) -> tuple[str, ...]:
        """One a line, or with commas between them."""
        parts = [part for part in re.split(r"[,;\n]", value) if part.strip()] if isinstance(value, str) else value
        try:
            codes = tuple(dict.fromkeys(normalise_ewc(part) for part in parts))
        except ValueError as error:
            raise ValueError(N_("Write every code with six digits, for example 10 02 01 or 19 12 11*.")) from error
        if not 0 < len(codes) <= MOST_CODES:
            raise ValueError(N_("Write every code with six digits, for example 10 02 01 or 19 12 11*."))
        return codes

    def faults(self, today: date) -> Faults:
        start, end = self.valid_from, self.valid_until
        found = [
            ("tonnes", N_("It has to be more than nothing."), self.tonnes == 0),
            ("elsewhere", N_("It cannot be more than the permit allows in a year."), self.elsewhere > self.tonnes),
            ("valid_until", BACKWARDS, bool(start and end and end < start)),
            ("valid_until", N_("This day is over. Hand in the permit that holds now."), bool(end and end < today)),
            ("valid_until", N_("Please check the year."), bool(end and end.year > today.year + LONGEST)),
            ("valid_from", N_("Please check the year."), bool(start and abs(start.year - today.year) > LONGEST)),
        ]
        return [(name, sentence) for name, sentence, wrong in found if wrong]

    def facts(self) -> dict[str, object]:
        """The model's fields."""
        return {
            "number": self.number,
            "authority": self.authority,
            "codes": self.codes,
            "kg_per_year": self.tonnes,
            "kg_elsewhere": self.elsewhere,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }


class ProposalForm(Form):
    """`material` is the holder's own listing, asked only where the other side's listing is one of `wanted`."""

    tonnes: Tonnes
    per: Literal["once", "month"]
    starts_on: Day
    ends_on: Day
    note: Text = ""
    material: str = ""

    def faults(self, today: date) -> Faults:
        start, end = self.starts_on, self.ends_on
        once = self.per == "once"
        found = [
            ("tonnes", N_("It has to be more than nothing."), self.tonnes == 0),
            ("starts_on", N_("This day is over. Begin today or later."), start < (today if once else month_of(today))),
            ("ends_on", BACKWARDS, end < start),
            ("ends_on", N_("Please check the year."), end.year > today.year + LONGEST_DELIVERY),
            (
                "ends_on",
                N_("A single delivery lies in one calendar year, as permits are counted. Propose two."),
                once and start.year != end.year,
            ),
        ]
        return [(name, sentence) for name, sentence, wrong in found if wrong]

    def amount(self) -> Amount:
        """Whole months, from the first day to the last one."""
        if self.per == "once":
            return Amount(self.tonnes, "once", self.starts_on, self.ends_on)
        last = next_month(month_of(self.ends_on))
        return Amount(self.tonnes, "month", month_of(self.starts_on), date.fromordinal(last.toordinal() - 1))


class ReasonForm(Form):
    reason: Annotated[str, StringConstraints(min_length=3, max_length=600)]
