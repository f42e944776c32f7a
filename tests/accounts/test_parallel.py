"""What works once works once: of twenty at the same moment exactly one wins, and no loser sees an error page."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts import links
from market.accounts.links import SignInLink
from market.accounts.oidc import states
from market.accounts.sessions import BrowserSession
from market.db import Sessions
from tests.accounts.test_views import FORM, join
from tests.support.parallel import at_once

ROUNDS = 50


def _link(sessions: Sessions, now: datetime, number: int) -> links.Asked:
    with sessions.begin() as session:
        session.query(SignInLink).delete()  # the limit of links for an address is not meant here
        return links.ask(session, f"ute{number}@probe.example", "192.0.2.1", now)


@pytest.mark.parametrize("way", ["link", "code"])
def test_of_twenty_redemptions_at_once_one_wins(sessions: Sessions, now: datetime, way: str) -> None:
    numbers = count()

    def redeem(asked: links.Asked) -> bool:
        with sessions.begin() as session:
            if way == "link":
                return links.redeem(session, asked.token, asked.browser, now) is not None
            return links.redeem_code(session, asked.browser, asked.code, now) is not None

    found = at_once(ROUNDS, lambda: _link(sessions, now, next(numbers)), redeem)
    assert [sum(won) for won in found] == [1] * ROUNDS


def test_of_twenty_ways_back_at_once_one_finds_its_journey(sessions: Sessions, now: datetime) -> None:
    """A provider's callback and the answer of a passkey are both looked up like this."""
    numbers = count()

    def begin() -> str:
        state = f"state-{next(numbers)}"
        with sessions.begin() as session:
            states.keep(session, "provider", "browser", state, {"nonce": state}, now)
        return state

    def take(state: str) -> bool:
        with sessions.begin() as session:
            return states.take(session, "provider", "browser", state, now) == {"nonce": state}

    found = at_once(ROUNDS, begin, take)
    assert [sum(won) for won in found] == [1] * ROUNDS


def test_a_link_opened_twenty_times_at_once_signs_in_once_and_explains_itself_to_the_others(
    window: Callable[[], TestClient], mailed: Callable[[], tuple[str, str]], sessions: Sessions
) -> None:
    join(window(), mailed)
    client = window()

    def ask() -> str:
        with sessions.begin() as session:
            session.query(SignInLink).delete()
            session.query(BrowserSession).delete()
        client.cookies.clear()
        assert client.post("/sign-in", data={"email": FORM["email"]}).status_code == 303
        return mailed()[0]

    for statuses in at_once(3, ask, lambda path: client.post(path).status_code):
        assert statuses.count(303) == 1, statuses
        assert max(statuses) < 500, statuses
        with sessions() as session:
            assert session.scalar(select(func.count()).select_from(BrowserSession)) == 1
