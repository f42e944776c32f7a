"""What the operator decides on firms, with the letters that say so."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import journal
from market.accounts import people
from market.accounts import service as accounts
from market.accounts.models import Organisation
from market.errors import Conflict
from market.i18n import words
from market.journal import Entry
from market.mail import letters
from market.moderation.forms import QUESTIONS
from market.viewer import Viewer
from market.web.languages import localised

ASKED = "moderation.asked"


def verify(
    session: Session, viewer: Viewer, firm: Organisation, source: str, today: date, now: datetime, base_url: str
) -> None:
    """The firm is what it says it is, by this source. Raises Conflict where somebody has said so already."""
    if firm.verified_on is not None:
        raise Conflict("the firm is verified already", reason="verified")
    accounts.verify(session, viewer, firm, today, source, now)
    for reader in people.readers(session, firm):
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "moderation/verified",
            firm=firm.name,
            source=source,
            link=base_url + localised(f"/providers/{firm.ref}/{firm.slug}", reader.language),
            member=reader.person is not None,
        )


def ask(
    session: Session,
    viewer: Viewer,
    firm: Organisation,
    question: str,
    note: dict[str, str],
    now: datetime,
    base_url: str,
) -> int:
    """Ask the firm by letter; returns how many letters went out. Raises Conflict where there is nobody to write to."""
    to = people.readers(session, firm)
    if not to:
        raise Conflict("nobody of the firm can be written to", reason="no-address")
    for reader in to:
        w = words(reader.language)
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "moderation/asked",
            firm=firm.name,
            question=w(QUESTIONS[question]),
            note=w.in_language(note)[0],
            link=base_url + localised("/legal/contact", w.language),
            member=reader.person is not None,
        )
    journal.record(session, viewer, ASKED, firm, now, tell=(), data={"question": question, "letters": len(to)})
    return len(to)


def asked(session: Session, ids: list[int]) -> dict[int, tuple[datetime, str]]:
    """When each of these firms was last asked, and what."""
    last = select(func.max(Entry.id)).where(
        Entry.verb == ASKED, Entry.subject == "organisations", Entry.subject_id.in_(ids)
    )
    entries = session.scalars(select(Entry).where(Entry.id.in_(last.group_by(Entry.subject_id))))
    return {entry.subject_id: (entry.at, str(entry.data.get("question", ""))) for entry in entries}
