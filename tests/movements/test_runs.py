"""Empty runs: offered by the railway, read by everybody, had by one firm."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.db import Sessions
from market.errors import Conflict
from market.movements import runs, service
from market.movements.models import Movement
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.offerings.slots import RailSlot
from market.viewer import OPERATOR
from tests import factories as make
from tests.movements.support import FACTS, TUESDAY, ask, far, railway, run_on, slot_on, slots_of
from tests.movements.test_views import TRAIN, letters

Enter = Callable[..., TestClient]


def test_a_run_is_there_for_others_until_it_is_taken_past_or_its_last_day_over(session: Session, now: datetime) -> None:
    offering = railway(session, now)
    run = run_on(session, offering, now, asked_until=TUESDAY - timedelta(days=1))
    assert runs.free(session, now) == [run]
    assert runs.free(session, now, beside=offering.organisation_id) == []
    assert runs.free(session, now + timedelta(days=7)) == [], "its last day for requests is over"
    taken = ask(session, run, make.organisation(session, now), now, wagons=12)
    assert (taken.state, taken.places, runs.free(session, now)) == ("requested", 1, [])
    second = ask(session, run, make.organisation(session, now), now, wagons=2)
    assert second.state == "waiting", "one firm has it whole"
    for one in (second, taken):
        service.move(session, OPERATOR, one, "cancel", now)
    assert runs.free(session, now) == [run]
    offerings.move(session, OPERATOR, offering, "pause", now)
    assert runs.free(session, now) == []


def test_a_request_after_the_last_day_is_refused(session: Session, now: datetime) -> None:
    run = run_on(session, railway(session, now), now, asked_until=now.date())
    with pytest.raises(Conflict) as refused:
        ask(session, run, make.organisation(session, now), now + timedelta(days=1))
    assert refused.value.details["reason"] == "late"


def test_a_run_stands_beside_a_slot_of_the_same_window_and_outlives_a_change_of_the_offering(
    session: Session, now: datetime
) -> None:
    offering = railway(session, now)
    run = run_on(session, offering, now, window="10:00-14:00")
    offerings.change(session, OPERATOR, offering, now, details=offering.details_json | {"slots": []})
    assert {(one.is_run, one.state) for one in slots_of(session, offering)} == {(False, "withdrawn"), (True, "open")}
    assert runs.free(session, now, offering_id=offering.id) == [run]


def test_the_same_run_offered_again_changes_its_figures_unless_a_firm_has_it(session: Session, now: datetime) -> None:
    offering = railway(session, now)
    run = run_on(session, offering, now)
    assert run_on(session, offering, now, wagons=8, gross_mass_t=500.0) is run
    assert (run.wagons, run.gross_mass_t) == (8, 500.0)
    ask(session, run, make.organisation(session, now), now)
    with pytest.raises(Conflict):
        run_on(session, offering, now, wagons=20)


def test_taking_a_run_back_declines_who_has_asked_and_is_refused_once_it_is_promised(
    session: Session, now: datetime
) -> None:
    offering = railway(session, now)
    run = run_on(session, offering, now)
    firms = [make.organisation(session, now) for _ in range(3)]
    for firm in firms[:2]:
        ask(session, run, firm, now)
    news = runs.withdraw(session, OPERATOR, run, now)
    assert [(one.event, one.movement.reason) for one in news] == [("declined", "withdrawn")] * 2
    assert (run.state, run.held, runs.withdraw(session, OPERATOR, run, now)) == ("withdrawn", 0, [])
    assert run_on(session, offering, now) is run, "offered anew"
    service.move(session, OPERATOR, ask(session, run, firms[2], now), "confirm", now)
    with pytest.raises(Conflict):
        runs.withdraw(session, OPERATOR, run, now)


@pytest.mark.parametrize("taken", [False, True])
def test_a_cancelled_movement_takes_its_run_along_unless_a_firm_has_it(
    session: Session, now: datetime, taken: bool
) -> None:
    offering = railway(session, now)
    (slot,) = slots_of(session, offering)
    loaded = ask(session, slot, make.organisation(session, now), now)
    service.move(session, OPERATOR, loaded, "confirm", now)
    run = run_on(session, offering, now, of=loaded)
    assert loaded.run_id == run.id
    if taken:
        ask(session, run, make.organisation(session, now), now)
    service.move(session, OPERATOR, loaded, "cancel", now)
    assert run.state == ("open" if taken else "withdrawn")


def test_many_firms_at_once_and_one_has_the_run(sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        run_id = run_on(session, railway(session, now), now).id
        firms = [make.organisation(session, now).id for _ in range(8)]

    def one(firm_id: int) -> None:
        with sessions.begin() as session:
            firm = session.get_one(make.Organisation, firm_id)
            service.request(session, OPERATOR, firm, [run_id], now, **(FACTS | {"wagons": 4}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, firms))
    with sessions() as session:
        assert Counter(session.scalars(select(Movement.state))) == {"requested": 1, "waiting": 7}
        assert session.get_one(RailSlot, run_id).held == 1


@pytest.fixture
def track(sessions: Sessions) -> str:
    """Reference of a rail offering of Werkbahn GmbH with a slot next week."""
    with sessions.begin() as session:
        return railway(session, datetime.now(UTC), slot_on(far(7))).ref


def form(track: str, day: date, **more: str) -> dict[str, str]:
    way = {"origin": "Ladegleis Guben", "destination": "Ziltendorf", "begins": "14:00", "ends": "18:00"}
    return {"offering": track, "day": day.isoformat(), "wagons": "12", "gross_mass_t": "900"} | way | more


def test_from_the_loaded_train_to_the_run_another_firm_has(
    enter: Enter, window: Callable[[], TestClient], track: str, sessions: Sessions
) -> None:
    railway_ = enter("knut@bahn.example", "editor", firm="Werkbahn GmbH")
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    other = enter("max@fremd.example", "admin", firm="Fremde AG")
    with sessions() as session:
        slot = slots_of(session, session.scalars(select(Offering)).one())[0].ref
    trip = {"origin": "Geheimes Anschlussgleis", "destination": "Guben"}
    place = buyer.post(f"/rail/slots/{slot}", data=TRAIN | trip).headers["location"]
    loaded = place.rpartition("/")[2]
    railway_.post(f"{place}/confirm")
    assert "Die Leerfahrt anbieten" in railway_.get(place).text
    assert "Die Leerfahrt anbieten" not in buyer.get(place).text
    begun = railway_.get("/me/movements/board", params={"of": loaded}).text.partition('id="offer"')[2]
    assert 'value="Ladegleis"' in begun, "the facility's name"
    assert far(8).isoformat() in begun
    assert "Geheimes Anschlussgleis" not in begun
    offered = railway_.post("/me/movements/board", data=form(track, far(8), of=loaded))
    assert offered.status_code == 303
    assert "Sie bieten die zugehörige Leerfahrt anderen an: Ladegleis Guben → Ziltendorf." in railway_.get(place).text

    week = {"week": far(8).strftime("%G-W%V")}
    board = window().get("/rail", params=week).text
    assert "Leerfahrt: Ladegleis Guben → Ziltendorf" in board
    assert "bis 12 Wagen, 900\u00a0t" in board, "to whoever listens to it, and on its page"
    assert "Przejazd próżny" in window().get("/pl/rail", params=week).text
    assert "Ladegleis Guben → Ziltendorf" in other.get("/me/movements").text
    assert "Leerfahrten anderer Firmen" not in railway_.get("/me/movements").text
    with sessions() as session:
        run = session.scalars(select(RailSlot).where(RailSlot.origin != "")).one()
        ref, path = run.ref, f"/offerings/{run.offering.ref}/{run.offering.slug}"
    assert "Ladegleis Guben → Ziltendorf" in window().get(path).text

    asked = TRAIN | {"origin": "Ladegleis Guben", "destination": "Ziltendorf"}
    refused = other.post(f"/rail/slots/{ref}", data=asked | {"wagons": "14", "gross_mass_t": "950"})
    assert refused.status_code == 422
    assert "14 Wagen, die Fahrt hat 12: 2 zu viel" in refused.text
    assert "Zug 950 t, bewegt werden höchstens 900 t: 50 t zu schwer" in refused.text
    before = len(letters(sessions))
    theirs = other.post(f"/rail/slots/{ref}", data=asked).headers["location"]
    to_other, to_railway = letters(sessions)[before:]
    assert [to_other[0], to_railway[0]] == ["max@fremd.example", "knut@bahn.example"]
    assert all("Leerfahrt: Ladegleis Guben → Ziltendorf" in text for _, _, text in (to_other, to_railway))
    assert "Ladegleis Guben → Ziltendorf" not in window().get("/rail", params=week).text, "it is taken"
    assert "Fremde AG" in railway_.get("/me/movements/board", params=week).text
    assert railway_.post("/me/movements/board", data=form(track, far(8), wagons="6")).status_code == 409
    railway_.post(f"{theirs}/confirm")
    (event,) = icalendar.Calendar.from_ical(other.get("/me/movements.ics").content).events
    assert event["summary"] == "Werkbahn GmbH: 10 Wagen, Leerfahrt"
    assert other.post(f"/me/movements/runs/{ref}/withdraw").status_code == 404
    assert railway_.post(f"/me/movements/runs/{ref}/withdraw").status_code == 409


WRONG: list[tuple[dict[str, str], str]] = [
    ({"length_m": "400"}, "Zug 400 m, nutzbare Länge 380 m: 20 m zu lang"),
    ({"gross_mass_t": "1.700"}, "Zug 1.700 t, bewegt werden höchstens 1.600 t: 100 t zu schwer"),
    ({"destination": "Ladegleis Guben"}, "Die Fahrt muss an einem anderen Ort enden"),
    ({"day": "2020-01-01"}, "Diese Zeit ist vorbei."),
    ({"day": "2066-01-01"}, "Bitte prüfen Sie das Jahr."),
    ({"begins": "25:00"}, "Schreiben Sie eine Uhrzeit"),
    ({"asked_until": "2040-01-01"}, "Die Fahrt findet vorher statt."),
    ({"offering": "fremd"}, "Bitte wählen Sie"),
    ({"wagons": "0"}, "mindestens 1"),
]


def test_what_is_wrong_with_a_run_is_said_at_its_field_and_kept(enter: Enter, track: str, sessions: Sessions) -> None:
    railway_ = enter("knut@bahn.example", "editor", firm="Werkbahn GmbH")
    for changed, sentence in WRONG:
        answer = railway_.post("/me/movements/board", data=form(track, far(8)) | changed)
        assert answer.status_code == 422, changed
        assert sentence in answer.text, changed
        assert 'value="Ladegleis Guben"' in answer.text
    with sessions() as session:
        assert session.scalars(select(RailSlot).where(RailSlot.origin != "")).all() == []


def test_a_firm_without_a_public_track_offers_no_run(enter: Enter, track: str) -> None:
    buyer = enter("ada@werk.example", "admin", firm="Werk SE")
    assert "Leerfahrt anbieten" not in buyer.get("/me/movements/board").text
    assert buyer.post("/me/movements/board", data=form(track, far(8))).status_code == 422
