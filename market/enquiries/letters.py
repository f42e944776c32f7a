"""Letters of enquiries, each in its reader's language. No address of one side is in any letter to the other."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.accounts import people
from market.enquiries import service
from market.enquiries.labels import REPORTS, price_of, reason_of
from market.enquiries.models import Message, Thread
from market.enquiries.rules import WRITERS
from market.i18n import N_, language_of, words
from market.mail import letters
from market.mail.letters import postable
from market.web.languages import localised


def to_firm(session: Session, thread: Thread, now: datetime, base_url: str, message: Message | None = None) -> int:
    """The enquiry, or what the buyer has written since, to everybody in the firm who answers; returns how many.

    Each gets a link of their own. A firm without members gets it at its address on record.
    """
    firm = thread.organisation
    readers = people.readers(session, firm, WRITERS)
    for reader in readers:
        token = service.new_link(session, thread, reader.person, now)
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "enquiries/written" if message else "enquiries/asked",
            secret=True,
            enquiry=thread.enquiry,
            buyer=thread.enquiry.organisation.name,
            firm=firm.name,
            title=thread.title,
            anonymous=thread.hides_firm,
            text=message.text if message else "",
            member=reader.person is not None,
            link=base_url + localised(f"/answer/{token}", reader.language),
            until=now + service.LASTS,
        )
    return len(readers)


def to_buyer(session: Session, thread: Thread, message: Message, now: datetime, base_url: str) -> bool:
    """The firm's answer to whoever asked; False where that person cannot be written to any more."""
    person = thread.enquiry.person
    if person is None or postable(person.email) is None:
        return False
    spoken = language_of(person.language)
    w = words(spoken)
    letters.write(
        session,
        now,
        person.email,
        spoken,
        "enquiries/answered",
        subject_line=thread.enquiry.subject,
        firm=w(N_("A firm that does not name itself in public")) if thread.hides_firm else thread.organisation.name,
        kind=message.kind,
        text=message.text,
        price=price_of(w, message),
        until=message.valid_until,
        reason=reason_of(w, message),
        link=base_url + localised(f"/me/enquiries/threads/{thread.ref}", spoken),
    )
    return True


def to_sender(session: Session, thread: Thread, now: datetime, base_url: str) -> bool:
    """What the operator decided on a report, to whoever asked; the firm that reported is not named."""
    person = thread.enquiry.person
    if person is None or postable(person.email) is None:
        return False
    spoken = language_of(person.language)
    letters.write(
        session,
        now,
        person.email,
        spoken,
        "enquiries/judged",
        subject_line=thread.enquiry.subject,
        verdict=thread.verdict,
        reason=words(spoken)(REPORTS[thread.reported_reason]),
        link=base_url + localised(f"/me/enquiries/{thread.enquiry.ref}", spoken),
    )
    return True
