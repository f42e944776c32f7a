"""What happens to orders of laboratory tests. The journal says that, never what was found."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation
from market.files.models import File
from market.offerings.kinds.lab_test import LabTest, Method
from market.offerings.models import Offering
from market.samples import days, lifecycle
from market.samples.models import SampleOrder
from market.values import local_day
from market.viewer import Viewer


def methods_of(offering: Offering) -> dict[str, Method]:
    """The methods of a laboratory by a key that stays while they do, for forms."""
    details = offering.details
    methods = details.methods if isinstance(details, LabTest) else []
    return {f"{one.parameter}|{one.matrix}|{one.standard}": one for one in methods}


def order(
    session: Session,
    viewer: Viewer,
    offering: Offering,
    buyer: Organisation,
    methods: list[Method],
    now: datetime,
    *,
    description: str,
    count: int,
    wanted_on: date | None = None,
) -> SampleOrder:
    """Place it. Methods keep accreditation, duration and price as they stand today."""
    details = offering.details
    made = SampleOrder(
        offering=offering,
        lab=offering.organisation,
        buyer=buyer,
        state="ordered",
        methods_json=[one.model_dump(mode="json", exclude_none=True) for one in methods],
        accreditation_number=details.accreditation_number if isinstance(details, LabTest) else "",
        description=description,
        count=count,
        wanted_on=wanted_on,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    data: dict[str, object] = {"methods": len(methods), "samples": count}
    journal.record(session, viewer, "samples.ordered", made, now, tell=(), data=data)
    return made


def receive(session: Session, viewer: Viewer, made: SampleOrder, now: datetime) -> None:
    """The samples have come: from here the days count. Raises Conflict where the table forbids it."""
    _move(session, viewer, made, "receive", now)
    made.received_on = local_day(now)
    duration = made.turnaround_days
    made.promised_on = None if duration is None else days.after(made.received_on, duration)


def begin(session: Session, viewer: Viewer, made: SampleOrder, now: datetime) -> None:
    _move(session, viewer, made, "begin", now)


def report(session: Session, viewer: Viewer, made: SampleOrder, file: File, now: datetime) -> None:
    """Hand the report over."""
    _move(session, viewer, made, "report", now)
    made.report = file


def cancel(session: Session, viewer: Viewer, made: SampleOrder, reason: str, now: datetime) -> None:
    _move(session, viewer, made, "cancel", now)
    made.reason = reason


def _move(session: Session, viewer: Viewer, made: SampleOrder, name: str, now: datetime) -> None:
    session.refresh(made, with_for_update=True)
    made.state, made.updated_at = lifecycle.after(made.state, name), now
    journal.record(session, viewer, f"samples.{lifecycle.VERBS[name]}", made, now, tell=())
