"""`/me/offerings`: the firm's offerings, the fifth screen, and what can be done with each."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import segno
from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import me
from market.accounts.me import RUNS_OUT, Todo, own
from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.desk.figures import sums_of
from market.errors import Conflict
from market.i18n import N_
from market.offerings import labels, service
from market.offerings.models import Offering
from market.offerings.views import code_labels
from market.publishing import policy, wizard
from market.publishing.answers import answers
from market.publishing.area import drawn
from market.publishing.forms import PauseForm
from market.publishing.parts import saved
from market.publishing.readiness import faults, goes_on_at
from market.publishing.rules import own_offering, visible_own
from market.publishing.truth import due_on
from market.values import week_of
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

ORDER = ("draft", "submitted", "published", "paused", "expired", "archived")
STATES = {
    "draft": ("q", N_("Draft")),
    "submitted": ("", N_("Is being looked at")),
    "published": ("ok", N_("Online")),
    "paused": ("warn", N_("Paused")),
    "expired": ("warn", N_("Expired")),
    "archived": ("q", N_("Archived")),
}
WEEKS = 16
"""Weeks that can be blocked ahead."""


def offerings(call: Call) -> Response:
    """All of the firm, those that want something first."""
    organisation = own(call)
    found = sorted(call.session.scalars(visible_own(organisation)), key=lambda one: ORDER.index(one.status))
    return call.render(
        "publishing/list.html",
        organisation=organisation,
        offerings=[one for one in found if one.status != "archived"],
        archived=[one for one in found if one.status == "archived"],
        views=sums_of(call.session, [one.ref for one in found if one.published_at], call.today),
        edits=may_edit(call.viewer, organisation),
        states=STATES,
        labels=labels,
        goes_on_at=goes_on_at,
        due_on=due_on,
    )


def show(call: Call, ref: str) -> Response:
    """The fifth screen of a draft; of anything else, what stands there and what can be done."""
    organisation = own(call)
    return _show(call, organisation, own_offering(call, organisation, ref))


def _show(call: Call, organisation: Organisation, offering: Offering, status: int = 200) -> Response:
    found = faults(offering)
    codes = code_labels(call, "cpv", offering.cpv)
    waste = str((offering.details_json or {}).get("ewc_code", ""))
    codes |= code_labels(call, "ewc", [waste]) if waste else {}
    radius = None if offering.kind == "training" else offering.radius_km
    return call.render(
        "publishing/show.html",
        status=status,
        organisation=organisation,
        offering=offering,
        faults=found,
        told=status == 422,
        answers=answers(call.words, offering, codes),
        edits=may_edit(call.viewer, organisation),
        states=STATES,
        labels=labels,
        reasons=REASONS,
        saved=saved(call, offering),
        before=policy.moderation(call.session) == "before",
        due_on=due_on,
        **drawn(offering.lat, offering.lon, offering.town, radius, list(offering.areas)),
    )


def publish(call: Call, ref: str) -> Response:
    organisation = own(call)
    offering = own_offering(call, organisation, ref, edits=True)
    if faults(offering):
        return _show(call, organisation, offering, 422)
    if organisation.suspended_at is not None:
        raise Conflict("the firm is suspended", reason="suspended")
    policy.publish(call.session, call.viewer, offering, call.now)
    return call.redirect("publishing:done", ref=ref)


def done(call: Call, ref: str) -> Response:
    """It is online, or waits to be looked at: its address, and ways to pass it on."""
    organisation = own(call)
    offering = own_offering(call, organisation, ref)
    if offering.status not in ("published", "submitted"):
        return call.redirect("publishing:show", ref=ref)
    address = call.pages.base_url + call.link("offerings:show", ref=ref, slug=offering.slug)
    code = segno.make(address, error="m").svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    verified = organisation.verified_on is not None
    return call.render("publishing/done.html", offering=offering, address=address, code=code, verified=verified)


def copy(call: Call, ref: str) -> Response:
    organisation = own(call)
    offering = own_offering(call, organisation, ref, edits=True)
    title = call.words(N_("%(title)s (copy)"), title=offering.title)[:120]
    draft = service.copy(call.session, call.viewer, offering, call.now, title)
    return call.redirect("publishing:part", ref=draft.ref, part="what")


def archive(call: Call, ref: str) -> Response:
    organisation = own(call)
    offering = own_offering(call, organisation, ref, edits=True)
    if call.request.method == "GET":
        return call.render("publishing/archive.html", offering=offering)
    service.move(call.session, call.viewer, offering, "archive", call.now)
    return call.redirect("publishing")


def confirm(call: Call, ref: str) -> Response:
    """Still true, said by somebody who is signed in."""
    offering = own_offering(call, own(call), ref, edits=True)
    if offering.status != "published" and offering.sunk_on is None:
        raise Conflict("the offering is not online", reason="state")
    service.confirm(call.session, call.viewer, offering, call.now)
    return call.redirect("publishing")


def availability(call: Call, ref: str) -> Response:
    """Pause it, for good or until a day, and name weeks without capacity."""
    organisation = own(call)
    offering = own_offering(call, organisation, ref, edits=True)
    if offering.status not in ("published", "paused"):
        raise Conflict("only what was published can be paused", reason="state")
    if call.request.method == "GET":
        return _availability(call, offering, Filled({"until": offering.paused_until or ""}))
    if call.form.get("what") == "weeks":
        shown = {week for week, _, _ in coming_weeks(call)}
        kept = [week for week in offering.blocked_weeks if week not in shown]
        wanted = [week for week in call.form.getlist("weeks") if week in shown]
        weeks = tuple(sorted({*kept, *map(str, wanted)}))
        service.change(call.session, call.viewer, offering, call.now, blocked_weeks=weeks)
        return call.redirect("publishing")
    filled: Filled[PauseForm] = read(call.form, PauseForm, call.words)
    until = filled.data.until if filled.data else None
    if until is not None and not call.today < until <= call.today + timedelta(days=730):
        filled.refuse("until", call.words(N_("Write a day to come, within two years.")))
    if filled.data is None:
        return _availability(call, offering, filled, 422)
    if offering.status == "paused":
        service.change(call.session, call.viewer, offering, call.now, paused_until=until)
    else:
        service.pause(call.session, call.viewer, offering, call.now, until)
    return call.redirect("publishing")


def _availability(call: Call, offering: Offering, filled: Filled[PauseForm], status: int = 200) -> Response:
    weeks = [(week, text, small) for week, text, small in coming_weeks(call)]
    return call.render(
        "publishing/availability.html",
        status=status,
        offering=offering,
        filled=filled,
        weeks=weeks,
        blocked=Filled[Any]({"weeks": list(offering.blocked_weeks)}),
    )


def coming_weeks(call: Call) -> list[tuple[str, str, str]]:
    """This week and those after it: `2026-W49`, its name and its days."""
    monday = call.today - timedelta(days=call.today.weekday())
    return [_week(call, monday + timedelta(weeks=number)) for number in range(WEEKS)]


def _week(call: Call, monday: date) -> tuple[str, str, str]:
    w = call.words
    days = w(N_("%(first)s to %(last)s"), first=w.day(monday, "day"), last=w.day(monday + timedelta(days=6), "day"))
    return week_of(monday), w(N_("Week %(number)s"), number=monday.isocalendar().week), days


def todo(call: Call, organisation: Organisation) -> list[Todo]:
    """Drafts to finish, and offerings that wait for "still true"."""
    if not may_edit(call.viewer, organisation):
        return []
    w, href = call.words, call.link("publishing")
    of_firm = select(func.count(Offering.id)).where(Offering.organisation_id == organisation.id)
    asked = call.session.scalar(of_firm.where(Offering.status == "published", Offering.asked_on.is_not(None))) or 0
    drafts = call.session.scalar(of_firm.where(Offering.status == "draft")) or 0
    found = []
    if asked:
        text = w.ngettext("offering: is it still true?", "offerings: are they still true?", asked)
        found.append(Todo(asked, text, w(N_("One click. Without an answer they sink in the order.")), href, RUNS_OUT))
    if drafts:
        text = w.ngettext("draft is not online yet", "drafts are not online yet", drafts)
        found.append(Todo(drafts, text, w(N_("It goes on where you stopped.")), href))
    return found


REASONS: dict[str, str] = {
    "unclear": N_("It does not become clear what exactly is offered."),
    "kind": N_("Kind or trade do not fit the text."),
    "proof": N_("It claims something for which we know no proof, for example a certificate."),
    "contact": N_("Telephone numbers, addresses or prices of others do not belong into the text."),
    "double": N_("The same offering is there already."),
    "terms": N_("It does not comply with our terms of use."),
}
"""Why the operator gives an offering back, in a sentence for the firm."""

me.TODOS.insert(0, todo)


def _route(path: str, view: Any, name: str, methods: Sequence[str] = ("GET",)) -> BaseRoute:
    return Route(f"/me/offerings{path}", endpoint(view), name=name, methods=list(methods))


routes: list[BaseRoute] = [
    _route("", offerings, "publishing"),
    _route("/new", wizard.new, "publishing:new", ("GET", "POST")),
    _route("/trades", wizard.suggest_trade, "publishing:trades"),
    _route("/waste-codes", wizard.suggest_waste, "publishing:waste_codes"),
    _route("/{ref}", show, "publishing:show"),
    _route("/{ref}/publish", publish, "publishing:publish", ("POST",)),
    _route("/{ref}/done", done, "publishing:done"),
    _route("/{ref}/copy", copy, "publishing:copy", ("POST",)),
    _route("/{ref}/confirm", confirm, "publishing:confirm", ("POST",)),
    _route("/{ref}/archive", archive, "publishing:archive", ("GET", "POST")),
    _route("/{ref}/availability", availability, "publishing:availability", ("GET", "POST")),
    _route("/{ref}/{part}", wizard.part, "publishing:part", ("GET", "POST")),
]
