"""Signed-in browsers: a random token in the cookie, its hash in the database, limits by how somebody signed in."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, LargeBinary, Text, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from market import journal
from market.accounts import people
from market.accounts.models import Member, Organisation, Person
from market.db import Base, Moment
from market.viewer import ANONYMOUS, Viewer

COOKIE: Final = "session"
TOUCH: Final = timedelta(minutes=10)
"""How exactly the last use is known: a session in use is written this often, not at every page."""


BROWSERS: Final = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Limits:
    """How long a session may stay unused, and how long it lasts at most."""

    idle: timedelta
    whole: timedelta


LIMITS: Final = {
    "link": Limits(timedelta(days=14), timedelta(days=90)),
    "passkey": Limits(timedelta(days=14), timedelta(days=90)),
    "oidc": Limits(timedelta(hours=2), timedelta(hours=12)),
    "operator": Limits(timedelta(hours=2), timedelta(hours=12)),
}
"""Owners of small firms keep their phone signed in; procurement and operators sit at desks others pass."""


class BrowserSession(Base):
    """One signed-in browser."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    """For which organisation the person acts in this browser."""
    behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id", ondelete="SET NULL"))
    """The organisation an operator acts for in this browser."""
    method: Mapped[str]
    """`link`, `passkey`, `oidc`."""
    issuer: Mapped[str] = mapped_column(default="")
    sid: Mapped[str] = mapped_column(default="", index=True)
    """The provider's session, for its back-channel logout."""
    id_token: Mapped[str] = mapped_column(Text, default="")
    """Hint for the logout at the provider."""
    authenticated_at: Mapped[datetime] = mapped_column(Moment)
    """The last time the person proved who they are; step-up renews it."""
    passkey_at: Mapped[datetime | None] = mapped_column(Moment)
    """The last time a passkey was used in it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    idle_until: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    agent: Mapped[str] = mapped_column(default="")
    """The browser as it names itself, for the list of one's sessions."""

    person: Mapped[Person] = relationship()
    member: Mapped[Member | None] = relationship()

    @property
    def browser(self) -> str:
        """What people call it: `Firefox, Windows`. As it names itself where we know neither."""
        known = [next((name for mark, name in marks if mark in self.agent), "") for marks in (BROWSERS, SYSTEMS)]
        return ", ".join(filter(None, known)) or self.agent[:60]


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def start(
    session: Session, person: Person, method: str, now: datetime, *, agent: str = "", **more: object
) -> tuple[str, BrowserSession]:
    """Sign a browser in: the token for its cookie, and the row. The person acts for the oldest membership first."""
    limits = _limits(person, method)
    token = secrets.token_urlsafe(32)
    session.flush()
    member = session.scalar(
        select(Member).where(Member.person_id == person.id, Member.ended_at.is_(None)).order_by(Member.id).limit(1)
    )
    row = BrowserSession(
        token_hash=hashed(token),
        person=person,
        member=member,
        method=method,
        authenticated_at=now,
        created_at=now,
        seen_at=now,
        idle_until=now + limits.idle,
        expires_at=now + limits.whole,
        agent=agent[:200],
        **more,
    )
    session.add(row)
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at < now))
    person.signed_in_at = now
    journal.record(
        session, people.viewer_of(person), "accounts.signed_in", person, now, tell=(), data={"method": method}
    )
    return token, row


def _limits(person: Person, method: str) -> Limits:
    return LIMITS["operator"] if person.is_operator else LIMITS[method]


_BEHALF = aliased(Organisation)
HOLDER: Final = (
    select(BrowserSession.id, BrowserSession.seen_at, Person, Member, Organisation, _BEHALF)
    .join(Person, Person.id == BrowserSession.person_id)
    .outerjoin(Member, (Member.id == BrowserSession.member_id) & Member.ended_at.is_(None))
    .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    .outerjoin(_BEHALF, (_BEHALF.id == BrowserSession.behalf_of_id) & Person.is_operator)
    .where(
        BrowserSession.token_hash == bindparam("token_hash"),
        BrowserSession.expires_at > bindparam("now"),
        BrowserSession.idle_until > bindparam("now"),
        Person.erased_at.is_(None),
    )
)
"""Written once: every page of somebody signed in begins with it, and making it anew took as long as asking it."""


def viewer(session: Session, token: str, now: datetime) -> Viewer:
    """Who holds this cookie, in one query; anonymous for a token that is unknown, ended or idle for too long."""
    if not 40 <= len(token) <= 64:
        return ANONYMOUS
    row = session.execute(HOLDER, {"token_hash": hashed(token), "now": now}).first()
    if row is None:
        return ANONYMOUS
    session_id, seen_at, person, member, organisation, served = row
    roles = frozenset(member.roles) if member else frozenset()
    if served is not None:
        organisation, roles = served, frozenset({"editor"})
    return Viewer(
        f"person:{person.ref}",
        "operator" if person.is_operator else "person",
        person.id,
        session_id,
        organisation.id if organisation else None,
        roles,
        shown=person.shown,
        organisation=organisation.name if organisation else "",
        is_partner=bool(organisation and organisation.is_partner),
        behalf_of=served.ref if served is not None else "",
        is_stale=now - seen_at >= TOUCH,
    )


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Remember that the browser was seen, at most every ten minutes."""
    row = session.get(BrowserSession, session_id)
    if row is not None and now - row.seen_at >= TOUCH:
        row.idle_until = now + _limits(row.person, row.method).idle
        row.seen_at = now


def act_for(session: Session, session_id: int, member: Member) -> None:
    """Act for another of one's organisations in this browser."""
    session.execute(update(BrowserSession).where(BrowserSession.id == session_id).values(member_id=member.id))


def succeed(session: Session, session_id: int, row: BrowserSession) -> None:
    """End the browser's session before; the same person goes on acting for whom they acted there."""
    session.flush()
    before = session.get(BrowserSession, session_id)
    if before is not None and before.person_id == row.person_id:
        row.behalf_of_id = before.behalf_of_id
        if before.member is not None and before.member.ended_at is None:
            row.member = before.member
    end(session, session_id)


def confirm(session: Session, session_id: int, now: datetime, *, person_too: bool) -> None:
    """A passkey was used in this browser; `person_too` where that proves who the person is."""
    row = session.get_one(BrowserSession, session_id)
    row.passkey_at = now
    if person_too:
        row.authenticated_at = now


def end(session: Session, session_id: int) -> None:
    session.execute(delete(BrowserSession).where(BrowserSession.id == session_id))


def end_all(session: Session, person_id: int, *, but: int | None = None) -> int:
    """Sign a person out everywhere, if wanted but here; returns how many browsers that were."""
    gone = delete(BrowserSession).where(BrowserSession.person_id == person_id)
    if but is not None:
        gone = gone.where(BrowserSession.id != but)
    return len(session.execute(gone.returning(BrowserSession.id)).all())


def of_person(session: Session, person_id: int, now: datetime) -> list[BrowserSession]:
    """The browsers signed in now, the last used first."""
    query = select(BrowserSession).where(
        BrowserSession.person_id == person_id, BrowserSession.expires_at > now, BrowserSession.idle_until > now
    )
    return list(session.scalars(query.order_by(BrowserSession.seen_at.desc())))
