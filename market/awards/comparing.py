"""The bids beside each other, and each one by itself."""

import base64
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import field_validator
from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.awards import cases, chart, evaluating, labels
from market.awards.cases import Case
from market.awards.desk import buyers_only, reading
from market.bids import admissions, sealing, store
from market.bids.contents import Content
from market.bids.labels import late_in_full
from market.bids.models import Bid
from market.certificates import labels as proofs
from market.errors import Conflict, NotFound, Unavailable
from market.files.models import File
from market.i18n import N_
from market.needs import effort
from market.needs import labels as need_labels
from market.needs.models import Need
from market.needs.parts import Requirement
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, one_of, read


class RulingForm(Form):
    requirement: str
    met: str
    reason: str

    @field_validator("met")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, ("yes", "no"))


@reading
def bids(call: Call, need: Need) -> Response:
    case = cases.collect(call.session, need)
    unread = [bid for bid in cases.answered(call.session, need) if bid.state != cases.READ]
    return call.render(
        "awards/bids.html",
        need=need,
        case=case,
        unread=unread,
        late=[late_in_full(call.words, one) for one in admissions.known(call.session, need) if one.bid],
        labels=labels,
        need_labels=need_labels,
        answers=answers(call, case),
        plots=[(lot, chart.plot(case, lot.ref if lot else None)) for lot in case.lots or (None,)],
        names={bid.ref: bid.bidder for bid in case.bids},
    )


def answers(call: Call, case: Case) -> dict[tuple[str, str], str]:
    """What each bid says to each requirement, in words."""
    kinds = {one.ref: one for one in case.requirements}
    return {key: said(call, kinds[key[1]], verdict) for key, verdict in case.verdicts.items()}


def said(call: Call, one: Requirement, verdict: cases.Verdict) -> str:
    w, value = call.words, verdict.value
    if one.type == "bool" and value is not None:
        return w(N_("yes")) if value is True else w(N_("no"))
    if one.type == "certificate":
        if verdict.state != cases.MET or verdict.ruling is not None:
            return ""
        return w(N_("in the wallet of %(firm)s"), firm=verdict.holder) if verdict.holder else w(N_("in the wallet"))
    if value is None:
        return ""
    return f"{value} {one.limits.get('unit', '')}".strip()


def wanted(call: Call, one: Requirement) -> str:
    """What a requirement asks for, in words."""
    if one.type == "certificate":
        code = effort.code_of(one)
        return proofs.wanted(call.words, code) if code else ""
    return need_labels.limits(call.words, one.limits)


def one_of_need(call: Call, need: Need, ref: str) -> Bid:
    """A bid that was opened for this need. Raises NotFound."""
    query = select(Bid).where(Bid.need_id == need.id, Bid.ref == ref, Bid.state.in_(cases.ANSWERED))
    bid = call.session.scalar(query)
    if bid is None:
        raise NotFound(f"no bid {ref}")
    return bid


@reading
def bid(call: Call, need: Need, bid: str) -> Response:
    return _bid(call, need, one_of_need(call, need, bid))


def _bid(
    call: Call, need: Need, bid: Bid, filled: Filled[Any] | None = None, said_: str = "", status: int = 200
) -> Response:
    case = cases.collect(call.session, need)
    files = store.files_of(call.session, bid)
    return call.render(
        "awards/bid.html",
        status=status,
        need=need,
        bid=bid,
        case=case,
        place=next((place for place, one in enumerate(case.bids) if one is bid), None),
        files=files,
        consented=_consented(case.said.get(bid.ref)),
        late=[late_in_full(call.words, one) for one in admissions.known(call.session, need) if one.bid is bid],
        sealed=proof(call, bid, files),
        answers=answers(call, case),
        wanted={one.ref: wanted(call, one) for one in case.requirements},
        labels=labels,
        filled=filled or Filled(),
        said=said_,
    )


def _consented(said_by: Content | None) -> datetime | None:
    """When the partner of a joint bid did."""
    return datetime.fromisoformat(said_by.joint.consented_at) if said_by and said_by.joint else None


def proof(call: Call, bid: Bid, files: list[File]) -> dict[str, Any]:
    """Hash, commitment and salt of what was sealed; with `?check` computed anew from what is kept today."""
    if not bid.salt:
        return {}
    salt = base64.b64decode(bid.salt)
    holds = None
    if "check" in call.request.query_params:
        try:
            kept = call.outside("kept", partial(store.taken, store.store_in(call.session), [one.key for one in files]))
        except Unavailable:
            kept = None
        if kept is not None:
            holds = sealing.commitment(salt, sealing.pack(bid.content, kept)) == bid.commitment
    return {"sha256": bid.sha256, "commitment": bid.commitment, "salt": salt.hex(), "holds": holds}


@reading
def rule(call: Call, need: Need, bid: str) -> Response:
    """A person says whether a requirement is met."""
    buyers_only(call, need)
    one = one_of_need(call, need, bid)
    filled: Filled[Any] = read(call.form, RulingForm, call.words)
    if filled.data is None:
        return _bid(call, need, one, filled, status=422)
    query = select(Requirement).where(Requirement.need_id == need.id, Requirement.ref == filled.data.requirement)
    requirement = call.session.scalar(query)
    if requirement is None:
        raise NotFound("no such requirement")
    try:
        met = filled.data.met == "yes"
        evaluating.rule(call.session, call.viewer, one, requirement, met, filled.data.reason, call.now)
    except Conflict as refusal:
        return _bid(call, need, one, filled, call.words(str(refusal)), 409)
    return call.redirect("awards:bid", ref=need.ref, bid=one.ref)


routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/bids", endpoint(bids), name="awards:bids", methods=["GET"]),
    Route("/me/needs/{ref}/bids/{bid}", endpoint(bid), name="awards:bid", methods=["GET"]),
    Route("/me/needs/{ref}/bids/{bid}", endpoint(rule), name="awards:rule", methods=["POST"]),
]
