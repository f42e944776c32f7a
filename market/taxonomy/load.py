"""Fills the code lists: our own first, the official ones when somebody loads them (`market load-taxonomy`)."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from market.db import Base
from market.errors import Invalid
from market.taxonomy import codes, trades
from market.taxonomy.models import Code, Place
from market.taxonomy.source import read

Row = dict[str, Any]
Progress = Callable[[int], object]

DISTRICTS = {
    "12052": "DE402",
    "12053": "DE403",
    "12060": "DE405",
    "12061": "DE406",
    "12064": "DE409",
    "12066": "DE40B",
    "12067": "DE40C",
    "12071": "DE40G",
    "12073": "DE40I",
}
"""District key of the German list -> NUTS 3, for the region and its neighbours."""
GORZOWSKI = ("gorzowski", "Gorzów", "międzyrzecki", "słubicki", "strzelecko-drezdenecki", "sulęciński")
"""Powiats of PL431; the rest of Lubuskie is PL432."""


@dataclass
class LoadReport:
    """What a list brought: lines read, rows new or changed, and refused lines with their reason."""

    loaded: int = 0
    changed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def load_own(session: Session) -> None:
    """Codes of our trades under the trades' names, and the places we wrote down. Official labels stay."""
    labels: dict[tuple[str, str], Row] = {}
    for trade in trades.by_id().values():
        for scheme, those in (("cpv", trade.cpv[:1]), ("ewc", trade.ewc)):
            for code in those:
                names = {f"label_{language}": name for language, name in trade.names.items()}
                row = {
                    "scheme": scheme,
                    "code": code,
                    "hazardous": code.endswith("*"),
                    "source": "own",
                    **names,
                }
                labels.setdefault((scheme, code), row)
    official = {(c.scheme, c.code) for c in session.scalars(select(Code).where(Code.source == "official"))}
    _upsert(session, Code, [row for key, row in labels.items() if key not in official], ("scheme", "code"))
    _upsert(session, Place, list(_own_places()), ("country", "postcode", "town"))


def _own_places() -> Iterator[Row]:
    for place in read("places")["places"]:
        for postcode, lat, lon in place["codes"]:
            yield {
                "country": place["country"],
                "postcode": postcode,
                "town": place["town"],
                "municipality": place["town"],
                "district": place["district"],
                "lat": lat,
                "lon": lon,
                "weight": place["inhabitants"],
                "source": "own",
            }


def load_official(session: Session, scheme: str, file: Path, progress: Progress = lambda lines: None) -> LoadReport:
    """Read an official list in the form it is published in; twice changes nothing, a bad line stops nothing.

    `cpv`: CODE,DE,EN,PL. `ewc`: code,code_display,digits,hazardous,de,en. `places`: GeoNames' postcode columns.
    Raises Invalid when the file has other columns.
    """
    readers = {"cpv": (_cpv, Code, ("scheme", "code")), "ewc": (_ewc, Code, ("scheme", "code"))}
    readers["places"] = (_place, Place, ("country", "postcode", "town"))  # type: ignore[assignment]
    make, model, key = readers[scheme]
    report = LoadReport()
    before = _present(session, model, key)
    rows: dict[tuple[Any, ...], Row] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for number, line in enumerate(csv.DictReader(stream), start=2):
            progress(1)
            try:
                row = make(line)
            except KeyError as error:
                raise Invalid(f"{file.name} has no column {error}; is it the {scheme} list?") from error
            except ValueError as error:
                report.refused.append((number, str(error)))
                continue
            if row is not None:
                rows.setdefault(tuple(row[name] for name in key), row)
                report.loaded += 1
    # Our own places stay: they are checked, and carry the size that tells towns of one name apart.
    fixed = {k for k, row in before.items() if row["source"] == "own" and scheme == "places"}
    fresh = [row for k, row in rows.items() if before.get(k) != row and k not in fixed]
    _upsert(session, model, fresh, key)
    report.changed = len(fresh)
    codes.forget_labels()
    return report


def _present(session: Session, model: type[Base], key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    names = [column.name for column in model.__table__.columns if column.name != "id"]
    found = {}
    for row in session.execute(select(*(getattr(model, name) for name in names))):
        record = dict(zip(names, row, strict=True))
        found[tuple(record[name] for name in key)] = record
    return found


def _upsert(session: Session, model: type[Base], rows: list[Row], key: Sequence[str]) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    if rows:
        statement = insert(Base.metadata.tables[model.__tablename__])
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        # One short statement for all rows: to write out one of a thousand takes longer than to run it.
        session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), rows)


def _clean(text: str) -> str:
    """Polish labels of the official list contain no-break spaces."""
    return " ".join(text.replace("\u00a0", " ").split())


def _cpv(line: Row) -> Row:
    labels = {f"label_{language.lower()}": _clean(line[language]) for language in ("DE", "EN", "PL")}
    return {
        "scheme": "cpv",
        "code": codes.normalise_cpv(line["CODE"]),
        "hazardous": False,
        "source": "official",
        **labels,
    }


def _ewc(line: Row) -> Row | None:
    """Entries of six digits; chapters and groups keep their number of digits as code for the help in forms."""
    shown = line["code_display"].strip()
    hazardous = line["hazardous"].strip() in ("1", "true", "True")
    if len(line["code"].strip("*")) == 6:
        shown = codes.normalise_ewc(line["code"].strip("*") + ("*" if hazardous else ""))
    elif not shown.replace(" ", "").isdigit():
        raise ValueError(f"{shown!r} is no waste code")
    labels = {"label_de": _clean(line["de"]), "label_en": _clean(line["en"]), "label_pl": ""}
    return {"scheme": "ewc", "code": shown, "hazardous": hazardous, "source": "official", **labels}


def _place(line: Row) -> Row | None:
    """Skips the names of big customers who have a German postcode of their own: their place is not their town's."""
    country, town = line["country_code"], _clean(line["place"])
    lat, lon = float(line["latitude"]), float(line["longitude"])
    if not line["zipcode"].strip() or not town:
        raise ValueError("postcode or place is missing")
    municipality = _clean(line["community"])
    if country == "DE" and _is_customer(town, municipality):
        return None
    district = DISTRICTS.get(line["community_code"], DISTRICTS.get(line["province_code"], ""))
    if country == "PL":
        district = "PL431" if any(name in line["province"] for name in GORZOWSKI) else "PL432"
    return {
        "country": country,
        "postcode": line["zipcode"].strip(),
        "town": town,
        "municipality": municipality,
        "district": district,
        "lat": lat,
        "lon": lon,
        "weight": 0,
        "source": "official",
    }


_CUSTOMER = (
    *("GmbH", " AG", " KG", "mbH", "e.V", "Agentur", "Post", "Versicherung", "Bank", "Sparkasse", "Bundes"),
    *("Finanzamt", "Amtsgericht", "Universität", "Stadtverwaltung", "Landes", "Oberbürgermeister", "Kasse"),
    *("krankenkasse", "Jobcenter", "Deutsche ", "AOK", "IKK", "Direktion", "Gericht", "Hochschule", "Service"),
)
"""Words that name a customer and not a place."""


def _is_customer(town: str, municipality: str) -> bool:
    return town != municipality and any(word in town for word in _CUSTOMER)
