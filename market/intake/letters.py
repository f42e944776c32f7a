"""The letter to whoever has brought a long table, once it is taken."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from market.i18n import language_of
from market.intake.models import Import
from market.mail import letters
from market.mail.letters import postable
from market.web.languages import localised

LONG: Final = timedelta(seconds=20)
MANY: Final = 500
"""Rows, or the time, from which nobody is expected to watch."""


def write_done(session: Session, one: Import, now: datetime, base_url: str) -> bool:
    """Whether a letter was written: only after a long import, to somebody who is still there."""
    person = one.person
    if one.rows < MANY and one.begun_at is not None and now - one.begun_at < LONG:
        return False
    if person is None or person.erased_at is not None or not postable(person.email):
        return False
    language = language_of(person.language)
    letters.write(
        session,
        now,
        person.email,
        language,
        "intake/done",
        firm=one.organisation.name,
        name=one.name,
        created=one.created,
        changed=one.changed,
        unchanged=one.unchanged,
        faulty=one.faulty,
        link=base_url + localised(f"/me/import/{one.ref}", language),
    )
    return True
