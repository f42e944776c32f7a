"""Confirmed movements as iCalendar (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

import icalendar

from market.accounts.models import Organisation
from market.i18n import N_, Words
from market.movements import labels
from market.movements.letters import rows
from market.movements.models import Movement

MEDIA_TYPE = "text/calendar; charset=utf-8"


def calendar(
    w: Words, organisation: Organisation, movements: Iterable[tuple[Movement, str]], base_url: str, now: datetime
) -> bytes:
    """Movements of a firm with the path of each page: whose they are, what moves, from when to when."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Werkplatz Ostbrandenburg//DE")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", organisation.name)
    for movement, path in movements:
        made.add_component(_event(w, organisation, movement, base_url + path, now))
    return bytes(made.to_ical())


def _event(w: Words, organisation: Organisation, movement: Movement, url: str, now: datetime) -> icalendar.Event:
    slot = movement.slot
    other = movement.organisation if movement.provider.id == organisation.id else movement.provider
    event = icalendar.Event()
    event.add("uid", f"{movement.ref}@{urlsplit(url).hostname}")
    event.add("dtstamp", now)
    event.add("last-modified", movement.updated_at)
    event.add("dtstart", slot.starts_at)
    event.add("dtend", slot.ends_at)
    wagons = labels.places(w, movement.wagons, "wagon")
    event.add("summary", f"{other.name}: {wagons}{', ' + w(N_('Empty run')) if slot.is_run else ''}")
    event.add("location", f"{movement.origin} → {movement.destination}")
    event.add("description", "\n".join(f"{label}: {value}" for label, value in rows(w, movement)))
    event.add("url", url)
    event.add("status", "CONFIRMED")
    return event
