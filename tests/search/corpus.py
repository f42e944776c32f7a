"""Made-up offerings in any number, on the trades of the marketplace: for measuring."""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from market.taxonomy.source import read
from tests.search.conftest import TODAY, document

TOWNS = [
    ("Eisenhüttenstadt", 52.1458, 14.6313, "15890", "DE40C"),
    ("Frankfurt (Oder)", 52.3471, 14.5506, "15230", "DE403"),
    ("Cottbus", 51.7563, 14.3329, "03046", "DE402"),
    ("Guben", 51.9499, 14.7145, "03172", "DE40G"),
    ("Słubice", 52.3505, 14.5606, "69-100", "PL431"),
    ("Fürstenwalde", 52.3603, 14.0619, "15517", "DE40C"),
    ("Zielona Góra", 51.9356, 15.5062, "65-001", "PL432"),
    ("Gorzów Wielkopolski", 52.7368, 15.2288, "66-400", "PL431"),
    ("Beeskow", 52.1733, 14.2464, "15848", "DE40C"),
    ("Spremberg", 51.5718, 14.3736, "03130", "DE40G"),
    ("Gubin", 51.9514, 14.7278, "66-620", "PL432"),
    ("Königs Wusterhausen", 52.3017, 13.6331, "15711", "DE406"),
    ("Żary", 51.6421, 15.1366, "68-200", "PL432"),
    ("Seelow", 52.5341, 14.3814, "15306", "DE409"),
    ("Berlin", 52.5200, 13.4050, "10115", "DE300"),
]
NEARNESS = [20, 14, 14, 8, 6, 8, 8, 6, 4, 4, 3, 3, 3, 2, 25]
"""How many firms sit in each town, relative to the others."""


@cache
def trades() -> list[dict[str, Any]]:
    groups = read("trades")["groups"]
    return [trade for group in groups for trade in group["trades"]]


@cache
def words_of(trade_id: str) -> tuple[list[str], list[str]]:
    """Names in three languages, and the everyday words beside them."""
    trade = next(trade for trade in trades() if trade["id"] == trade_id)
    names = list(trade["names"].values())
    more = [
        word for kind in ("synonyms", "weak_synonyms") for words in (trade.get(kind) or {}).values() for word in words
    ]
    return names, [word for word in dict.fromkeys(more) if word not in names]


@cache
def prefixes(code: str) -> tuple[str, ...]:
    stem = code[:2] + code[2:].rstrip("0")
    return tuple(stem[:size] for size in range(2, len(stem) + 1))


FILLER = """Wir arbeiten termingerecht auf Ihrer Anlage, mit eigenem Werkzeug und geprüftem Personal.
Auf Wunsch übernehmen wir Planung, Montage und Dokumentation. Anfahrt und Einweisung sind im Preis enthalten.
Unsere Leute kennen Walzwerk, Gießerei und Chemie. Prüfzeugnisse und Nachweise liegen der Rechnung bei.""".split(".")


def offerings(count: int, seed: int = 7, a_firm: float = 4.0) -> Iterator[dict[str, Any]]:
    """Documents as the market hands them over; a firm has about `a_firm` of them, all at its one address."""
    r = random.Random(seed)
    types = sorted({type_ for trade in trades() for type_ in trade.get("certificates") or ()})
    firm: dict[str, Any] = {}
    for number in range(count):
        if not firm or r.random() < 1 / a_firm:
            firm = _firm(r, types, number)
        trade = r.choice(trades())
        names, more = words_of(trade["id"])
        word = r.choice(more) if more and r.random() < 0.5 else trade["names"]["de"]
        town = firm["town"]
        kind = {"residuals": "residual"}.get(trade["kind"], trade["kind"])
        yield document(
            f"o{number}",
            title=f"{word} {r.choice(['in', 'für', 'rund um', 'nahe'])} {town}",
            summary=f"{trade['names']['de']}: {r.choice(FILLER).strip()}, {r.choice(more or names)}.",
            text=" ".join(r.sample(FILLER, 5)) + " " + " ".join(r.sample(more, min(3, len(more)))),
            kinds=[kind],
            kind=kind,
            trades=[trade["id"]],
            trade_names=names,
            trade_words=more,
            cpv=trade["cpv"],
            cpv_prefixes=list(dict.fromkeys(p for code in trade["cpv"] for p in prefixes(code))),
            code_labels=names,
            keywords=r.sample(more, min(2, len(more))),
            updated_on=20260000 + r.randint(1, 12) * 100 + r.randint(1, 28),
            available_on=r.choice([0, 0, 20261201, 20270115, 20270601]),
            price_cents=r.choice([None, r.randrange(2000, 90000)]),
            **firm,
        )


def _firm(r: random.Random, types: list[str], number: int) -> dict[str, Any]:
    town, lat, lng, postcode, district = r.choices(TOWNS, NEARNESS)[0]
    held = r.sample(types, r.choice([0, 1, 2, 3, 4]))
    until = {type_: r.choice([20260630, 20261231, 20270630, 20280331, 99991231]) for type_ in held}
    return {
        "organisation": f"{r.choice(['Oder', 'Neiße', 'Spree', 'Lausitz', 'Stahl'])}werk {number} GmbH",
        "organisation_ref": f"f{number}",
        "town": town,
        "postcode": postcode,
        "district": district,
        "country": "PL" if district.startswith("PL") else "DE",
        "lat": round(lat + r.gauss(0, 0.06), 6),
        "lng": round(lng + r.gauss(0, 0.09), 6),
        "languages": ["de", *(["pl"] if r.random() < 0.35 else []), *(["en"] if r.random() < 0.4 else [])],
        "employees": r.choice(["1-9", "10-49", "50-249", "250+", ""]),
        "verified_on": r.choice([None, 20260301]),
        "certificates": [type_ for type_ in held if until[type_] >= TODAY],
        "certificate_levels": [],
        "certificate_until": until,
        "certificate_from": dict.fromkeys(held, 20250101),
        "certificate_words": [type_.replace("-", " ") for type_ in held],
    }
