"""Plants permits, deliveries agreed and sample orders, through the services like any firm's."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.deliveries import permits, service
from market.deliveries.models import Permit
from market.deliveries.tonnes import TONNE, Amount, month_of, next_month
from market.offerings.models import Offering
from market.samples import service as samples
from market.viewer import Viewer
from seeds import reading

Record = dict[str, Any]


def plant(session: Session, viewer: Viewer, records: list[Record], today: date, now: datetime) -> int:
    """Everything, unless there are permits already; `today` is the day of the first planting."""
    session.flush()
    if session.scalar(select(func.count(Permit.id))):
        return 0
    for record in records:
        (_delivery if record["kind"] == "delivery" else _order)(session, viewer, record, today, now)
    return len(records)


def _offering(session: Session, firm: str, key: str) -> Offering:
    query = select(Offering).join(Offering.organisation)
    return session.scalars(query.where(Organisation.external_id == firm, Offering.external_id == key)).one()


def _delivery(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> None:
    recipient = reading.firm(session, record["recipient"])
    held = record["permit"]
    permit = permits.submit(
        session,
        viewer,
        recipient,
        now,
        number=held["number"],
        authority=held["authority"],
        codes=tuple(held["codes"]),
        kg_per_year=held["tonnes"] * TONNE,
        kg_elsewhere=held.get("elsewhere", 0) * TONNE,
        valid_until=today + timedelta(days=held["until_in_days"]),
    )
    permits.verify(session, viewer, permit, now)
    first = last = next_month(month_of(today))
    for _ in range(record["months"]):
        last = next_month(last)
    amount = Amount(record["tonnes"] * TONNE, "month", first, last - timedelta(days=1))
    offering = _offering(session, record["holder"], record["material"])
    made = service.propose(session, viewer, offering, recipient, amount, now)
    session.flush()
    service.agree(session, viewer, made, now)


def _order(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> None:
    offering = _offering(session, record["laboratory"], record["tests"])
    made = samples.order(
        session,
        viewer,
        offering,
        reading.firm(session, record["buyer"]),
        list(samples.methods_of(offering).values()),
        now,
        description=record["description"],
        count=record["samples"],
        wanted_on=today + timedelta(days=record["wanted_in_days"]),
    )
    session.flush()
    samples.receive(session, viewer, made, now)
