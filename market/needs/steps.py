"""What a need's own people do with it as a whole: from the draft to the market, out of it again, and copies."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Person
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import copies, letters, pooling, questions, release, rules
from market.needs.desk import drafter, mark, of_own, page
from market.needs.forms import ReasonForm
from market.needs.models import Need
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def act(call: Call, ref: str) -> Response:
    """A step, as the button says. What the lifecycle or the rules forbid comes back with its sentence."""
    need = of_own(call, ref)
    step = str(call.form.get("do", ""))
    if step not in STEPS:
        raise NotFound("no such step")
    if step in ("approve", "refuse"):
        if not rules.may_approve(call.viewer, need):
            raise Forbidden("somebody else approves")
    else:
        drafter(call, need.organisation)
    if step in GOES_ON and stale.is_stale(call, mark(call, need)):
        return page(call, need, said=call.words(CHANGED), status=409)
    reason = ""
    if step in ("refuse", "cancel"):
        filled: Filled[Any] = read(call.form, ReasonForm, call.words)
        if filled.data is None:
            return page(call, need, filled=filled, status=422)
        reason = filled.data.reason
    try:
        with call.session.begin_nested():
            return STEPS[step](call, need, reason)
    except Conflict as refusal:
        call.session.expire_all()
        return page(call, of_own(call, ref), said=call.words(str(refusal)), status=409)


def _submit(call: Call, need: Need, reason: str) -> Response:
    approvers = release.submit(call.session, call.viewer, need, call.now)
    letters.to_people(call.session, need, "submitted", approvers, call.now, call.pages.base_url)
    return call.redirect("needs:manage", ref=need.ref)


def _approve(call: Call, need: Need, reason: str) -> Response:
    release.approve(call.session, call.viewer, need, call.now)
    return _out(call, need)


def _publish(call: Call, need: Need, reason: str) -> Response:
    release.publish(call.session, call.viewer, need, call.now)
    return _out(call, need)


def _out(call: Call, need: Need) -> Response:
    """Published: whoever is invited hears of it, and the partner that has joined."""
    letters.to_invited(call.session, need, call.now, call.pages.base_url)
    if (share := pooling.joined_share(need)) is not None:
        letters.to_partner(call.session, share, "pool_published", call.now, call.pages.base_url)
    return call.redirect("needs:manage", ref=need.ref)


def _refuse(call: Call, need: Need, reason: str) -> Response:
    back = call.session.get(Person, need.submitted_by_id or 0)
    release.refuse(call.session, call.viewer, need, reason, call.now)
    if back is not None:
        letters.to_people(call.session, need, "refused", [back], call.now, call.pages.base_url, reason)
    return call.redirect("needs:manage", ref=need.ref)


def _cancel(call: Call, need: Need, reason: str) -> Response:
    was_out = need.is_shown
    release.cancel(call.session, call.viewer, need, reason, call.now)
    if was_out:
        firms = questions.followers(call.session, need)
        letters.to_firms(call.session, need, "cancelled", firms, call.now, call.pages.base_url, reason)
    return call.redirect("needs:manage", ref=need.ref)


def _withdraw(call: Call, need: Need, reason: str) -> Response:
    release.withdraw(call.session, call.viewer, need, call.now)
    return call.redirect("needs:manage", ref=need.ref)


def _copy(call: Call, need: Need, reason: str) -> Response:
    made = copies.copy(call.session, call.viewer, need, call.now)
    return call.redirect("needs:manage", ref=made.ref)


def _template(call: Call, need: Need, reason: str) -> Response:
    copies.copy(call.session, call.viewer, need, call.now, template=True)
    return call.redirect("needs")


GOES_ON = frozenset({"submit", "approve", "publish"})
"""Steps with what somebody has read: not with what another window has put there since."""
CHANGED = N_("The need was changed in another window. Look at it once more, then decide.")
STEPS = {
    "submit": _submit,
    "approve": _approve,
    "publish": _publish,
    "refuse": _refuse,
    "cancel": _cancel,
    "withdraw": _withdraw,
    "copy": _copy,
    "template": _template,
}

routes: list[BaseRoute] = [Route("/me/needs/{ref}", endpoint(act), name="needs:act", methods=["POST"])]
