"""The demo data says only what it may: invented firms stay recognisable, every code exists, every shape fits."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from market.offerings.kinds import KINDS
from market.values import distance_km
from seeds.plant import dated

ROOT = Path(__file__).parents[2]
DATA = ROOT / "seeds" / "data"
SHARED = ROOT.parent / "shared" / "data"
TODAY = date(2026, 1, 15)
REAL = {"arcelormittal-eisenhuettenstadt", "rock-tech-guben", "qcw", "fqz"}
LANGUAGES = {"de", "en", "pl"}
PHONES = re.compile(r"\+49 30 23125-\d{3}|\+48 22 000 0\d{3}")
UNITS = {"HUR", "DAY", "TNE", "C62", "MTR", "MTK", "KMT"}
DISTRICTS = {
    *("DE402", "DE403", "DE405", "DE406", "DE409", "DE40A", "DE40B", "DE40C", "DE40G", "DE40I"),
    *("PL431", "PL432"),
}


def _read(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader)


def _all(folder: str) -> list[dict[str, Any]]:
    return [record for file in sorted((DATA / folder).glob("*.yaml")) for record in _read(file)]


FIRMS = _all("firms")
NEEDS = _all("needs")
OFFERINGS = [(firm, offering) for firm in FIRMS for offering in firm["offerings"]]
TRADES = {trade["id"]: trade for group in _read(DATA / "trades.yaml")["groups"] for trade in group["trades"]}
CERTIFICATES = {entry["id"]: entry for entry in _read(DATA / "certificates.yaml")["certificates"]}


def _name(pair: tuple[dict[str, Any], dict[str, Any]]) -> str:
    return f"{pair[0]['key']}/{pair[1]['key']}"


def _words(text: str) -> int:
    return len(re.findall(r"\w[\w.,/()+-]*", text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value


def test_there_is_enough_of_everything() -> None:
    kinds = Counter(offering["kind"] for _, offering in OFFERINGS)
    assert len(FIRMS) >= 58
    assert len(OFFERINGS) >= 195
    assert len(NEEDS) >= 30
    assert set(kinds) == set(KINDS)
    assert all(count >= 16 for count in kinds.values()), kinds
    assert sum(firm["country"] == "PL" for firm in FIRMS) >= 12
    assert sum(offering["lang"] == "pl" for _, offering in OFFERINGS) >= 30
    assert sum(offering["lang"] == "en" for _, offering in OFFERINGS) >= 4
    assert sum(bool(offering.get("texts")) for _, offering in OFFERINGS) >= len(OFFERINGS) // 4


def test_keys_are_unique() -> None:
    assert not [key for key, count in Counter(firm["key"] for firm in FIRMS).items() if count > 1]
    assert not [name for name, count in Counter(map(_name, OFFERINGS)).items() if count > 1]
    assert not [key for key, count in Counter(need["key"] for need in NEEDS).items() if count > 1]
    for key in [firm["key"] for firm in FIRMS] + [o["key"] for _, o in OFFERINGS] + [n["key"] for n in NEEDS]:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key), key


def test_files_stay_readable() -> None:
    for file in [*(DATA / "firms").glob("*.yaml"), *(DATA / "needs").glob("*.yaml")]:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 420, file.name


@pytest.mark.parametrize("firm", FIRMS, ids=lambda firm: firm["key"])
def test_a_firm(firm: dict[str, Any]) -> None:
    assert firm["district"] in DISTRICTS
    assert set(firm["languages"]) <= LANGUAGES | {"uk", "cs"}
    assert set(firm["about"]) <= LANGUAGES
    for text in firm["about"].values():
        assert 30 <= _words(text) <= 70, (_words(text), text)
    for held in firm.get("certificates", []):
        known = CERTIFICATES[held["type"]]
        assert not held.get("level") or held["level"] in [*known.get("levels", []), *known.get("variants", [])], held
        until = held.get("valid_until_in_days")
        assert until is None or held["valid_from_in_days"] < until, held


@pytest.mark.parametrize("firm", FIRMS, ids=lambda firm: firm["key"])
def test_invented_firms_are_recognisable_and_real_ones_untouched(firm: dict[str, Any]) -> None:
    if firm["key"] in REAL:
        assert firm["invented"] is False
        assert not {"phone", "email", "website", "registers", "imprint", "certificates", "contact"} & set(firm)
        for offering in firm["offerings"]:
            assert "beispiel" in offering["title"].lower(), offering["title"]
            assert "**Beispiel" in offering["description"]
        return
    assert firm["invented"] is True
    assert firm["partner"] is False
    assert PHONES.fullmatch(firm["phone"]), firm["phone"]
    assert firm["phone"].startswith("+49" if firm["country"] == "DE" else "+48")
    assert re.fullmatch(r"[a-z.-]+@[a-z0-9.-]+\.example", firm["email"])
    assert re.fullmatch(r"https://[a-z0-9.-]+\.example", firm["website"])
    assert firm["name"].split(" ")[0] in firm["imprint"]
    for register in firm["registers"]:
        assert register["scheme"] != "EU-VAT"
        digits = re.sub(r"\D", "", register["number"])
        assert digits.startswith("99") or digits.startswith("00099"), register
    for certificate in firm.get("certificates", []):
        assert certificate["number"].startswith("EX-"), certificate


def test_registers_phones_and_addresses_are_not_shared() -> None:
    for field in ("phone", "email", "website", "name"):
        used = Counter(firm[field] for firm in FIRMS if firm.get(field))
        assert max(used.values()) == 1, used.most_common(2)
    used = Counter(register["number"] for firm in FIRMS for register in firm.get("registers", []))
    assert max(used.values()) == 1, used.most_common(2)
    points = Counter((firm["lat"], firm["lon"]) for firm in FIRMS)
    assert max(points.values()) == 1, points.most_common(2)


def test_no_contact_leads_outside() -> None:
    for text in _strings([FIRMS, NEEDS]):
        for host in re.findall(r"(?:https?://|@|www\.)([\w.-]+)", text):
            assert host.rstrip(".").endswith(".example"), text
        for number in re.findall(r"\+\d[\d -]{6,}\d", text):
            assert PHONES.fullmatch(number), number


@pytest.mark.parametrize("pair", OFFERINGS, ids=_name)
def test_an_offering(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    offering = pair[1]
    _check_texts(offering, 40, 110)
    assert all(trade in TRADES for trade in offering["trades"]), offering["trades"]
    assert TRADES[offering["trades"][0]]["kind"] == offering["kind"]
    assert ("radius_km" in offering) != ("areas" in offering)
    assert set(offering.get("areas", [])) <= DISTRICTS
    assert offering.get("status", "published") in {"draft", "published", "paused", "archived"}
    price = offering.get("price", {"mode": "on_request"})
    assert price["mode"] in {"on_request", "from", "fixed"}
    if price["mode"] != "on_request":
        assert price["amount"] > 0
        assert price["currency"] == "EUR"
        assert price["unit"] in UNITS
    assert not set(offering) - {
        *("key", "kind", "trades", "lang", "title", "summary", "description", "texts", "cpv", "keywords", "details"),
        *("radius_km", "areas", "available_in_days", "lead_time_days", "price", "audience", "status", "languages"),
    }
    KINDS[offering["kind"]].model_validate(dated(offering["details"], TODAY))


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need["key"])
def test_a_need(need: dict[str, Any]) -> None:
    _check_texts(need, 60, 160)
    assert need["organisation"] in {firm["key"] for firm in FIRMS}
    assert need["kind"] in KINDS
    assert need["procedure"] in {"information", "quotation", "tender", "call_off"}
    assert need["stage"] in {"draft", "published", "closed", "evaluation"}
    assert TRADES[need["trades"][0]]["kind"] == need["kind"]
    assert all(trade in TRADES for trade in need["trades"])
    for wanted in need.get("certificates", []):
        kind, _, level = wanted.partition(":")
        assert not level or level in CERTIFICATES[kind]["levels"], wanted
        assert kind in CERTIFICATES, wanted
    questions, bids = need.get("questions_until_in_days"), need.get("bids_until_in_days")
    if need["stage"] == "published":
        assert need["published_in_days"] <= 0
        assert 3 <= bids <= 60
        assert need["execution_from_in_days"] <= need["execution_until_in_days"]
    if need["stage"] == "closed":
        assert bids < 0
    if questions is not None and bids is not None:
        assert questions < bids < need["decision_by_in_days"]
    if need["kind"] == "residual":
        assert need["ewc"]


def test_needs_are_mixed() -> None:
    assert Counter(need["stage"] for need in NEEDS) >= Counter({"published": 20, "closed": 3, "draft": 2})
    assert {need["procedure"] for need in NEEDS} == {"information", "quotation", "tender", "call_off"}
    assert {need["kind"] for need in NEEDS} == set(KINDS)
    assert len({need["organisation"] for need in NEEDS} - REAL) >= 3


def test_certificates_hold_expire_soon_and_have_ended() -> None:
    untils = [c.get("valid_until_in_days") for firm in FIRMS for c in firm.get("certificates", [])]
    dates = [days for days in untils if days is not None]
    assert sum(days < 0 for days in dates) >= 5
    assert sum(30 <= days <= 90 for days in dates) >= 10
    assert sum(days > 90 for days in dates) >= 60
    assert sum(firm.get("verified_in_days") is None for firm in FIRMS) in range(3, 9)


def test_no_sentence_is_copied_between_firms() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for firm in FIRMS:
        for text in _strings([firm["about"], firm.get("imprint", ""), firm["offerings"]]):
            _collect(owners, text, firm["key"])
    for need in NEEDS:
        for text in _strings(need):
            _collect(owners, text, f"need {need['key']}")
    copied = {sentence: sorted(who) for sentence, who in owners.items() if len(who) > 1}
    assert not copied


def test_codes_and_places_are_the_official_ones() -> None:
    """Compares with the official files where they lie beside the checkout."""
    if not SHARED.is_dir():
        return
    cpv = {row["CODE"][:8] for row in _table("cpv/cpv_2008_de_en_pl.csv")}
    ewc = {row["code_display"] + ("*" if row["hazardous"] == "1" else "") for row in _table("waste/avv_ewc_de_en.csv")}
    ewc |= {row["code_display"] for row in _table("waste/avv_ewc_de_en.csv")}
    for record in [*(offering for _, offering in OFFERINGS), *NEEDS]:
        assert set(record.get("cpv", [])) <= cpv, record["key"]
    for need in NEEDS:
        assert set(need.get("ewc", [])) <= ewc, need["key"]
    for _, offering in OFFERINGS:
        if offering["kind"] == "residual":
            details = KINDS["residual"].model_validate(dated(offering["details"], TODAY))
            assert set(details.waste_codes()) <= ewc, offering["key"]
    places: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for file in ("geo/plz_brandenburg_geonames.csv", "geo/plz_lubuskie_geonames.csv"):
        for row in _table(file):
            point = (float(row["latitude"]), float(row["longitude"]))
            places[row["zipcode"], row["place"].lower()].append(point)
            if row["place"].startswith(f"{row['place'].split(' ')[0]} "):
                places[row["zipcode"], row["place"].split(" ")[0].lower()].append(point)
    for at in [*FIRMS, *(need["site"] for need in NEEDS if "site" in need)]:
        known = places.get((at["postcode"], at["town"].lower()))
        assert known, (at["postcode"], at["town"])
        nearest = min(distance_km(at["lat"], at["lon"], *point) for point in known)
        assert nearest < 4.5, (at.get("key"), at["town"], round(nearest, 1))


def _check_texts(record: dict[str, Any], low: int, high: int) -> None:
    assert record["lang"] in LANGUAGES
    assert low <= _words(record["description"]) <= high, (_words(record["description"]), record["title"])
    assert set(record.get("texts", {})) <= LANGUAGES - {record["lang"]}
    for text in [record, *record.get("texts", {}).values()]:
        assert 10 <= len(text["title"]) <= 110, text["title"]
        assert 20 <= len(text["summary"]) <= 160, (len(text["summary"]), text["summary"])
    for joined in _strings(record):
        assert "  " not in joined.replace("\n  ", "\n"), joined


def _collect(owners: dict[str, set[str]], text: str, owner: str) -> None:
    for sentence in re.split(r"(?<=[.!?:;])\s+|\n+", text):
        words = re.findall(r"\w+", sentence.lower())
        if len(words) > 8:
            owners[" ".join(words)].add(owner)


def _table(name: str) -> list[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
