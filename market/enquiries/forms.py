"""What an enquiry and its answers are made of. Few fields, because a phone is filled in on a building site."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from pydantic import Field, field_validator

from market.enquiries.labels import REASONS, REPORTS, UNITS
from market.i18n import N_
from market.web.forms import Form, one_of

_GERMAN = re.compile(r"[0-9]{1,3}(?:[. \u00a0][0-9]{3})+(?:,[0-9]{1,2})?|[0-9]+(?:,[0-9]{1,2})?")
_ENGLISH = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]+(?:\.[0-9]{1,2})?")


def cents(text: str) -> int:
    """An amount as people write it: 58, 58,5, 58.50, 1.234,50, 1 234,50 €. Raises ValueError with a sentence."""
    bare = re.sub(r"(?i)[€\s\u00a0]+$|^[€\s]+|\s*eur\s*$", "", text.strip())
    for pattern, thousands, point in ((_GERMAN, ".", ","), (_ENGLISH, ",", ".")):
        if pattern.fullmatch(bare):
            plain = re.sub(r"[ \u00a0]", "", bare).replace(thousands, "").replace(point, ".")
            try:
                amount = Decimal(plain)
            except InvalidOperation:
                break
            if 0 < amount < 100_000_000:
                return int(amount * 100)
    raise ValueError(N_("Write an amount in euros, for example 4.800 or 58,50."))


class AskForm(Form):
    item: list[str] = []
    what: str = Field(min_length=10, max_length=3000)
    place: str = Field("", max_length=120)
    period: str = Field("", max_length=120)
    contact: str = Field(max_length=80)
    phone: str = Field("", max_length=40)

    @field_validator("contact", "place", "period", "phone")
    @classmethod
    def without_address(cls, value: str) -> str:
        if "@" in value:
            raise ValueError(N_("Please leave out the e-mail address: letters go through us, so that it stays yours."))
        return value


class ReplyForm(Form):
    kind: Literal["message", "quote", "decline"] = "message"
    text: str = Field("", max_length=4000)
    price: str = ""
    unit: str = ""
    valid_until: date | None = None
    reason: str = ""
    disclose: bool = False

    @field_validator("price")
    @classmethod
    def is_amount(cls, value: str) -> str:
        return str(cents(value)) if value else ""

    @field_validator("unit")
    @classmethod
    def is_unit(cls, value: str) -> str:
        if value and value not in UNITS:
            raise ValueError(N_("Please choose one of the options."))
        return value

    def missing(self) -> tuple[str, str] | None:
        """The field that this kind of answer needs, with its sentence."""
        if self.kind == "message" and not self.text:
            return "text", N_("Please write what you want to say.")
        if self.kind == "quote" and not self.price:
            return "price", N_("Write an amount in euros, for example 4.800 or 58,50.")
        if self.kind == "decline" and self.reason not in REASONS:
            return "reason", N_("Please choose why you decline.")
        return None


class ReportForm(Form):
    report: str

    @field_validator("report")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, REPORTS)
