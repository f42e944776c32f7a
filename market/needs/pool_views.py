"""Asking together: the leading partner's page of a draft, and the other partner's own page."""

from typing import Any

from pydantic import field_validator
from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import TODOS, WAITED_FOR, Todo
from market.accounts.models import Organisation
from market.errors import BadRequest, Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import contents, labels, letters, pooling, rules
from market.needs.desk import drafter, of_own, partner
from market.needs.forms import Line, Prose
from market.needs.models import HELD, Need, PoolShare
from market.needs.pool_rows import rows_of
from market.needs.procedures import PROCEDURES, TASKS
from market.needs.tasks.saved import saved
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.figures import Number, plain
from market.web.forms import Filled, Form, read

SHOWN = ("place", "items", "requirements", "criteria", "periods")
"""Tasks whose contents the other partner reads before it joins; value, people and firms are none of its affair."""


class InviteForm(Form):
    partner: str
    accepted: str

    @field_validator("accepted")
    @classmethod
    def is_accepted(cls, value: str) -> str:
        if value != "yes":
            raise ValueError(ACCEPT)
        return value


class JoinForm(InviteForm):
    partner: str = ""
    site: Line = ""
    note: Prose = ""


class QuantityForm(Form):
    quantity: Number = None

    @field_validator("quantity")
    @classmethod
    def is_no_debt(cls, value: float | None) -> float | None:
        if value is not None and value < 0:
            raise ValueError(N_("It has to be more than nothing."))
        return value


ACCEPT = N_("Please read the text and tick it; without that nobody asks together.")


# -- the leading partner


def lead(call: Call, ref: str) -> Response:
    need = of_own(call, ref)
    drafter(call, need.organisation)
    return _lead(call, need, Filled())


def _lead(call: Call, need: Need, filled: Filled[Any], status: int = 200, said: str = "") -> Response:
    share = pooling.open_share(need)
    return call.render(
        "needs/pool.html",
        status=status,
        need=need,
        filled=filled,
        said=said,
        share=share,
        current=share is not None and pooling.is_current(call.session, share),
        states=pooling.STATES,
        past=[one for one in need.shares if one is not share],
        partners=[("", call.words(N_("please choose")))] + [(one.ref, one.name) for one in partners(call, need)],
        text=call.words(pooling.TEXTS[share.text_version if share else pooling.VERSION]),
        version=share.text_version if share else pooling.VERSION,
        invites=need.stage == "draft" and share is None,
        ends=need.stage in pooling.BEFORE and share is not None,
        rows=rows_of(call, need),
    )


def partners(call: Call, need: Need) -> list[Organisation]:
    """Others that post needs."""
    query = select(Organisation).where(Organisation.is_partner, Organisation.suspended_at.is_(None))
    return list(call.session.scalars(query.where(Organisation.id != need.organisation_id).order_by(Organisation.name)))


def lead_act(call: Call, ref: str) -> Response:
    """Ask a partner, ask it again to accept, or take it out."""
    need = of_own(call, ref)
    drafter(call, need.organisation)
    step, share = str(call.form.get("do", "")), pooling.open_share(need)
    try:
        with call.session.begin_nested():
            if step == "invite":
                filled: Filled[Any] = read(call.form, InviteForm, call.words)
                return _invite(call, need, filled)
            if step not in ("ask", "remove"):
                raise BadRequest("no such step")
            if share is None:
                raise Conflict(N_("This was settled in the meantime. Look at it once more."))
            if step == "remove":
                pooling.end(call.session, call.viewer, share, "remove", call.now)
            event = "pool_removed" if step == "remove" else "pool_ask"
            letters.to_partner(call.session, share, event, call.now, call.pages.base_url)
    except Conflict as refusal:
        call.session.expire_all()
        return _lead(call, need, Filled(), 409, call.words(str(refusal)))
    return call.redirect("needs:pool", ref=need.ref)


def _invite(call: Call, need: Need, filled: Filled[Any]) -> Response:
    chosen = {one.ref: one for one in partners(call, need)}.get(str(filled.values["partner"]))
    if chosen is None:
        filled.refuse("partner", call.words(N_("Please choose one of the options.")))
    if filled.data is None or chosen is None:
        filled.errors = {n: call.words(ACCEPT) if n == "accepted" else said for n, said in filled.errors.items()}
        return _lead(call, need, filled, 422)
    share = pooling.invite(call.session, call.viewer, need, chosen, call.now)
    letters.to_partner(call.session, share, "pool_invited", call.now, call.pages.base_url)
    return call.redirect("needs:pool", ref=need.ref)


# -- the other partner


def own_share(call: Call, ref: str) -> PoolShare:
    """Of one's own partner, its need locked for a write. Raises NotFound."""
    partner(call)
    share = call.session.scalar(rules.visible_shares(call.viewer).where(PoolShare.ref == ref))
    if share is None:
        raise NotFound(f"no share {ref} of yours")
    if call.request.method == "POST":
        call.session.refresh(share.need, with_for_update=HELD)
        call.session.refresh(share)
    return share


