"""Bids, the seals that hold them shut, and what is left as proof. States are those of `lifecycle`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.accounts.models import Organisation, Person
from market.bids.sealing import Cost, OpenerKey
from market.db import Base, Moment
from market.files.models import File
from market.needs.models import Need
from market.teams.models import Pair
from market.values import new_ref


class OpeningKey(Base):
    """The key pair of a person who opens bids. One that was replaced stays for the tenders it was named in."""

    __tablename__ = "opening_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    public: Mapped[str] = mapped_column(unique=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    """The private half, readable with the passphrase."""
    passes: Mapped[int]
    memory: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship()

    @property
    def key(self) -> OpenerKey:
        return OpenerKey(self.public, self.salt, self.wrapped, Cost(self.passes, self.memory))


class Seal(Base):
    """The key pair of a tender. What opens it is gone once it was opened."""

    __tablename__ = "seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    """Names the tender to the key process: a tender that is published anew gets another."""
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), unique=True)
    public: Mapped[str]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    platform: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The platform's share, readable by the key process after `deadline`."""
    halves: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Person > person to the half of the pair, base64."""
    deadline: Mapped[datetime] = mapped_column(Moment)
    log_place: Mapped[int] = mapped_column(default=0)
    log_head: Mapped[str]
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    given: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What the first person gave, readable by each of the others."""
    given_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    giver: Mapped[Person | None] = relationship()


class Opener(Base):
    """One of the people who can open a tender, with the key they had when it was published."""

    __tablename__ = "seal_openers"

    id: Mapped[int] = mapped_column(primary_key=True)
    seal_id: Mapped[int] = mapped_column(ForeignKey("seals.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("opening_keys.id", ondelete="CASCADE"), index=True)

    person: Mapped[Person] = relationship()
    key: Mapped[OpeningKey] = relationship()

    __table_args__ = (UniqueConstraint("seal_id", "person_id"),)


class LogEntry(Base):
    """What happened to the bids of a tender, each with the hash of the one before: its head is in receipts."""

    __tablename__ = "bid_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), index=True)
    seal_ref: Mapped[str]
    place: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    prev: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)

    __table_args__ = (UniqueConstraint("seal_ref", "place"),)


class Bid(Base):
    """One bid as it was handed in: while it is sealed a key of the store and hashes, afterwards what it says."""

    __tablename__ = "bids"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(default="submitted")
    need_version: Mapped[int]
    """Of the need it was made or confirmed for."""
    received_at: Mapped[datetime] = mapped_column(Moment)
    """When the last byte was here."""
    key: Mapped[str] = mapped_column(default="")
    """Of the sealed bid in the store; empty once it is opened, replaced or withdrawn."""
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    commitment: Mapped[str]
    salt: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Empty while it is sealed."""
    fault: Mapped[str] = mapped_column(default="")
    """Why it could not be opened."""
    changed_at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person | None] = relationship()
    pair: Mapped[Pair | None] = relationship(secondary="joint_bids")

    __table_args__ = (Index(None, "need_id", "organisation_id"),)

    @property
    def bidder(self) -> str:
        """The firm, of an opened joint bid both, the lead first."""
        joint = self.content.get("joint")
        return f"{self.organisation.name} + {joint['partner']['name']}" if joint else self.organisation.name


class JointBid(Base):
    """That a bid is handed in for two firms; who does what stands in what is sealed."""

    __tablename__ = "joint_bids"

    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"), primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("bidding_pairs.id", ondelete="CASCADE"), index=True)


class BidFile(Base):
    """An attachment of an opened bid."""

    __tablename__ = "bid_files"

    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True, index=True)
    place: Mapped[int]

    bid: Mapped[Bid] = relationship()
    file: Mapped[File] = relationship(lazy="joined", innerjoin=True)


class Receipt(Base):
    """What the platform has signed, as it was given to the bidder."""

    __tablename__ = "bid_receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    """received, confirmed or withdrawn."""
    at: Mapped[datetime] = mapped_column(Moment)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)

    bid: Mapped[Bid] = relationship()


class ReceiptKey(Base):
    """The public half of a key that has signed receipts; never deleted."""

    __tablename__ = "receipt_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[str]
    since: Mapped[datetime] = mapped_column(Moment)


class OpeningRecord(Base):
    """Who opened a tender, when, and what was in it: hashes as they were before."""

    __tablename__ = "opening_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    first_at: Mapped[datetime] = mapped_column(Moment)
    first: Mapped[str]
    second: Mapped[str]
    """The two people, by name as it was."""
    deadline: Mapped[datetime] = mapped_column(Moment)
    bids: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    log_place: Mapped[int]
    log_head: Mapped[str]

    need: Mapped[Need] = relationship()


class QuoteLink(Base):
    """Lets whoever reads a firm's letters answer one request for quotation without signing in. Its token is signed
    and not kept (`links.token_of`)."""

    __tablename__ = "quote_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    """The member it was sent to; nobody for the firm's address on record."""
    email: Mapped[str]
    """Where it was sent, and where receipts go."""
    language: Mapped[str]
    bid_id: Mapped[int | None] = mapped_column(ForeignKey("bids.id", ondelete="SET NULL"), index=True)
    """The last bid that was handed in by it."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    bid: Mapped[Bid | None] = relationship()

    __table_args__ = (UniqueConstraint("need_id", "organisation_id", "email"),)
