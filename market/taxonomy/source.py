"""Reads the lists we write down ourselves: `seeds/data/*.yaml`."""

from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[2] / "seeds" / "data"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(name: str) -> dict[str, Any]:
    """One file as a dictionary. Raises OSError or yaml.YAMLError: without its lists the market does not start."""
    content: dict[str, Any] = yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_Loader)
    return content
