"""What redeeming a link does: somebody is signed in, and a firm that registered comes into being."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import claims, invitations, people, service
from market.accounts.invitations import Invitation
from market.accounts.links import SignInLink
from market.accounts.models import Member, Organisation, Person
from market.errors import Conflict
from market.viewer import ANONYMOUS


def redeemed(session: Session, link: SignInLink, language: str, now: datetime) -> Person | None:
    """The person who has just proved the address; None where the address may not sign in (any more)."""
    person = people.by_address(session, link.email)
    if person is None and link.purpose in ("register", "invitation", "claim"):
        name = link.data.get("name", "")
        person = people.create(session, ANONYMOUS, now, link.email, name=name, language=language)
    if person is not None and link.purpose == "register":
        _found_firm(session, person, link.data, now)
    if person is not None and link.purpose == "invitation":
        _join_by_invitation(session, person, link.data, now)
    if person is not None and link.purpose == "claim":
        _claim(session, person, link.data, now)
    return person


def _claim(session: Session, person: Person, data: dict[str, str], now: datetime) -> None:
    """Nothing where the firm has gone or was suspended meanwhile."""
    organisation = session.scalar(claims.claimable().where(Organisation.ref == data["organisation"]))
    if organisation is not None:
        claims.proved(session, person, organisation, data.get("note", ""), now)


def _join_by_invitation(session: Session, person: Person, data: dict[str, str], now: datetime) -> None:
    """Raises Conflict for an invitation withdrawn meanwhile."""
    invitation = session.scalar(select(Invitation).where(Invitation.ref == data["invitation"]))
    if invitation is None:
        raise Conflict("This invitation is not open any more.")
    invitations.accept(session, person, invitation, now)


def _found_firm(session: Session, person: Person, data: dict[str, str], now: datetime) -> None:
    """The firm with its first admin; nothing where the same person has registered the same firm before."""
    session.flush()
    same = (
        select(Member)
        .join(Member.organisation)
        .where(Member.person_id == person.id, Member.ended_at.is_(None), Organisation.name == data["firm"])
    )
    if session.scalar(same) is not None:
        return
    who = people.viewer_of(person)
    organisation = service.create(
        session,
        who,
        now,
        name=data["firm"],
        email=person.email,
        contact=person.name,
        trades=tuple(filter(None, data.get("trades", "").split(";"))),
        postcode=data["postcode"],
        town=data["town"],
        country=data["country"],
        district=data["district"],
        lat=float(data["lat"]),
        lon=float(data["lon"]),
        languages=(person.language,),
    )
    people.join(session, who, person, organisation, ("admin",), now)
