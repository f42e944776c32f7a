"""`/me/bookings`: what my firm has booked and pledged."""

from collections.abc import Callable

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, Todo, own
from market.accounts.models import Organisation
from market.bookings import labels, service
from market.bookings.calendar import MEDIA_TYPE, calendar
from market.bookings.forms import NamesForm, people
from market.bookings.letters import dates
from market.bookings.models import Booking, Participant, Pledge
from market.bookings.rules import may_book, own_bookings, own_pledges
from market.bookings.seats import place_of
from market.errors import Forbidden, NotFound
from market.i18n import N_
from market.offerings.sessions import CourseSession, Refusal
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def listed(call: Call) -> Response:
    """What the firm has booked and pledged; what is over at the end."""
    organisation = own(call)
    query = own_bookings(organisation).join(Booking.session)
    bookings = list(call.session.scalars(query.order_by(CourseSession.starts_on, Booking.id)))
    over = [b for b in bookings if b.state == "cancelled" or b.session.ends_on < call.today]
    pledged = own_pledges(organisation).where(Pledge.state == "open").order_by(Pledge.id)
    return call.render(
        "bookings/list.html",
        organisation=organisation,
        coming=[booking for booking in bookings if booking not in over],
        over=over[::-1],
        pledges=list(call.session.scalars(pledged)),
        places={b.id: place_of(call.session, b) for b in bookings if b.state == "waiting"},
        books=may_book(call.viewer, organisation),
        labels=labels,
        dates=dates,
    )


def one_booking(call: Call, ref: str) -> Booking:
    """A booking of one's own firm. Raises NotFound for everybody else's."""
    booking = call.session.scalar(own_bookings(own(call)).where(Booking.ref == ref))
    if booking is None:
        raise NotFound(f"no booking {ref}")
    return booking


def changeable(call: Call, ref: str) -> Booking:
    booking = one_booking(call, ref)
    if not may_book(call.viewer, booking.organisation):
        raise Forbidden("this role does not book")
    return booking


def show(call: Call, ref: str) -> Response:
    return _page(call, one_booking(call, ref))


def _page(
    call: Call, booking: Booking, filled: Filled[NamesForm] | None = None, refusal: str = "", status: int = 200
) -> Response:
    names = "\n".join(person.name for person in booking.people if person.name)
    return call.render(
        "bookings/show.html",
        status=status,
        booking=booking,
        row=booking.session,
        when=dates(call.words, booking.session),
        title=call.words.in_language(booking.session.offering.text_in("title"), booking.session.offering.lang),
        place=place_of(call.session, booking) if booking.state == "waiting" else 0,
        filled=filled or Filled({"names": names}),
        refusal=refusal,
        books=may_book(call.viewer, booking.organisation),
        labels=labels,
    )


def name(call: Call, ref: str) -> Response:
    """Who sits on the seats."""
    booking = changeable(call, ref)
    filled = read(call.form, NamesForm, call.words)
    if filled.data is not None:
        try:
            service.name_people(call.session, call.viewer, booking, people(filled.data.names), call.now)
        except Refusal as refusal:
            filled.refuse("names", refusal.in_words(call.words))
        else:
            return call.redirect("bookings:show", ref=ref)
    return _page(call, booking, filled, status=422)


def cancel(call: Call, ref: str) -> Response:
    """Asks first (GET), then cancels (POST)."""
    booking = changeable(call, ref)
    if call.request.method == "POST":
        try:
            service.cancel(call.session, call.viewer, booking, call.now, call.pages.base_url)
        except Refusal as refusal:
            return _page(call, booking, refusal=refusal.in_words(call.words), status=409)
        return call.redirect("bookings:show", ref=ref)
    return call.render("bookings/cancel.html", booking=booking, when=dates(call.words, booking.session))


def take(call: Call, ref: str, person: str) -> Response:
    """The certificate of one participant into the wallet."""
    booking = changeable(call, ref)
    query = select(Participant).where(Participant.booking_id == booking.id, Participant.ref == person)
    participant = call.session.scalar(query.with_for_update())
    if participant is None:
        raise NotFound(f"nobody {person} in booking {ref}")
    try:
        certificate = service.take(call.session, call.viewer, participant, call.now)
    except Refusal as refusal:
        return _page(call, booking, refusal=refusal.in_words(call.words), status=409)
    return call.redirect("certificates:show", ref=certificate.ref)


def withdraw(call: Call, ref: str) -> Response:
    """Take a pledge back."""
    made = call.session.scalar(own_pledges(own(call)).where(Pledge.ref == ref))
    if made is None:
        raise NotFound(f"no pledge {ref}")
    if not may_book(call.viewer, made.organisation):
        raise Forbidden("this role does not pledge")
    service.withdraw(call.session, call.viewer, made, call.now, call.pages.base_url)
    return call.redirect("bookings")


def own_calendar(call: Call) -> Response:
    """What the firm has booked, for its calendar; without names, which a calendar would pass on."""
    organisation = own(call)
    held = own_bookings(organisation).where(Booking.state.in_(("reserved", "confirmed", "attended", "certified")))
    entries = []
    for booking in call.session.scalars(held.order_by(Booking.id)):
        text = f"{labels.state(call.words, booking)}, {call.words(N_('Seats'))}: {booking.seats}"
        entries.append((booking.session, text, call.link("bookings:show", ref=booking.ref)))
    name_ = call.words(N_("Bookings of %(firm)s"), firm=organisation.name)
    return ics(call, calendar(call.words, entries, call.pages.base_url, call.now, name_), "bookings")


def ics(call: Call, body: bytes, name_: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name_}.ics"', "content-language": call.language}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Names still to enter, certificates to take."""
    if not may_book(call.viewer, organisation):
        return []
    w, href = call.words, call.link("bookings")
    bookings = list(call.session.scalars(own_bookings(organisation).where(Booking.state != "cancelled")))
    unnamed = sum(
        not person.name
        for b in bookings
        if b.state == "confirmed" and b.session.starts_on > call.today
        for person in b.people
    )
    ready = sum(p.outcome == "certified" and p.certificate_id is None for b in bookings for p in b.people)
    rows = (
        (ready, N_("Certificates ready to take"), N_("Take them into your wallet")),
        (unnamed, N_("Seats without a name"), N_("The training provider needs to know who comes")),
    )
    return [Todo(count, w(text), w(more), href) for count, text, more in rows if count]


TODOS.append(todos)


def route(path: str, view: Callable[..., Response], name_: str, *methods: str) -> Route:
    return Route(path, endpoint(view), name=name_, methods=list(methods or ("GET",)))


routes: list[BaseRoute] = [
    route("/me/bookings", listed, "bookings"),
    route("/me/bookings.ics", own_calendar, "bookings:calendar"),
    route("/me/bookings/{ref}", show, "bookings:show"),
    route("/me/bookings/{ref}/people", name, "bookings:name", "POST"),
    route("/me/bookings/{ref}/cancel", cancel, "bookings:cancel", "GET", "POST"),
    route("/me/bookings/{ref}/people/{person}/take", take, "bookings:take", "POST"),
    route("/me/pledges/{ref}/withdraw", withdraw, "bookings:withdraw", "POST"),
]
