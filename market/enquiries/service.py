"""What happens to enquiries. Every verb ends in the journal, which never holds what was written."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import people
from market.accounts.models import Member, Organisation, Person
from market.accounts.sessions import hashed
from market.enquiries import pace
from market.enquiries.hours import minutes_between
from market.enquiries.models import AnswerLink, Draft, Enquiry, Message, Thread
from market.enquiries.rules import WRITERS
from market.errors import Conflict, TooMany
from market.i18n import N_
from market.shortlists.things import Thing
from market.viewer import Viewer

LASTS: Final = timedelta(days=30)
"""How long the link in a letter opens its thread."""
DRAFT_LASTS: Final = timedelta(days=1)
DRAFTS_PER_CLIENT: Final = 10
FIRMS_A_DAY: Final = 40
ENQUIRIES_AN_HOUR: Final = 10
MESSAGES_AN_HOUR: Final = 20
"""Of one side in one thread."""
SAME: Final = timedelta(minutes=10)
"""The same words within this time are one enquiry sent twice."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STATES: Final = {"message": "answered", "quote": "quoted", "decline": "declined"}


@dataclass(frozen=True)
class Words:
    """What the form says."""

    what: str
    place: str = ""
    period: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Reply:
    """One message; the fields beyond the text belong to a quote or to a decline."""

    text: str = ""
    kind: str = "message"
    price_cents: int | None = None
    currency: str = "EUR"
    unit: str = ""
    valid_until: date | None = None
    reason: str = ""
    disclose: bool = False


def is_reachable(session: Session, organisation: Organisation) -> bool:
    """Whether a letter with an enquiry reaches somebody of the firm."""
    return bool(people.readers(session, organisation, WRITERS))


def refuses(session: Session, asking: int | None, organisation: Organisation) -> bool:
    """Whether the firm has reported an enquiry of this organisation as unwanted, and not let it in again since."""
    query = (
        select(Thread.id)
        .join(Thread.enquiry)
        .where(
            Thread.organisation_id == organisation.id,
            Thread.reported_at.is_not(None),
            Thread.released_at.is_(None),
            Enquiry.organisation_id == asking,
        )
    )
    return session.scalar(query.limit(1)) is not None


def is_blocked(session: Session, organisation_id: int | None) -> bool:
    """Whether the operator has taken the enquiries from this organisation."""
    query = select(Thread.id).join(Thread.enquiry)
    query = query.where(Thread.verdict == "blocked", Enquiry.organisation_id == organisation_id)
    return session.scalar(query.limit(1)) is not None


def ask(
    session: Session, viewer: Viewer, words: Words, things: Sequence[Thing], language: str, now: datetime
) -> tuple[Enquiry, list[Thread]]:
    """One enquiry with a thread for each firm; sent twice it is the first one, without new threads.

    Raises TooMany past the limits, and Conflict where a firm takes none.
    """
    assert viewer.organisation_id is not None
    session.execute(select(Organisation.id).where(Organisation.id == viewer.organisation_id).with_for_update())
    twin = select(Enquiry).where(
        Enquiry.organisation_id == viewer.organisation_id,
        Enquiry.person_id == viewer.person_id,
        Enquiry.what == words.what,
        Enquiry.created_at > now - SAME,
    )
    firms = {(thing.organisation.id, thing.anonymous): thing for thing in reversed(things)}
    for old in session.scalars(twin):
        asked = {(t.organisation_id, t.anonymous) for t in threads_of(session, old)}
        if asked == set(firms):
            return old, []
    if is_blocked(session, viewer.organisation_id):
        raise Conflict(N_("Your organisation can send no enquiries any more. Please call us."), reason="blocked")
    _refuse_too_many(session, viewer, len(firms), now)
    enquiry = Enquiry(
        organisation_id=viewer.organisation_id,
        person_id=viewer.person_id,
        what=words.what,
        place=words.place,
        period=words.period,
        contact=words.contact,
        phone=words.phone,
        language=language,
        created_at=now,
    )
    session.add(enquiry)
    threads = []
    for thing in reversed(firms.values()):
        if refuses(session, viewer.organisation_id, thing.organisation):
            raise Conflict(N_("This firm takes no enquiry from you."), reason="refused")
        thread = Thread(
            enquiry=enquiry,
            organisation=thing.organisation,
            offering=thing.offering,
            title=thing.offering.title if thing.offering else "",
            anonymous=thing.anonymous,
            asked_at=now,
            updated_at=now,
        )
        session.add(thread)
        threads.append(thread)
    journal.record(session, viewer, "enquiries.asked", enquiry, now, tell=(), data={"firms": len(threads)})
    return enquiry, threads


def _refuse_too_many(session: Session, viewer: Viewer, firms: int, now: datetime) -> None:
    """The rows themselves are counted, so the limits hold for any number of web processes."""
    own = Enquiry.organisation_id == viewer.organisation_id
    threads = select(func.count(Thread.id)).join(Thread.enquiry).where(own, Thread.asked_at > now - DAY)
    if (session.scalar(threads) or 0) + firms > FIRMS_A_DAY:
        raise TooMany("Too many firms were asked today.", seconds=int(DAY.total_seconds()))
    enquiries = select(func.count(Enquiry.id)).where(own, Enquiry.created_at > now - HOUR)
    if (session.scalar(enquiries) or 0) >= ENQUIRIES_AN_HOUR:
        raise TooMany("Too many enquiries within an hour.", seconds=int(HOUR.total_seconds()))


def threads_of(session: Session, enquiry: Enquiry) -> list[Thread]:
    return list(session.scalars(select(Thread).where(Thread.enquiry_id == enquiry.id).order_by(Thread.id)))


