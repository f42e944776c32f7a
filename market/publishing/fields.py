"""Figures, days and lists as people write them."""

import re

from market.i18n import N_
from market.web.figures import Number, as_number, plain

__all__ = ["Number", "as_number", "joined", "lines", "listed", "plain", "short"]

MANY = 20


def listed(text: str) -> list[str]:
    """What stands between commas, semicolons and line ends, each once."""
    parts = (part.strip() for part in re.split(r"[,;\n]", text))
    return list(dict.fromkeys(part for part in parts if part))[:MANY]


def lines(text: str) -> list[str]:
    """What stands on each line, once: names may hold commas."""
    return list(dict.fromkeys(part.strip() for part in text.splitlines() if part.strip()))[:MANY]


def joined(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, (list, tuple)) else ""


def short(value: str, most: int = 120) -> str:
    """Raises ValueError with a sentence."""
    if len(value) > most:
        raise ValueError(N_("Please write it shorter."))
    return value
