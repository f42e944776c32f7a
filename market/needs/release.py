"""From the draft to the market: four eyes, publication, and the ways back. Ends in `service.move`."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from market import journal
from market.accounts.models import Organisation, Person
from market.errors import Conflict
from market.i18n import N_
from market.needs import contents, rules, service
from market.needs.models import Need, Threshold
from market.viewer import Viewer

USUAL_CENTS: Final = 25_000_00
"""From this expected value on a second person approves, where an organisation has said nothing else."""


def threshold(session: Session, organisation_id: int) -> int:
    own = session.get(Threshold, organisation_id)
    return USUAL_CENTS if own is None else own.cents


def set_threshold(session: Session, viewer: Viewer, organisation: Organisation, cents: int, now: datetime) -> None:
    before = threshold(session, organisation.id)
    if before == cents:
        return
    session.merge(Threshold(organisation_id=organisation.id, cents=cents))
    data: dict[str, object] = {"from": before, "to": cents}
    journal.record(session, viewer, "needs.threshold_set", organisation, now, tell=(), data=data)


def needs_approval(session: Session, need: Need) -> bool:
    """Nothing is ordered by a request for information; an unknown value is not a small one."""
    if need.procedure == "information":
        return False
    return need.estimate_cents is None or need.estimate_cents >= threshold(session, need.organisation_id)


def _ready(session: Session, need: Need, now: datetime) -> None:
    if service.faults(session, need, now):
        raise Conflict(N_("Something is still missing. The list says what."), reason="unready")


def submit(session: Session, viewer: Viewer, need: Need, now: datetime) -> list[Person]:
    """Hand it to the approvers, who are returned. Raises Conflict where something is missing."""
    _ready(session, need, now)
    approvers = [role.person for role in contents.roles_of(session, need)["approver"]]
    approvers = [person for person in approvers if person.id != viewer.person_id]
    if not approvers:
        raise Conflict(N_("Name somebody else who approves: nobody approves their own draft."), reason="self")
    need.submitted_by_id, need.refused_reason = viewer.person_id, ""
    service.move(session, viewer, need, "submit", now)
    return approvers


def approve(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    """Publish what another one has handed in. Raises Conflict where time has made it unfit meanwhile."""
    assert rules.may_approve(viewer, need)
    if need.stage != "approval":
        raise Conflict(N_("This need does not wait for an approval."), reason="stage")
    _ready(session, need, now)
    need.approved_by_id = viewer.person_id
    service.move(session, viewer, need, "publish", now, {"approved_by": viewer.name})


def refuse(session: Session, viewer: Viewer, need: Need, reason: str, now: datetime) -> None:
    """Back to whoever drafted it, with the reason."""
    need.refused_reason = reason
    service.move(session, viewer, need, "refuse", now, {"reason": reason})


def publish(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    """Without a second person, below the threshold only."""
    _ready(session, need, now)
    if need.stage != "draft" or needs_approval(session, need):
        raise Conflict(N_("From this value on a second person approves. Hand it in."), reason="approval")
    service.move(session, viewer, need, "publish", now)


def cancel(session: Session, viewer: Viewer, need: Need, reason: str, now: datetime) -> None:
    need.cancelled_reason = reason
    service.move(session, viewer, need, "cancel", now, {"reason": reason})


def withdraw(session: Session, viewer: Viewer, need: Need, now: datetime) -> None:
    """Back to a draft, before the deadline; higher slices forbid it where somebody has bid."""
    service.move(session, viewer, need, "withdraw", now)
