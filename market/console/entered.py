"""What an entry of the journal was about, in words for the firm it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.console.verbs import said
from market.files.models import File
from market.i18n import N_, Words
from market.journal import Entry
from market.needs.models import Need
from market.offerings.models import Offering
from market.taxonomy import certificates as catalogue

FIELDS = {
    "name": N_("Name"),
    "legal_form": N_("Legal form"),
    "street": N_("Street"),
    "postcode": N_("Postcode"),
    "town": N_("Town"),
    "phone": N_("Telephone"),
    "email": N_("E-mail"),
    "website": N_("Website"),
    "contact": N_("Contact person"),
    "employees": N_("Employees"),
    "founded": N_("Founded"),
    "imprint": N_("Imprint"),
    "about": N_("About the firm"),
}


@dataclass(frozen=True)
class Entered:
    """`what` happened to `which` record on a day, and what stands there now."""

    at: datetime
    what: str
    which: str
    now: list[tuple[str, str]]


def entered(session: Session, w: Words, entries: Iterable[Entry]) -> list[Entered]:
    return [
        Entered(entry.at, said(w, entry.verb), _which(session, w, entry), _fields(session, w, entry))
        for entry in entries
    ]


def _which(session: Session, w: Words, entry: Entry) -> str:
    """The name of the record; empty where it is gone or has none."""
    if entry.subject == "organisations":
        firm = session.get(Organisation, entry.subject_id)
        return firm.name if firm else ""
    if entry.subject == "offerings":
        offering = session.get(Offering, entry.subject_id)
        return offering.title if offering else ""
    if entry.subject == "needs":
        need = session.get(Need, entry.subject_id)
        return need.title if need else ""
    if entry.subject == "certificates":
        held = session.get(Certificate, entry.subject_id)
        return catalogue.name(held.type, w.language) if held else ""
    if entry.subject == "files":
        file = session.get(File, entry.subject_id)
        return file.name if file else ""
    return ""


def _fields(session: Session, w: Words, entry: Entry) -> list[tuple[str, str]]:
    """Of a profile what was changed, as it is now."""
    changed = entry.data.get("fields")
    firm = session.get(Organisation, entry.subject_id) if entry.subject == "organisations" else None
    if firm is None or not isinstance(changed, list):
        return []
    found = []
    for name in changed:
        value = getattr(firm, name, None)
        if name in FIELDS:
            text = w.in_language(value)[0] if isinstance(value, dict) else "" if value is None else str(value)
            found.append((w(FIELDS[name]), text[:500]))
    return found
