"""Figures, days and lists as people write them."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from market.i18n import N_

_GROUPED = re.compile(r"\d{1,3}([ .\u00a0]\d{3})+(,\d+)?|\d{1,3}(,\d{3})+(\.\d+)?")
MANY = 20


def as_number(value: object) -> object:
    """58,5 and 58.50 and 1.234,50 and 1 234,5. Raises ValueError with a sentence."""
    text = str(value).strip().removesuffix("€").strip()
    if _GROUPED.fullmatch(text):
        english = "," in text and ("." not in text or text.rindex(".") > text.rindex(","))
        marks, point = (",", ".") if english else (" .\u00a0", ",")
        text = re.sub(f"[{marks}]", "", text).replace(point, ".")
    else:
        text = text.replace(",", ".")
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", text):
        raise ValueError(N_("Write a number, for example 12.5."))
    return text


Number = Annotated[float | None, BeforeValidator(as_number)]


def listed(text: str) -> list[str]:
    """What stands between commas, semicolons and line ends, each once."""
    parts = (part.strip() for part in re.split(r"[,;\n]", text))
    return list(dict.fromkeys(part for part in parts if part))[:MANY]


def joined(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, (list, tuple)) else ""


def plain(value: float | None) -> str:
    """A figure as a form shows it, without `.0`."""
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else str(value)


def short(value: str, most: int = 120) -> str:
    """Raises ValueError with a sentence."""
    if len(value) > most:
        raise ValueError(N_("Please write it shorter."))
    return value
