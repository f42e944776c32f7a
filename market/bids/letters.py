"""Letters about a bid: that it came, what became of it. Never a word of what it says: sealed means in the mail, too."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Member, Organisation, Person
from market.bids import links
from market.bids.late_models import Admission
from market.bids.models import Bid, Receipt, Seal
from market.bids.rules import BIDDERS
from market.i18n import N_, language_of, words
from market.mail import letters
from market.mail.letters import postable
from market.needs import letters as need_letters
from market.needs.models import Need
from market.teams import letters as team_letters
from market.values import Language
from market.web.languages import localised

SUBJECTS: Final = {
    "received": N_("Your bid has come: %(title)s"),
    "confirmed": N_("Your bid is confirmed: %(title)s"),
    "withdrawn": N_("Your bid is withdrawn: %(title)s"),
    "amended": N_("Please confirm your bid: %(title)s"),
    "opened": N_("The bids are open: %(title)s"),
    "read": N_("The bids are being compared: %(title)s"),
    "unjoined": N_("Please hand in your bid anew: %(title)s"),
}
SENTENCES: Final = {
    "received": N_("Your bid is sealed. Nobody can read it before two people of the buyer open it after the deadline."),
    "confirmed": N_("Your bid also holds for the present version of the tender. It stays sealed."),
    "withdrawn": N_("Your bid is withdrawn and deleted. Until the deadline you can hand in another one."),
    "amended": N_(
        "The buyer has changed the tender. A bid that is not confirmed or replaced by the deadline is not opened."
    ),
    "opened": N_("Two people have opened the bids. You will hear the decision from us, whatever it is."),
    "read": N_("The deadline is over, and the buyer reads the bids. You will hear the decision from us in any case."),
    "unjoined": N_(
        "Your partner is no longer part of your joint bid, so it is not opened as it stands. Until the deadline you "
        "can hand in another one in its place."
    ),
}
UNSEALED: Final = {
    "received": N_("Your bid is encrypted. The buyer reads it when the deadline is over and the comparison begins."),
    "confirmed": N_("Your bid also holds for the present version of the need."),
    "opened": N_("Your bid was not confirmed for the last version of the need, so it is not read."),
}
"""Where no two people open the bids."""
PARTNER: Final = {
    "received": (
        N_("Your joint bid is handed in: %(title)s"),
        N_("%(firm)s has handed in the joint bid. It is sealed; its prices are not shown to you."),
    ),
    "withdrawn": (
        N_("Your joint bid is withdrawn: %(title)s"),
        N_("%(firm)s has withdrawn the joint bid it had handed in."),
    ),
    "opened": (
        N_("The bids are open: %(title)s"),
        N_("The buyer reads the joint bid that %(firm)s has handed in. You will hear the decision from us, too."),
    ),
}
"""To the firm that is part of a joint bid and has not handed it in: time and hash, never what it says."""

WAITED_FOR: Final = N_("A second person is needed for the opening: %(title)s")
SECOND: Final = N_("%(name)s has begun the opening. It counts for 30 minutes.")

LATE: Final = {
    "open": (
        N_("You may still hand in a bid: %(title)s"),
        N_(
            "The buyer admits one late bid of your firm by this link. It works once, for people of your firm who are"
            " signed in. All others hear that a late bid is admitted and why, without your name; the bid is marked as"
            " late for good."
        ),
    ),
    "revoked": (N_("The link is taken back: %(title)s"), N_("The buyer has taken back the link for a late bid.")),
}
"""By the state of an admission."""


def bidders(session: Session, bid: Bid) -> list[Person]:
    """Who handed it in, and the firm's editors."""
    return writers(session, bid.organisation, bid.person_id)


def writers(session: Session, firm: Organisation, person_id: int | None) -> list[Person]:
    """The firm's editors, and whoever wrote, as long as they belong to it."""
    found = {person.id: person for person in people.editors(session, firm)}
    mine = (Member.person_id == (person_id or 0), Member.organisation_id == firm.id, Member.ended_at.is_(None))
    member = session.scalar(select(Member).where(*mine))
    if member is not None and postable(member.person.email):
        found[member.person_id] = member.person
    return list(found.values())


def _readers(session: Session, bid: Bid) -> dict[str, tuple[Language, str]]:
    """Address -> language, and where the letter leads."""
    page = _page(bid)
    found = {person.email: (language_of(person.language), page) for person in bidders(session, bid)}
    if (link := links.of_bid(session, bid)) is not None:
        token = links.token_of(session, link)
        found[link.email] = (language_of(link.language), f"/quote/{token}" if token else page)
    return found


