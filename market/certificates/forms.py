"""What is asked about a certificate, about the next one and of the operator."""

from datetime import date
from typing import Literal

from pydantic import field_validator

from market.certificates.reasons import REASONS
from market.i18n import N_
from market.taxonomy import certificates as catalogue
from market.web.forms import BACKWARDS, Day, Form, NoteForm, one_of

MOST_TEXT = 200
MOST_SCOPE = 600
LONGEST = 50
"""Years a certificate may run; more is a slip of the finger."""


class ConfirmForm(Form):
    """The day on which the welding supervisor confirmed."""

    confirmed_on: Day = None


class CertificateForm(Form):
    """Facts as they stand on the certificate. `kept` is the reference of a file that waits from the last try."""

    type: str
    level: str = ""
    holder: str = ""
    issuer: str
    number: str = ""
    scope: str = ""
    valid_from: Day = None
    valid_until: Day = None
    endless: Literal["", "yes"] = ""
    kept: str = ""

    @field_validator("type")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, catalogue.types())

    @field_validator("holder", "issuer", "number")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > MOST_TEXT:
            raise ValueError(N_("Please write it shorter, with at most 200 characters."))
        return value

    @field_validator("scope")
    @classmethod
    def is_not_the_annex(cls, value: str) -> str:
        if len(value) > MOST_SCOPE:
            raise ValueError(N_("Please write it shorter, with at most 600 characters."))
        return value

    def faults(self, today: date) -> list[tuple[str, str]]:
        """What does not fit together, as field and sentence."""
        kind = catalogue.get(self.type)
        known = (*kind.levels, *kind.variants)
        end, start = self.valid_until, self.valid_from
        found = [
            ("level", N_("Choose the level that stands on the certificate."), bool(kind.levels) and not self.level),
            ("level", N_("Please choose one of the options."), bool(self.level) and self.level not in known),
            (
                "holder",
                N_("Whose certificate is it? Only your firm and we see the name."),
                kind.private and not self.holder,
            ),
            (
                "valid_until",
                N_("Write the last day, or tick that the certificate names none."),
                not end and not self.endless,
            ),
            ("valid_until", BACKWARDS, bool(end and start and end < start)),
            ("valid_until", N_("This day is over. Hand in the certificate that holds now."), bool(end and end < today)),
            ("valid_until", N_("Please check the year."), bool(end and end.year > today.year + LONGEST)),
            ("valid_from", N_("Please check the year."), bool(start and abs(start.year - today.year) > LONGEST)),
        ]
        return [(name, sentence) for name, sentence, wrong in found if wrong]

    def facts(self) -> dict[str, object]:
        """The model's fields."""
        return {
            "type": self.type,
            "level": self.level,
            "holder": self.holder if catalogue.is_private(self.type) else "",
            "issuer": self.issuer,
            "number": self.number,
            "scope": self.scope,
            "valid_from": self.valid_from,
            "valid_until": None if self.endless else self.valid_until,
        }


class DeclineForm(NoteForm):
    """A reason whose sentence exists in every language, and what the operator adds to it."""

    reason: str

    @field_validator("reason")
    @classmethod
    def is_a_reason(cls, value: str) -> str:
        return one_of(value, REASONS)
