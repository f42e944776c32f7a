"""`/me/needs/{ref}/late`: two people of the buyer let in a late bid; `/late/{token}`: the firm follows the link."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import step_up
from market.accounts.me import TODOS, WAITED_FOR, Todo, signed_in
from market.accounts.models import Organisation
from market.bids import admissions, admitting, unsealed
from market.bids import labels as bid_labels
from market.bids.late_models import Admission
from market.bids.lifecycle import RUNNING
from market.bids.rules import may_admit, may_bid, may_confirm_late
from market.errors import BadRequest, Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import desk, labels, rules
from market.needs.forms import ReasonForm
from market.needs.models import Need
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, one_of, read

LONGEST: Final = 600
"""Characters of a reason: it stands on the public page."""
STATES: Final = {
    "proposed": (N_("waits for the second person"), "run"),
    "open": (N_("link is out"), "run"),
    "redeemed": (N_("firm writes its bid"), "run"),
    "used": (N_("bid is in"), "ok"),
    "declined": (N_("not confirmed"), ""),
    "revoked": (N_("link taken back"), "warn"),
    "expired": (N_("ended unused"), ""),
    "lapsed": (N_("ended unused"), ""),
}


class AdmitForm(ReasonForm):
    firm: Annotated[str, StringConstraints(max_length=200)]
    hours: int = Field(default=admitting.HOURS[-1])
    reason: Annotated[str, StringConstraints(max_length=LONGEST)]

    @field_validator("hours")
    @classmethod
    def is_offered(cls, value: int) -> int:
        return one_of(value, admitting.HOURS)


class EndForm(Form):
    one: str
    note: Annotated[str, StringConstraints(max_length=LONGEST)]

    @field_validator("note")
    @classmethod
    def says_something(cls, value: str) -> str:
        return ReasonForm.says_something(value)


def show(call: Call, ref: str) -> Response:
    return _page(call, _need(call, ref))


def _need(call: Call, ref: str) -> Need:
    """Raises SignInFirst, NotFound; a need that has not said so lets nobody in late."""
    need = desk.of_own(call, ref)
    if need.late_policy != admissions.POLICY:
        raise NotFound("this need admits nobody late")
    return need


def _page(call: Call, need: Need, filled: Filled[Any] | None = None, said: str = "", status: int = 200) -> Response:
    session, w, held = call.session, call.words, admissions.of_need(call.session, need)
    hours = admitting.HOURS
    return call.render(
        "bids/admissions.html",
        status=status,
        need=need,
        filled=Filled({"hours": str(hours[-1])} | filled.values, filled.errors)
        if filled
        else Filled({"hours": hours[-1]}),
        said=said,
        admitted=held,
        states=STATES,
        told=bid_labels.late_told,
        possible=admissions.is_possible(session, need, call.now),
        proposes=may_admit(call.viewer, need),
        confirms={one.ref for one in held if may_confirm_late(session, call.viewer, one)},
        ends=[(one.ref, one.organisation.name) for one in held if _may_end(call, one)],
        hours=[(str(one), w.ngettext("%(num)s hour", "%(num)s hours", one) % {"num": one}) for one in hours],
        fresh=step_up.is_fresh(session, call.viewer, call.now),
        proof=call.link("oidc:step_up", {"next": call.link("late:show", ref=need.ref)}),
        labels=labels,
        now=call.now,
    )


def _may_end(call: Call, one: Admission) -> bool:
    """Who proposes or confirms may also say no; a link is taken back by those who buy."""
    buys = may_admit(call.viewer, one.need)
    if one.state == "proposed":
        return buys or may_confirm_late(call.session, call.viewer, one)
    return buys and one.state in RUNNING and one.until is not None and call.now < one.until


def decide(call: Call, ref: str) -> Response:
    """One step of one person; each wants a fresh proof of who it is."""
    need, step = _need(call, ref), STEPS.get(str(call.form.get("do", "")))
    if step is None:
        raise BadRequest("no such step")
    form, allowed, act = step
    held = admissions.of_need(call.session, need)
    one = next((one for one in held if one.ref == call.form.get("one")), None)
    if not allowed(call, need, one):
        raise Forbidden("somebody else does that")
    step_up.confirmed(call, call.link("late:show", ref=ref))
    filled: Filled[Any] = read(call.form, form, call.words)
    if filled.data is None:
        return _page(call, need, filled, status=422)
    try:
        with call.session.begin_nested():
            act(call, need, one, filled, filled.data)
    except Conflict as refusal:
        call.session.expire_all()
        return _page(call, _need(call, ref), filled, call.words(str(refusal)), 409)
    if filled.errors:
        return _page(call, need, filled, status=422)
    return call.redirect("late:show", ref=ref)


def _propose(call: Call, need: Need, one: Admission | None, filled: Filled[Any], said: Any) -> None:
    w, base = call.words, call.pages.base_url
    unsealed.make(call.session, call.viewer, need, call.now)
    firms = admitting.firms_named(call.session, need, said.firm)
    if len(firms) > 1:
        several = N_("Several firms have this in their name: %(names)s. Write the whole name.")
        filled.refuse("firm", w(several, names=", ".join(firm.name for firm in firms[:5])))
    elif not firms:
        filled.refuse("firm", w(N_("There is no verified firm of this name. Write it as it stands on its page.")))
    elif fault := admitting.unfit(call.session, need, firms[0]):
        filled.refuse("firm", w(fault))
    elif firms[0].name.casefold() in said.reason.casefold():
        filled.refuse("reason", w(N_("Leave the firm's name out: other bidders read the reason, but not whose it is.")))
    else:
        admitting.propose(call.session, call.viewer, need, firms[0], said.reason, said.hours, call.now, base)


def _confirm(call: Call, need: Need, one: Admission | None, filled: Filled[Any], said: Any) -> None:
    assert one is not None
    admitting.confirm(call.session, call.viewer, one, call.now, call.pages.base_url)


def _end(call: Call, need: Need, one: Admission | None, filled: Filled[Any], said: Any) -> None:
    assert one is not None
    if one.state == "proposed":
        admitting.decline(call.session, call.viewer, one, said.note, call.now)
    else:
        admitting.revoke(call.session, call.viewer, one, said.note, call.now, call.pages.base_url)


Allowed = Callable[[Call, Need, Admission | None], bool]
Act = Callable[[Call, Need, Admission | None, Filled[Any], Any], None]
STEPS: Final[dict[str, tuple[type[Form], Allowed, Act]]] = {
    "propose": (AdmitForm, lambda call, need, one: may_admit(call.viewer, need), _propose),
    "confirm": (
        Form,
        lambda call, need, one: one is not None and may_confirm_late(call.session, call.viewer, one),
        _confirm,
    ),
    "end": (EndForm, lambda call, need, one: one is not None and _may_end(call, one), _end),
}
"""What is read, who may, what is done."""


def way(call: Call, need: Need) -> list[desk.Way]:
    """On the need's own page, from the deadline on."""
    held = admissions.of_need(call.session, need)
    if not held and not admissions.is_possible(call.session, need, call.now):
        return []
    w, waits = call.words, any(one.state == "proposed" for one in held)
    said = w(N_("waits for the second person")) if waits else ""
    return [desk.Way(w(N_("Late bids by link")), call.link("late:show", ref=need.ref), said, warn=waits)]


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """What waits for this person's word as the second one."""
    query = select(Admission).join(Admission.need).where(Admission.state == "proposed")
    query = query.where(Need.organisation_id == organisation.id).order_by(Admission.id)
    waiting = [one.need for one in call.session.scalars(query) if may_confirm_late(call.session, call.viewer, one)]
    if not waiting:
        return []
    text = call.words.ngettext("Late bid to confirm", "Late bids to confirm", len(waiting))
    return [Todo(len(waiting), text, waiting[0].title, call.link("late:show", ref=waiting[0].ref), WAITED_FOR)]


