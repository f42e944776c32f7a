"""Letters about needs: to approvers, back to the drafter, and to the firms that follow a need."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.accounts.people import Reader
from market.i18n import N_, Words, words
from market.mail import letters
from market.mail.letters import postable
from market.needs.models import Invitation, Need, PoolShare
from market.needs.questions import ASKERS
from market.needs.rules import BUYERS
from market.web.languages import localised

Note = str | Callable[[Words], str]
"""What somebody wrote, or what is said in the reader's language."""
EVENTS: Final[dict[str, tuple[str, str]]] = {
    "submitted": (
        N_("For your approval: %(title)s"),
        N_("A colleague has handed in this need. It is published when you approve it."),
    ),
    "refused": (N_("Given back: %(title)s"), N_("The approver has given the need back to you.")),
    "invited": (
        N_("%(buyer)s invites you: %(title)s"),
        N_("Bids are taken until %(until)s. Look at what is needed; if it does not suit you, a click there declines."),
    ),
    "answered": (
        N_("New answer: %(title)s"),
        N_("%(buyer)s has answered a question about this need, for all firms alike."),
    ),
    "amended": (
        N_("Changed: %(title)s"),
        N_("%(buyer)s has changed this need. Bids are taken until %(until)s. See what is different."),
    ),
    "pool_invited": (
        N_("%(buyer)s asks you to join: %(title)s"),
        N_("%(buyer)s drafts this need and asks whether you need some of it, too. Look at it and say how much."),
    ),
    "pool_ask": (
        N_("Please accept anew: %(title)s"),
        N_("%(buyer)s has changed this need since you joined it. Look at it and accept it as it is now."),
    ),
    "pool_joined": (N_("%(partner)s has joined: %(title)s"), N_("%(partner)s takes part in this need.")),
    "pool_declined": (N_("%(partner)s does not join: %(title)s"), N_("%(partner)s takes no part in this need.")),
    "pool_left": (
        N_("%(partner)s has left: %(title)s"),
        N_("%(partner)s no longer takes part in this need. Its quantity is taken out of the sum."),
    ),
    "pool_removed": (
        N_("Without you: %(title)s"),
        N_("%(buyer)s has taken your part out of this need. Nothing of it was published."),
    ),
    "pool_published": (
        N_("Published: %(title)s"),
        N_("The need you joined is out, with both names and quantities. Bids are taken until %(until)s."),
    ),
    "extension_asked": (
        N_("Please decide about more time: %(title)s"),
        N_(
            "The marketplace did not answer for a while before the deadline. You have promised more time for all"
            " in this case: decide, then the bids can be opened."
        ),
    ),
    "extended": (
        N_("More time for all: %(title)s"),
        N_(
            "The marketplace did not answer for a while before the deadline. So bids are taken until %(until)s,"
            " from everybody. What is handed in stays handed in and can be replaced."
        ),
    ),
    "not_extended": (
        N_("The deadline stays: %(title)s"),
        N_("%(buyer)s has decided not to extend the deadline, although the marketplace did not answer for a while."),
    ),
    "cancelled": (N_("Cancelled: %(title)s"), N_("%(buyer)s has cancelled this need. Bids are no longer taken.")),
}
"""Event -> subject and first sentence; higher slices add theirs."""

WAYS: list[Callable[[Session, Need, Organisation, Reader, datetime], str]] = []
"""Higher slices add `way(session, need, firm, reader, now)`: the address where a firm answers from its letter without
signing in, or nothing."""
HEARD: list[Callable[[Session, Need, str, Organisation, datetime], Iterable[str]]] = []
"""Higher slices add `heard(session, need, event, firm, now)`: who reads of it in a letter of theirs."""


def way(session: Session, need: Need, firm: Organisation, reader: Reader, now: datetime) -> str:
    """Where this reader may answer for the firm from the letter alone; empty where nowhere."""
    return next((found for one in WAYS if (found := one(session, need, firm, reader, now))), "")


def to_people(
    session: Session,
    need: Need,
    event: str,
    persons: Iterable[Person],
    now: datetime,
    base_url: str,
    note: Note = "",
    partner: str = "",
    page: str = "",
) -> int:
    """To colleagues of the buyer; the link leads to the need among their pages, or to a `page` of it."""
    able = [person for person in persons if postable(person.email)]
    for person in able:
        reader = Reader.of(person)
        link = base_url + localised(f"/me/needs/{need.ref}{page}", reader.language)
        _write(session, need, event, reader, now, link, need.organisation.name, note, partner)
    return len(able)


def to_lead(session: Session, share: PoolShare, event: str, now: datetime, base_url: str) -> None:
    """To those who keep the leading partner's needs."""
    to_people(
        session,
        share.need,
        event,
        people.with_roles(session, share.need.organisation, BUYERS),
        now,
        base_url,
        partner=share.organisation.name,
    )


def to_partner(session: Session, share: PoolShare, event: str, now: datetime, base_url: str) -> None:
    """To those who keep the needs of the partner that was asked to join."""
    for person in people.with_roles(session, share.organisation, BUYERS):
        reader = Reader.of(person)
        path = "/me/needs" if event == "pool_removed" else f"/me/pooled/{share.ref}"
        _write(
            session,
            share.need,
            event,
            reader,
            now,
            base_url + localised(path, reader.language),
            share.organisation.name,
            "",
        )


def to_firms(
    session: Session,
    need: Need,
    event: str,
    firms: Iterable[Organisation],
    now: datetime,
    base_url: str,
    note: Note = "",
) -> int:
    """To those who read each firm's letters and have no other of the same event; the link leads to the need's page."""
    written = 0
    for firm in firms:
        heard = {address for one in HEARD for address in one(session, need, event, firm, now)}
        for reader in people.readers(session, firm, ASKERS):
            if reader.email in heard:
                continue
            page = f"/needs/{need.ref}/{need.slug}" + ("#invitation" if event == "invited" else "")
            path = localised(page, reader.language) if need.is_public else reader.path(firm, page)
            found = way(session, need, firm, reader, now) if event == "invited" else ""
            answer = base_url + found if found else ""
            _write(session, need, event, reader, now, base_url + path, firm.name, note, answer=answer)
            written += 1
    return written


def _write(
    session: Session,
    need: Need,
    event: str,
    reader: Reader,
    now: datetime,
    link: str,
    firm: str,
    note: Note,
    partner: str = "",
    answer: str = "",
) -> None:
    w = words(reader.language)
    subject, lead = EVENTS[event]
    values = {
        "title": w.in_language(need.text_in("title"), need.lang)[0],
        "buyer": need.organisation.name,
        "partner": partner,
        "until": w.moment(need.bids_until) if need.bids_until else w(N_("not stated")),
    }
    letters.write(
        session,
        now,
        reader.email,
        reader.language,
        "needs/news",
        secret=bool(answer),
        answer=answer,
        heading=w(subject, **values),
        lead=w(lead, **values),
        note=note if isinstance(note, str) else note(w),
        link=link,
        firm=firm,
    )


def to_invited(session: Session, need: Need, now: datetime, base_url: str) -> int:
    """To invited firms that have not been written to, once the need is out."""
    if need.stage != "published":
        return 0
    session.flush()
    query = select(Invitation).where(Invitation.need_id == need.id, Invitation.told_at.is_(None))
    written = 0
    for invitation in session.scalars(query.order_by(Invitation.id)):
        invitation.told_at = now
        written += to_firms(session, need, "invited", [invitation.organisation], now, base_url)
    return written
