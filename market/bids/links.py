"""The link in a letter by which a firm answers a request for quotation without signing in.

It opens one need for one firm at one address, until the deadline. The token is the reference of its row with a mark
made of `MARKET_SECRET`: whoever reads the database cannot make one, and later letters can carry the same link again.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts import providers
from market.accounts.models import MAIL, Member, Organisation, Person
from market.accounts.people import Reader
from market.bids.models import Bid, QuoteLink
from market.bids.rules import BIDDERS
from market.errors import TooMany
from market.i18n import language_of
from market.locker import derived
from market.needs import letters
from market.needs.models import Invitation, Need
from market.needs.rules import visible_needs
from market.viewer import Viewer
from market.web.languages import localised

PROCEDURE: Final = "quotation"
STAGES: Final = ("published", "closed")
"""In which something that came in time may still be on its way."""
MARK: Final = 40
"""Characters at the end of a token."""
AN_HOUR: Final = 20
"""Bids of one firm for one need."""
HOUR: Final = timedelta(hours=1)


def _way(session: Session, need: Need, firm: Organisation, reader: Reader, now: datetime) -> str:
    """Where the letter's second button leads; nowhere for what is not answered in a few lines, and for people of a
    company: their mailbox is no proof of who they are anywhere else either."""
    if need.procedure != PROCEDURE or need.bids_until is None or firm.id in need.buyers:
        return ""
    if reader.person is not None and _of_company(session, reader.person):
        return ""
    return path(session, new(session, need, firm, reader, now))


def _of_company(session: Session, person: Person) -> bool:
    return person.issuer != MAIL or providers.for_address(session, person.email) is not None


letters.WAYS.append(_way)


def new(session: Session, need: Need, firm: Organisation, reader: Reader, now: datetime) -> QuoteLink:
    """The link of this address, which is the same in every letter."""
    query = select(QuoteLink).where(QuoteLink.need_id == need.id, QuoteLink.organisation_id == firm.id)
    session.flush()
    link = session.scalar(query.where(QuoteLink.email == reader.email))
    if link is None:
        link = QuoteLink(need=need, organisation=firm, email=reader.email, created_at=now)
        session.add(link)
    link.person_id = reader.person.id if reader.person else None
    link.language = reader.language
    session.flush()
    return link


def token_of(session: Session, link: QuoteLink) -> str:
    """Empty where the edge lent no secret."""
    secret = str(session.info.get("secret") or "")
    return link.ref + _mark(secret, link.ref) if secret else ""


def _mark(secret: str, ref: str) -> str:
    return hmac.new(derived(secret, "links of quotations"), ref.encode(), sha256).hexdigest()[:MARK]


def path(session: Session, link: QuoteLink) -> str:
    """For a letter; empty without a secret."""
    token = token_of(session, link)
    return localised(f"/quote/{token}", language_of(link.language)) if token else ""


def by_token(session: Session, token: str) -> QuoteLink | None:
    """The link, over or not; nothing for a forged one and for whoever has no part in it any more."""
    link = session.scalar(select(QuoteLink).where(QuoteLink.ref == token[:-MARK]))
    if link is None or not hmac.compare_digest(token_of(session, link).encode(), token.encode()):
        return None
    return link if _stands(session, link) else None


def _stands(session: Session, link: QuoteLink) -> bool:
    """The firm is invited, or verified and let in; and the person still speaks for it."""
    firm = link.organisation
    if not firm.is_public or firm.id in link.need.buyers:
        return False
    asked = select(Invitation.id).where(Invitation.need_id == link.need_id, Invitation.organisation_id == firm.id)
    if session.scalar(asked) is None and not _fits(session, link):
        return False
    if link.person_id is None:
        return True
    query = select(Member).where(Member.person_id == link.person_id, Member.organisation_id == firm.id)
    member = session.scalar(query.where(Member.ended_at.is_(None)))
    return member is not None and not BIDDERS.isdisjoint(member.roles)


def _fits(session: Session, link: QuoteLink) -> bool:
    """Uninvited, but told that the need fits: a member of a verified firm, and a need that firm may see."""
    member = Viewer("firm", "person", organisation_id=link.organisation_id)
    let_in = visible_needs(member).where(Need.id == link.need_id).with_only_columns(Need.id)
    known = link.person_id is not None and link.organisation.verified_on is not None
    return known and session.scalar(let_in) is not None


def viewer_of(link: QuoteLink) -> Viewer:
    """Whoever holds the link: without any right but what its pages do."""
    return Viewer(f"link:{link.ref}")


def is_answerable(link: QuoteLink) -> bool:
    """Whether what came before the deadline counts."""
    need = link.need
    return need.procedure == PROCEDURE and need.is_shown and need.stage in STAGES and need.bids_until is not None


def is_open(link: QuoteLink, now: datetime) -> bool:
    return is_answerable(link) and link.need.takes_bids(now)


def of_bid(session: Session, bid: Bid) -> QuoteLink | None:
    """By which it was handed in, as long as its reader has a part in it."""
    link = session.scalar(select(QuoteLink).where(QuoteLink.bid_id == bid.id))
    return link if link is not None and _stands(session, link) else None


def refuse_too_many(session: Session, link: QuoteLink, now: datetime) -> None:
    """The bids themselves are counted, so the limit holds for any number of web processes. Raises TooMany."""
    query = select(func.count(Bid.id)).where(Bid.need_id == link.need_id, Bid.received_at > now - HOUR)
    if (session.scalar(query.where(Bid.organisation_id == link.organisation_id)) or 0) >= AN_HOUR:
        raise TooMany("Too many bids within an hour.", seconds=int(HOUR.total_seconds()))
