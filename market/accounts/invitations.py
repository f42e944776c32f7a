"""Invitations of colleagues: seven days, for one address. Who accepts proves the address like at every sign-in."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market import journal
from market.accounts import people
from market.accounts.models import Member, Organisation, Person
from market.accounts.rules import roles_of
from market.accounts.sessions import hashed
from market.db import Base, Codes, Moment
from market.errors import Conflict
from market.i18n import N_
from market.values import new_ref
from market.viewer import Viewer

LASTS: Final = timedelta(days=7)
OPEN_AT_ONCE: Final = 20
"""Invitations an organisation may have out, so that nobody writes letters to the world through us."""


class Invitation(Base):
    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    roles: Mapped[tuple[str, ...]] = mapped_column(Codes)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    invited_by: Mapped[str]
    """Name of the colleague, as the letter says it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()


def open_ones(organisation: Organisation, now: datetime) -> Select[Invitation]:
    return select(Invitation).where(
        Invitation.organisation_id == organisation.id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now,
    )


def invite(
    session: Session,
    viewer: Viewer,
    organisation: Organisation,
    email: str,
    roles: Iterable[str],
    now: datetime,
) -> tuple[Invitation, str]:
    """A new invitation and its token. Raises Conflict, with a sentence, where there is nothing to invite."""
    given = set(roles)
    address = people.address(email)
    person = people.by_address(session, address)
    member = people.member_of(session, person, organisation) if person else None
    if member is not None and member.ended_at is None:
        raise Conflict(N_("This person is a member already."), reason="member")
    waiting = list(session.scalars(open_ones(organisation, now)))
    for old in waiting:
        if old.email == address:
            old.withdrawn_at = now
    if len(waiting) >= OPEN_AT_ONCE:
        raise Conflict(N_("Twenty invitations are open. Withdraw one first."), reason="too-many")
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        organisation=organisation,
        email=address,
        roles=tuple(role for role in roles_of(organisation) if role in given) or ("reader",),
        token_hash=hashed(token),
        invited_by=viewer.shown,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(invitation)
    data: dict[str, object] = {"roles": list(invitation.roles)}
    journal.record(session, viewer, "accounts.invited", invitation, now, tell=(), data=data)
    return invitation, token


def by_token(session: Session, token: str, now: datetime) -> Invitation | None:
    """An invitation that can still be accepted."""
    found = session.scalar(select(Invitation).where(Invitation.token_hash == hashed(token)))
    return found if found is not None and is_open(found, now) else None


def is_open(invitation: Invitation, now: datetime) -> bool:
    return invitation.accepted_at is None and invitation.withdrawn_at is None and invitation.expires_at > now


def withdraw(session: Session, viewer: Viewer, invitation: Invitation, now: datetime) -> None:
    invitation.withdrawn_at = now
    journal.record(session, viewer, "accounts.invitation_withdrawn", invitation, now, tell=())


def accept(session: Session, person: Person, invitation: Invitation, now: datetime) -> Member:
    """Raises Conflict where it is not open any more or was for another address."""
    if not is_open(invitation, now) or people.address(person.email) != invitation.email:
        raise Conflict(N_("This invitation is not open any more."), reason="closed")
    invitation.accepted_at = now
    return people.join(session, people.viewer_of(person), person, invitation.organisation, invitation.roles, now)
