"""Sessions as iCalendar (RFC 5545): whole days, without a time nobody has given."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import icalendar

from market.i18n import N_, Words
from market.offerings.sessions import CourseSession
from market.values import Language

MEDIA_TYPE = "text/calendar"


def calendar(
    w: Words, entries: Iterable[tuple[CourseSession, str, str]], base_url: str, now: datetime, name: str
) -> bytes:
    """A calendar of sessions; each comes with what stands in its text and the path of its page."""
    made = new_calendar(name)
    for row, text, path in entries:
        made.add_component(session_event(w, row, text, base_url + path, now))
    return bytes(made.to_ical())


def new_calendar(name: str, language: Language = "de") -> icalendar.Calendar:
    made = icalendar.Calendar()
    made.add("prodid", f"-//Werkplatz Ostbrandenburg//{language.upper()}")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    return made


def session_event(w: Words, row: CourseSession, text: str, url: str, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{row.ref}@{urlsplit(url).hostname}")
    event.add("dtstamp", now)
    event.add("dtstart", row.starts_on)
    event.add("dtend", row.ends_on + timedelta(days=1))  # the day after the last one, as the standard counts
    event.add("summary", w.in_language(row.offering.text_in("title"), row.offering.lang)[0])
    event.add("location", row.venue)
    event.add("description", text)
    event.add("url", url)
    event.add("status", "CANCELLED" if row.state == "cancelled" else "CONFIRMED" if row.is_sure else "TENTATIVE")
    event.add("transp", "OPAQUE")
    return event


def public_text(w: Words, row: CourseSession) -> str:
    """What anybody may read of a session: seats and whether it takes place."""
    if row.is_sure:
        return w(
            N_("Takes place for sure. %(free)s of %(most)s seats are free."), free=row.seats_free, most=row.seats_max
        )
    return w(
        N_("Takes place from %(least)s people on; %(taken)s seats are taken."), least=row.seats_min, taken=row.taken
    )
