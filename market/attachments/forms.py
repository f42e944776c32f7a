"""What people type about pictures and documents, and the text of the agreement."""

from typing import Literal

from pydantic import field_validator

from market.i18n import N_
from market.web.forms import Form


class AttachmentForm(Form):
    """`text`: what a picture shows, or what a document is."""

    text: str = ""
    gated: Literal["", "yes"] = ""

    @field_validator("text")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 200:
            raise ValueError(N_("Please write it shorter, with at most 200 characters."))
        return value


class PictureForm(AttachmentForm):
    @field_validator("text")
    @classmethod
    def says_something(cls, value: str) -> str:
        if len(value) < 3:
            raise ValueError(N_("Say in a few words what the picture shows: some people hear it instead of seeing it."))
        return value

    text: str


class AgreementForm(Form):
    text: str

    @field_validator("text")
    @classmethod
    def is_a_text(cls, value: str) -> str:
        if not 40 <= len(value) <= 20_000:
            raise ValueError(N_("Write the agreement out, with 40 to 20,000 characters."))
        return value
