"""Links by letter: single use, short, bound to the window, counted; nothing tells who is known."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import links
from market.accounts.links import SignInLink
from market.errors import TooMany

ADDRESS = "ute@probe.example"


def ask(session: Session, now: datetime, email: str = ADDRESS, client: str = "192.0.2.1", **more: str) -> links.Asked:
    return links.ask(session, email, client, now, **more)  # type: ignore[arg-type]


def test_a_link_opens_once_in_the_window_that_asked(session: Session, now: datetime) -> None:
    asked = ask(session, now)
    session.flush()
    assert links.redeem(session, asked.token, "x" * 43, now) is None
    used = links.redeem(session, asked.token, asked.browser, now)
    assert used is not None
    assert used.email == ADDRESS
    assert links.redeem(session, asked.token, asked.browser, now) is None


@pytest.mark.parametrize(("seconds", "opens"), [(599, True), (600, False), (601, False)])
def test_a_link_lasts_ten_minutes(session: Session, now: datetime, seconds: int, opens: bool) -> None:
    asked = ask(session, now)
    session.flush()
    late = now + timedelta(seconds=seconds)
    assert links.is_open(session, asked.token, late) is opens
    assert (links.redeem(session, asked.token, asked.browser, late) is not None) is opens


def test_the_code_opens_only_with_the_cookie_of_the_window(session: Session, now: datetime) -> None:
    asked = ask(session, now)
    session.flush()
    assert links.redeem_code(session, "y" * 43, asked.code, now) is None
    written = f"{asked.code[:4].lower()} - {asked.code[4:]}"
    assert links.redeem_code(session, asked.browser, written, now) is not None
    assert links.redeem(session, asked.token, asked.browser, now) is None


def test_five_wrong_codes_end_the_link(session: Session, now: datetime) -> None:
    asked = ask(session, now)
    session.flush()
    for _ in range(links.TRIES):
        assert links.redeem_code(session, asked.browser, "22222222", now) is None
    assert links.redeem_code(session, asked.browser, asked.code, now) is None
    assert links.redeem(session, asked.token, asked.browser, now) is None


def test_neither_token_nor_code_nor_cookie_stands_in_the_database(session: Session, now: datetime) -> None:
    asked = ask(session, now)
    session.flush()
    row = session.scalars(select(SignInLink)).one()
    kept = b"|".join(
        value if isinstance(value, bytes) else str(value).encode()
        for value in (getattr(row, column.key) for column in SignInLink.__table__.columns)
    )
    for secret in (asked.token, asked.code, asked.browser):
        assert secret.encode() not in kept


def test_an_address_gets_three_links_in_a_quarter_of_an_hour(session: Session, now: datetime) -> None:
    for number in range(3):
        ask(session, now, client=f"192.0.2.{number}", email=ADDRESS.upper() if number else ADDRESS)
        session.flush()
    with pytest.raises(TooMany):
        ask(session, now, client="192.0.2.99")
    ask(session, now + timedelta(minutes=15, seconds=1), client="192.0.2.99")


def test_an_address_gets_ten_links_a_day(session: Session, now: datetime) -> None:
    for number in range(10):
        ask(session, now + timedelta(hours=number), client=f"192.0.2.{number}")
        session.flush()
    with pytest.raises(TooMany):
        ask(session, now + timedelta(hours=11), client="192.0.2.99")
    ask(session, now + timedelta(days=1, seconds=1), client="192.0.2.99")


def test_a_client_gets_ten_links_in_five_minutes(session: Session, now: datetime) -> None:
    for number in range(10):
        ask(session, now, email=f"p{number}@probe.example")
        session.flush()
    with pytest.raises(TooMany):
        ask(session, now, email="p11@probe.example")
    ask(session, now, email="p11@probe.example", client="192.0.2.2")


def test_old_links_are_forgotten_after_a_day(session: Session, now: datetime) -> None:
    ask(session, now)
    session.flush()
    ask(session, now + timedelta(days=1, seconds=1))
    session.flush()
    assert len(session.scalars(select(SignInLink)).all()) == 1


def test_a_known_window_keeps_its_cookie(session: Session, now: datetime) -> None:
    first = ask(session, now)
    session.flush()
    second: Callable[[], links.Asked] = lambda: ask(session, now, browser=first.browser)  # noqa: E731
    assert second().browser == first.browser
