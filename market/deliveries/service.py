"""Deliveries: proposed by one side, agreed by the other, never more than permit and stream leave.

The one who agrees holds the rows of the stream and of the permit while the sums are made, so two who agree at the
same moment come one after the other (SQLite begins every write alone).
"""

from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.deliveries import lifecycle
from market.deliveries.models import Delivery, Permit
from market.deliveries.refusals import Refusal
from market.deliveries.tonnes import Amount, month_of, stream_of, taken, together, years
from market.offerings.kinds.residual import Residual
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.values import local_day
from market.viewer import Viewer

T = TypeVar("T", Offering, Permit)


def counted_on(session: Session, permit: Permit, beside: Delivery | None = None) -> dict[date, int]:
    """Kilograms by month that deliveries take of a permit."""
    return _sum(session, Delivery.permit_id == permit.id, beside)


def counted_of(session: Session, offering: Offering, beside: Delivery | None = None) -> dict[date, int]:
    """Kilograms by month that deliveries take of a stream."""
    return _sum(session, Delivery.offering_id == offering.id, beside)


def _sum(session: Session, which: ColumnElement[bool], beside: Delivery | None) -> dict[date, int]:
    query = select(Delivery).where(which, Delivery.state.in_(lifecycle.COUNTED))
    # Others may have agreed since this session read them last.
    found = session.scalars(query.execution_options(populate_existing=True))
    return together(one.counted() for one in found if beside is None or one.id != beside.id)


def left(session: Session, permit: Permit, year: int) -> int:
    """Kilograms a permit leaves in a year; never below nothing."""
    return max(0, permit.kg_here - years(counted_on(session, permit)).get(year, 0))


def permits_of(session: Session, organisation_id: int) -> list[Permit]:
    """Permits that count: looked at by the operator."""
    query = select(Permit).where(Permit.organisation_id == organisation_id, Permit.state == "verified")
    return list(session.scalars(query.order_by(Permit.id)))


def needs_permit(offering: Offering) -> bool:
    """By-products and what has ceased to be waste need none."""
    details = offering.details
    return isinstance(details, Residual) and details.legal_status == "waste"


def code_of(offering: Offering) -> str:
    details = offering.details
    return (details.ewc_code or "") if isinstance(details, Residual) else ""


def check_permit(session: Session, permit: Permit, amount: Amount, beside: Delivery | None = None) -> None:
    """Raises Refusal where the permit does not bear the amount: its days, then its tonnes, year by year."""
    if permit.valid_until is not None and amount.ends_on > permit.valid_until:
        raise Refusal("until", number=permit.number, until=permit.valid_until, end=amount.ends_on)
    if permit.valid_from is not None and amount.starts_on < permit.valid_from:
        raise Refusal("from", number=permit.number, since=permit.valid_from, start=amount.starts_on)
    used = years(counted_on(session, permit, beside))
    for year, kg in sorted(amount.by_year().items()):
        free = max(0, permit.kg_here - used.get(year, 0))
        if kg > free:
            raise Refusal("tonnage", number=permit.number, left=free, year=year, needed=kg)


def choose_permit(
    session: Session, recipient: Organisation, offering: Offering, amount: Amount, theirs: bool
) -> Permit | None:
    """The recipient's permit that bears the amount; None where the material needs none. Raises Refusal.

    `theirs`: the sentence is read by the holder.
    """
    if not needs_permit(offering):
        return None
    try:
        return _bearing(session, recipient, code_of(offering), amount)
    except Refusal as refusal:
        raise (refusal.theirs() if theirs else refusal) from None


def _bearing(session: Session, recipient: Organisation, code: str, amount: Amount) -> Permit:
    held = permits_of(session, recipient.id)
    if not held:
        raise Refusal("no_permit", code=code)
    covering = [permit for permit in held if code in permit.codes]
    if not covering:
        raise Refusal("code", code=code, codes=", ".join(sorted({code for permit in held for code in permit.codes})))
    refusals: list[Refusal] = []
    for permit in covering:
        try:
            check_permit(session, permit, amount)
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            return permit
    # Of several permits the one that comes nearest tells what is wrong.
    raise max(refusals, key=lambda one: (one.why == "tonnage", _left_of(one)))


def _left_of(refusal: Refusal) -> int:
    value = refusal.values.get("left", 0)
    return value if isinstance(value, int) else 0


def check_stream(session: Session, offering: Offering, amount: Amount, beside: Delivery | None = None) -> None:
    """Raises Refusal where more is asked for than the stream has free; a stream without a quantity bears all."""
    details = offering.details
    stream = stream_of(details.quantity, details.unit, details.per) if isinstance(details, Residual) else None
    if stream is None:
        return
    kg, over = stream
    used = counted_of(session, offering, beside)
    if over == "month":
        for month, needed in amount.by_month().items():
            if needed > (free := max(0, kg - used.get(month, 0))):
                raise Refusal("stream_month", left=free, month=month, needed=needed)
    elif over == "year":
        for year, needed in amount.by_year().items():
            if needed > (free := max(0, kg - years(used).get(year, 0))):
                raise Refusal("stream_year", left=free, year=year, needed=needed)
    elif (needed := sum(amount.by_month().values())) > (free := max(0, kg - sum(used.values()))):
        raise Refusal("stream_once", left=free, needed=needed)


