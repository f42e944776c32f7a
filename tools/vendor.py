"""Brings browser assets from node_modules: htmx with its licence into market/static, the icons' drawings for templates.

Run by `npm run vendor` after a change of version or of the list below; the files are committed, so a start
needs no Node. `tests/web/test_look.py` compares them with node_modules.
"""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "node_modules"
STATIC = ROOT / "market" / "static"
DRAWINGS = ROOT / "market" / "web" / "icons.svg"

COPIES = {
    "htmx.org/dist/htmx.min.js": "vendor/htmx.min.js",
    "htmx.org/LICENSE": "vendor/htmx-LICENSE.txt",
    "lucide-static/LICENSE": "vendor/lucide-LICENSE.txt",
}

ICONS = """
anvil arrow-down arrow-left arrow-right arrow-up badge-check ban bell blocks book-open bookmark boxes
building-2 calendar-check calendar-days calendar-plus camera chart-column check chevron-down chevron-left
chevron-right circle circle-alert circle-check circle-dashed circle-help circle-x clipboard-list clock cog
contact container copy cpu download droplets drill euro external-link eye factory file-check
file-spreadsheet file-text fingerprint flag flame flask-conical forklift fuel gauge globe graduation-cap
grip hammer handshake hard-hat history house image inbox info key-round landmark languages layers leaf list
locate-fixed lock lock-open log-in mail map map-pin menu messages-square microscope mountain navigation
package paperclip pencil phone pickaxe plug plus printer qr-code radiation recycle refresh-cw repeat route
ruler scale scroll-text search send settings shield-check shield-alert shovel sliders-horizontal sparkles
spray-can star sun-moon tag test-tube thermometer timer tractor train-front train-track trees triangle-alert
truck user user-check users utensils warehouse waves weight wrench x zap
""".split()


def sprite(names: list[str] = ICONS) -> str:
    """All icons as symbols of one file; pages hold the drawings they show, so none is fetched."""
    symbols = []
    for name in names:
        source = (MODULES / "lucide-static" / "icons" / f"{name}.svg").read_text()
        found = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
        if found is None:
            raise ValueError(f"{name}.svg holds no drawing")
        drawing = re.sub(r"\s+", " ", found.group(1)).strip().replace(" />", "/>").replace("> <", "><")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        "<!-- Lucide, ISC licence: vendor/lucide-LICENSE.txt -->\n" + "\n".join(symbols) + "\n</svg>\n"
    )


def main() -> None:
    for source, target in COPIES.items():
        shutil.copyfile(MODULES / source, STATIC / target)
    DRAWINGS.write_text(sprite())


if __name__ == "__main__":
    main()