def messages_of(session: Session, thread: Thread) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.thread_id == thread.id).order_by(Message.at, Message.id)))


def write(session: Session, viewer: Viewer, thread: Thread, side: str, reply: Reply, now: datetime) -> Message:
    """One message of either side; the first one of the firm stops the clock.

    Raises Conflict for a thread that is over and TooMany for more than twenty messages an hour.
    """
    if thread.is_over:
        raise Conflict(N_("This conversation is closed."), reason="closed")
    recent = select(func.count(Message.id)).where(
        Message.thread_id == thread.id, Message.side == side, Message.at > now - HOUR
    )
    if (session.scalar(recent) or 0) >= MESSAGES_AN_HOUR:
        raise TooMany("Too many messages within an hour.", seconds=int(HOUR.total_seconds()))
    message = Message(
        thread=thread,
        side=side,
        kind=reply.kind,
        person_id=viewer.person_id,
        text=reply.text,
        price_cents=reply.price_cents,
        currency=reply.currency,
        unit=reply.unit,
        valid_until=reply.valid_until,
        reason=reply.reason,
        on_behalf=bool(viewer.behalf_of),
        at=now,
    )
    session.add(message)
    thread.updated_at = now
    if side == "firm":
        _answered(session, viewer, thread, reply, now)
    else:
        thread.waits_for = "firm"
    verb = {"quote": "quoted", "decline": "declined"}.get(reply.kind, "answered" if side == "firm" else "written")
    journal.record(session, viewer, f"enquiries.{verb}", thread, now, tell=())
    return message


def _answered(session: Session, viewer: Viewer, thread: Thread, reply: Reply, now: datetime) -> None:
    thread.state = STATES[reply.kind]
    thread.waits_for = "" if reply.kind == "decline" else "buyer"
    if reply.disclose and thread.hides_firm:
        thread.disclosed_at = now
        journal.record(session, viewer, "enquiries.disclosed", thread, now, tell=())
    if thread.answered_at is None:
        thread.answered_at = now
        thread.answer_minutes = minutes_between(thread.asked_at, now)
        pace.measure(session, thread.organisation, now)


def close(session: Session, viewer: Viewer, thread: Thread, now: datetime) -> None:
    """The buyer needs no more of this firm."""
    if thread.is_over:
        raise Conflict(N_("This conversation is closed."), reason="closed")
    thread.state, thread.waits_for, thread.updated_at = "closed", "", now
    journal.record(session, viewer, "enquiries.closed", thread, now, tell=())


def report(session: Session, viewer: Viewer, thread: Thread, reason: str, now: datetime) -> None:
    """The firm does not want this: the thread ends, and its sender cannot ask this firm again."""
    if thread.reported_at is not None:
        raise Conflict(N_("This conversation is closed."), reason="closed")
    thread.state, thread.waits_for = "reported", ""
    thread.reported_at, thread.reported_reason, thread.updated_at = now, reason, now
    journal.record(session, viewer, "enquiries.reported", thread, now, tell=())
    pace.measure(session, thread.organisation, now)


def release(session: Session, viewer: Viewer, thread: Thread, now: datetime) -> None:
    """The firm lets this sender ask again, whatever it has reported of it. What was reported stays closed.

    Raises Conflict where nothing was reported.
    """
    if thread.reported_at is None:
        raise Conflict(N_("This conversation is closed."), reason="state")
    query = select(Thread).join(Thread.enquiry).where(Thread.reported_at.is_not(None), Thread.released_at.is_(None))
    asking, firm = thread.enquiry.organisation_id, thread.organisation_id
    query = query.where(Thread.organisation_id == firm, Enquiry.organisation_id == asking)
    for one in session.scalars(query.order_by(Thread.id)):
        one.released_at = now
        journal.record(session, viewer, "enquiries.released", one, now, tell=())


def new_link(session: Session, thread: Thread, person: Person | None, now: datetime) -> str:
    """The token that opens this thread for its firm."""
    token = secrets.token_urlsafe(32)
    session.flush()
    link = AnswerLink(thread_id=thread.id, token_hash=hashed(token), created_at=now, expires_at=now + LASTS)
    link.person_id = person.id if person else None
    session.add(link)
    return token


def by_token(session: Session, token: str, now: datetime) -> AnswerLink | None:
    """A link that still opens its thread: not expired, of a firm that is not suspended and a member still there."""
    link = session.scalar(select(AnswerLink).where(AnswerLink.token_hash == hashed(token)))
    if link is None or link.expires_at <= now or not link.thread.organisation.is_public:
        return None
    if link.person_id is not None:
        member = select(Member.id).where(
            Member.person_id == link.person_id,
            Member.organisation_id == link.thread.organisation_id,
            Member.ended_at.is_(None),
        )
        if session.scalar(member) is None:
            return None
    return link


def keep_draft(session: Session, client: str, data: dict[str, object], now: datetime) -> str:
    """Keep what was typed until its writer has signed in; returns its token. Raises TooMany."""
    session.execute(delete(Draft).where(Draft.created_at < now - DRAFT_LASTS))
    mine = select(func.count(Draft.id)).where(Draft.client_hash == hashed(client), Draft.created_at > now - HOUR)
    if (session.scalar(mine) or 0) >= DRAFTS_PER_CLIENT:
        raise TooMany("Too many drafts.", seconds=int(HOUR.total_seconds()))
    token = secrets.token_urlsafe(32)
    session.add(Draft(token_hash=hashed(token), client_hash=hashed(client), data=data, created_at=now))
    return token


def draft(session: Session, token: str, now: datetime) -> Draft | None:
    query = select(Draft).where(Draft.token_hash == hashed(token), Draft.created_at > now - DRAFT_LASTS)
    return session.scalar(query) if token else None
