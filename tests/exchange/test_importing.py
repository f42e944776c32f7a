"""Imports into a real database, each on both systems."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.certificates import service as wallet
from market.certificates.models import Certificate
from market.db import Sessions
from market.exchange import importing
from market.exchange.importing import import_offerings
from market.exchange.organisations import UNNAMED
from market.journal import Errand
from market.needs.models import Need
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.values import local_day
from market.viewer import OPERATOR
from tests.conftest import NOW
from tests.exchange.conftest import Take, jsonl

WELDING: dict[str, Any] = {
    "external_id": "w-1",
    "provider": "Oder Rohrbau GmbH",
    "provider_email": "buero@oder-rohrbau.example",
    "title": "Rohrleitungen schweißen",
    "summary": "WIG und E-Hand",
    "cpv": ["45231100"],
    "keywords": ["WIG", "E-Hand"],
    "certificates": [{"type": "en-1090-2", "level": "EXC2", "valid_until": "2027-05-01"}, "iso-9001"],
    "languages": ["de", "pl"],
    "postcode": "15890",
    "radius_km": 80,
    "lead_time_days": 5,
    "price": 58.5,
    "unit": "h",
    "details": {"crew_size": 12, "shift_work": True},
}
TURNING: dict[str, Any] = {
    "external_id": "n-1",
    "organisation": "Stahlwerk Beispiel GmbH",
    "title": "Zwölf Schweißer für den Stillstand",
    "description": "Zwei Wochen im Mai.",
    "kind": "service",
    "cpv": ["45262670"],
    "place": "Eisenhüttenstadt",
    "on_date": "2027-05-03",
    "certificates": ["iso-9606-1", "en-1090-2:EXC2"],
    "languages": ["de"],
    "bids_until": "2027-03-01T12:00",
}


def only(session: Session, model: Any) -> Any:
    return session.scalars(select(model)).one()


def test_an_offering_arrives_with_all_it_says(take_offerings: Take, session: Session) -> None:
    report = take_offerings(WELDING)
    assert (report.created, report.changed, report.unchanged, report.refused) == (1, 0, 0, [])
    offering: Offering = only(session, Offering)
    assert offering.status == "published"
    assert offering.published_at == NOW
    assert (offering.kind, offering.lang, offering.currency) == ("service", "de", "EUR")
    assert (offering.price_cents, offering.price_mode, offering.unit) == (5850, "fixed", "HUR")
    assert (offering.town, offering.country, offering.district) == ("Eisenhüttenstadt", "DE", "DE40C")
    assert offering.lat == pytest.approx(52.14, abs=0.05)
    assert offering.trades, "the trades follow from the codes"
    assert offering.details_json["crew_size"] == 12
    organisation = offering.organisation
    assert organisation.name == "Oder Rohrbau GmbH"
    assert organisation.email == "buero@oder-rohrbau.example"
    assert organisation.verified_on == local_day(NOW)
    assert (organisation.verified_source, organisation.verified_by) == ("import", "operator")
    assert organisation.town == "Eisenhüttenstadt"
    held = {(c.type, c.level, c.valid_until) for c in session.scalars(select(Certificate))}
    assert held == {("en-1090-2", "EXC2", date(2027, 5, 1)), ("iso-9001", "", None)}


def test_a_need_arrives_with_all_it_says(take_needs: Take, session: Session) -> None:
    assert take_needs(TURNING).created == 1
    need: Need = only(session, Need)
    assert (need.stage, need.kind, need.procedure, need.lang) == ("published", "service", "quotation", "de")
    assert need.execution_from == date(2027, 5, 3)
    assert need.certificates == ("iso-9606-1", "en-1090-2:EXC2")
    assert need.bids_until == datetime(2027, 3, 1, 11, tzinfo=UTC)
    assert (need.town, need.district) == ("Eisenhüttenstadt", "DE40C")
    assert need.organisation.verified_on == local_day(NOW)


def test_twice_changes_nothing_and_leaves_no_trace(
    take_offerings: Take, take_needs: Take, entries: Callable[[], int]
) -> None:
    take_offerings(WELDING)
    take_needs(TURNING)
    before = entries()
    again = take_offerings(WELDING)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    again = take_needs(TURNING)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert entries() == before


def test_a_changed_record_changes_and_tells_the_search(take_offerings: Take, sessions: Sessions) -> None:
    take_offerings(WELDING)
    with sessions.begin() as session:
        session.query(Errand).delete()
    report = take_offerings(WELDING | {"title": "Rohre schweißen", "price": 61})
    assert (report.created, report.changed) == (0, 1)
    with sessions() as session:
        offering = only(session, Offering)
        assert (offering.title, offering.price_cents) == ("Rohre schweißen", 6100)
        errand = only(session, Errand)
        assert (errand.subject, errand.subject_id) == ("offerings", offering.id)


def test_what_is_absent_stays_and_what_is_empty_goes(take_offerings: Take, session: Session) -> None:
    take_offerings(WELDING)
    take_offerings(
        {"external_id": "w-1", "provider": "Oder Rohrbau GmbH", "title": "Neu", "radius_km": None, "summary": ""}
    )
    offering: Offering = only(session, Offering)
    assert (offering.title, offering.radius_km, offering.summary) == ("Neu", None, "")
    assert (offering.price_cents, offering.lead_time_days, offering.town) == (5850, 5, "Eisenhüttenstadt")


def test_organisations_are_known_again_by_name(take_offerings: Take, session: Session) -> None:
    take_offerings(WELDING, WELDING | {"external_id": "w-2", "provider": "  oder  ROHRBAU gmbh "})
    take_offerings(WELDING | {"external_id": "w-3", "provider": "ODER ROHRBAU GMBH"})
    assert only(session, Organisation).name == "Oder Rohrbau GmbH"
    assert len(session.scalars(select(Offering)).all()) == 3


def test_an_organisation_that_was_there_is_not_verified_by_the_import(
    take_offerings: Take, sessions: Sessions, session: Session
) -> None:
    with sessions.begin() as writing:
        accounts.create(writing, OPERATOR, NOW, name="Oder Rohrbau GmbH", email="chef@oder-rohrbau.example")
    take_offerings(WELDING)
    organisation: Organisation = only(session, Organisation)
    assert organisation.verified_on is None
    assert organisation.email == "chef@oder-rohrbau.example"


def test_records_that_name_nobody_find_a_home(take_offerings: Take, take_needs: Take, session: Session) -> None:
    take_offerings({"external_id": "a", "title": "Schweißen"})
    take_needs({"external_id": "b", "title": "Schweißer", "organisation": ""})
    organisation: Organisation = only(session, Organisation)
    assert (organisation.name, organisation.verified_on) == (UNNAMED, None)


def test_a_bad_record_stops_no_other(take_offerings: Take, session: Session) -> None:
    report = take_offerings(
        WELDING | {"kind": "unknown"},
        WELDING | {"external_id": "w-2"},
        {"external_id": "w-3", "kind": "rail", "title": "Rangieren"},
        WELDING | {"external_id": "w-4", "trades": ["pipe-weldin"]},
        WELDING | {"external_id": "w-2", "title": "Noch einmal"},
    )
    assert report.created == 1
    assert [(line, external_id) for line, external_id, _ in report.refused] == [
        (1, "w-1"),
        (3, "w-3"),
        (4, "w-4"),
        (5, "w-2"),
    ]
    reasons = [reason for _, _, reason in report.refused]
    assert "did you mean" not in reasons[0]
    assert "'details.services' is missing" in reasons[1]
    assert "no trade 'pipe-weldin'" in reasons[2]
    assert "stands in line 2 already" in reasons[3]
    assert only(session, Offering).external_id == "w-2"


def test_a_refused_record_leaves_no_organisation_behind(take_offerings: Take, session: Session) -> None:
    report = take_offerings(
        {"external_id": "r-1", "provider": "Nur Gleise GmbH", "kind": "rail", "title": "Rangieren"},
        WELDING | {"external_id": "w-1", "provider": "Nur Gleise GmbH"},
    )
    assert (report.created, len(report.refused)) == (1, 1)
    assert only(session, Organisation).name == "Nur Gleise GmbH"
    assert only(session, Organisation).email == WELDING["provider_email"]


def test_what_the_database_refuses_is_a_reason_like_any_other(
    take_offerings: Take, sessions: Sessions, session: Session
) -> None:
    take_offerings(WELDING, WELDING | {"external_id": "w-2"})
    first, second = session.scalars(select(Offering).order_by(Offering.id))
    report = take_offerings(WELDING | {"external_id": second.external_id, "ref": first.ref})
    assert "the database refuses it" in report.refused[0][2]


def test_a_dry_run_says_the_same_and_keeps_nothing(take_offerings: Take, session: Session) -> None:
    report = take_offerings(WELDING, WELDING | {"external_id": "w-2", "price": -1}, dry_run=True)
    assert (report.created, len(report.refused)) == (1, 1)
    assert session.scalars(select(Offering)).all() == []
    assert session.scalars(select(Organisation)).all() == []


def test_the_status_moves_along_the_lifecycle(take_offerings: Take, take_needs: Take, session: Session) -> None:
    take_offerings(WELDING | {"status": "draft"})
    take_needs(TURNING | {"status": "draft"})
    offering, need = only(session, Offering), only(session, Need)
    assert (offering.status, need.stage) == ("draft", "draft")
    take_offerings(WELDING)
    session.refresh(offering)
    assert offering.status == "draft", "a known record stays as it is unless the file says otherwise"
    take_offerings(WELDING | {"status": "paused"})
    take_needs(TURNING | {"status": "closed"})
    session.refresh(offering)
    session.refresh(need)
    assert (offering.status, need.stage) == ("paused", "closed")
    take_offerings(WELDING | {"status": "archived"})
    report = take_offerings(WELDING | {"status": "published"})
    assert "does not become published any more" in report.refused[0][2]


def test_certificates_are_added_and_never_taken_away(take_offerings: Take, session: Session) -> None:
    def held() -> list[tuple[str, str, date | None]]:
        session.expire_all()
        found = session.scalars(select(Certificate).order_by(Certificate.type, Certificate.valid_until))
        return [(c.type, c.level, c.valid_until) for c in found]

    take_offerings(WELDING | {"certificates": ["iso-9001"]})
    assert held() == [("iso-9001", "", None)]
    take_offerings(WELDING | {"certificates": ["iso-9001@2027-01-31"]})
    assert held() == [("iso-9001", "", date(2027, 1, 31))]
    take_offerings(WELDING | {"certificates": ["iso-9001@2030-01-31"]})
    assert held() == [("iso-9001", "", date(2027, 1, 31)), ("iso-9001", "", date(2030, 1, 31))]
    take_offerings(WELDING | {"certificates": []})
    assert len(held()) == 2


def test_two_records_with_other_days_do_not_quarrel(take_offerings: Take, entries: Callable[[], int]) -> None:
    both = (
        WELDING | {"certificates": ["iso-9001"]},
        WELDING | {"external_id": "w-2", "certificates": ["iso-9001@2027-01-31"]},
        WELDING | {"external_id": "w-3", "certificates": ["iso-9001@2028-01-31"]},
    )
    take_offerings(*both)
    before = entries()
    assert take_offerings(*both).unchanged == 3
    assert entries() == before


def test_a_verified_certificate_without_end_is_left_alone(take_offerings: Take, sessions: Sessions) -> None:
    with sessions.begin() as session:
        firm = accounts.create(session, OPERATOR, NOW, name="Oder Rohrbau GmbH")
        wallet.add(session, OPERATOR, firm, NOW, type="iso-9001", state="verified", number="4711")
    take_offerings(WELDING | {"certificates": ["iso-9001@2027-01-31"]})
    with sessions() as session:
        days = {c.number: c.valid_until for c in session.scalars(select(Certificate))}
    assert days == {"4711": None, "": date(2027, 1, 31)}


@pytest.mark.parametrize(
    ("said", "town", "country", "placed"),
    [
        ({"place": "Guben"}, "Guben", "DE", True),
        ({"postcode": "03172"}, "Guben", "DE", True),
        ({"place": "Słubice"}, "Słubice", "PL", True),
        ({"place": "Guben", "country": "PL"}, "Guben", "PL", False),
        ({"place": "Floriana", "country": "MT"}, "Floriana", "MT", False),
        ({"lat": 51.95, "lon": 14.71}, "", "DE", True),
        ({"place": "Anderswo", "lat": "51,95", "lon": "14,71"}, "Anderswo", "DE", True),
    ],
)
def test_the_point_follows_from_postcode_or_town(
    take_needs: Take, session: Session, said: dict[str, Any], town: str, country: str, placed: bool
) -> None:
    take_needs({"external_id": "n", "title": "Kranarbeiten", "organisation": "X"} | said)
    need: Need = only(session, Need)
    assert (need.town, need.country, need.lat is not None) == (town, country, placed)


def test_an_offering_without_a_place_stands_where_its_firm_is(take_offerings: Take, session: Session) -> None:
    silent = {"external_id": "w-2", "provider": WELDING["provider"], "title": "Biegen"}
    take_offerings(WELDING, silent)
    assert {offering.town for offering in session.scalars(select(Offering))} == {"Eisenhüttenstadt"}
    assert take_offerings(WELDING, silent).unchanged == 2


def test_trades_chosen_by_hand_survive_until_the_codes_change(
    take_offerings: Take, sessions: Sessions, session: Session
) -> None:
    take_offerings(WELDING)
    with sessions.begin() as writing:
        offering = only(writing, Offering)
        offerings.change(writing, OPERATOR, offering, NOW, trades=("crane-hire",))
    assert take_offerings(WELDING).unchanged == 1
    assert only(session, Offering).trades == ("crane-hire",)
    take_offerings(WELDING | {"cpv": ["50530000"]})
    session.expire_all()
    assert only(session, Offering).trades != ("crane-hire",)


def test_a_price_that_stays_keeps_its_mode(take_offerings: Take, sessions: Sessions, session: Session) -> None:
    take_offerings(WELDING | {"price_mode": "from"})
    assert take_offerings(WELDING).unchanged == 1
    assert only(session, Offering).price_mode == "from"
    take_offerings(WELDING | {"price": ""})
    session.expire_all()
    assert (only(session, Offering).price_mode, only(session, Offering).price_cents) == ("on_request", None)
    assert "without a price" in take_offerings(WELDING | {"price": "", "price_mode": "from"}).refused[0][2]


@pytest.mark.parametrize(("kind", "field"), [("training", "qualification"), ("lab_test", "methods")])
def test_details_may_follow_from_the_title(take_offerings: Take, session: Session, kind: str, field: str) -> None:
    assert take_offerings({"external_id": "1", "title": "Zugversuch", "provider": "X", "kind": kind}).refused == []
    assert "Zugversuch" in str(only(session, Offering).details_json[field])


def test_another_kind_takes_other_details(take_offerings: Take, session: Session) -> None:
    take_offerings(WELDING)
    assert take_offerings(
        {"external_id": "w-1", "provider": WELDING["provider"], "title": "Kurs", "kind": "training"}
    ).changed
    offering: Offering = only(session, Offering)
    assert (offering.kind, offering.details_json["qualification"]) == ("training", "Kurs")


def test_a_reference_belongs_to_its_organisation(take_offerings: Take, session: Session) -> None:
    take_offerings(WELDING)
    ref = only(session, Offering).ref
    report = take_offerings(WELDING | {"ref": ref, "provider": "Andere GmbH"})
    assert "is a record of 'Oder Rohrbau GmbH'" in report.refused[0][2]
    assert take_offerings(WELDING | {"ref": ref, "external_id": "neu"}).changed == 1
    assert take_offerings(WELDING | {"ref": "unknown", "external_id": "neu"}).unchanged == 1


def test_chunks_are_kept_whatever_comes_after(
    sessions: Sessions, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted in the third chunk: two are there, and a second run finishes the rest."""
    monkeypatch.setattr(importing, "CHUNK", 10)
    records = [WELDING | {"external_id": f"w-{number}"} for number in range(35)]
    data = jsonl(*records)
    done = 0

    class Cut(Exception):
        pass

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        if done == 20:
            raise Cut

    import io

    options: dict[str, Any] = {"now": NOW, "viewer": OPERATOR}
    with pytest.raises(Cut):
        import_offerings(sessions, io.BytesIO(data), progress=progress, **options)
    assert len(session.scalars(select(Offering)).all()) == 20
    session.rollback()  # the look is over: the import needs the write lock
    report = import_offerings(sessions, io.BytesIO(data), **options)
    assert (report.created, report.unchanged) == (15, 20)


