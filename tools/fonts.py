"""Cuts the web fonts down to what German, Polish and English pages need: one file a face, with its kerning.

    python tools/fonts.py market/static/fonts/public-sans-2.woff2 400:700 'PublicSans[wght].ttf'
    python tools/fonts.py market/static/fonts/schibsted-grotesk-2.woff2 700 latin.woff2 latin-ext.woff2

The sources are those of Google Fonts (Public Sans 2.001 as TTF; Schibsted Grotesk 1.100 as the two parts of
`@fontsource-variable` 5.3.0, which are joined here). Browsers keep a font for ever under its name, so a changed one
takes the next number, in `core.css` and in the layout too.
"""

import sys
from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

LETTERS = frozenset([*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "ĄąĆćČčĘęŁłŃńŚśŠšŹźŻżŽžẞ–—‘’‚“”„•…′″‹›€−←↑→↓")])
"""Latin-1, the letters of Polish, and those of Czech names that stand in addresses."""
FEATURES = ["kern", "liga", "calt", "locl", "tnum", "ccmp"]


def cut(font: TTFont, letters: frozenset[int]) -> TTFont:
    options = Options(layout_features=FEATURES, hinting=False, notdef_outline=True, flavor="woff2")
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    return font


def weights(text: str) -> float | tuple[float, float, float]:
    """`700`, or `400:700` of which the first is the one drawn by default."""
    first, _, last = text.partition(":")
    return (float(first), float(first), float(last)) if last else float(first)


def parts(sources: list[str], weight: str) -> list[BytesIO]:
    """Each source at these weights with the letters that those before it lack."""
    cuts, missing = [], LETTERS
    for source in sources:
        font = cut(instantiateVariableFont(TTFont(source), {"wght": weights(weight)}), missing)
        missing -= font.getBestCmap().keys()
        font.flavor = None
        cuts.append(BytesIO())
        font.save(cuts[-1])
    return cuts


def main(target: str, weight: str, *sources: str) -> None:
    cuts = parts(list(sources), weight)
    font = Merger().merge(cuts) if len(cuts) > 1 else TTFont(cuts[0])
    font.flavor = "woff2"
    font.save(target)
    print(f"{target}: {Path(target).stat().st_size} bytes, {len(font.getBestCmap())} letters")


if __name__ == "__main__":
    main(*sys.argv[1:])
