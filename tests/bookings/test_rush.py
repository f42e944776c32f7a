"""A hundred bookings at once: never a seat too many, nobody lost, nobody sees an error page. `make bench` does more."""

from market.config import Settings
from market.db import Sessions
from tests.bookings.rush import rush, served


def test_twenty_seats_stay_twenty(settings: Settings, sessions: Sessions) -> None:
    with served(settings, sessions) as (base, tokens):
        for _ in range(2):
            found = rush(base, tokens, sessions, bookings=100)
            assert set(found.statuses) == {303}
            assert (found.reserved, found.booked, found.waiting) == (20, 20, 80)
            assert found.in_order
