"""Any search as an Atom feed (RFC 4287) and as a calendar (RFC 5545): what is new, and what has a date. Public facts
only: whoever signs in gets the same as everybody else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import icalendar
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.bookings.calendar import new_calendar, public_text, session_event
from market.catalogue import criteria
from market.catalogue.criteria import Asked
from market.catalogue.search import heading
from market.i18n import N_, Words
from market.needs import labels
from market.needs.models import Need
from market.needs.rules import visible as open_needs
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.sessions import of_offerings
from market.values import ZONE, from_day_number
from market.web import atom as web
from market.web.answering import tagged
from market.web.endpoint import Ask, live
from search.hits import Hit

ENTRIES: Final = 50
DATES: Final = 100
"""Hits whose dates a calendar holds."""
SECONDS: Final = 300
"""How long an answer may be kept by whoever asks."""


async def atom(ask: Ask) -> Response:
    """The newest hits, by the day of their last change."""
    asked, hits = await _found(ask, ENTRIES)
    body = feed(ask, asked, hits)
    return _kept(ask, body, "application/atom+xml; charset=utf-8")


async def ics(ask: Ask) -> Response:
    """Deadlines of the needs found, or dates of the courses found."""
    asked, hits = await _found(ask, DATES)
    refs = [str(hit.document["id"]) for hit in hits]
    made = new_calendar(f"Werkplatz Ostbrandenburg: {heading(ask.words, asked)}", ask.language)
    made.add("x-wr-timezone", "Europe/Berlin")
    add = _courses if asked.tab == "offerings" else _deadlines if asked.tab == "needs" else None
    if add is not None:
        for event in await ask.in_database(lambda session: list(add(session, ask, refs))):
            made.add_component(event)
    return _kept(ask, bytes(made.to_ical()), "text/calendar; charset=utf-8")


async def _found(ask: Ask, most: int) -> tuple[Asked, Sequence[Hit]]:
    """The same question as the page's, the newest first."""
    finder = ask.request.app.state.finder
    asked = criteria.read(ask.request.query_params, await finder.gazetteer())
    newest = replace(asked.criteria, page=1, per_page=most, sort="newest")
    found = await finder.find(asked.tab, newest, counts=False)
    return asked, found.hits.hits


def _kept(ask: Ask, body: bytes, media_type: str) -> Response:
    """Readers that ask every hour get the whole only when it differs."""
    answer = Response(body, headers={"content-language": ask.language}, media_type=media_type)
    return tagged(ask.request, answer, f"public, max-age={SECONDS}")


def feed(ask: Ask, asked: Asked, hits: Sequence[Hit]) -> bytes:
    """The XML; nothing in it changes unless a hit does."""
    base, w = ask.pages.base_url, ask.words
    address = asked.change().address()
    page, own = (base + ask.link(name, address) for name in ("search", "search:atom"))
    entries = [_entry(ask, asked, hit) for hit in hits]
    return web.feed(w.language, f"Werkplatz Ostbrandenburg: {heading(w, asked)}", own, page, entries)


def _entry(ask: Ask, asked: Asked, hit: Hit) -> web.Entry:
    d, w = hit.document, ask.words
    title, _ = w.in_language({**d["titles"], d["lang"]: d["title"]}, d["lang"])
    summary, _ = w.in_language({**d["summaries"], d["lang"]: d["summary"]}, d["lang"])
    return web.Entry(
        title=title,
        id=f"{ask.pages.base_url}/{asked.tab}/{d['id']}",
        href=ask.pages.base_url + ask.link(f"{asked.tab}:show", ref=d["id"], slug=d["slug"]),
        updated=_changed(hit),
        author=d["organisation"] or w(N_("Provider not named in public")),
        summary=" · ".join(part for part in (d["town"], _until(w, d), summary) if part),
    )


def _until(w: Words, document: Any) -> str:
    seconds = document.get("bids_until")
    if not seconds:
        return ""
    return w(N_("Bids until %(moment)s"), moment=labels.deadline(w, datetime.fromtimestamp(seconds, UTC)))


def _changed(hit: Hit) -> datetime:
    """The day of the last change, at noon by the clocks of the region: the index knows no hour."""
    number = hit.document.get("updated_on")
    day = from_day_number(number) if number else datetime(2026, 1, 1, tzinfo=ZONE).date()
    return datetime.combine(day, time(12), ZONE)


def _deadlines(session: Session, ask: Ask, refs: Sequence[str]) -> Iterable[icalendar.Event]:
    query = open_needs().where(Need.ref.in_(refs), Need.bids_until.is_not(None))
    for need in session.scalars(query):
        yield _deadline(ask, need)


def _deadline(ask: Ask, need: Need) -> icalendar.Event:
    w, base = ask.words, ask.pages.base_url
    assert need.bids_until is not None
    title = w.in_language(need.text_in("title"), need.lang)[0]
    event = icalendar.Event()
    event.add("uid", f"{need.ref}@{urlsplit(base).hostname}")
    event.add("dtstamp", need.updated_at)  # of the record, so that the same deadline is the same text
    event.add("dtstart", need.bids_until.astimezone(UTC))
    event.add("dtend", need.bids_until.astimezone(UTC) + timedelta(minutes=1))
    event.add("summary", w(N_("Bids until: %(title)s"), title=title))
    event.add("location", ", ".join(part for part in (need.site, need.town) if part))
    event.add("description", f"{labels.procedure(w, need.procedure)}, {need.organisation.name}")
    event.add("url", base + ask.link("needs:show", ref=need.ref, slug=need.slug))
    event.add("transp", "TRANSPARENT")
    return event


def _courses(session: Session, ask: Ask, refs: Sequence[str]) -> Iterable[icalendar.Event]:
    """Dates to come of the courses among the hits."""
    query = visible().where(Offering.ref.in_(refs), Offering.kind == "training").order_by(Offering.id)
    offered = {offering.id: offering for offering in session.scalars(query)}
    base = ask.pages.base_url
    for id_, rows in of_offerings(session, offered).items():
        path = ask.link("offerings:show", ref=offered[id_].ref, slug=offered[id_].slug)
        for row in rows:
            if row.ends_on >= ask.today:
                yield session_event(ask.words, row, public_text(ask.words, row), base + path, row.offering.updated_at)


routes: list[BaseRoute] = [
    Route("/search.atom", live(atom), name="search:atom"),
    Route("/search.ics", live(ics), name="search:ics"),
]
