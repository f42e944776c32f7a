"""Letters to both sides, each person's in the own language; the days of one recurring request come in one letter."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation
from market.i18n import N_, Words, words
from market.mail import letters
from market.movements import labels
from market.movements.models import Movement
from market.movements.plausibility import Finding, check, warnings
from market.movements.service import News
from market.movements.tracks import track_at

ASKER = {
    "requested": (
        N_("Your request for %(title)s has arrived"),
        N_("%(provider)s holds the places for you and answers by %(until)s. Otherwise the request expires."),
    ),
    "waiting": (
        N_("You are on the waiting list for %(title)s"),
        N_("The slot is full. When places become free, you move up in the order of the requests and get a letter."),
    ),
    "admitted": (
        N_("Places became free: %(title)s"),
        N_("You have moved up from the waiting list. %(provider)s answers by %(until)s."),
    ),
    "confirmed": (N_("Confirmed: %(title)s"), N_("%(provider)s has confirmed the movement.")),
    "done": (N_("Done: %(title)s"), N_("%(provider)s has marked the movement as done.")),
    "declined": (N_("Declined: %(title)s"), N_("%(provider)s cannot take the movement.")),
    "cancelled": (N_("Cancelled: %(title)s"), N_("The movement has been cancelled. Its places are free again.")),
    "expired": (
        N_("Expired: %(title)s"),
        N_("The request has ended without an answer of %(provider)s. You can choose another slot."),
    ),
}
"""Event -> subject and first sentence, for the firm that asked."""
PROVIDER = {
    "requested": (
        N_("Request of %(asker)s: %(title)s"),
        N_("The places are held until %(until)s. Please confirm or decline by then."),
    ),
    "waiting": (
        N_("On the waiting list: %(asker)s, %(title)s"),
        N_("The slot is full. The firm moves up by itself when places become free."),
    ),
    "admitted": (
        N_("Moved up: %(asker)s, %(title)s"),
        N_("Places became free and are held until %(until)s. Please confirm or decline by then."),
    ),
    "confirmed": (
        N_("You confirmed: %(asker)s, %(title)s"),
        N_("The movement stands in your board and your calendar."),
    ),
    "cancelled": (
        N_("Cancelled: %(asker)s, %(title)s"),
        N_("The movement has been cancelled. Its places are free again."),
    ),
    "expired": (
        N_("Expired: %(asker)s, %(title)s"),
        N_("The request was not answered in time. Its places are free again."),
    ),
}
"""The same for the firm that runs the track; what it did itself without effect on others needs no letter."""


def tell(session: Session, news: Sequence[News], now: datetime, base_url: str) -> int:
    """Write the letters; returns how many."""
    grouped: dict[tuple[str, str], list[Movement]] = {}
    for one in news:
        key = (one.event, one.movement.series or one.movement.ref)
        grouped.setdefault(key, []).append(one.movement)
    written = 0
    for (event, _), movements in grouped.items():
        asker, provider = movements[0].organisation, movements[0].provider
        written += _write(session, asker, ASKER[event], movements, now, base_url)
        if event in PROVIDER:
            written += _write(session, provider, PROVIDER[event], movements, now, base_url)
    return written


def _write(
    session: Session,
    to: Organisation,
    texts: tuple[str, str],
    movements: Sequence[Movement],
    now: datetime,
    base_url: str,
) -> int:
    first = movements[0]
    written = 0
    for reader in people.readers(session, to):
        w = words(reader.language)
        values = {
            "title": w.in_language(first.slot.offering.text_in("title"), first.slot.offering.lang)[0],
            "asker": first.organisation.name,
            "provider": first.provider.name,
            "until": w.moment(first.held_until) if first.held_until else "",
        }
        letters.write(
            session,
            now,
            reader.email,
            reader.language,
            "movements/news",
            heading=w(texts[0], **values),
            lead=w(texts[1], **values),
            times=[labels.slot_time(w, one.slot) for one in movements],
            rows=rows(w, first),
            doubts=[labels.sentence(w, finding) for finding in doubts(first)],
            reason=w(labels.REASONS[first.reason]) if first.reason else "",
            note=first.reason_note,
            link=base_url + reader.path(to, f"/me/movements/{first.ref}"),
            member=reader.person is not None,
            firm=to.name,
        )
        written += 1
    return written


def rows(w: Words, movement: Movement) -> list[tuple[str, str]]:
    """The train as label and value."""
    listed = [
        (w(N_("Empty run")), labels.way(movement.slot)),
        (w(N_("Train")), labels.train_line(w, movement)),
        (w(N_("Coming from")), movement.origin),
        (w(N_("Going to")), movement.destination),
        (w(N_("Dangerous goods")), labels.dangerous(w, movement)),
        (w(N_("Message")), movement.note),
    ]
    return [(label, value) for label, value in listed if value]


def doubts(movement: Movement) -> list[Finding]:
    """Warnings of the plausibility check as the track stands now."""
    return warnings(check(movement.train, track_at(movement.slot)))
