"""Plants a shortlist and an enquiry of a demo buyer, through the services like any firm's; no letter is written."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Member, Organisation
from market.enquiries import service as enquiries
from market.enquiries.models import Enquiry, Thread
from market.offerings.models import Offering
from market.shortlists import service as shortlists
from market.shortlists.models import Shortlist
from market.shortlists.things import Thing, find
from market.values import local_day
from market.viewer import Viewer
from seeds import reading

ASKED, ANSWERED = timedelta(days=2), timedelta(days=1)
"""How long before the planting."""


def plant(session: Session, records: list[dict[str, Any]], now: datetime) -> int:
    """For each buyer without a list and without an enquiry; returns how many lists and threads were planted."""
    session.flush()
    return sum(_one(session, record, now) for record in records)


def _one(session: Session, record: dict[str, Any], now: datetime) -> int:
    buyer = reading.firm(session, record["buyer"])
    known = [select(kind.id).where(kind.organisation_id == buyer.id).limit(1) for kind in (Shortlist, Enquiry)]
    if any(session.scalar(query) is not None for query in known):
        return 0
    person = session.scalars(select(Member).where(Member.organisation_id == buyer.id).order_by(Member.id)).first()
    viewer = Viewer(
        "seeds", "person", person.person_id if person else None, organisation_id=buyer.id, roles=frozenset({"buyer"})
    )
    shortlist = shortlists.create(session, viewer, record["name"], now - ASKED)
    for entry in record["kept"]:
        item = shortlists.keep(session, viewer, shortlist, _thing(session, entry), now - ASKED)
        if entry.get("note"):
            shortlists.note(session, viewer, item, entry["note"], now - ASKED)
    words = enquiries.Words(**{key: record["asked"][key] for key in ("what", "place", "period", "contact")})
    things = [_thing(session, entry) for entry in record["asked"]["of"]]
    _, threads = enquiries.ask(session, viewer, words, things, "de", now - ASKED)
    for thread, entry in zip(threads, record["asked"]["of"], strict=True):
        _answer(session, thread, entry.get("answer"), now)
    return 1 + len(threads)


def _answer(session: Session, thread: Thread, answer: dict[str, Any] | None, now: datetime) -> None:
    if answer is None:
        return
    day = local_day(now) + timedelta(days=answer["valid_in_days"])
    reply = enquiries.Reply(answer["text"], "quote", price_cents=answer["cents"], valid_until=day)
    enquiries.write(session, Viewer(f"link:{thread.ref}"), thread, "firm", reply, now - ANSWERED)


def _thing(session: Session, entry: dict[str, Any]) -> Thing:
    query = select(Offering.ref).join(Offering.organisation)
    own = (Organisation.external_id == entry["firm"]) & (Offering.external_id == entry["offering"])
    code = "o" + session.scalars(query.where(own)).one()
    return find(session, [code])[code]