def show(call: Call, ref: str) -> Response:
    share = own_share(call, ref)
    values: dict[str, Any] = {"site": share.site, "note": share.note, "quantity": plain(share.quantity or None)}
    values |= {f"quantity-{item}": plain(many) for item, many in share.quantities.items()}
    return page(call, share, Filled(values))


def page(call: Call, share: PoolShare, filled: Filled[Any], status: int = 200, said: str = "") -> Response:
    need = share.need
    now = pooling.mark(call.session, need)
    tasks = [name for name in SHOWN if name in PROCEDURES[need.procedure].tasks]
    parts: dict[str, Any] = {}
    for part in PARTS:
        parts |= part(call, share)
    title, lang = call.words.in_language(need.text_in("title"), need.lang)
    return call.render(
        "needs/pooled.html",
        status=status,
        share=share,
        need=need,
        title=title,
        lang=lang,
        filled=filled,
        said=said,
        labels=labels,
        contents=[(call.words(TASKS[name]), saved(call, need, name)) for name in tasks],
        items=contents.items_of(call.session, need),
        rows=rows_of(call, need),
        text=call.words(pooling.TEXTS[pooling.VERSION]),
        version=pooling.VERSION,
        answers=rules.may_share(call.viewer, share),
        joins=need.stage == "draft",
        ends=need.stage in pooling.BEFORE,
        current=pooling.is_current(call.session, share),
        stale=status == 409 and not said,
        seen=stale.seen(call, now, asked=status == 409),
        **({"bids": None, "declares": False} | parts),
    )


PARTS: list[Any] = []
"""What higher slices add to the other partner's page: `part(call, share) -> dict`. The offers, once they are opened."""


def act(call: Call, ref: str) -> Response:
    """Join with a quantity (again: accept the present state), decline, or leave."""
    share = own_share(call, ref)
    if not rules.may_share(call.viewer, share):
        raise Forbidden("buyers and admins of the partner itself decide")
    step = str(call.form.get("do", ""))
    if step not in ("join", "decline", "leave"):
        raise BadRequest("no such step")
    filled: Filled[Any] = Filled()
    try:
        with call.session.begin_nested():
            if step == "join":
                return _join(call, share, filled := _read(call, share))
            pooling.end(call.session, call.viewer, share, step, call.now)
            event = "pool_declined" if step == "decline" else "pool_left"
            letters.to_lead(call.session, share, event, call.now, call.pages.base_url)
    except Conflict as refusal:
        call.session.expire_all()
        return page(call, share, filled, 409, call.words(str(refusal)))
    return call.redirect("needs")


def _read(call: Call, share: PoolShare) -> Filled[Any]:
    """The form with a quantity for each item, or one for the whole."""
    filled: Filled[Any] = read(call.form, JoinForm, call.words)
    if "accepted" in filled.errors:
        filled.errors["accepted"] = call.words(ACCEPT)
    items = contents.items_of(call.session, share.need)
    names = [f"quantity-{item.ref}" for item in items] or ["quantity"]
    found: dict[str, float] = {}
    for name in names:
        one = read(FormData([("quantity", call.form.get(name, ""))]), QuantityForm, call.words)
        filled.values[name] = one.values["quantity"]
        if one.errors:
            filled.errors[name] = one.errors["quantity"]
        if one.data is not None and one.data.quantity:
            found[name.removeprefix("quantity-")] = one.data.quantity
    if not found:
        filled.errors.setdefault(names[0], call.words(N_("Say how much you need.")))
    filled.values["found"] = found
    return filled


def _join(call: Call, share: PoolShare, filled: Filled[Any]) -> Response:
    if filled.errors or filled.data is None:
        return page(call, share, filled, 422)
    if stale.is_stale(call, pooling.mark(call.session, share.need)):
        return page(call, share, filled, 409)
    found = filled.values["found"]
    form, was = filled.data, share.state
    whole = found.pop("quantity", 0.0)
    given = {"quantity": whole, "quantities": found, "site": form.site, "note": form.note}
    pooling.join(call.session, call.viewer, share, call.now, **given)
    if was != "joined":
        letters.to_lead(call.session, share, "pool_joined", call.now, call.pages.base_url)
    return call.redirect("needs:pooled", ref=share.ref)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Needs somebody asks this partner to join, or to accept anew."""
    if not organisation.is_partner:
        return []
    shares = [
        one
        for one in call.session.scalars(rules.visible_shares(call.viewer).order_by(PoolShare.id))
        if rules.may_share(call.viewer, one) and one.need.stage == "draft"
        if one.state == "invited" or not pooling.is_current(call.session, one)
    ]
    if not shares:
        return []
    text = call.words.ngettext("A partner asks you to join a need", "Partners ask you to join needs", len(shares))
    href = call.link("needs:pooled", ref=shares[0].ref)
    return [Todo(len(shares), text, shares[0].need.title, href, WAITED_FOR)]


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/pool", endpoint(lead), name="needs:pool", methods=["GET"]),
    Route("/me/needs/{ref}/pool", endpoint(lead_act), name="needs:pool_act", methods=["POST"]),
    Route("/me/pooled/{ref}", endpoint(show), name="needs:pooled", methods=["GET"]),
    Route("/me/pooled/{ref}", endpoint(act), name="needs:pooled_act", methods=["POST"]),
]
