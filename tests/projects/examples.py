"""A project of a partner with a work package that is a need, and one that is none yet."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.needs.models import Need
from market.projects import service
from market.projects.models import WorkPackage
from market.values import local_day
from tests.factories import TESTER


def project(session: Session, now: datetime, partner: Organisation, *needs: Need) -> WorkPackage:
    """Returns the package without a need; the others stand before it."""
    first = local_day(now) + timedelta(days=60)
    fields = {"name": "Sommerstillstand der Warmbreitbandstraße", "site": "Tor 3", "town": "Guben", "postcode": "03172"}
    days = {"starts_on": first, "ends_on": first + timedelta(days=21)}
    made = service.begin(session, TESTER, partner, now, description="Drei Wochen Stillstand.", **fields, **days)
    for need in needs:
        service.add(session, TESTER, made, now, title=f"Paket: {need.title}", need=need)
    left = service.add(session, TESTER, made, now, title="Gerüste stellen", description="Auf- und Abbau", site="Tor 2")
    session.flush()
    return left
