"""People and their memberships. An organisation with members always keeps one admin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Text, func, select, type_coerce
from sqlalchemy.orm import Session, contains_eager

from market import journal
from market.accounts.models import MAIL, Member, Organisation, Person
from market.accounts.rules import EDITORS, roles_of
from market.errors import Conflict, NotFound
from market.i18n import N_, language_of
from market.mail.letters import postable
from market.values import Language
from market.viewer import Viewer
from market.web.languages import localised

SPEAKERS: Final = frozenset({"admin", "editor", "bidder", "buyer"})
"""Roles that speak for a firm with others: they are asked, and answer; readers look on."""
LAST_ADMIN: Final = N_("An organisation keeps at least one admin. Make somebody else admin first.")


def by_address(session: Session, email: str) -> Person | None:
    """The person who signs in by link to this address."""
    return session.scalar(
        select(Person).where(Person.issuer == MAIL, Person.subject == address(email), Person.erased_at.is_(None))
    )


def by_subject(session: Session, issuer: str, subject: str) -> Person | None:
    return session.scalar(select(Person).where(Person.issuer == issuer, Person.subject == subject))


def viewer_of(person: Person) -> Viewer:
    """The person as the one who acts, where no browser is signed in yet."""
    return Viewer(f"person:{person.ref}", "person", person.id)


def name_of(session: Session, viewer: Viewer) -> str:
    """As it stands beside what the viewer has done."""
    person = session.get(Person, viewer.person_id or 0)
    return person.shown if person else viewer.name


def member_of(session: Session, person: Person, organisation: Organisation) -> Member | None:
    """The membership, ended or not."""
    session.flush()
    return session.scalar(
        select(Member).where(Member.person_id == person.id, Member.organisation_id == organisation.id)
    )


def address(email: str) -> str:
    """The form in which addresses are compared. Local parts are not case-sensitive at any provider people use."""
    return email.strip().casefold()


def create(session: Session, viewer: Viewer, now: datetime, email: str, **fields: object) -> Person:
    """A person who signs in by link, unless `issuer` and `subject` say otherwise."""
    given: dict[str, object] = {"issuer": MAIL, "subject": address(email)}
    person = Person(email=email.strip(), created_at=now, **(given | fields))
    session.add(person)
    journal.record(session, viewer, "accounts.person_created", person, now, tell=())
    return person


def memberships(session: Session, person_id: int) -> list[Member]:
    """Where a person acts now, oldest first."""
    query = select(Member).where(Member.person_id == person_id, Member.ended_at.is_(None))
    return list(session.scalars(query.order_by(Member.id)))


def join(
    session: Session, viewer: Viewer, person: Person, organisation: Organisation, roles: Iterable[str], now: datetime
) -> Member:
    """Make the person a member with these roles, again if the membership had ended."""
    member = member_of(session, person, organisation)
    if member is None:
        member = Member(person=person, organisation=organisation, created_at=now, roles=())
        session.add(member)
    member.ended_at = None
    member.roles = _known(organisation, roles)
    journal.record(session, viewer, "accounts.joined", member, now, tell=(), data={"roles": list(member.roles)})
    reach_changed(session, organisation, now)
    return member


def give(
    session: Session,
    viewer: Viewer,
    member: Member,
    roles: Iterable[str],
    now: datetime,
    *,
    even_the_last_admin: bool = False,
) -> bool:
    """Other roles; False where they are the same.

    Raises Conflict for the last admin, unless a company's own provider decides who that is.
    """
    wanted = _known(member.organisation, roles)
    if wanted == member.roles:
        return False
    if "admin" not in wanted and not even_the_last_admin:
        _keep_an_admin(session, member)
    before, member.roles = member.roles, wanted
    data: dict[str, object] = {"from": list(before), "to": list(wanted)}
    journal.record(session, viewer, "accounts.roles_given", member, now, tell=(), data=data)
    reach_changed(session, member.organisation, now)
    return True


def leave(session: Session, viewer: Viewer, member: Member, now: datetime) -> None:
    """End a membership. Raises Conflict for the last admin."""
    _keep_an_admin(session, member)
    member.ended_at = now
    journal.record(session, viewer, "accounts.left", member, now, tell=())
    reach_changed(session, member.organisation, now)


def _known(organisation: Organisation, roles: Iterable[str]) -> tuple[str, ...]:
    given = set(roles)
    return tuple(role for role in roles_of(organisation) if role in given) or ("reader",)


def _keep_an_admin(session: Session, member: Member) -> None:
    """The rows of the organisation are locked, so that two admins cannot leave at the same moment."""
    if "admin" not in member.roles:
        return
    session.execute(select(Organisation.id).where(Organisation.id == member.organisation_id).with_for_update())
    others = select(func.count()).where(
        Member.organisation_id == member.organisation_id,
        Member.id != member.id,
        Member.ended_at.is_(None),
        type_coerce(Member.roles, Text).contains(";admin;"),
    )
    if not session.scalar(others):
        raise Conflict("An organisation keeps at least one admin; hand the role over first.", reason="last-admin")


def operators(session: Session) -> list[Person]:
    return list(session.scalars(select(Person).where(Person.is_operator).order_by(Person.email)))


def make_operator(session: Session, viewer: Viewer, email: str, name: str, now: datetime) -> Person:
    """The person with this address runs the marketplace from now on."""
    person = by_address(session, email) or create(session, viewer, now, email, name=name)
    if not person.is_operator:
        person.is_operator = True
        journal.record(session, viewer, "accounts.operator_made", person, now, tell=())
    return person


def unmake_operator(session: Session, viewer: Viewer, email: str, now: datetime) -> None:
    """Raises NotFound for somebody who is none. Browsers signed in keep the person, without the right."""
    person = by_address(session, email)
    if person is None or not person.is_operator:
        raise NotFound(f"{email} is no operator.")
    person.is_operator = False
    journal.record(session, viewer, "accounts.operator_unmade", person, now, tell=())


def number_in(session: Session, organisation_id: int, *, but: Member | None = None) -> int:
    """How many people are members of the organisation now, if wanted without one of them."""
    members = select(func.count()).where(Member.organisation_id == organisation_id, Member.ended_at.is_(None))
    return session.scalar(members.where(Member.id != but.id) if but else members) or 0


@dataclass(frozen=True)
class Reader:
    """Whoever reads letters to an organisation: a member, or without `person` its address on record."""

    email: str
    language: Language
    person: Person | None = None

    @classmethod
    def of(cls, person: Person) -> "Reader":
        return cls(person.email, language_of(person.language), person)

    def path(self, organisation: Organisation, own: str) -> str:
        """Where the letter's button leads: `own` is a page of members, so others take the firm over first."""
        return localised(own if self.person else f"/firms/{organisation.ref}/claim", self.language)


