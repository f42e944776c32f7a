"""What the operator says about a firm."""

from typing import Final

from pydantic import field_validator

from market.i18n import N_
from market.web.forms import Form, NoteForm, one_of

SOURCES: Final = {
    "Handelsregister": N_("Commercial register (handelsregister.de)"),
    "KRS": N_("National Court Register of Poland (KRS)"),
    "CEIDG": N_("Register of sole traders of Poland (CEIDG)"),
    "Handwerksrolle": N_("Register of crafts of the chamber"),
    "VIES": N_("VAT number check of the European Union (VIES)"),
    "Gewerbeschein": N_("Trade licence shown to us"),
}
"""What a firm is checked against: the register's own name, as the seal says it in every language, and what it is."""
QUESTIONS: Final = {
    "register": N_("Please add your register number and the court, or say that you are not registered."),
    "address": N_("The address in the register differs from yours. Which one is right?"),
    "name": N_("Please give the full name of the firm with its legal form, as it stands in the register."),
    "licence": N_("Please send us a copy of your trade licence."),
    "other": N_("We have a question, see our note."),
}


class VerifyForm(Form):
    source: str
    detail: str = ""

    @field_validator("source")
    @classmethod
    def is_a_source(cls, value: str) -> str:
        return one_of(value, SOURCES)

    @field_validator("detail")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 100:
            raise ValueError(N_("Please write it shorter, with at most 100 characters."))
        return value

    def named(self) -> str:
        """`Handelsregister, HRB 4711 FF`."""
        return ", ".join(part for part in (self.source, self.detail) if part)


class AskForm(NoteForm):
    question: str

    @field_validator("question")
    @classmethod
    def is_a_question(cls, value: str) -> str:
        return one_of(value, QUESTIONS)
