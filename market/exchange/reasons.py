"""From what is wrong with a record to a line that says what to do about it."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from market.errors import Said
from market.i18n import N_
from market.offerings.kinds import KINDS
from market.offerings.kinds.common import Details
from market.web.forms import OTHERWISE
from market.web.forms import SENTENCES as FORM


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a record, for a person: dotted column, what stands there, what to write instead.

    `message` is marked for translation; `values` fill its places.
    """

    column: str = ""
    value: str = ""
    message: str = OTHERWISE
    values: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """The record cannot be taken; the message is for whoever wrote the file, `faults` say the same to a reader."""

    def __init__(self, message: str, *faults: Fault) -> None:
        super().__init__(message)
        self.faults = faults or (Fault(message=message),)


def read(model: type[BaseModel], values: dict[str, Any]) -> Any:
    """The typed record. Raises Refused with one sentence per fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Refused(_sentences(error, model), *faults_of(error)) from None


def read_details(kind: str, values: dict[str, Any]) -> Details:
    """The details of a kind. Raises Refused with one sentence per fault, fields named `details.x`."""
    try:
        return KINDS[kind].model_validate(values)
    except ValidationError as error:
        raise Refused(_sentences(error, KINDS[kind], ("details",)), *faults_of(error, ("details",))) from None


SENTENCES: dict[str, str] = {
    **FORM,
    "missing": N_("This is required."),
    "string_too_short": N_("This is required."),
    "string_too_long": N_("This is too long: at most %(max_length)s characters."),
    "too_short": N_("At least %(min_length)s entry is needed."),
    "too_long": N_("These are too many: at most %(max_length)s entries."),
    "literal_error": N_("We do not know this word. Possible are: %(expected)s."),
    "extra_forbidden": N_("There is no such column."),
    "string_pattern_mismatch": N_("This does not have the form that the template explains."),
    "bool_parsing": N_("Write yes or no."),
    "bool_type": N_("Write yes or no."),
    "finite_number": N_("Write a number, for example 12.5."),
}
"""Type of pydantic -> sentence for the person whose table it is."""


def faults_of(error: ValidationError, above: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """Each thing pydantic found, the first five of a record."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in error.errors(include_url=False):
        column = ".".join(str(part) for part in (*above, *fault["loc"]))
        said = "" if fault["type"] == "missing" or isinstance(fault["input"], dict) else fault["input"]
        context = dict(fault.get("ctx", {}))
        cause = context.pop("error", None)
        if isinstance(cause, Said):
            message, values = cause.message, cause.values
        elif cause is not None:
            message, values = str(cause), {}
        else:
            message, values = SENTENCES.get(fault["type"], OTHERWISE), context
        found.setdefault(
            (column, message), Fault(column, _plain(said), message, {k: _plain(v) for k, v in values.items()})
        )
    return tuple(found.values())[:5]


def _plain(value: object) -> str:
    if isinstance(value, list):
        value = "; ".join(str(item) for item in value)
    return ("" if value is None else str(value)).replace("'", "")[:200]


def unknown_column(name: str, known: list[str]) -> str:
    """`there is no column 'titel'; did you mean 'title'?`"""
    near = nearest(name, known)
    return f"there is no column {name!r}" + (f"; did you mean {near!r}?" if near else "")


def nearest(name: str, known: list[str]) -> str:
    found = get_close_matches(name.lower(), known, 1, cutoff=0.6)
    return found[0] if found else ""


def _sentences(error: ValidationError, model: type[BaseModel], above: tuple[str, ...] = ()) -> str:
    faults = error.errors(include_url=False)
    said = list(dict.fromkeys(_sentence(fault, model, above) for fault in faults))
    return "; ".join(said[:5]) + ("; and more" if len(said) > 5 else "")


def _sentence(fault: ErrorDetails, model: type[BaseModel], above: tuple[str, ...]) -> str:
    where = ".".join(str(part) for part in (*above, *fault["loc"]))
    said, context = fault["input"], fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden" if len(fault["loc"]) == 1:
            near = nearest(str(fault["loc"][0]), list(model.model_fields))
            known = ".".join((*above, near))
            return f"there is no column {where!r}" + (f"; did you mean {known!r}?" if near else "")
        case "missing":
            return f"{where!r} is missing"
        case "string_too_short" if said == "":
            return f"{where!r} is empty"
        case "string_too_long":
            return f"{where!r} is longer than {context['max_length']} characters"
        case "too_long":
            return f"{where!r} has more than {context['max_length']} entries"
        case "literal_error":
            choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            near = nearest(str(said), choices)
            hint = f"; did you mean {near!r}?" if near else ""
            return f"{where!r} is {_short(said)}; it takes {context['expected']}{hint}"
        case "value_error":
            return f"{where!r}: {context['error']}" if where else str(context["error"])
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than" | "finite_number":
            return f"{where!r} is {_short(said)}; {fault['msg'].removeprefix('Input ')}"
        case "string_pattern_mismatch":
            return f"{where!r} is {_short(said)}, which does not look right; see docs/interface.md"
        case _:
            return f"{where!r} is {_short(said)}: {fault['msg'].removeprefix('Input ')}"


def _short(value: object) -> str:
    written = repr(value)
    return written if len(written) <= 60 else written[:57] + "..."
