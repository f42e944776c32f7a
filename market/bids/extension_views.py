"""`/me/needs/{ref}/extension`: the buyer decides whether everybody gets more time; what firms read of it."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, WAITED_FOR, Todo
from market.accounts.models import Organisation
from market.bids import admissions, extensions
from market.bids.labels import late_told
from market.bids.late_models import Extension
from market.bids.rules import may_extend
from market.errors import BadRequest, Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import desk, labels, views
from market.needs.forms import ReasonForm
from market.needs.models import Need
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def show(call: Call, ref: str) -> Response:
    return _page(call, _need(call, ref))


def _need(call: Call, ref: str) -> Need:
    """Raises SignInFirst, NotFound; a need that has promised nothing has no such page."""
    need = desk.of_own(call, ref)
    if need.late_policy != "extend":
        raise NotFound("this need extends for nobody")
    return need


def _page(call: Call, need: Need, filled: Filled[Any] | None = None, said: str = "", status: int = 200) -> Response:
    session = call.session
    asked = extensions.of_deadline(session, need)
    found = extensions.shown(session, need, call.now)
    outages = asked.outages if asked else [extensions.written(one) for one in found]
    return call.render(
        "bids/extension.html",
        status=status,
        need=need,
        filled=filled or Filled(),
        said=said,
        undecided=extensions.is_undecided(session, need, call.now),
        spans=extensions.spans(call.words, outages),
        minutes=asked.minutes if asked else sum(one.minutes for one in found),
        later=extensions.later(need, call.now) if need.bids_until else None,
        past=[
            (one, extensions.in_words(call.words, one))
            for one in extensions.of_need(session, need)
            if one.state != "proposed"
        ],
        decides=may_extend(call.viewer, need),
        least=extensions.LEAST,
        window=extensions.WINDOW.seconds // 3600,
        labels=labels,
    )


def decide(call: Call, ref: str) -> Response:
    """Everybody gets more time, or nobody, with a reason."""
    need = _need(call, ref)
    if not may_extend(call.viewer, need):
        raise Forbidden("buyers decide that")
    session, base, step = call.session, call.pages.base_url, call.form.get("do")
    if step not in ("grant", "decline"):
        raise BadRequest("no such step")
    reason = ""
    if step == "decline":
        filled: Filled[Any] = read(call.form, ReasonForm, call.words)
        if filled.data is None:
            return _page(call, need, filled, status=422)
        reason = filled.data.reason
    try:
        with session.begin_nested():
            one = extensions.of_deadline(session, need) or extensions.propose(session, need, call.now, base)
            if one is None:
                raise Conflict(N_("There is nothing to decide about."))
            if step == "grant":
                extensions.grant(session, call.viewer, one, call.now, base)
            else:
                extensions.decline(session, call.viewer, one, reason, call.now, base)
    except Conflict as refusal:
        session.expire_all()
        return _page(call, _need(call, ref), said=call.words(str(refusal)), status=409)
    return call.redirect("extensions:show", ref=ref)


def way(call: Call, need: Need) -> list[desk.Way]:
    """On the need's own page, where there is something to decide or was."""
    if need.late_policy != "extend":
        return []
    waits = extensions.is_undecided(call.session, need, call.now)
    if not waits and not extensions.of_need(call.session, need):
        return []
    w = call.words
    said = w(N_("waits for your decision")) if waits else w(N_("settled"))
    return [desk.Way(w(N_("More time for all")), call.link("extensions:show", ref=need.ref), said, warn=waits)]


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Nothing can be opened before somebody has decided."""
    query = select(Extension).join(Extension.need).where(Extension.state == "proposed")
    query = query.where(Need.organisation_id == organisation.id, Need.bids_until == Extension.deadline)
    open_ = call.session.scalars(query.where(Need.stage.in_(("published", "closed"))).order_by(Extension.id))
    waiting = [one.need for one in open_ if may_extend(call.viewer, one.need)]
    if not waiting:
        return []
    text = call.words(N_("Decide about more time for all"))
    href = call.link("extensions:show", ref=waiting[0].ref)
    return [Todo(len(waiting), text, waiting[0].title, href, WAITED_FOR)]


def of_page(call: Call, need: Need) -> dict[str, Any]:
    """On the public page of a need."""
    return {"more_time": said(call, need)}


def said(call: Call, need: Need) -> list[str]:
    """What became of the deadline, for everybody: later for all, or a late bid that was admitted."""
    if need.late_policy == admissions.POLICY:
        return [late_told(call.words, one) for one in admissions.known(call.session, need)]
    if need.late_policy != "extend":
        return []
    return [extensions.in_words(call.words, one) for one in extensions.of_need(call.session, need)]


TODOS.append(todos)
desk.WAYS.append(way)
views.PARTS.append(of_page)

routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/extension", endpoint(show), name="extensions:show", methods=["GET"]),
    Route("/me/needs/{ref}/extension", endpoint(decide), name="extensions:decide", methods=["POST"]),
]