def with_roles(session: Session, organisation: Organisation, roles: Iterable[str]) -> list[Person]:
    """Members with one of these roles who can be written to, oldest membership first."""
    query = select(Member).where(Member.organisation_id == organisation.id, Member.ended_at.is_(None))
    members = session.scalars(query.order_by(Member.id))
    found = [m.person for m in members if not set(roles).isdisjoint(m.roles)]
    return [person for person in found if postable(person.email)]


def editors(session: Session, organisation: Organisation) -> list[Person]:
    """Those who keep the organisation's pages and can be written to."""
    return with_roles(session, organisation, EDITORS)


def readers(session: Session, organisation: Organisation, roles: Iterable[str] = EDITORS) -> list[Reader]:
    """Who reads letters to the organisation; where nobody has joined yet, whoever reads its address on record."""
    found = with_roles(session, organisation, roles)
    if found or postable(organisation.email) is None:
        return [Reader.of(person) for person in found]
    return [Reader(organisation.email, "pl" if organisation.country == "PL" else "de")]


def unreachable(session: Session, organisations: Iterable[Organisation]) -> set[int]:
    """Ids of those no letter reaches: as `readers` of its speakers, for many at once."""
    silent = {one.id for one in organisations if postable(one.email) is None}
    query = select(Member).join(Member.person).where(Member.organisation_id.in_(silent), Member.ended_at.is_(None))
    members = session.scalars(query.options(contains_eager(Member.person))) if silent else ()
    speaking = [one for one in members if not SPEAKERS.isdisjoint(one.roles)]
    return silent - {one.organisation_id for one in speaking if postable(one.person.email)}


def reach_changed(session: Session, organisation: Organisation, now: datetime) -> None:
    """The search says whether a firm can be asked; without an address on record that hangs on its members."""
    if postable(organisation.email) is None:
        journal.promise(session, "search", Organisation.__tablename__, organisation.id, now)
