"""`/me/movements`: what a firm has asked for and what is asked of it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, WAITED_FOR, Todo, own
from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.movements import labels, letters, lifecycle, runs, service
from market.movements.calendar import MEDIA_TYPE, calendar
from market.movements.forms import AnswerForm
from market.movements.models import Movement
from market.movements.plausibility import check
from market.movements.rules import moves, visible_movements
from market.movements.tracks import track_at
from market.offerings.models import Offering
from market.offerings.slots import RailSlot
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

PAST = 30
"""Ended movements shown."""
RUNS = 5
"""Empty runs of other firms shown; the board has them all."""


def listed(call: Call) -> Response:
    organisation = own(call)
    query = visible_movements(organisation.id).order_by(RailSlot.starts_at, Movement.id)
    found = list(call.session.scalars(query))
    mine = [one for one in found if one.organisation_id == organisation.id]
    theirs = [one for one in found if one.organisation_id != organisation.id]
    return call.render(
        "movements/list.html",
        organisation=organisation,
        asked=_open(mine),
        asked_before=_ended(mine),
        received=_open(theirs),
        received_before=_ended(theirs),
        runs_rail=_runs_rail(call, organisation),
        runs=runs.free(call.session, call.now, beside=organisation.id)[:RUNS],
        labels=labels,
    )


def _open(movements: Sequence[Movement]) -> list[Movement]:
    return [one for one in movements if one.state in lifecycle.OPEN]


def _ended(movements: Sequence[Movement]) -> list[Movement]:
    return [one for one in movements if one.state not in lifecycle.OPEN][::-1][:PAST]


def _runs_rail(call: Call, organisation: Organisation) -> bool:
    query = select(Offering.id).where(Offering.organisation_id == organisation.id, Offering.kind == "rail")
    return call.session.scalar(query.limit(1)) is not None


def _one(call: Call, ref: str) -> Movement:
    organisation = own(call)
    movement = call.session.scalar(visible_movements(organisation.id).where(Movement.ref == ref))
    if movement is None:
        raise NotFound(f"no movement {ref}")
    return movement


def show(call: Call, ref: str) -> Response:
    return _page(call, _one(call, ref), Filled())


def _page(call: Call, movement: Movement, filled: Filled[AnswerForm], status: int = 200) -> Response:
    organisation = own(call)
    is_provider = movement.provider.id == organisation.id
    ahead = [one.id for one in service.queue(call.session, movement.slot_id)]
    possible = moves(call.viewer, movement)
    return call.render(
        "movements/show.html",
        status=status,
        movement=movement,
        slot=movement.slot,
        offering=movement.slot.offering,
        title=call.words.in_language(movement.slot.offering.text_in("title"), movement.slot.offering.lang),
        is_provider=is_provider,
        other=movement.organisation if is_provider else movement.provider,
        series=_series(call, movement),
        findings=check(movement.train, track_at(movement.slot)),
        place=ahead.index(movement.id) + 1 if movement.id in ahead else 0,
        moves=[name for name in possible if name != "finish" or movement.slot.starts_at <= call.now],
        reasons=[("", call.words(N_("please choose")))]
        + [(code, call.words(text)) for code, text in labels.REASONS.items()],
        filled=filled,
        rows=letters.rows(call.words, movement),
        labels=labels,
    )


def _series(call: Call, movement: Movement) -> list[Movement]:
    """All movements of the same recurring request, by day; empty for a single one."""
    if not movement.series:
        return []
    query = select(Movement).join(Movement.slot).where(Movement.series == movement.series)
    return list(call.session.scalars(query.order_by(RailSlot.starts_at)))


def move(call: Call, ref: str, move: str) -> Response:
    movement = _one(call, ref)
    if move not in labels.MOVES:
        raise NotFound(f"no move {move}")
    organisation = own(call)
    if not may_edit(call.viewer, organisation):
        raise Forbidden("this role does not answer for the firm")
    if move not in moves(call.viewer, movement):
        if movement.provider.id != organisation.id and move in lifecycle.PROVIDERS:
            raise Forbidden("only the firm that runs the track does this")
        raise Conflict("the state of the movement forbids it", reason="state")
    filled = read(call.form, AnswerForm, call.words)
    if move == "decline" and filled.values.get("reason") not in labels.REASONS:
        filled.refuse("reason", call.words(N_("Please choose a reason; the other firm reads it.")))
    answer = filled.data
    if answer is None:
        return _page(call, movement, filled, 422)
    reason = answer.reason if move in lifecycle.REASONED else ""
    news = []
    for one in _meant(call, movement, move):
        news += service.move(call.session, call.viewer, one, move, call.now, reason, answer.note)
    letters.tell(call.session, news, call.now, call.pages.base_url)
    return call.redirect("movements:show", ref=ref)


def _meant(call: Call, movement: Movement, move: str) -> list[Movement]:
    """The movement, or all of its series that stand where it stands, in the order in which slots are locked."""
    if not call.form.get("series"):
        return [movement]
    same = [
        one
        for one in _series(call, movement)
        if one.state == movement.state and (move != "finish" or one.slot.starts_at <= call.now)
    ]
    return sorted(same, key=lambda one: one.slot_id)


def export(call: Call) -> Response:
    """Confirmed movements of both sides as a calendar file."""
    organisation = own(call)
    query = visible_movements(organisation.id).where(Movement.state.in_(("confirmed", "done")))
    found = call.session.scalars(query.order_by(RailSlot.starts_at, Movement.id))
    entries = [(one, call.link("movements:show", ref=one.ref)) for one in found]
    file = calendar(call.words, organisation, entries, call.pages.base_url, call.now)
    headers = {"content-disposition": 'attachment; filename="movements.ics"'}
    return Response(file, media_type=MEDIA_TYPE, headers=headers)


def todo(call: Call, organisation: Organisation) -> list[Todo]:
    """Requests that wait for the firm's answer."""
    if not may_edit(call.viewer, organisation):
        return []
    query = select(func.count()).select_from(Movement).join(Movement.slot).join(RailSlot.offering)
    waiting = query.where(Offering.organisation_id == organisation.id, Movement.state == "requested")
    count = call.session.scalar(waiting) or 0
    if not count:
        return []
    text = call.words.ngettext("%(num)s request for your rail slots", "%(num)s requests for your rail slots", count)
    more = call.words(N_("Confirm or decline; each holds its places for two days."))
    return [Todo(count, text % {"num": count}, more, call.link("movements") + "#received", WAITED_FOR)]


TODOS.append(todo)

routes: list[BaseRoute] = [
    Route("/me/movements", endpoint(listed), name="movements", methods=["GET"]),
    Route("/me/movements.ics", endpoint(export), name="movements:calendar", methods=["GET"]),
    Route("/me/movements/{ref}", endpoint(show), name="movements:show", methods=["GET"]),
    Route("/me/movements/{ref}/{move}", endpoint(move), name="movements:move", methods=["POST"]),
]
