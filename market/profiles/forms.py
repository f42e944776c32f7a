"""The profile as people fill it in."""

import re
from datetime import date

from pydantic import field_validator

from market.i18n import N_
from market.mail.letters import postable
from market.profiles.registers import SCHEMES
from market.values import LANGUAGES
from market.web.forms import Form

FIELDS = {"hrb": "DE-HRB", "vat": "EU-VAT", "nip": "PL-NIP", "krs": "PL-KRS", "regon": "PL-REGON"}
"""Field -> scheme of the register."""
SPOKEN = ("de", "en", "pl", "uk", "cs", "ru")


class ProfileForm(Form):
    name: str
    legal_form: str = ""
    about_de: str = ""
    about_en: str = ""
    about_pl: str = ""
    street: str = ""
    place: str
    languages: list[str] = []
    employees: int | None = None
    founded: int | None = None
    phone: str = ""
    email: str = ""
    website: str = ""
    contact: str = ""
    court: str = ""
    hrb: str = ""
    vat: str = ""
    nip: str = ""
    krs: str = ""
    regon: str = ""
    imprint: str = ""

    @field_validator("name", "legal_form", "street", "contact", "court", "place")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 120:
            raise ValueError(N_("Please write it shorter, with at most 120 characters."))
        return value

    @field_validator("about_de", "about_en", "about_pl", "imprint")
    @classmethod
    def is_readable(cls, value: str) -> str:
        if len(value) > 1500:
            raise ValueError(N_("Please write it shorter, with at most 1,500 characters."))
        return value

    @field_validator("languages")
    @classmethod
    def are_known(cls, value: list[str]) -> list[str]:
        return [code for code in SPOKEN if code in value]

    @field_validator("employees")
    @classmethod
    def is_a_firm(cls, value: int | None) -> int | None:
        if value is not None and not 1 <= value <= 500_000:
            raise ValueError(N_("Write how many people work for you, for example 6."))
        return value

    @field_validator("founded")
    @classmethod
    def is_a_year(cls, value: int | None) -> int | None:
        if value is not None and not 1500 <= value <= 2200:
            raise ValueError(N_("Write the year with four digits, for example 1998."))
        return value

    @field_validator("phone")
    @classmethod
    def can_be_called(cls, value: str) -> str:
        if value and not re.fullmatch(r"\+?[\d ()/.-]{5,30}", value):
            raise ValueError(N_("Write the number with digits, for example +49 3364 12345."))
        return value

    @field_validator("email")
    @classmethod
    def can_receive_letters(cls, value: str) -> str:
        if value and postable(value) is None:
            raise ValueError(N_("Write the e-mail address like this: name@firm.example"))
        return value

    @field_validator("website")
    @classmethod
    def is_an_address(cls, value: str) -> str:
        address = value if "://" in value or not value else f"https://{value}"
        if address and not re.fullmatch(r"https?://[^\s/@]+\.[^\s/@]{2,}(/\S*)?", address):
            raise ValueError(N_("Write the address like this: www.firm.example"))
        return address

    @field_validator(*FIELDS)
    @classmethod
    def has_the_right_form(cls, value: str, info: object) -> str:
        name = str(getattr(info, "field_name", ""))
        return SCHEMES[FIELDS[name]](value) if value else ""

    def registers(self) -> list[dict[str, str]]:
        found = []
        for name, scheme in FIELDS.items():
            if number := getattr(self, name):
                court = {"court": self.court} if scheme == "DE-HRB" and self.court else {}
                found.append({"scheme": scheme, "number": number, **court})
        return found

    def about(self) -> dict[str, str]:
        return {code: text for code in LANGUAGES if (text := getattr(self, f"about_{code}"))}


def not_in_the_future(form: ProfileForm, today: date) -> bool:
    return form.founded is None or form.founded <= today.year
