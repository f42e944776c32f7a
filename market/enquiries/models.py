"""Enquiries, their threads, messages, the links that open them, and drafts of people who still have to sign in."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.db import Base, Moment
from market.offerings.models import Offering
from market.values import new_ref


class Enquiry(Base):
    """What an organisation wants to know; each firm asked has a thread of its own."""

    __tablename__ = "enquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who asks and gets the letters with the answers."""
    what: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(default="")
    period: Mapped[str] = mapped_column(default="")
    """When it is wanted, in the words of who asks."""
    contact: Mapped[str] = mapped_column(default="")
    """Name shown to the firms."""
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def subject(self) -> str:
        """Its first line, short enough for a heading."""
        line = self.what.strip().split("\n", 1)[0].strip()
        return line if len(line) <= 80 else line[:79].rsplit(" ", 1)[0] + " …"


class Thread(Base):
    """The conversation with one firm. `state`: open, answered, quoted, declined, closed or reported."""

    __tablename__ = "enquiry_threads"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    """The firm asked."""
    offering_id: Mapped[int | None] = mapped_column(ForeignKey("offerings.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(default="")
    """Of the offering asked about; empty where the firm as a whole is asked."""
    anonymous: Mapped[bool] = mapped_column(default=False)
    """Asked through a listing that does not name its firm."""
    disclosed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When such a firm named itself to this buyer."""
    state: Mapped[str] = mapped_column(default="open")
    waits_for: Mapped[str] = mapped_column(default="firm")
    """Whose turn it is: firm, buyer or nobody (empty)."""
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer_minutes: Mapped[int | None]
    """Working time until the first answer."""
    reported_reason: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the firm let the one it reported ask again."""
    verdict: Mapped[str] = mapped_column(default="")
    """What the operator made of the report: dismissed, warned, blocked, or nothing yet (empty)."""
    judged_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)

    enquiry: Mapped[Enquiry] = relationship(lazy="joined", innerjoin=True)
    organisation: Mapped[Organisation] = relationship()
    offering: Mapped[Offering | None] = relationship()

    __table_args__ = (Index(None, "organisation_id", "asked_at"),)

    @property
    def hides_firm(self) -> bool:
        """Whether the buyer must not learn which firm this is."""
        return self.anonymous and self.disclosed_at is None

    @property
    def is_over(self) -> bool:
        return self.state in ("closed", "reported")


class Message(Base):
    """`side` is buyer or firm; `kind` message, quote or decline."""

    __tablename__ = "enquiry_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    thread_id: Mapped[int] = mapped_column(ForeignKey("enquiry_threads.id", ondelete="CASCADE"), index=True)
    side: Mapped[str]
    kind: Mapped[str] = mapped_column(default="message")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Nobody for an answer by link."""
    text: Mapped[str] = mapped_column(Text, default="")
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    unit: Mapped[str] = mapped_column(default="")
    """UN/ECE Recommendation 20; empty for the whole job."""
    valid_until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    on_behalf: Mapped[bool] = mapped_column(default=False)
    """Entered by the operator for the firm."""
    at: Mapped[datetime] = mapped_column(Moment)

    thread: Mapped[Thread] = relationship()


class AnswerLink(Base):
    """Opens one thread for the firm it was sent to; only the hash of its token is kept."""

    __tablename__ = "enquiry_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("enquiry_threads.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    """The member it was sent to; nobody for the firm's address on record."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    thread: Mapped[Thread] = relationship()


class Draft(Base):
    """What somebody typed who has to sign in first; kept for a day."""

    __tablename__ = "enquiry_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    client_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
