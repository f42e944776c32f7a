"""Somebody takes over a firm that was imported or entered by the operator.

Whoever proves the firm's address on record becomes its admin, as long as it has no people; all others ask, and the
operator decides. Either way the address is proved first, and the pages answer the same.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Select, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market import journal
from market.accounts import people
from market.accounts.models import MAIL, Member, Organisation, Person
from market.db import Base, Moment
from market.errors import Conflict
from market.values import new_ref
from market.viewer import SYSTEM, Viewer


class Claim(Base):
    """Somebody asks to take over a firm."""

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    granted: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")

    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()


def claimable() -> Select[Organisation]:
    """Firms somebody may ask for: partners come through their own sign-in."""
    return select(Organisation).where(Organisation.is_partner.is_(False), Organisation.suspended_at.is_(None))


def open_ones() -> Select[Claim]:
    """The oldest first."""
    return select(Claim).where(Claim.decided_at.is_(None)).order_by(Claim.created_at, Claim.id)


def of_person(session: Session, person_id: int) -> list[Claim]:
    """What the person has asked for, decided or not, the oldest first."""
    return list(session.scalars(select(Claim).where(Claim.person_id == person_id).order_by(Claim.id)))


def state(session: Session, person_id: int | None, organisation: Organisation) -> str:
    """How somebody stands to the firm: `member`, `waiting` or nothing."""
    member = select(Member.id).where(
        Member.person_id == person_id, Member.organisation_id == organisation.id, Member.ended_at.is_(None)
    )
    if session.scalar(member) is not None:
        return "member"
    waits = open_ones().where(Claim.person_id == person_id, Claim.organisation_id == organisation.id)
    return "waiting" if session.scalar(waits.limit(1)) is not None else ""


def proved(session: Session, person: Person, organisation: Organisation, note: str, now: datetime) -> None:
    """The person has proved an address: admin at once if it is the firm's and nobody is there yet, else a question."""
    session.flush()
    if state(session, person.id, organisation):
        return
    session.execute(select(Organisation.id).where(Organisation.id == organisation.id).with_for_update())
    own = person.issuer == MAIL and person.subject == people.address(organisation.email)
    if own and not people.number_in(session, organisation.id):
        people.join(session, people.viewer_of(person), person, organisation, ("admin",), now)
        data: dict[str, object] = {"by": "address on record"}
        journal.record(session, SYSTEM, "accounts.claim_granted", organisation, now, tell=(), data=data)
        return
    claim = Claim(person=person, organisation=organisation, note=note[:1000], created_at=now)
    session.add(claim)
    journal.record(session, people.viewer_of(person), "accounts.claim_asked", claim, now, tell=())


def grant(session: Session, viewer: Viewer, claim: Claim, now: datetime) -> None:
    """The person becomes admin. Raises Conflict for one decided already."""
    _decide(claim, now)
    claim.granted = True
    people.join(session, viewer, claim.person, claim.organisation, ("admin",), now)
    journal.record(session, viewer, "accounts.claim_granted", claim, now, tell=())


def decline(session: Session, viewer: Viewer, claim: Claim, reason: str, now: datetime) -> None:
    """Raises Conflict for one decided already."""
    _decide(claim, now)
    claim.reason = reason
    journal.record(session, viewer, "accounts.claim_declined", claim, now, tell=(), data={"reason": reason})


def forget(session: Session, viewer: Viewer, person: Person, now: datetime) -> None:
    """The person's own words go, and what is still open is withdrawn: nobody is left to take the firm over."""
    for claim in of_person(session, person.id):
        claim.note = ""
        if claim.decided_at is None:
            claim.decided_at = now
            journal.record(session, viewer, "accounts.claim_withdrawn", claim, now, tell=())


def _decide(claim: Claim, now: datetime) -> None:
    if claim.decided_at is not None:
        raise Conflict("This was decided already.", reason="decided")
    claim.decided_at = now
