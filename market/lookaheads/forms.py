"""What people type about planned work, and what a firm pledges to it."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator
from starlette.datastructures import FormData

from market.i18n import N_, Words
from market.lookaheads.models import Lookahead
from market.needs.forms import CodesForm
from market.taxonomy import trades
from market.web.forms import BACKWARDS, Filled, Form, Must, read

Line = Annotated[str, StringConstraints(max_length=160)]
MOST_PEOPLE = 999
NUMBER = N_("Write a whole number from 0 to 999.")


class EntryForm(Form):
    kind: Literal["shutdown", "construction", "framework"]
    confidence: Literal["fixed", "likely", "possible"]
    lang: Literal["de", "en", "pl"]
    title: Line
    place: Line
    site: Line = ""
    first_on: Must
    last_on: Must
    trades: list[str] = []
    cpv: str = ""
    headcount: Annotated[int, Field(ge=1, le=9999)] | None = None
    expected: Annotated[str, StringConstraints(max_length=8000)]

    @field_validator("trades")
    @classmethod
    def are_known(cls, value: list[str]) -> list[str]:
        return [id_ for id_ in value if id_ in trades.by_id()]

    @field_validator("cpv")
    @classmethod
    def are_codes(cls, value: str) -> str:
        return str(CodesForm.are_codes(value))

    def faults(self, today: date) -> list[tuple[str, str]]:
        """What does not fit together, as field and sentence."""
        found = [
            ("last_on", BACKWARDS, self.last_on < self.first_on),
            ("last_on", N_("This day is over."), self.last_on < today),
            ("trades", N_("Choose a trade or write a CPV code, so that firms find it."), not (self.trades or self.cpv)),
        ]
        return [(name, sentence) for name, sentence, wrong in found if wrong]

    def fields(self) -> dict[str, object]:
        codes = {"trades": tuple(self.trades), "cpv": tuple(self.cpv.split())}
        return self.model_dump(exclude={"place", "trades", "cpv"}) | codes


class PledgeForm(Form):
    first_on: Must
    last_on: Must
    remark: Annotated[str, StringConstraints(max_length=1000)] = ""


def field_of(trade: str) -> str:
    """The field that asks for people of this trade; the empty one where the entry names none."""
    return f"people-{trade or 'all'}"


def read_pledge(form: FormData, entry: Lookahead, asked: list[str], w: Words) -> tuple[Filled[Any], dict[str, int]]:
    """What was typed, and the people by trade, those of whom there are some."""
    filled: Filled[Any] = read(form, PledgeForm, w)
    people: dict[str, int] = {}
    given = filled.data
    for trade in asked:
        name = field_of(trade)
        said = str(form.get(name, "")).strip()
        filled.values[name] = said
        if said and not (said.isascii() and said.isdecimal() and int(said) <= MOST_PEOPLE):
            filled.refuse(name, w(NUMBER))
        elif said and int(said):
            people[trade] = int(said)
    if not people and not any(name.startswith("people-") for name in filled.errors):
        filled.refuse(field_of(asked[0]), w(N_("Say for at least one trade how many people you would send.")))
    if given is not None:
        if given.last_on < given.first_on:
            filled.refuse("last_on", w(BACKWARDS))
        for name, day in (("first_on", given.first_on), ("last_on", given.last_on)):
            if not entry.first_on <= day <= entry.last_on:
                filled.refuse(name, w(N_("This day lies outside the planned time.")))
    return filled, people


class CancelForm(Form):
    reason: Annotated[str, StringConstraints(min_length=5, max_length=600)]


class CallForm(Form):
    procedure: Literal["information", "quotation", "tender", "call_off"]
