"""`/me/sessions`: what my firm runs. Confirm, decline, mark who came, issue certificates, cancel a date."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute

from market.accounts.me import TODOS, WAITED_FOR, Todo, own
from market.accounts.models import Organisation
from market.bookings import labels, renewals, running
from market.bookings.forms import CertifyForm
from market.bookings.letters import dates
from market.bookings.models import Booking, Pledge
from market.bookings.rules import may_run, own_sessions
from market.bookings.views import route
from market.errors import Forbidden, NotFound
from market.i18n import N_
from market.offerings.courses import leads_to
from market.offerings.kinds.training import RULE_YEARS, Training
from market.offerings.models import Offering
from market.offerings.sessions import CourseSession, Refusal
from market.taxonomy import certificates as catalogue
from market.web.endpoint import Call
from market.web.forms import Filled, read


def sessions(call: Call) -> Response:
    organisation = own(call)
    rows = list(call.session.scalars(own_sessions(organisation).order_by(CourseSession.starts_on, CourseSession.id)))
    asked = Counter(
        dict(
            call.session.execute(
                select(Booking.session_id, func.count())
                .where(Booking.session_id.in_([row.id for row in rows]), Booking.state == "reserved")
                .group_by(Booking.session_id)
            ).all()
        )
    )
    return call.render(
        "bookings/sessions.html",
        coming=[row for row in rows if row.ends_on >= call.today],
        past=[row for row in rows if row.ends_on < call.today][::-1],
        asked=asked,
        wishes=wishes(call, organisation),
        renewals=renewals.due(call.session, organisation, call.today),
        enough=renewals.ENOUGH,
        types=catalogue.types(),
        dates=dates,
    )


@dataclass(frozen=True)
class Wish:
    """Seats wanted in a month without a date: counted, with how many firms they come from."""

    offering: Offering
    month: date
    seats: int
    firms: int


def wishes(call: Call, organisation: Organisation) -> list[Wish]:
    query = select(Pledge).join(Pledge.offering).where(Offering.organisation_id == organisation.id)
    query = query.where(Pledge.state == "open", Pledge.session_id.is_(None), Pledge.month.is_not(None))
    groups: dict[tuple[int, date], list[Pledge]] = {}
    for pledge in call.session.scalars(query.order_by(Pledge.month, Pledge.id)):
        if pledge.month is not None:
            groups.setdefault((pledge.offering_id, pledge.month), []).append(pledge)
    return [
        Wish(found[0].offering, month, sum(p.seats for p in found), len({p.organisation_id for p in found}))
        for (_, month), found in groups.items()
    ]


def one_of_mine(call: Call, ref: str) -> CourseSession:
    """A session of one's own firm. Raises NotFound for everybody else's."""
    row = call.session.scalar(own_sessions(own(call)).where(CourseSession.ref == ref))
    if row is None:
        raise NotFound(f"no session {ref}")
    return row


def runnable(call: Call, ref: str) -> CourseSession:
    row = one_of_mine(call, ref)
    if not may_run(call.viewer, row.offering.organisation):
        raise Forbidden("only admins and editors run sessions")
    return row


def show(call: Call, ref: str) -> Response:
    return _page(call, one_of_mine(call, ref))


def _page(
    call: Call, row: CourseSession, filled: Filled[CertifyForm] | None = None, refusal: str = "", status: int = 200
) -> Response:
    bookings = running.of_session(call.session, row)
    held = [b for b in bookings if b.state in ("confirmed", "attended", "no_show", "certified")]
    types = person_types(row)
    until = usual_end(row)
    start = {"type": types[0] if types else "", "valid_from": row.ends_on.isoformat(), "people": []}
    start["valid_until"] = until.isoformat() if until else ""
    return call.render(
        "bookings/session.html",
        status=status,
        row=row,
        when=dates(call.words, row),
        title=call.words.in_language(row.offering.text_in("title"), row.offering.lang),
        bookings=[b for b in bookings if b.state != "cancelled"],
        ended=[b for b in bookings if b.state == "cancelled"],
        held=held,
        begun=call.today >= row.starts_on,
        certifiable=[(p, b) for b in held for p in b.people if p.outcome == "attended"],
        types=[(id_, catalogue.name(id_, call.language)) for id_ in types],
        filled=filled or Filled(start),
        refusal=refusal,
        runs=may_run(call.viewer, row.offering.organisation),
        labels=labels,
    )


def usual_end(row: CourseSession) -> date | None:
    """The last valid day by the rule of a welder qualification; None where the course states none."""
    details = row.offering.details
    rules = (
        [weld.validity_rule for weld in details.welding if weld.validity_rule] if isinstance(details, Training) else []
    )
    years = RULE_YEARS[rules[0]] if rules else None
    if years is None:
        return None
    try:
        return row.ends_on.replace(year=row.ends_on.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return row.ends_on.replace(year=row.ends_on.year + years, day=28)


def person_types(row: CourseSession) -> list[str]:
    """Certificates bound to a person, those this course leads to first."""
    personal = [type_.id for type_ in catalogue.types().values() if type_.private]
    return sorted(personal, key=lambda id_: not leads_to(row.offering, id_))


def decide(verb: Callable[..., None]) -> Callable[..., Response]:
    """A view that confirms or declines one booking of the session."""

    def view(call: Call, ref: str, booking: str) -> Response:
        row = runnable(call, ref)
        query = select(Booking).where(Booking.session_id == row.id, Booking.ref == booking)
        found = call.session.scalar(query)
        if found is None:
            raise NotFound(f"no booking {booking} in session {ref}")
        try:
            verb(call.session, call.viewer, found, call.now, call.pages.base_url)
        except Refusal as refusal:
            return _page(call, row, refusal=refusal.in_words(call.words), status=409)
        return call.redirect("sessions:show", ref=ref)

    view.__name__ = verb.__name__
    return view


def guarantee(call: Call, ref: str) -> Response:
    row = runnable(call, ref)
    try:
        running.guarantee(call.session, call.viewer, row, call.now, call.pages.base_url)
    except Refusal as refusal:
        return _page(call, row, refusal=refusal.in_words(call.words), status=409)
    return call.redirect("sessions:show", ref=ref)


def cancel(call: Call, ref: str) -> Response:
    """Asks first (GET), then cancels the date (POST)."""
    row = runnable(call, ref)
    if call.request.method == "POST":
        try:
            running.cancel_session(call.session, call.viewer, row, call.now, call.pages.base_url)
        except Refusal as refusal:
            return _page(call, row, refusal=refusal.in_words(call.words), status=409)
        return call.redirect("sessions:show", ref=ref)
    return call.render("bookings/cancel_session.html", row=row, when=dates(call.words, row))


def mark(call: Call, ref: str) -> Response:
    """Who came: a radio pair a participant, `came-REF`."""
    row = runnable(call, ref)
    said = {key.removeprefix("came-"): str(value) for key, value in call.form.items() if key.startswith("came-")}
    try:
        running.mark(call.session, call.viewer, row, said, call.now)
    except Refusal as refusal:
        return _page(call, row, refusal=refusal.in_words(call.words), status=409)
    return call.redirect("sessions:show", ref=ref)


def certify(call: Call, ref: str) -> Response:
    row = runnable(call, ref)
    filled = read(call.form, CertifyForm, call.words)
    form = filled.data
    if form is not None and form.type not in person_types(row):
        filled.refuse("type", call.words(N_("Please choose one of the options.")))
    if filled.data is None or form is None:
        return _page(call, row, filled, status=422)
    common = (call.session, call.viewer, row, set(form.people), form.type, form.valid_from, form.valid_until)
    try:
        running.certify(*common, call.now, call.pages.base_url)
    except Refusal as refusal:
        return _page(call, row, filled, refusal.in_words(call.words), 409)
    return call.redirect("sessions:show", ref=ref)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Bookings to confirm before they run out."""
    if not may_run(call.viewer, organisation):
        return []
    query = own_sessions(organisation).with_only_columns(func.count(Booking.id))
    query = query.join(Booking, Booking.session_id == CourseSession.id).where(Booking.state == "reserved")
    count = call.session.scalar(query) or 0
    text, more = N_("Bookings to confirm"), N_("Seats are kept for 48 hours, then they become free again")
    return [Todo(count, call.words(text), call.words(more), call.link("sessions"), WAITED_FOR)] if count else []


TODOS.append(todos)

routes: list[BaseRoute] = [
    route("/me/sessions", sessions, "sessions"),
    route("/me/sessions/{ref}", show, "sessions:show"),
    route("/me/sessions/{ref}/sure", guarantee, "sessions:guarantee", "POST"),
    route("/me/sessions/{ref}/cancel", cancel, "sessions:cancel", "GET", "POST"),
    route("/me/sessions/{ref}/people", mark, "sessions:mark", "POST"),
    route("/me/sessions/{ref}/certificates", certify, "sessions:certify", "POST"),
    route("/me/sessions/{ref}/bookings/{booking}/confirm", decide(running.confirm), "sessions:confirm", "POST"),
    route("/me/sessions/{ref}/bookings/{booking}/decline", decide(running.decline), "sessions:decline", "POST"),
]
