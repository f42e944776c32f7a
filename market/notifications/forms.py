"""What people fill in about alerts."""

from typing import Final

from pydantic import field_validator

from market.i18n import N_
from market.mail.letters import postable
from market.needs.declining import REASONS
from market.notifications.times import FREQUENCIES
from market.web.forms import Form, one_of

LONGEST: Final = 80


class FrequencyForm(Form):
    frequency: str

    @field_validator("frequency")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, FREQUENCIES)


class SearchForm(FrequencyForm):
    """A name for a search, and how often it writes."""

    name: str

    @field_validator("name")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > LONGEST:
            raise ValueError(N_("Please write it shorter, with at most 80 characters."))
        return value


class OrderForm(SearchForm):
    """The same of somebody without an account."""

    email: str

    @field_validator("email")
    @classmethod
    def takes_letters(cls, value: str) -> str:
        if postable(value) is None:
            raise ValueError(N_("Write one e-mail address, for example name@firm.de."))
        return value


class PassForm(Form):
    reason: str

    @field_validator("reason")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, REASONS)
