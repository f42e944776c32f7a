"""What a plain look at the documents says: the measure for counts, circles and facets."""

import random
from typing import Any

from search.criteria import Criteria
from search.documents import IndexName
from search.geo import Near
from tests.search.conftest import TODAY, document

TYPES = ["iso-9001", "scc", "en-1090-2", "efbv"]
DAYS = [20260101, 20261124, 20261125, 20270115, 20270601, 20280101, 99991231]


def crowd(count: int, seed: int) -> list[dict[str, Any]]:
    """Documents of every shape, with several at one point and some at none."""
    r = random.Random(seed)
    made: list[dict[str, Any]] = []
    for n in range(count):
        held = r.sample(TYPES, r.randint(0, 3))
        since = {type_: r.choice([0, 20250101, 20261125, 20270301]) for type_ in held}
        until = {type_: max(since[type_], r.choice(DAYS)) for type_ in held}
        lat, lng = 52.1458 + r.gauss(0, 0.35), 14.6313 + r.gauss(0, 0.55)
        if made and r.random() < 0.4:
            lat, lng = made[-1]["lat"], made[-1]["lng"]
        elif r.random() < 0.05:
            lat = lng = None  # type: ignore[assignment]
        made.append(
            document(
                f"d{n}",
                title=r.choice(["Rohrbau", "Stahlbau", "Kranprüfung", "Gerüstbau"]) + f" {n}",
                kinds=[r.choice(["service", "training", "rail"])],
                languages=r.sample(["de", "pl", "en"], r.randint(1, 3)),
                district=r.choice(["DE40C", "DE403", "PL431"]),
                employees=r.choice(["1-9", "10-49", "50-249", ""]),
                verified_on=r.choice([None, 20260301]),
                certificates=[type_ for type_ in held if since[type_] <= TODAY <= until[type_]],
                certificate_until=until,
                certificate_from=since,
                cpv_prefixes=r.choice([["45", "452", "4523"], ["50", "505"]]),
                available_on=r.choice([0, 20261201, 20270601]),
                price_cents=r.choice([None, 4500, 5800, 9900]),
                direction=r.choice([None, None, "available", "wanted"]),
                occupations=r.choice([[], [], ["mechatronics"], ["mechatronics", "tool-mechanic"]]),
                procedure=r.choice(["tender", "quotation"]),
                bids_until=r.choice([None, 1_795_000_000, 1_800_000_000]),
                lat=lat,
                lng=lng,
            )
        )
    return made


def needs_of(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same as needs: certificates are asked for, not held, and there is no size or price."""
    gone = ("certificate_until", "certificate_from", "certificate_levels", "employees", "available_on", "direction")
    gone += ("occupations",)
    return [
        {key: value for key, value in d.items() if key not in gone} | {"certificates": list(d["certificate_until"])}
        for d in documents
    ]


def holds(d: dict[str, Any], type_: str, day: int) -> bool:
    return type_ in d["certificate_until"] and d["certificate_from"][type_] <= day <= d["certificate_until"][type_]


def is_near(d: dict[str, Any], c: Criteria) -> bool:
    if c.near is None or not c.radius_km:
        return True
    return d["lat"] is not None and c.near.km(d["lat"], d["lng"]) <= c.radius_km


def fits(d: dict[str, Any], c: Criteria, index: IndexName = "offerings") -> bool:
    c = c.within(index)
    if index == "needs":
        certified = all(type_ in d["certificates"] for type_ in c.certificates)
    else:
        certified = all(holds(d, type_, c.valid_on or TODAY) for type_ in c.certificates)
    return (
        certified
        and is_near(d, c)
        and (not c.kinds or bool(set(c.kinds) & set(d["kinds"])))
        and (not c.languages or bool(set(c.languages) & set(d["languages"])))
        and (not c.districts or d["district"] in c.districts)
        and (not c.employees or d["employees"] in c.employees)
        and (not c.directions or d["direction"] in c.directions)
        and (not c.occupations or bool(set(c.occupations) & set(d["occupations"])))
        and (not c.procedures or d["procedure"] in c.procedures)
        and (not c.verified or d["verified_on"] is not None)
        and (not c.cpv or any(code in d["cpv_prefixes"] for code in c.cpv))
        and (not c.available_by or d["available_on"] <= c.available_by)
    )


def random_criteria(r: random.Random) -> Criteria:
    def some(values: list[str], chance: float = 0.3) -> tuple[str, ...]:
        return tuple(r.sample(values, r.randint(1, 2))) if r.random() < chance else ()

    around = r.random() < 0.5
    return Criteria(
        kinds=some(["service", "training", "rail"]),
        languages=some(["de", "pl", "en"]),
        districts=some(["DE40C", "DE403", "PL431"]),
        employees=some(["1-9", "10-49", "50-249"], 0.2),
        verified=r.random() < 0.2,
        certificates=some(TYPES)[:1],
        valid_on=r.choice([None, 20261124, 20261125, 20270601, 20290101]),
        cpv=("452",) if r.random() < 0.2 else (),
        directions=("available",) if r.random() < 0.1 else (),
        occupations=some(["mechatronics", "tool-mechanic"], 0.1),
        procedures=("tender",) if r.random() < 0.1 else (),
        available_by=20261231 if r.random() < 0.2 else None,
        near=Near(52.1458 + r.gauss(0, 0.2), 14.6313 + r.gauss(0, 0.2)) if around else None,
        radius_km=r.choice([0.5, 5, 12.5, 30, 60, 100, 400]) if around else None,
        per_page=100,
    )
