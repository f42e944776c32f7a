"""The operator acts for a firm, by telephone say; what was entered then goes to the firm by letter to be confirmed."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import JSON, ForeignKey, LargeBinary, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from market import journal
from market.accounts.models import Organisation
from market.accounts.sessions import BrowserSession, hashed
from market.db import Base, Moment
from market.errors import Conflict
from market.i18n import N_
from market.journal import Entry
from market.values import new_ref
from market.viewer import ANONYMOUS, Viewer

LASTS: Final = timedelta(days=30)
FRAME: Final = ("accounts.behalf_begun", "accounts.behalf_ended", "accounts.confirmation_asked")
"""Entries that say that somebody acted, not what was entered."""


class Confirmation(Base):
    """A letter to the firm with what was entered for it, and the firm's answer."""

    __tablename__ = "confirmations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    email: Mapped[str]
    entries: Mapped[list[int]] = mapped_column(JSON)
    """Numbers of the journal's entries."""
    last_entry: Mapped[int]
    """The highest of them; what is entered later needs a letter of its own."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(default="")
    """`confirmed` or `objected`."""
    answered_by: Mapped[str] = mapped_column(default="")
    """Name, as typed."""
    text: Mapped[str] = mapped_column(Text, default="")
    """What is not right."""

    organisation: Mapped[Organisation] = relationship()


def begin(session: Session, viewer: Viewer, organisation: Organisation, now: datetime) -> None:
    """From now on this browser of the operator acts for the organisation."""
    _serve(session, viewer, organisation.id)
    journal.record(session, viewer, "accounts.behalf_begun", organisation, now, tell=())


def end(session: Session, viewer: Viewer, now: datetime) -> Organisation | None:
    """Back to one's own name; the organisation acted for, None where there was none."""
    organisation = session.scalar(select(Organisation).where(Organisation.ref == viewer.behalf_of))
    _serve(session, viewer, None)
    if organisation is not None:
        journal.record(session, viewer, "accounts.behalf_ended", organisation, now, tell=())
    return organisation


def _serve(session: Session, viewer: Viewer, organisation_id: int | None) -> None:
    changed = update(BrowserSession).where(BrowserSession.id == viewer.session_id)
    session.execute(changed.values(behalf_of_id=organisation_id))


def unconfirmed(session: Session, organisation: Organisation) -> list[Entry]:
    """What operators entered for it since the last letter, oldest first."""
    asked = select(func.coalesce(func.max(Confirmation.last_entry), 0))
    asked = asked.where(Confirmation.organisation_id == organisation.id)
    query = select(Entry).where(
        Entry.id > asked.scalar_subquery(),
        Entry.verb.not_in(FRAME),
        Entry.data["on_behalf_of"].as_string() == organisation.ref,
    )
    return list(session.scalars(query.order_by(Entry.id)))


def ask(session: Session, viewer: Viewer, organisation: Organisation, now: datetime) -> tuple[Confirmation, str]:
    """The confirmation and the token of its letter. Raises Conflict, with a sentence, where there is none to ask."""
    entries = unconfirmed(session, organisation)
    if not entries:
        raise Conflict(N_("There is nothing to confirm."), reason="nothing")
    if not organisation.email:
        raise Conflict(N_("The firm has no e-mail address on record. Enter one first."), reason="no-address")
    token = secrets.token_urlsafe(32)
    confirmation = Confirmation(
        organisation=organisation,
        token_hash=hashed(token),
        email=organisation.email,
        entries=[entry.id for entry in entries],
        last_entry=entries[-1].id,
        created_at=now,
        expires_at=now + LASTS,
    )
    session.add(confirmation)
    journal.record(session, viewer, "accounts.confirmation_asked", confirmation, now, tell=())
    return confirmation, token


def of_organisation(session: Session, organisation: Organisation) -> list[Confirmation]:
    """The newest first."""
    query = select(Confirmation).where(Confirmation.organisation_id == organisation.id)
    return list(session.scalars(query.order_by(Confirmation.id.desc())))


def by_token(session: Session, token: str, now: datetime) -> Confirmation | None:
    """One that can still be answered."""
    return session.scalar(
        select(Confirmation).where(
            Confirmation.token_hash == hashed(token),
            Confirmation.answered_at.is_(None),
            Confirmation.expires_at > now,
        )
    )


def entries_of(session: Session, confirmation: Confirmation) -> list[Entry]:
    return list(session.scalars(select(Entry).where(Entry.id.in_(confirmation.entries)).order_by(Entry.id)))


def answer(session: Session, confirmation: Confirmation, name: str, objection: str, now: datetime) -> None:
    """The firm agrees, or says what is not right. Raises Conflict for the second answer."""
    given = (
        update(Confirmation)
        .where(Confirmation.id == confirmation.id, Confirmation.answered_at.is_(None))
        .values(
            answered_at=now, answer="objected" if objection else "confirmed", answered_by=name[:120], text=objection
        )
    )
    if not session.execute(given.returning(Confirmation.id)).all():
        raise Conflict(N_("This was answered already."), reason="answered")
    verb = "accounts.objected" if objection else "accounts.confirmed"
    journal.record(session, ANONYMOUS, verb, confirmation, now, tell=())
