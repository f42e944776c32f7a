"""Booking, pledging and wanting seats, from the public page of a course."""

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from market.accounts.me import own
from market.accounts.models import Organisation
from market.bookings import service
from market.bookings.calendar import calendar, public_text
from market.bookings.forms import SeatsForm, WishForm, people
from market.bookings.letters import dates
from market.bookings.rules import bookable, may_book
from market.bookings.views import ics, route
from market.errors import Forbidden, NotFound
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.sessions import CourseSession, Refusal
from market.values import new_ref
from market.web.endpoint import Call
from market.web.forms import Filled, read

MONTHS = 12
"""How far ahead a course without a date can be wanted."""


def one_session(call: Call, ref: str) -> CourseSession:
    """A session everybody may see. Raises NotFound."""
    row = call.session.scalar(bookable().where(CourseSession.ref == ref))
    if row is None:
        raise NotFound(f"no session {ref}")
    return row


def booker(call: Call) -> Organisation:
    """The firm the viewer may book for. Raises SignInFirst, NotFound without a firm, Forbidden for readers."""
    organisation = own(call)
    if not may_book(call.viewer, organisation):
        raise Forbidden("this role does not book")
    return organisation


def book(call: Call, ref: str) -> Response:
    """Book seats, or stand on the waiting list where there are none."""
    organisation, row = booker(call), one_session(call, ref)
    if call.request.method != "POST":
        return _seats(call, organisation, row, "book", Filled({"seats": "1", "once": new_ref()}))
    filled = read(call.form, SeatsForm, call.words)
    if filled.data is not None:
        try:
            booking = service.book(
                call.session,
                call.viewer,
                row,
                organisation,
                filled.data.seats,
                call.now,
                call.pages.base_url,
                names=people(filled.data.names),
                once=filled.data.mark,
            )
        except Refusal as refusal:
            return _seats(call, organisation, row, "book", filled.refuse("seats", refusal.in_words(call.words)))
        return call.redirect("bookings:show", ref=booking.ref)
    return _seats(call, organisation, row, "book", filled)


def pledge(call: Call, ref: str) -> Response:
    """Pledge seats for a session several firms have to come together for; another leads to booking."""
    organisation, row = booker(call), one_session(call, ref)
    if call.request.method != "POST":
        if not row.pools:
            return call.redirect("bookings:book", ref=ref)
        return _seats(call, organisation, row, "pledge", Filled({"seats": "1", "once": new_ref()}))
    filled = read(call.form, SeatsForm, call.words)
    if filled.data is not None:
        common = (call.session, call.viewer, row, organisation, filled.data.seats, call.now, call.pages.base_url)
        try:
            service.pledge(*common, once=filled.data.mark)
        except Refusal as refusal:
            return _seats(call, organisation, row, "pledge", filled.refuse("seats", refusal.in_words(call.words)))
        return call.redirect("bookings")
    return _seats(call, organisation, row, "pledge", filled)


def _seats(call: Call, organisation: Organisation, row: CourseSession, way: str, filled: Filled[SeatsForm]) -> Response:
    title, title_lang = call.words.in_language(row.offering.text_in("title"), row.offering.lang)
    return call.render(
        "bookings/book.html",
        status=422 if filled.errors else 200,
        organisation=organisation,
        row=row,
        way=way,
        filled=filled,
        when=dates(call.words, row),
        title=title,
        title_lang=title_lang,
    )


def wish(call: Call, ref: str) -> Response:
    """Seats wanted in a month for which there is no date."""
    organisation = booker(call)
    offering = call.session.scalar(visible().where(Offering.ref == ref, Offering.kind == "training"))
    if offering is None:
        raise NotFound(f"no training {ref}")
    filled: Filled[WishForm] = Filled({"seats": "1", "month": ""})
    if call.request.method == "POST":
        filled = read(call.form, WishForm, call.words)
        if filled.data is not None:
            common = (call.session, call.viewer, offering, organisation, filled.data.seats, filled.data.first_day)
            try:
                service.wish(*common, call.now, call.pages.base_url)
            except Refusal as refusal:
                filled.refuse("month", refusal.in_words(call.words))
            else:
                return call.redirect("bookings")
    title, title_lang = call.words.in_language(offering.text_in("title"), offering.lang)
    return call.render(
        "bookings/wish.html",
        status=422 if filled.errors else 200,
        offering=offering,
        filled=filled,
        months=[(day.isoformat()[:7], call.words.day(day, "month")) for day in coming_months(call.today)],
        title=title,
        title_lang=title_lang,
    )


def coming_months(today: date) -> list[date]:
    """First days of the months to come."""
    months = [(today.replace(day=1) + timedelta(days=32)).replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    return months


def session_calendar(call: Call, ref: str) -> Response:
    """A session for anybody's calendar."""
    row = one_session(call, ref)
    path = call.link("offerings:show", ref=row.offering.ref, slug=row.offering.slug)
    entries = [(row, public_text(call.words, row), path)]
    return ics(call, calendar(call.words, entries, call.pages.base_url, call.now, row.offering.title), row.ref)


routes: list[BaseRoute] = [
    route("/sessions/wanted/{ref}", wish, "bookings:wish", "GET", "POST"),
    route("/sessions/{ref}.ics", session_calendar, "bookings:session_calendar"),
    route("/sessions/{ref}/book", book, "bookings:book", "GET", "POST"),
    route("/sessions/{ref}/pledge", pledge, "bookings:pledge", "GET", "POST"),
]
