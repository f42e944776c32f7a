"""Plants permits, deliveries agreed and sample orders, through the services like any firm's."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.deliveries import permits, service
from market.deliveries.models import Delivery, Permit
from market.deliveries.tonnes import TONNE, Amount, month_of, next_month
from market.offerings.models import Offering
from market.samples import service as samples
from market.samples.models import SampleOrder
from market.values import local_day
from market.viewer import Viewer
from seeds import reading

Record = dict[str, Any]


def plant(session: Session, viewer: Viewer, records: list[Record], now: datetime) -> int:
    """What is not there yet; days count from now, since what joined the demo later is not to be over already."""
    session.flush()
    makers = {"delivery": _delivery, "order": _order}
    return sum(makers[record["kind"]](session, viewer, record, local_day(now), now) for record in records)


def _offering(session: Session, firm: str, key: str) -> Offering:
    query = select(Offering).join(Offering.organisation)
    return session.scalars(query.where(Organisation.external_id == firm, Offering.external_id == key)).one()


def _delivery(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> bool:
    offering = _offering(session, record["holder"], record["material"])
    recipient = reading.firm(session, record["recipient"])
    same = (Delivery.offering_id == offering.id) & (Delivery.recipient_id == recipient.id)
    if session.scalar(select(Delivery.id).where(same).limit(1)) is not None:
        return False
    _permit(session, viewer, recipient, record["permit"], today, now)
    first = last = next_month(month_of(today))
    for _ in range(record["months"]):
        last = next_month(last)
    amount = Amount(record["tonnes"] * TONNE, "month", first, last - timedelta(days=1))
    made = service.propose(session, viewer, offering, recipient, amount, now)
    session.flush()
    service.agree(session, viewer, made, now)
    return True


def _permit(
    session: Session, viewer: Viewer, recipient: Organisation, held: Record, today: date, now: datetime
) -> None:
    same = (Permit.organisation_id == recipient.id) & (Permit.number == held["number"])
    if session.scalar(select(Permit.id).where(same).limit(1)) is not None:
        return
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


def _order(session: Session, viewer: Viewer, record: Record, today: date, now: datetime) -> bool:
    offering, buyer = _offering(session, record["laboratory"], record["tests"]), reading.firm(session, record["buyer"])
    same = (SampleOrder.offering_id == offering.id) & (SampleOrder.buyer_id == buyer.id)
    if session.scalar(select(SampleOrder.id).where(same).limit(1)) is not None:
        return False
    made = samples.order(
        session,
        viewer,
        offering,
        buyer,
        list(samples.methods_of(offering).values()),
        now,
        description=record["description"],
        count=record["samples"],
        wanted_on=today + timedelta(days=record["wanted_in_days"]),
    )
    session.flush()
    samples.receive(session, viewer, made, now)
    return True
