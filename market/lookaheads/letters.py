"""Letters about planned work: to the firms that pledged, and to the partner about a pledge. The figures stay here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS, Reader
from market.i18n import N_, words
from market.lookaheads import labels
from market.lookaheads.models import Lookahead
from market.mail import letters
from market.needs.rules import BUYERS
from market.web.languages import localised

TO_FIRMS: Final = {
    "moved": (
        N_("Moved: %(title)s"),
        N_("%(buyer)s has moved this planned work; it is now %(window)s. Please look whether your pledge still holds."),
    ),
    "changed": (
        N_("Changed: %(title)s"),
        N_("%(buyer)s has changed this planned work. Please look whether your pledge still holds."),
    ),
    "cancelled": (
        N_("Cancelled: %(title)s"),
        N_("%(buyer)s has cancelled this planned work. You no longer hold anybody ready for it."),
    ),
    "called": (
        N_("Becomes a need: %(title)s"),
        N_("%(buyer)s is drafting a need of this planned work. You are invited to it as soon as it is out."),
    ),
}
TO_PARTNER: Final = {
    "pledge": (N_("New pledge: %(title)s"), N_("%(firm)s holds people ready for this planned work.")),
    "change": (N_("Pledge changed: %(title)s"), N_("%(firm)s has changed what it pledged to this planned work.")),
    "withdraw": (
        N_("Pledge withdrawn: %(title)s"),
        N_("%(firm)s has withdrawn its pledge to this planned work."),
    ),
}


def to_firms(
    session: Session,
    entry: Lookahead,
    event: str,
    firms: Iterable[Organisation],
    now: datetime,
    base_url: str,
    note: str = "",
) -> int:
    """To whoever speaks for each firm that pledged."""
    written = 0
    for firm in firms:
        if firm.suspended_at is None:
            for reader in people.readers(session, firm, SPEAKERS):
                link = base_url + reader.path(firm, f"/me/look-ahead/{entry.ref}/pledge")
                _write(session, entry, TO_FIRMS[event], reader, firm, firm.name, link, now, note)
                written += 1
    return written


def to_partner(session: Session, entry: Lookahead, event: str, firm: Organisation, now: datetime, base_url: str) -> int:
    """To those who keep the partner's needs."""
    buyers = people.with_roles(session, entry.organisation, BUYERS)
    for person in buyers:
        reader = Reader.of(person)
        link = base_url + localised(f"/me/look-ahead/{entry.ref}", reader.language)
        _write(session, entry, TO_PARTNER[event], reader, entry.organisation, firm.name, link, now)
    return len(buyers)


def _write(
    session: Session,
    entry: Lookahead,
    said: tuple[str, str],
    reader: Reader,
    to: Organisation,
    firm: str,
    link: str,
    now: datetime,
    note: str = "",
) -> None:
    w = words(reader.language)
    values = {
        "title": entry.title,
        "buyer": entry.organisation.name,
        "firm": firm,
        "window": labels.window(w, entry),
    }
    letters.write(
        session,
        now,
        reader.email,
        reader.language,
        "lookaheads/news",
        heading=w(said[0], **values),
        lead=w(said[1], **values),
        note=note,
        link=link,
        firm=to.name,
        member=reader.person is not None,
    )