def coverage(session: Session, offering: Offering, today: date) -> tuple[int, int, str] | None:
    """Kilograms matched and in all, and over what (once, month, year); None where the stream is not counted so.

    Matched is what the fullest month or year from now on takes: whoever comes new finds at least the rest.
    """
    details = offering.details
    if not isinstance(details, Residual) or details.direction != "available":
        return None
    stream = stream_of(details.quantity, details.unit, details.per)
    if stream is None:
        return None
    kg, over = stream
    return min(kg, taken(counted_of(session, offering), over, today)), kg, over


def wanted_of(session: Session, recipient: Organisation, code: str) -> Offering | None:
    """The recipient's public listing that takes this code."""
    query = visible().where(Offering.organisation_id == recipient.id, Offering.kind == "residual")
    for offering in session.scalars(query.order_by(Offering.id)):
        if getattr(offering.details, "direction", "") == "wanted" and code in offering.details.waste_codes():
            return offering
    return None


def propose(
    session: Session,
    viewer: Viewer,
    offering: Offering,
    recipient: Organisation,
    amount: Amount,
    now: datetime,
    *,
    wanted: Offering | None = None,
    by_holder: bool = False,
    note: str = "",
) -> Delivery:
    """Put it before the other side. Raises Refusal where it could not be agreed today; nothing is held by it yet."""
    permit = choose_permit(session, recipient, offering, amount, by_holder)
    check_stream(session, offering, amount)
    code = code_of(offering)
    delivery = Delivery(
        offering=offering,
        holder=offering.organisation,
        recipient=recipient,
        wanted=wanted or (wanted_of(session, recipient, code) if code else None),
        permit=permit,
        by_holder=by_holder,
        state="proposed",
        code=code,
        kg=amount.kg,
        per=amount.per,
        starts_on=amount.starts_on,
        ends_on=amount.ends_on,
        note=note,
        created_at=now,
        updated_at=now,
    )
    session.add(delivery)
    # Who the sides are stands in the record; the journal needs no names.
    data: dict[str, object] = {"kg": amount.kg, "per": amount.per, "by_holder": by_holder}
    journal.record(session, viewer, "deliveries.proposed", delivery, now, tell=(), data=data)
    return delivery


def agree(session: Session, viewer: Viewer, delivery: Delivery, now: datetime) -> None:
    """Bind the tonnes. Raises Conflict where it is not proposed any more, Refusal where they are gone meanwhile."""
    offering = _held(session, Offering, delivery.offering_id)
    session.refresh(delivery, with_for_update=True)
    state = lifecycle.after(delivery.state, "agree")
    # Another permit may bear it by now where the one it was proposed on does not.
    theirs = not delivery.by_holder
    chosen = choose_permit(session, delivery.recipient, offering, delivery.amount, theirs)
    if chosen is not None:
        _bind(session, delivery, _held(session, Permit, chosen.id), theirs)
    check_stream(session, offering, delivery.amount, delivery)
    delivery.state, delivery.agreed_at, delivery.updated_at = state, now, now
    journal.record(session, viewer, "deliveries.agreed", delivery, now, tell=(), data={"kg": delivery.kg})


def _bind(session: Session, delivery: Delivery, permit: Permit, theirs: bool) -> None:
    """Look once more, now that nobody else can take from the permit. Raises Refusal."""
    try:
        if permit.state != "verified":
            raise Refusal("no_permit", code=delivery.code)
        check_permit(session, permit, delivery.amount, delivery)
    except Refusal as refusal:
        raise (refusal.theirs() if theirs else refusal) from None
    delivery.permit = permit


def _held(session: Session, model: type[T], id_: int) -> T:
    """The row as it is now, nobody else's until the transaction ends."""
    query = select(model).where(model.id == id_).with_for_update(of=model)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def deliver(session: Session, viewer: Viewer, delivery: Delivery, now: datetime) -> None:
    """It has come. Raises Conflict unless it is agreed."""
    session.refresh(delivery, with_for_update=True)
    delivery.state, delivery.updated_at = lifecycle.after(delivery.state, "deliver"), now
    journal.record(session, viewer, "deliveries.delivered", delivery, now, tell=())


def cancel(
    session: Session, viewer: Viewer, delivery: Delivery, reason: str, now: datetime, *, by_holder: bool
) -> None:
    """Withdraw, decline or end it; what is not begun yet is free again. Raises Conflict where it is over."""
    session.refresh(delivery, with_for_update=True)
    state = lifecycle.after(delivery.state, "cancel")
    if delivery.state == "agreed":
        delivery.stopped_on = local_day(now)
    delivery.state, delivery.reason, delivery.updated_at = state, reason, now
    delivery.cancelled_by_holder = by_holder
    journal.record(session, viewer, "deliveries.cancelled", delivery, now, tell=())


def begun(delivery: Delivery, today: date) -> bool:
    """Whether anything can have come yet."""
    return month_of(delivery.starts_on) <= today