def test_a_file_that_cannot_be_read_is_one_refusal(take_offerings: Take) -> None:
    report = take_offerings(data=b"titel;external_id\nx;1\n", kind="csv")
    assert report.refused == [(0, "", "In the first line there is no column 'titel'; did you mean 'title'?.")]
    assert take_offerings(data=b"", kind="jsonl") == importing.Report()


def test_csv_and_jsonl_say_the_same(take_offerings: Take) -> None:
    take_offerings(WELDING)
    head = ["external_id", "provider", "provider_email", "title", "summary", "cpv", "keywords", "certificates"]
    head += ["languages", "postcode", "radius_km", "lead_time_days", "price", "unit", "details"]
    cells = ["w-1", "Oder Rohrbau GmbH", "buero@oder-rohrbau.example", "Rohrleitungen schweißen", "WIG und E-Hand"]
    cells += ["45231100-6", '"WIG; E-Hand"', '"en-1090-2:EXC2@01.05.2027; iso-9001"', '"de; pl"', "15890"]
    cells += ["80", "5", '"58,50"', "Std.", '"{""crew_size"": 12, ""shift_work"": true}"']
    data = (";".join(head) + "\r\n" + ";".join(cells) + "\r\n").encode("cp1252")
    report = take_offerings(data=data, kind="csv")
    assert (report.unchanged, report.refused) == (1, [])
