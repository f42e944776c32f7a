"""How many certificates run out: enough of them from enough firms, of what the provider's courses renew."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.bookings import renewals
from market.values import local_day
from tests import factories as make
from tests.bookings.conftest import course, written


def ending(session: Session, now: datetime, firm: Organisation, day: date, count: int, **more: object) -> None:
    for number in range(count):
        given = {"type": "iso-9606-1", "holder": "Haubentaucherin", "number": f"P-{number}", "valid_until": day}
        make.certificate(session, now, firm, **(given | more))


def test_only_months_that_tell_nobody_apart_are_counted(session: Session, now: datetime) -> None:
    today = local_day(now)
    school = course(session, today, written(today)).organisation
    firms = [make.organisation(session, now, name=f"Betrieb {number} GmbH") for number in range(3)]
    soon, later, lone = (today + timedelta(days=days) for days in (40, 100, 160))
    for firm, count in zip(firms, (2, 2, 1), strict=True):
        ending(session, now, firm, soon, count)
        ending(session, now, firm, today + timedelta(days=400), 5)
        ending(session, now, firm, soon, 5, state="uploaded")
        ending(session, now, firm, soon, 5, type="scc")
    ending(session, now, firms[0], lone, 9)
    for firm in firms[:2]:
        ending(session, now, firm, later, 3)
    ending(session, now, school, later, 3)
    session.flush()
    found = renewals.due(session, school, today)
    assert found == [renewals.Renewal(soon.replace(day=1), "iso-9606-1", 5)]
    assert renewals.due(session, firms[0], today) == [], "who runs no course is told nothing"