def _page(bid: Bid) -> str:
    return f"/needs/{bid.need.ref}/bid"


def _heard(session: Session, need: Need, event: str, firm: Organisation, now: datetime) -> Iterable[str]:
    """Who was asked to confirm a bid has been told that the need was changed."""
    if event != "amended":
        return ()
    asked = (Bid.state == "needs_confirmation", Bid.changed_at == now)
    query = select(Bid).where(Bid.need_id == need.id, Bid.organisation_id == firm.id, *asked)
    return [email for bid in session.scalars(query) for email in _readers(session, bid)]


need_letters.HEARD.append(_heard)


def write(
    session: Session, bid: Bid, event: str, now: datetime, *, receipt: Receipt | None = None, note: str = ""
) -> None:
    """To the bidder's people, each in their language, and to whoever answered by a link; with the receipt where there
    is one."""
    sentence = SENTENCES[event] if bid.need.sealed else UNSEALED.get(event, SENTENCES[event])
    for email, (language, path) in _readers(session, bid).items():
        w = words(language)
        _write(
            session,
            email,
            language,
            bid.need,
            SUBJECTS[event],
            w(sentence),
            path,
            bid.need.bids_until,
            now,
            firm=bid.organisation.name,
            receipt=json.dumps(receipt.said, ensure_ascii=False, indent=1, sort_keys=True) if receipt else "",
            received=w.moment(bid.received_at) if receipt else "",
            secret=path != _page(bid),
            note=note,
        )


def to_partner(session: Session, bid: Bid, event: str, now: datetime) -> None:
    """Of a joint bid, to the other firm."""
    if bid.pair is None or (event == "opened" and bid.state != event):
        return
    subject, sentence = PARTNER[event]
    team_letters.write(
        session,
        bid.pair.partner,
        bid.need,
        subject,
        sentence,
        bid.organisation,
        now,
        facts=(bid.received_at, bid.sha256),
    )


def to_opener(session: Session, seal: Seal, person: Person, first: Person, now: datetime) -> None:
    """That one person has done their part and another is waited for."""
    if not postable(person.email):
        return
    language = language_of(person.language)
    said = words(language)(SECOND, name=first.name)
    way = f"/me/needs/{seal.need.ref}/opening"
    _write(session, person.email, language, seal.need, WAITED_FOR, said, way, seal.deadline, now)


def to_late(session: Session, one: Admission, path: str, now: datetime, base_url: str) -> None:
    """To the people of a firm that may bid late, or may no longer."""
    subject, sentence = LATE[one.state]
    for person in people.with_roles(session, one.organisation, BIDDERS):
        language = language_of(person.language)
        _write(
            session,
            person.email,
            language,
            one.need,
            subject,
            words(language)(sentence),
            path,
            one.until if one.state == "open" else None,
            now,
            firm=one.organisation.name,
            base_url=base_url,
            secret=one.state == "open",
            note=one.ended_reason or one.reason,
        )


def to_person(
    session: Session, need: Need, person: Person, subject: str, sentence: str, now: datetime, firm: str, base_url: str
) -> None:
    """About a bid that is not handed in; `base_url` begins the link."""
    way, language = f"/needs/{need.ref}/bid", language_of(person.language)
    _write(
        session,
        person.email,
        language,
        need,
        subject,
        sentence,
        way,
        need.bids_until,
        now,
        firm=firm,
        base_url=base_url,
    )


def _write(
    session: Session,
    email: str,
    language: Language,
    need: Need,
    subject: str,
    sentence: str,
    path: str,
    deadline: datetime | None,
    now: datetime,
    *,
    firm: str = "",
    receipt: str = "",
    received: str = "",
    base_url: str = "",
    secret: bool = False,
    note: str = "",
) -> None:
    w = words(language)
    title = w.in_language(need.text_in("title"), need.lang)[0]
    letters.write(
        session,
        now,
        email,
        language,
        "bids/news",
        secret=secret,
        heading=w(subject, title=title),
        sentence=sentence,
        note=note,
        firm=firm,
        buyer=need.organisation.name,
        receipt=receipt,
        received=received,
        deadline=w.moment(deadline) if deadline else "",
        link=(base_url or letters.base_of(session)) + localised(path, language),
    )
