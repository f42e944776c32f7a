"""Bookings and pledges in the personal export; after erasure they stay with the firm, without the person."""

from collections.abc import Callable

from sqlalchemy import select
from starlette.testclient import TestClient

from market.bookings.models import Booking, Pledge
from market.db import Sessions


def test_bookings_are_exported_and_lose_their_person(
    enter: Callable[..., TestClient], planted: Callable[..., str], sessions: Sessions
) -> None:
    ref = planted(seats_min=5)
    own = enter("chef@rohr.example", "admin", firm="Rohrbau Probe")
    other = enter("zwei@rohr.example", "admin", firm="Rohrbau Probe")
    assert own.post(f"/sessions/{ref}/pledge", data={"seats": "2"}).status_code == 303
    assert own.post(f"/sessions/{ref}/book", data={"seats": "1", "names": "Bo Beispiel"}).status_code == 303
    data = own.get("/me/account/data.json").json()
    (booked,), (pledged,) = data["bookings"], data["seat_pledges"]
    assert (booked["course"], booked["for"], booked["seats"]) == ("Schweißerprüfung", "Rohrbau Probe", 1)
    assert (pledged["seats"], pledged["for"]) == (2, "Rohrbau Probe")
    assert "Bo Beispiel" not in str(data), "the name of another person"
    theirs = other.get("/me/account/data.json").json()
    assert (theirs["bookings"], theirs["seat_pledges"]) == ([], [])
    assert own.post("/me/account/erase").status_code == 303
    with sessions() as session:
        for model in (Booking, Pledge):
            one = session.scalars(select(model)).one()
            assert one.person_id is None
            assert one.organisation.name == "Rohrbau Probe"
