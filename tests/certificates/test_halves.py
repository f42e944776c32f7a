"""Every six months a welder's qualification is confirmed: when it is due, who hears of it, what may be entered."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.certificates import halves
from market.certificates.models import Certificate
from market.db import Sessions
from market.mail.models import Letter
from market.values import local_day, utc_now
from tests import factories as make

BASE = "http://testserver"


def welder(session: Session, since: date, **more: object) -> Certificate:
    given = {"type": "iso-9606-1", "holder": "Nora Probe", "valid_from": since, "valid_until": None} | more
    return make.certificate(session, utc_now(), make.organisation(session, utc_now()), **given)


def test_the_next_day_is_six_months_on_and_only_for_what_runs_on(session: Session) -> None:
    assert halves.due_on(welder(session, date(2026, 8, 31))) == date(2027, 2, 28)
    assert halves.due_on(welder(session, date(2026, 8, 31), confirmed_on=date(2027, 2, 1))) == date(2027, 8, 1)
    assert halves.due_on(welder(session, date(2026, 8, 31), valid_until=date(2027, 2, 28))) is None
    assert halves.due_on(welder(session, date(2026, 8, 31), type="iso-9001")) is None
    assert halves.due_on(welder(session, date(2026, 8, 31), state="uploaded")) is None


def test_the_firm_is_told_once_before_each_day_and_enters_what_was_confirmed(
    enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    now, today = utc_now(), local_day(utc_now())
    office = enter("buero@probe.example", "editor")
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation)).one()
        given = {"type": "iso-9606-1", "valid_from": today - timedelta(days=175), "valid_until": None}
        ref = make.certificate(session, now, firm, **given).ref
        for _ in range(2):
            halves.remind(session, today, now, BASE)
        letters = list(session.scalars(select(Letter).where(Letter.event == "certificates/confirm")))
        assert [letter.to for letter in letters] == ["buero@probe.example"]
        assert f"{BASE}/me/certificates/{ref}" in letters[0].text
    page = f"/me/certificates/{ref}"
    assert "Fällig bis" in office.get(page).text
    wrong = office.post(f"{page}/confirm", data={"confirmed_on": (today + timedelta(days=1)).isoformat()})
    assert wrong.status_code == 422
    assert 'id="confirmed_on-error"' in wrong.text
    assert office.post(f"{page}/confirm", data={"confirmed_on": today.isoformat()}).status_code == 303
    assert "Zuletzt bestätigt am" in office.get(page).text
    with sessions.begin() as session:
        assert halves.remind(session, today, now, BASE) == 0
        assert session.scalars(select(Certificate)).one().confirmed_on == today
