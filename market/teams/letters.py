"""Letters to two firms that fit together, and about a joint bid between them: who wants or does what, the page says."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.i18n import N_, words
from market.mail import letters
from market.mail.letters import base_of
from market.needs.models import Need
from market.teams.models import Interest, Pair

SUBJECT = N_("A partner for your part: %(title)s")
LEAD = N_("%(firm)s wants another part of this need; together you could do it whole. Both of you have asked for this.")

PAIR: Final = {
    "shown": (
        N_("Your joint bid is shown to you: %(title)s"),
        N_("%(firm)s lets you read the joint bid. It stands on the page once the buyer has opened it."),
    ),
    "proposed": (
        N_("A joint bid is proposed to you: %(title)s"),
        N_("%(firm)s would like to bid together with you. Who leads and who does what stands on the page."),
    ),
    "agreed": (
        N_("Your partner has consented: %(title)s"),
        N_("%(firm)s bids together with you. The firm that leads can hand in the joint bid now."),
    ),
    "declined": (
        N_("Your partner has declined: %(title)s"),
        N_("%(firm)s does not want to bid together with you."),
    ),
    "withdrawn": (
        N_("The proposal is taken back: %(title)s"),
        N_("%(firm)s has taken back its proposal to bid together with you."),
    ),
    "ended": (
        N_("Your joint bid is off: %(title)s"),
        N_("%(firm)s has taken its consent back. A joint bid that was handed in does not count as it stands."),
    ),
}


def to_both(session: Session, one: Interest, other: Interest, now: datetime) -> None:
    for to, about in ((one.organisation, other.organisation), (other.organisation, one.organisation)):
        write(session, to, one.need, SUBJECT, LEAD, about, now, template="teams/partner")


def about_pair(session: Session, pair: Pair, to: Organisation, event: str, now: datetime) -> None:
    """To one of the two, about what the other has done."""
    subject, sentence = PAIR[event]
    write(session, to, pair.need, subject, sentence, pair.other(to.id), now)


def write(
    session: Session,
    to: Organisation,
    need: Need,
    subject: str,
    sentence: str,
    about: Organisation,
    now: datetime,
    *,
    template: str = "teams/pair",
    facts: tuple[datetime, str] | None = None,
) -> None:
    """To those who speak for a firm, about another; the link leads to the page where both stand. `facts` are when a
    joint bid came and its hash."""
    for reader in people.readers(session, to, SPEAKERS):
        w = words(reader.language)
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            template,
            heading=w(subject, title=w.in_language(need.text_in("title"), need.lang)[0]),
            lead=w(sentence, firm=about.name),
            received=w.moment(facts[0]) if facts else "",
            sha256=facts[1] if facts else "",
            link=base_of(session) + reader.path(to, f"/needs/{need.ref}/partners"),
            firm=to.name,
            member=reader.person is not None,
        )
