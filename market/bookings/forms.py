"""Seats, names and certificates as people fill them in."""

import re
from datetime import date

from pydantic import field_validator

from market.i18n import N_
from market.web.forms import Form

NAME = 80
ONCE = re.compile(r"[2-9a-z]{10}")


class SeatsForm(Form):
    """Seats wanted; `names` holds one person a line and may stay empty."""

    seats: int
    names: str = ""
    once: str = ""

    @field_validator("seats")
    @classmethod
    def is_some(cls, value: int) -> int:
        if not 1 <= value <= 500:
            raise ValueError(N_("Write how many seats you need, for example 2."))
        return value

    @field_validator("names")
    @classmethod
    def are_names(cls, value: str) -> str:
        if any(len(name) > NAME for name in people(value)):
            raise ValueError(N_("Please write one person a line, with at most 80 characters."))
        return value

    @property
    def mark(self) -> str | None:
        """The form's own mark, so that one sent twice counts once."""
        return self.once if ONCE.fullmatch(self.once) else None


class NamesForm(Form):
    names: str = ""

    @field_validator("names")
    @classmethod
    def are_names(cls, value: str) -> str:
        return SeatsForm.are_names(value)


class WishForm(SeatsForm):
    month: str

    @field_validator("month")
    @classmethod
    def is_a_month(cls, value: str) -> str:
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", value):
            raise ValueError(N_("Please choose one of the months."))
        return value

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")


class CertifyForm(Form):
    """Who gets a certificate, of which type, from when until when."""

    people: list[str] = []
    type: str
    valid_from: date
    valid_until: date | None = None

    @field_validator("people")
    @classmethod
    def are_some(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError(N_("Please tick at least one person."))
        return value


def people(text: str) -> list[str]:
    """The names, one a line; empty lines count for nothing."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]