# -- the firm


def _link(call: Call, token: str) -> Admission:
    """Whoever is signed in for another firm learns as little as with a forged link."""
    signed_in(call)
    one = admissions.by_token(call.session, token, call.viewer)
    if one is None or call.session.scalar(rules.visible_needs(call.viewer).where(Need.id == one.need_id)) is None:
        raise NotFound("no such link")
    if not may_bid(call.viewer, one.need):
        raise Forbidden("this role hands in no bids")
    return one


def follow(call: Call, token: str) -> Response:
    return _link_page(call, _link(call, token), token)


def _link_page(call: Call, one: Admission, token: str, said: str = "", status: int = 200) -> Response:
    until = one.until
    is_good = one.state == "open" and until is not None and call.now < until
    is_good = is_good and admissions.is_possible(call.session, one.need, call.now)
    response = call.render(
        "bids/late_link.html",
        status=status if is_good else 410,
        token=token,
        one=one,
        need=one.need,
        firm=one.organisation,
        title=call.words.in_language(one.need.text_in("title"), one.need.lang),
        is_good=is_good,
        writes=admissions.lets_in(call.session, one.need, one.organisation_id, call.now) is not None,
        said=said,
        labels=labels,
        now=call.now,
    )
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "same-origin"
    return response


def redeem(call: Call, token: str) -> Response:
    """Looking changes nothing, so scanners of letters may; this does."""
    one = _link(call, token)
    try:
        with call.session.begin_nested():
            admissions.redeem(call.session, call.viewer, one, call.now)
    except Conflict as refusal:
        call.session.expire_all()
        counts = refusal.details.get("reason") == "counts"
        return _link_page(call, _link(call, token), token, call.words(str(refusal)) if counts else "", 409)
    return call.redirect("bids:show", ref=one.need.ref)


TODOS.append(todos)
desk.WAYS.append(way)

routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/late", endpoint(show), name="late:show", methods=["GET"]),
    Route("/me/needs/{ref}/late", endpoint(decide), name="late:decide", methods=["POST"]),
    Route("/late/{token}", endpoint(follow), name="late:link", methods=["GET"]),
    Route("/late/{token}", endpoint(redeem), name="late:redeem", methods=["POST"]),
]
