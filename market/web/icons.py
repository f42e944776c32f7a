"""Icons stand in the page itself: a page shows a dozen, and a sprite of all would be one file more to fetch."""

import re
from pathlib import Path

from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol id="([^"]+)"[^>]*>(.*?)</symbol>')


def drawings() -> dict[str, Markup]:
    """Name -> what stands inside its `<svg viewBox="0 0 24 24">`. `npm run vendor` writes the file."""
    text = Path(__file__).with_suffix(".svg").read_text()
    return {name: Markup(drawing) for name, drawing in _SYMBOL.findall(text)}
