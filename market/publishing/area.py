"""Where a firm works: the base, a radius or districts, and the map that shows it."""

from typing import Any

from market.accounts.models import Organisation
from market.catalogue.ground import districts
from market.catalogue.mapping import Map, reach_map
from market.catalogue.regionmap import DISTRICTS
from market.i18n import N_, Words
from market.offerings.labels import PRICES
from market.offerings.models import Offering
from market.publishing.fields import plain
from market.publishing.forms import RADII, WhereForm
from market.taxonomy.places import Gazetteer, Spot, fields_of, same_place
from market.web.endpoint import Call
from market.web.forms import Filled, read

SIZE = (358, 250)


def place_of(organisation: Organisation, spot: Spot | None) -> dict[str, object]:
    """The place found; the firm's own point where it is the firm's own place."""
    if spot is None:
        return {}
    if (spot.postcode, spot.town) == (organisation.postcode, organisation.town) and organisation.lat is not None:
        return same_place(organisation)
    return fields_of(spot)


def values(offering: Offering) -> dict[str, Any]:
    """The offering as the form shows it."""
    radius = offering.radius_km
    reach = "areas" if offering.areas else str(radius) if radius in RADII else "other" if radius else "60"
    return {
        "place": f"{offering.postcode} {offering.town}".strip(),
        "reach": reach,
        "km": "" if radius is None or radius in RADII else str(radius),
        "areas": list(offering.areas),
        "available_on": offering.available_on or "",
        "lead_time_days": "" if offering.lead_time_days is None else offering.lead_time_days,
        "price_mode": offering.price_mode,
        "price": "" if offering.price_cents is None else plain(offering.price_cents / 100),
        "currency": offering.currency,
        "unit": offering.unit or "HUR",
    }


def read_where(call: Call) -> tuple[Filled[WhereForm], Spot | None]:
    """The form and the place it names; a place nobody knows is refused."""
    filled: Filled[WhereForm] = read(call.form, WhereForm, call.words)
    said = str(filled.values["place"])
    spot = Gazetteer.load(call.session).locate(said) if said.strip() else None
    if spot is None and said.strip():
        filled.errors.setdefault("place", call.words(N_("We do not know this place. Give a postcode or a town.")))
    known = [code for code in filled.values["areas"] if code in DISTRICTS]
    if filled.data is not None and list(filled.data.areas) != known:
        filled.data = filled.data.model_copy(update={"areas": known})
    return filled, spot


def view(call: Call, offering: Offering, filled: Filled[WhereForm] | None, spot: Spot | None = None) -> dict[str, Any]:
    """What the screen shows beside the fields: choices and the map of what is chosen now."""
    lat, lon, town = (spot.lat, spot.lon, spot.town) if spot else (offering.lat, offering.lon, offering.town)
    form = filled.data if filled else None
    radius = form.radius() if form else offering.radius_km
    areas = list(form.areas) if form and form.reach == "areas" else [] if form else list(offering.areas)
    w = call.words
    return {
        "radii": RADII,
        "districts": [(code, w(name), "") for code, name in DISTRICTS.items()],
        "units": [(code, unit_name(w, code)) for code in PRICES],
        "price_modes": [
            ("on_request", w(N_("On request")), ""),
            ("from", w(N_("Price from")), ""),
            ("fixed", w(N_("Fixed price")), ""),
        ],
        **drawn(lat, lon, town, radius, areas),
    }


def unit_name(w: Words, code: str) -> str:
    """`per hour`, as it stands after a price."""
    return w(PRICES[code], price="").strip()


def drawn(lat: float | None, lon: float | None, town: str, radius: int | None, areas: list[str]) -> dict[str, Any]:
    """The map, and the outlines of the districts on it. Poland's are not drawn on our ground, only named."""
    if lat is None or lon is None:
        return {"map": None, "hits": []}
    map_: Map = reach_map(lat, lon, None if areas else radius or 60, town, SIZE)
    if areas:
        map_ = reach_map(lat, lon, 75, town, SIZE)
        map_ = Map(map_.window, map_.ground, towns=map_.towns, centre=map_.centre)
    return {"map": map_, "hits": [districts()[code] for code in areas if code in districts()]}


def in_words(w: Words, offering: Offering) -> str:
    """`60 km around 15890 Eisenhüttenstadt`, or the districts."""
    place = f"{offering.postcode} {offering.town}".strip()
    if offering.areas:
        named = ", ".join(w(DISTRICTS.get(code, code)) for code in offering.areas)
        return w(N_("%(place)s, works in: %(areas)s"), place=place, areas=named)
    if offering.radius_km and offering.kind != "training":
        return w(N_("%(km)s km around %(place)s"), km=w.number(offering.radius_km), place=place)
    return place
