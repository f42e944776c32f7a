"""Letters about deliveries and permits, each reader's in the own language.

A side that is not named yet is not named here either: no firm, no town, no address.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.deliveries import labels
from market.deliveries.models import Delivery, Permit
from market.deliveries.rules import other_of
from market.i18n import N_, words
from market.mail import letters

SUBJECTS: Final = {
    "proposed": N_("A delivery is proposed to you: %(title)s"),
    "agreed": N_("Delivery agreed: %(title)s"),
    "delivered": N_("Delivered: %(title)s"),
    "declined": N_("Delivery not agreed: %(title)s"),
    "cancelled": N_("Delivery cancelled: %(title)s"),
}
SENTENCES: Final = {
    "proposed": N_("Please say whether you agree. Nothing is bound until then."),
    "agreed": N_(
        "The amount is bound now, in the permit and in the stream. Both sides see each other's name from here on."
    ),
    "delivered": N_("The other side says that everything has come."),
    "declined": N_("The other side does not agree, or has taken the proposal back."),
    "cancelled": N_("The other side has cancelled. What has not begun yet is free again."),
}


def write(session: Session, delivery: Delivery, to: Organisation, now: datetime, base_url: str) -> int:
    """What has happened to a delivery, to one side; returns how many letters that were."""
    event = "declined" if delivery.state == "cancelled" and delivery.agreed_at is None else delivery.state
    other, named = other_of(delivery, to)
    written = 0
    for reader in people.readers(session, to):
        w = words(reader.language)
        title = w.in_language(delivery.offering.text_in("title"), delivery.offering.lang)[0]
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "deliveries/news",
            heading=w(SUBJECTS[event], title=title),
            sentence=w(SENTENCES[event]),
            firm=to.name,
            other=other.name if named else "",
            reach=_reach(other) if delivery.state in ("agreed", "delivered") else "",
            amount=labels.amount(w, delivery.amount),
            code=delivery.code,
            words=delivery.note if event == "proposed" else delivery.reason,
            link=base_url + reader.path(to, f"/me/deliveries/{delivery.ref}"),
            member=reader.person is not None,
        )
        written += 1
    return written


def _reach(firm: Organisation) -> str:
    place = f"{firm.postcode} {firm.town}".strip()
    return ", ".join(part for part in (firm.contact, firm.street, place, firm.phone, firm.email) if part)


def write_decision(session: Session, permit: Permit, now: datetime, base_url: str) -> int:
    """What the operator has decided on a permit, and why."""
    written = 0
    for reader in people.readers(session, permit.organisation):
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "deliveries/permit",
            firm=permit.organisation.name,
            number=permit.number,
            verified=permit.state == "verified",
            reason=permit.reason,
            link=base_url + reader.path(permit.organisation, "/me/permits"),
            member=reader.person is not None,
        )
        written += 1
    return written
