"""A railway's own board: its week with who has asked, and the empty runs it offers to others."""

from datetime import timedelta

from sqlalchemy import Select, select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.movements import labels, letters, runs
from market.movements.boards import booked, own_week
from market.movements.forms import RunForm
from market.movements.models import Movement
from market.movements.plausibility import Train, check, refusals, track_of
from market.movements.rules import visible_movements
from market.movements.tracks import facility_of
from market.offerings import labels as offering_labels
from market.offerings.board import name
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.slots import RailSlot
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

FIELDS = {"length": "length_m", "mass": "gross_mass_t"}
"""Criterion -> the field at which it stands that the track does not bear the run."""


def board(call: Call) -> Response:
    organisation = own(call)
    if call.request.method == "POST":
        return _offer(call, organisation)
    return _page(call, organisation, Filled(_proposed(call, organisation)))


def _page(call: Call, organisation: Organisation, filled: Filled[RunForm], status: int = 200) -> Response:
    tracks = _tracks(call, organisation)
    query = _runs(organisation).where(RailSlot.state == "open", RailSlot.starts_at > call.now)
    ahead = call.session.scalars(query.order_by(RailSlot.starts_at, RailSlot.id)).all()
    taken = booked(call.session, ahead)
    return call.render(
        "movements/board.html",
        status=status,
        **own_week(call, organisation),
        runs=[(run, next((one for one in taken[run.id] if one.state != "waiting"), None)) for run in ahead],
        tracks=[(one.ref, call.words.in_language(one.text_in("title"), one.lang)[0]) for one in tracks],
        may=bool(tracks) and may_edit(call.viewer, organisation),
        filled=filled,
        labels=labels,
        named=offering_labels,
    )


def _runs(organisation: Organisation) -> Select[RailSlot]:
    """Empty runs of the firm."""
    query = select(RailSlot).join(RailSlot.offering)
    return query.where(RailSlot.origin != "", Offering.organisation_id == organisation.id)


def _tracks(call: Call, organisation: Organisation) -> list[Offering]:
    """The firm's public rail offerings: a run is offered as part of one."""
    query = visible().where(Offering.organisation_id == organisation.id, Offering.kind == "rail")
    return list(call.session.scalars(query.order_by(Offering.title, Offering.id)))


def _movement(call: Call, organisation: Organisation, ref: str) -> Movement | None:
    """A movement on the firm's own track that goes ahead."""
    query = visible_movements(organisation.id).where(Movement.ref == ref, Movement.state == "confirmed")
    found = call.session.scalar(query) if ref else None
    return found if found is not None and found.provider.id == organisation.id else None


def _proposed(call: Call, organisation: Organisation) -> dict[str, object]:
    """The form as it begins: after a movement its wagons and the day after. Where its customer loads is not said:
    a run is read by everybody."""
    movement = _movement(call, organisation, call.request.query_params.get("of", ""))
    if movement is None:
        return {}
    slot, facility = movement.slot, facility_of(movement.slot.offering)
    begins, _, ends = slot.window.partition("-")
    return {
        "offering": slot.offering.ref,
        "of": movement.ref,
        "origin": (facility.name if facility else "") or slot.offering.town,
        "day": (slot.day + timedelta(days=1)).isoformat(),
        "begins": begins,
        "ends": "23:59" if ends == "24:00" else ends,
        "wagons": movement.wagons,
        "length_m": call.words.number(movement.length_m),
    }


def _offer(call: Call, organisation: Organisation) -> Response:
    if not may_edit(call.viewer, organisation):
        raise Forbidden("this role offers no empty runs")
    filled = read(call.form, RunForm, call.words)
    offering = next((one for one in _tracks(call, organisation) if one.ref == filled.values["offering"]), None)
    if offering is None:
        filled.refuse("offering", call.words(N_("Please choose one of the options.")))
    form = filled.data
    if form is None or offering is None:
        return _page(call, organisation, filled, 422)
    for field, sentence in form.faults(call.now):
        filled.refuse(field, call.words(sentence))
    train = Train(form.wagons, form.length_m, None, form.gross_mass_t)
    for finding in refusals(check(train, track_of(facility_of(offering)))):
        filled.refuse(FIELDS[finding.criterion], labels.sentence(call.words, finding))
    if filled.errors:
        return _page(call, organisation, filled, 422)
    try:
        of = _movement(call, organisation, form.of)
        run = runs.offer(call.session, call.viewer, offering, call.now, of=of, **form.facts())
    except Conflict:
        taken = N_("A firm has taken this run already: its figures stay as they are.")
        return _page(call, organisation, filled.refuse("wagons", call.words(taken)), 409)
    return _back(call, run)


def _back(call: Call, run: RailSlot) -> Response:
    """To the week of the run."""
    return RedirectResponse(call.link("movements:board", {"week": name(run.day)}), 303)


def withdraw(call: Call, ref: str) -> Response:
    organisation = own(call)
    run = call.session.scalar(_runs(organisation).where(RailSlot.ref == ref))
    if run is None:
        raise NotFound(f"no empty run {ref}")
    if not may_edit(call.viewer, organisation):
        raise Forbidden("this role takes no empty run back")
    letters.tell(call.session, runs.withdraw(call.session, call.viewer, run, call.now), call.now, call.pages.base_url)
    return _back(call, run)


routes: list[BaseRoute] = [
    Route("/me/movements/board", endpoint(board), name="movements:board", methods=["GET", "POST"]),
    Route("/me/movements/runs/{ref}/withdraw", endpoint(withdraw), name="movements:withdraw", methods=["POST"]),
]
