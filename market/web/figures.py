"""Figures as people write them."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from market.i18n import N_

_GROUPED = re.compile(r"[1-9]\d{0,2}([ .\u00a0\u202f]\d{3})+(,\d+)?|[1-9]\d{0,2}(,\d{3})+(\.\d+)?")


def as_number(value: object) -> object:
    """58,5 and 58.50 and 1.234,50 and 1 234,5. Raises ValueError with a sentence."""
    text = str(value).strip().removesuffix("€").strip()
    if (grouped := _GROUPED.fullmatch(text)) is not None:
        marks, point = (",", ".") if grouped[1] is None else (" .\u00a0\u202f", ",")
        text = re.sub(f"[{marks}]", "", text).replace(point, ".")
    else:
        text = text.replace(",", ".")
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", text):
        raise ValueError(N_("Write a number, for example 12.5."))
    return text


Number = Annotated[float | None, BeforeValidator(as_number)]


def plain(value: float | None) -> str:
    """A figure as a form shows it, without `.0`."""
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else str(value)
