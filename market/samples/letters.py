"""Letters at each step of an order, each reader's in the own language. No result, no file: the report stays here."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.i18n import N_, words
from market.mail import letters
from market.samples import labels
from market.samples.models import SampleOrder

SUBJECTS: Final = {
    "placed": N_("Tests ordered: %(title)s"),
    "ordered": N_("New sample order: %(title)s"),
    "received": N_("Samples received: %(title)s"),
    "in_test": N_("Samples in test: %(title)s"),
    "reported": N_("The report is there: %(title)s"),
    "cancelled": N_("Sample order cancelled: %(title)s"),
}
SENTENCES: Final = {
    "placed": N_("Your order has gone to the laboratory. Write the reference on every sample: %(ref)s."),
    "ordered": N_("A firm orders tests. The samples carry the reference %(ref)s."),
    "received": N_("The samples with the reference %(ref)s have come."),
    "in_test": N_("The samples with the reference %(ref)s are being tested."),
    "reported": N_(
        "The report on the reference %(ref)s lies on your pages. Only your firm and the laboratory can open it."
    ),
    "cancelled": N_("The order with the reference %(ref)s is cancelled."),
}


def write(session: Session, order: SampleOrder, event: str, to: Organisation, now: datetime, base_url: str) -> int:
    """What has happened, to one side; returns how many letters that were."""
    other = order.lab if to.id == order.buyer_id else order.buyer
    written = 0
    for reader in people.readers(session, to):
        w = words(reader.language)
        title = w.in_language(order.offering.text_in("title"), order.offering.lang)[0]
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "samples/news",
            heading=w(SUBJECTS[event], title=title),
            sentence=w(SENTENCES[event], ref=order.ref),
            firm=to.name,
            other=other.name,
            methods=[labels.method(one) for one in order.methods],
            count=order.count,
            promised=order.promised_on if event in ("received", "in_test") else None,
            duration=labels.duration(w, order) if event in ("placed", "ordered") else "",
            words=order.reason if event == "cancelled" else "",
            link=base_url + reader.path(to, f"/me/samples/{order.ref}"),
            member=reader.person is not None,
        )
        written += 1
    return written
