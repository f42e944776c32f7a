"""The twenty chapters of the European list of wastes, in short."""

from market.i18n import N_, Words

CHAPTERS = {
    "01": N_("Mining and quarrying"),
    "02": N_("Agriculture, fishing, food"),
    "03": N_("Wood, pulp, paper and furniture"),
    "04": N_("Leather, fur and textiles"),
    "05": N_("Petroleum, natural gas, coal"),
    "06": N_("Inorganic chemistry"),
    "07": N_("Organic chemistry"),
    "08": N_("Paints, adhesives, inks"),
    "09": N_("Photographic industry"),
    "10": N_("Thermal processes: power stations, iron and steel, foundries"),
    "11": N_("Surface treatment of metals, pickling, galvanising"),
    "12": N_("Shaping and machining of metals and plastics"),
    "13": N_("Oils and liquid fuels"),
    "14": N_("Solvents, coolants, propellants"),
    "15": N_("Packaging, absorbents, filters, protective clothing"),
    "16": N_("Not named elsewhere: vehicles, equipment, catalysts, linings"),
    "17": N_("Construction and demolition, soil"),
    "18": N_("Human and animal health care"),
    "19": N_("Waste treatment, waste water, water works"),
    "20": N_("Municipal waste"),
}
"""Chapter -> what it is about."""


def chapter(w: Words, code: str) -> str:
    """`Chapter 17: Construction and demolition, soil`; empty for a code of no known chapter."""
    name = CHAPTERS.get(code[:2])
    return w(N_("Chapter %(number)s: %(name)s"), number=code[:2], name=w(name)) if name else ""
