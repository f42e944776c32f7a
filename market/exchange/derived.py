"""Where a record is: the point given, else that of its postcode or town; trades by its codes."""

from typing import Any

from market.exchange import cells
from market.exchange.reasons import Fault, Refused, nearest
from market.exchange.records import Common
from market.i18n import N_
from market.needs.models import Need
from market.offerings.models import Offering
from market.taxonomy import trades
from market.taxonomy.places import Gazetteer

Known = Offering | Need | None


def place_fields(record: Common, gazetteer: Gazetteer, known: Known = None) -> dict[str, Any]:
    """The model's fields of the place as far as the record says or implies them; empty where it is silent."""
    fields = record.given("postcode", "country", "district", "lat", "lon")
    if "place" in record.model_fields_set:
        fields["town"] = record.place
    if fields.get("country") == "":
        del fields["country"]
    if not fields:
        return {}
    if known is not None and known.lat is not None and same(known, fields):
        return {}
    spot = gazetteer.locate(f"{record.postcode} {record.place}".strip())
    if spot is None or record.country not in ("", spot.country):
        return fields
    if record.lat is None:
        fields |= {"lat": spot.lat, "lon": spot.lon}
    fields["country"] = spot.country
    for name, value in (("postcode", spot.postcode), ("town", spot.town), ("district", spot.district)):
        # A town has many postcodes: that of its centre would be no more than a guess.
        if not fields.get(name) and not (name == "postcode" and record.place):
            fields[name] = value
    return fields


def same(known: Offering | Need, fields: dict[str, Any]) -> bool:
    return all(getattr(known, name) == value for name, value in fields.items())


def news(known: Offering | Need, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something new; a line break at the end of a text does not."""
    return {name: value for name, value in fields.items() if cells.clean(getattr(known, name, None)) != value}


def trade_fields(record: Common, kind: str | None, known: Known) -> dict[str, Any]:
    """The trades said, else those of the codes where these are new; else nothing changes. Raises Refused."""
    unknown = [name for name in record.trades if name not in trades.by_id()]
    if unknown:
        near = nearest(unknown[0], list(trades.by_id()))
        hint = f"; did you mean {near!r}?" if near else ""
        message = N_("There is no trade of this name. Leave it empty: the trade follows from the CPV code.")
        raise Refused(f"'trades': there is no trade {unknown[0]!r}{hint}", Fault("trades", unknown[0], message))
    if record.trades:
        return {"trades": tuple(record.trades)}
    if known is None or ("cpv" in record.model_fields_set and tuple(record.cpv) != known.cpv):
        return {"trades": trades.from_cpv(record.cpv, kind)}
    return {}
