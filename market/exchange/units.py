"""Units as people write them, for the usual codes of UN/ECE Recommendation 20."""

UNITS = {
    "h": "HUR",
    "std": "HUR",
    "stunde": "HUR",
    "hour": "HUR",
    "godz": "HUR",
    "tag": "DAY",
    "day": "DAY",
    "monat": "MON",
    "month": "MON",
    "jahr": "ANN",
    "year": "ANN",
    "t": "TNE",
    "to": "TNE",
    "tonne": "TNE",
    "kg": "KGM",
    "m": "MTR",
    "km": "KMT",
    "m²": "MTK",
    "m2": "MTK",
    "m³": "MTQ",
    "m3": "MTQ",
    "l": "LTR",
    "person": "IE",
    "teilnehmer": "IE",
    "stück": "H87",
    "stk": "H87",
    "piece": "H87",
    "szt": "H87",
    "pauschal": "LS",
    "lump sum": "LS",
}


def code(written: str) -> str:
    """The code of a unit; what is not known stays as it was written."""
    return UNITS.get(written.lower().rstrip("."), written)
