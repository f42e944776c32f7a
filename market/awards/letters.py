"""Letters about decisions: to every bidder in the language of who reads it, and to colleagues who have to act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.accounts.people import SPEAKERS, Reader
from market.awards import labels
from market.awards.grid import Part
from market.awards.models import Decision
from market.bids.letters import bidders
from market.bids.models import Bid
from market.bids.rules import is_partners
from market.i18n import N_, Words, words
from market.mail import letters
from market.needs import letters as need_letters
from market.needs.models import Need

SUBJECTS: Final = {
    "won": N_("You have won: %(title)s"),
    "partly": N_("You have won a part: %(title)s"),
    "lost": N_("Not won: %(title)s"),
    "cancelled": N_("Cancelled: %(title)s"),
}
JOINT: Final = "joint"
"""In the address of an outcome: of the joint bid another firm has handed in."""
HANDED_IN: Final = N_("This is the answer to the joint bid that %(firm)s has handed in for both of you.")
need_letters.EVENTS["award_proposed"] = (
    N_("Award to be approved: %(title)s"),
    N_("A colleague has proposed who gets the work. It is told to the bidders when you approve it."),
)
need_letters.EVENTS["award_returned"] = (
    N_("Award given back: %(title)s"),
    N_("The approver has given your proposal back to you."),
)


def _readers(session: Session, bid: Bid) -> list[Reader]:
    return [Reader.of(one) for one in bidders(session, bid)] or people.readers(session, bid.organisation)


def _heard(session: Session, need: Need, event: str, firm: Organisation, now: datetime) -> Iterable[str]:
    """A bidder hears that a need was cancelled as the answer to the bid."""
    if event != "cancelled":
        return ()
    mine = (Bid.need_id == need.id, Bid.organisation_id == firm.id, Decision.told_at == now)
    bids = session.scalars(select(Bid).join(Decision, Decision.bid_id == Bid.id).where(*mine))
    found = [reader.email for bid in bids for reader in _readers(session, bid)]
    joint = select(Bid).join(Decision, Decision.bid_id == Bid.id).where(Decision.told_at == now, is_partners(firm.id))
    for bid in session.scalars(joint.where(Bid.need_id == need.id)):
        found += [reader.email for reader in _partners(session, bid)]
    return found


need_letters.HEARD.append(_heard)


def _partners(session: Session, bid: Bid) -> list[Reader]:
    """Of the firm that is part of a joint bid and has not handed it in."""
    return people.readers(session, bid.pair.partner, SPEAKERS) if bid.pair and bid.pair.state == "agreed" else []


def to_bidder(session: Session, decision: Decision, now: datetime) -> int:
    """How many letters were written, of a joint bid to both firms; none where there is no address."""
    bid = decision.bid
    written = _write(session, decision, bid.organisation, _readers(session, bid), now)
    if bid.pair is not None:
        written += _write(session, decision, bid.pair.partner, _partners(session, bid), now, lead=bid.organisation.name)
    return written


def _write(
    session: Session, decision: Decision, firm: Organisation, readers: list[Reader], now: datetime, lead: str = ""
) -> int:
    """`lead` has handed in where another than the firm has."""
    bid = decision.bid
    for reader in readers:
        w = words(reader.language)
        title = w.in_language(bid.need.text_in("title"), bid.need.lang)[0]
        path = reader.path(firm, f"/needs/{bid.need.ref}/outcome{f'?{JOINT}=1' if lead else ''}")
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "awards/decision",
            heading=w(SUBJECTS[decision.outcome], title=title),
            sentence=w(labels.REASONS[decision.reason]),
            note=decision.note,
            results=in_words(w, decision),
            buyer=bid.need.organisation.name,
            contact=contact_of(bid.need),
            firm=firm.name,
            joint=w(HANDED_IN, firm=lead) if lead else "",
            link=letters.base_of(session) + path,
        )
    return len(readers)


def in_words(w: Words, decision: Decision) -> list[dict[str, Any]]:
    """Own points and rank band by what was compared, as page and letter say them."""
    found = []
    for one in decision.result:
        scope = labels.lot(w, Part("", one["lot"], one["title"])) if one["lot"] else ""
        rows = [
            (row["title"] or w(N_("Price")), labels.points(w, float(row["points"])), w.number(row["weight"]))
            for row in one["rows"]
        ]
        band = w(labels.BANDS[one["band"]]) if one["band"] else ""
        found.append({"scope": scope, "rows": rows, "total": labels.points(w, float(one["total"])), "band": band})
    return found


def contact_of(need: Need) -> str:
    """Whom a bidder asks why; nothing where the contact is hidden."""
    if need.contact is None or need.contact_hidden:
        return ""
    return f"{need.contact.name}, {need.contact.email}" if need.contact.name else need.contact.email


def to_people(
    session: Session, need: Need, event: str, persons: Iterable[Person], now: datetime, note: str = ""
) -> int:
    """To colleagues of the buyer; the link leads to the award among their pages."""
    base_url = letters.base_of(session)
    return need_letters.to_people(session, need, f"award_{event}", persons, now, base_url, note, page="/award")
