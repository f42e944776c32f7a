"""What people type to sign in and to register."""

from pydantic import field_validator

from market.i18n import N_
from market.mail.letters import postable
from market.web.forms import Form

WRONG_ADDRESS = N_("Write the e-mail address like this: name@firm.example")


class EmailForm(Form):
    email: str
    next: str = ""

    @field_validator("email")
    @classmethod
    def can_receive_letters(cls, value: str) -> str:
        address = postable(value)
        if address is None:
            raise ValueError(WRONG_ADDRESS)
        return address


class CodeForm(Form):
    code: str


class RegisterForm(EmailForm):
    """Seven fields at most, so that it is done on a phone in two minutes; the rest is asked when it is of use."""

    firm: str
    name: str
    trade: str
    place: str

    @field_validator("firm", "name", "trade", "place")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 120:
            raise ValueError(N_("Please write it shorter, with at most 120 characters."))
        return value
