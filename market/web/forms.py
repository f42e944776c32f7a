"""Forms: one pydantic model says what is right; whatever was typed comes back with a sentence at each wrong field."""

import re
import types
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Generic, TypeVar, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator
from starlette.datastructures import FormData

from market.i18n import N_, Words
from market.values import readable

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

SENTENCES: Mapping[str, str] = {
    "missing": N_("Please fill in this field."),
    "string_too_short": N_("At least %(min_length)s characters, please."),
    "string_too_long": N_("At most %(max_length)s characters, please."),
    "int_parsing": N_("Write a whole number, for example 12."),
    "int_from_float": N_("Write a whole number, for example 12."),
    "float_parsing": N_("Write a number, for example 12.5."),
    "greater_than_equal": N_("It has to be at least %(ge)s."),
    "less_than_equal": N_("It may be at most %(le)s."),
    "greater_than": N_("It has to be more than %(gt)s."),
    "date_parsing": N_("Write a day, for example 2027-03-31."),
    "date_from_datetime_parsing": N_("Write a day, for example 2027-03-31."),
    "literal_error": N_("Please choose one of the options."),
    "enum": N_("Please choose one of the options."),
}
OTHERWISE = N_("This is not readable. Please check what you wrote.")
MOST_NOTE = 600


class Form(BaseModel):
    """Base of all forms. A validator raises ValueError with an `N_()` sentence that says what to do."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", frozen=True)


def one_of(value: T, known: Container[T]) -> T:
    """For a validator: the value, where it is among the known ones. Raises ValueError with a sentence."""
    if value not in known:
        raise ValueError(N_("Please choose one of the options."))
    return value


def as_day(value: object) -> object:
    """31.12.2027 and 31.12.27 as well as 2027-12-31."""
    found = re.fullmatch(r"(\d{1,2})\.\s*(\d{1,2})\.\s*((?:20)?(\d\d)|\d{4})", str(value).strip())
    if not found:
        return value
    year = f"20{found[4]}" if found[4] else found[3]
    return f"{year}-{int(found[2]):02}-{int(found[1]):02}"


Day = Annotated[date | None, BeforeValidator(as_day)]
"""A day as people write it, or none."""
Must = Annotated[date, BeforeValidator(as_day)]
"""A day that has to be there."""
BACKWARDS = N_("The last day is before the first one.")


class NoteForm(Form):
    """What the operator adds to a sentence that exists in every language."""

    note_de: str = ""
    note_en: str = ""
    note_pl: str = ""

    @field_validator("note_de", "note_en", "note_pl")
    @classmethod
    def is_a_note(cls, value: str) -> str:
        if len(value) > MOST_NOTE:
            raise ValueError(N_("Please write it shorter, with at most 600 characters."))
        return value

    def note(self) -> dict[str, str]:
        """Language -> text, of those that were written."""
        texts = {"de": self.note_de, "en": self.note_en, "pl": self.note_pl}
        return {language: text for language, text in texts.items() if text}


@dataclass
class Filled(Generic[M]):
    """A form as it came: `values` typed, `errors` by field in the reader's language, `data` where all is right."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    data: M | None = None

    def refuse(self, name: str, sentence: str) -> "Filled[M]":
        """Add what only the database knows to be wrong."""
        self.errors.setdefault(name, sentence)
        self.data = None
        return self


def read(form: FormData, model: type[M], w: Words) -> Filled[M]:
    """Read a form. An empty field counts as not given, so the model's defaults apply."""
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if _is_list(info.annotation):
            values[name] = [readable(value) for value in form.getlist(name) if isinstance(value, str) and value.strip()]
        else:
            value = form.get(name)
            values[name] = readable(value) if isinstance(value, str) else ""
    given = {name: value for name, value in values.items() if isinstance(value, list) or value.strip()}
    try:
        return Filled(values, {}, model.model_validate(given))
    except ValidationError as refused:
        return Filled(values, _sentences(refused, w))


def _is_list(annotation: object) -> bool:
    origin = get_origin(annotation)
    if origin in (types.UnionType,):
        return False
    return origin in (list, tuple, set, frozenset)


def _sentences(refused: ValidationError, w: Words) -> dict[str, str]:
    """The first fault of each field."""
    found: dict[str, str] = {}
    for fault in refused.errors(include_url=False, include_input=False):
        name = str(fault["loc"][0]) if fault["loc"] else ""
        context = fault.get("ctx") or {}
        if fault["type"] == "value_error":
            sentence = w(str(context["error"]))
        else:
            sentence = w(SENTENCES.get(fault["type"], OTHERWISE))
            sentence = sentence % context if "%(" in sentence else sentence
        found.setdefault(name, sentence)
    return found


def safe_path(path: str) -> str:
    """A path of this site to go on to, or the empty string: never another host, however it is written."""
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if inside and path.isprintable() and " " not in path and len(path) <= 500 else ""
