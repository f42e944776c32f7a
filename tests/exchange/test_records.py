"""What a record may say, and what it is told when it says something else."""

from typing import Any, get_args

import pytest

from market.exchange import records
from market.exchange.reasons import Refused, read, read_details
from market.exchange.records import NeedRecord, OfferingRecord
from market.needs import lifecycle as stages
from market.offerings import lifecycle as states
from market.offerings.kinds import KINDS
from market.taxonomy.languages import language_of_text

LEAST = {"external_id": "1", "title": "Schweißen"}


def offering(**more: Any) -> OfferingRecord:
    record: OfferingRecord = read(OfferingRecord, LEAST | more)
    return record


def need(**more: Any) -> NeedRecord:
    record: NeedRecord = read(NeedRecord, LEAST | more)
    return record


def literals(alias: Any) -> tuple[str, ...]:
    return get_args(get_args(get_args(alias)[0])[0])


def test_the_words_of_the_lifecycles_are_the_words_of_the_formats() -> None:
    assert literals(records.State) == states.STATES
    assert literals(records.Stage) == stages.STAGES
    assert literals(records.Procedure) == stages.PROCEDURES
    assert literals(records.AnyKind) == tuple(KINDS)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"titel": "x"}, "no column 'titel'; did you mean 'title'"),
        ({"external_id": ""}, "'external_id' is empty"),
        ({"title": None}, "'title' is empty"),
        ({"title": "x" * 301}, "longer than 300"),
        ({"kind": "servise"}, "did you mean 'service'"),
        ({"status": "live"}, "it takes 'draft', 'submitted'"),
        ({"cpv": ["1234"]}, "no CPV code"),
        ({"lat": "52.1"}, "lat and lon belong together"),
        ({"lat": 95, "lon": 14}, "'lat' is 95"),
        ({"radius_km": "far"}, "'radius_km'"),
        ({"radius_km": 1.5}, "whole number"),
        ({"price": -1}, "'price' is -1"),
        ({"certificates": ["iso-9002"]}, "did you mean 'iso-9001'"),
        ({"certificates": [{"type": "iso-9001", "valid_until": "soon"}]}, "2026-11-24"),
        ({"languages": ["deutsch"]}, "two letters"),
        ({"details": "{"}, "write it as JSON"),
        ({"details": [1]}, "'details'"),
        ({"provider_email": "nobody"}, "'provider_email'"),
        ({"keywords": {"a": 1}}, "'keywords'"),
        ({"title": True}, "'title'"),
        ({"title": ["x"]}, "'title'"),
    ],
)
def test_a_fault_is_told_with_its_column_and_what_to_do(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        offering(**values)
    assert reason in str(refused.value)


def test_missing_columns_are_named() -> None:
    with pytest.raises(Refused, match="'external_id' is missing; 'title' is missing"):
        read(OfferingRecord, {})


def test_many_faults_are_cut() -> None:
    with pytest.raises(Refused, match="and more"):
        offering(**{f"column{i}": 1 for i in range(9)})


def test_details_are_of_the_kind() -> None:
    with pytest.raises(Refused, match=r"'details\.crewsize'; did you mean 'details\.crew_size'"):
        read_details("service", {"crewsize": 4})
    with pytest.raises(Refused, match=r"'details\.services' is missing"):
        read_details("rail", {})
    with pytest.raises(Refused, match="waste needs ewc_code"):
        read_details("residual", {"direction": "available", "material": "Schlacke"})


def test_certificates_are_known_by_id_name_and_level() -> None:
    held = offering(
        certificates=["iso-9001", {"type": "en-1090-2", "level": "EXC2", "valid_until": "2027-05-01"}, "EN 1090 EXC3"]
    ).certificates
    assert [str(one) for one in held] == ["iso-9001", "en-1090-2:EXC2@2027-05-01", "en-1090-2:EXC3"]


def test_certificates_in_a_cell_say_the_same() -> None:
    held = offering(certificates="iso-9001@31.12.2027; en-1090-2:EXC2@2027-05-01").certificates
    assert [str(one) for one in held] == ["iso-9001@2027-12-31", "en-1090-2:EXC2@2027-05-01"]
    assert need(certificates="iso-9001;en-1090-2:EXC2").certificates == ["iso-9001", "en-1090-2:EXC2"]
    assert need(certificates=[{"type": "iso-9001"}]).certificates == ["iso-9001"]


def test_codes_are_brought_into_their_form() -> None:
    record = need(cpv="45231100-6; 9100000", ewc=["100201", "19 12 11*"])
    assert record.cpv == ["45231100", "09100000"]
    assert record.ewc == ["10 02 01", "19 12 11*"]


def test_a_spreadsheet_may_take_codes_for_numbers() -> None:
    record = offering(external_id=17.0, cpv=45231100, postcode=3172, radius_km=50.0)
    assert (record.external_id, record.cpv, record.postcode, record.radius_km) == ("17", ["45231100"], "03172", 50)


def test_units_may_be_written_as_people_do() -> None:
    assert [offering(unit=word).unit for word in ("h", "Std.", "Stück", "TNE", "Bahn")] == [
        "HUR",
        "HUR",
        "H87",
        "TNE",
        "Bahn",
    ]


def test_absent_and_empty_are_told_apart() -> None:
    record = offering(price="", summary="")
    assert record.given("price", "summary", "radius_km") == {"price": None, "summary": ""}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Reparatur von Pumpen und Getrieben", "de"),
        ("Repair of pumps and gearboxes", "en"),
        ("Naprawa pomp i przekładni", "pl"),
        ("Schweißen", "de"),
        ("123", "de"),
    ],
)
def test_the_language_of_a_text_is_guessed(text: str, language: str) -> None:
    assert language_of_text(text) == language
