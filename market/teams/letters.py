"""The letter to two firms that fit together: it names the other; what that one wants and its contact, the page says."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.people import SPEAKERS
from market.i18n import N_, words
from market.mail import letters
from market.mail.letters import base_of
from market.teams.models import Interest

SUBJECT = N_("A partner for your part: %(title)s")
LEAD = N_("%(firm)s wants another part of this need; together you could do it whole. Both of you have asked for this.")


def to_both(session: Session, one: Interest, other: Interest, now: datetime) -> None:
    for to, about in ((one, other), (other, one)):
        _write(session, to, about, now)


def _write(session: Session, to: Interest, about: Interest, now: datetime) -> None:
    firm, need = to.organisation, to.need
    for reader in people.readers(session, firm, SPEAKERS):
        w = words(reader.language)
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "teams/partner",
            heading=w(SUBJECT, title=w.in_language(need.text_in("title"), need.lang)[0]),
            lead=w(LEAD, firm=about.organisation.name),
            link=base_of(session) + reader.path(firm, f"/needs/{need.ref}/partners"),
            firm=firm.name,
            member=reader.person is not None,
        )
