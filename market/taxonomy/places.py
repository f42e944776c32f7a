"""Finds the point somebody means: a postcode, a town, or both, on either side of the border.

The whole list is small (some thousand rows), so it is held in memory: the search asks it on every request.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.taxonomy.models import Located, Place
from market.values import fold

PLACE: Final = ("postcode", "town", "country", "district", "lat", "lon")
"""The fields of `Located`."""
_POSTCODE = re.compile(r"\b(\d{2}-\d{3}|\d{5})\b")
_NOISE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Spot:
    """A town or a postcode area; `lat` and `lon` in degrees."""

    town: str
    postcode: str
    country: str
    district: str
    lat: float
    lon: float

    @property
    def label(self) -> str:
        return f"{self.postcode} {self.town}".strip()


def same_place(record: Located) -> dict[str, Any]:
    """What another record takes over of where this one is."""
    return {name: getattr(record, name) for name in PLACE}


def fields_of(spot: Spot | None) -> dict[str, object]:
    """What a record keeps of a place; without one the fields are empty."""
    return asdict(spot or Spot("", "", "DE", "", 0.0, 0.0)) | ({} if spot else {"lat": None, "lon": None})


def _key(text: str) -> str:
    """Folded words: "Frankfurt (Oder)" -> "frankfurt oder"."""
    return _NOISE.sub(" ", fold(text)).strip()


def _plain(text: str) -> str:
    """Also without the e of ae, oe, ue, so that "Furstenwalde" meets "Fürstenwalde"."""
    return re.sub(r"([aou])e", r"\1", text)


class Gazetteer:
    """An immutable list of places with its look-ups."""

    def __init__(self, places: Iterable[Place]) -> None:
        ordered = sorted(places, key=lambda place: (-place.weight, place.postcode, place.town))
        self.by_postcode: dict[str, list[Spot]] = defaultdict(list)
        self.by_town: dict[str, list[Spot]] = defaultdict(list)
        for place in ordered:
            spot = Spot(place.town, place.postcode, place.country, place.district, place.lat, place.lon)
            self.by_postcode[place.postcode].append(spot)
            names = {_key(place.town), _key(re.sub(r"[(/].*", "", place.town)), _plain(_key(place.town))}
            for name in names:
                self.by_town[name].append(spot)
        self.names = sorted(self.by_town)

    @classmethod
    def load(cls, session: Session) -> "Gazetteer":
        return cls(session.scalars(select(Place)))

    def locate(self, text: str) -> Spot | None:
        """The place meant, or None. A postcode decides over the town written beside it; one slip is forgiven."""
        found = _POSTCODE.search(text)
        if found and found[1] in self.by_postcode:
            spots = self.by_postcode[found[1]]
            rest = _key(_POSTCODE.sub(" ", text))
            return next((spot for spot in spots if rest and _key(spot.town).startswith(rest)), spots[0])
        name = _key(_POSTCODE.sub(" ", text))
        if not name:
            return None
        for key in (name, _plain(name)):
            if key in self.by_town:
                return self.by_town[key][0]
        begun = {spot.town for key in self.names if key.startswith(name + " ") for spot in self.by_town[key]}
        if len(begun) == 1:
            return self.by_town[_key(begun.pop())][0]
        return self._nearly(name)

    def _nearly(self, name: str) -> Spot | None:
        """The one town that is one edit away; None where there are several or the word is too short to guess."""
        if len(name) < 5:
            return None
        close = {key for key in self.names if abs(len(key) - len(name)) <= 1 and _one_edit(key, name)}
        spots = {self.by_town[key][0] for key in close}
        return spots.pop() if len({spot.town for spot in spots}) == 1 else None

    def suggest(self, text: str, limit: int = 8) -> list[Spot]:
        """Towns and postcodes that begin with what was typed, the larger towns first; each town once."""
        said = text.strip()
        if not said:
            return []
        if said[0].isdigit():
            spots = [spots[0] for code, spots in sorted(self.by_postcode.items()) if code.startswith(said)]
            return spots[:limit]
        start = _key(said)
        rows = [spot for key in self.names if key.startswith(start) for spot in self.by_town[key][:1]]
        towns: dict[tuple[str, str], Spot] = {}
        for spot in rows:
            towns.setdefault((spot.town, spot.country), spot)
        return list(towns.values())[:limit]


def _one_edit(one: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours turns one into the other."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    if short[start + 1 :] == long[start + 1 :]:
        return True
    swapped = short[:start] + short[start + 1 : start + 2] + short[start : start + 1] + short[start + 2 :]
    return swapped == long
