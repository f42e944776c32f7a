"""Handing in, confirming and withdrawing: each on a page of its own that says what it means, after a fresh proof of
who somebody is."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import step_up
from market.accounts.models import Organisation
from market.bids import admissions, contents, drafts, extensions, forms, joint, own, service, tenders, terms, uploads
from market.bids.contents import Answer, Content, Faults
from market.bids.drafts import Attachment
from market.bids.labels import to_the_millisecond
from market.bids.models import Bid, Seal
from market.bids.service import Enclosed, Late
from market.bids.views import Desk, apart, bidder, desk_for, desk_of, joined, takes
from market.errors import Conflict, NotFound
from market.files.views import store_of
from market.i18n import N_
from market.locker import secret_of
from market.needs import amendments, labels
from market.needs.models import Need
from market.teams import pairs
from market.web.endpoint import Call, endpoint


def check(call: Call, ref: str) -> Response:
    """What would be handed in, once more, and the button."""
    desk = desk_of(call, ref)
    if desk.draft is None or not takes(call, desk.need):
        return call.redirect("bids:show", ref=ref)
    return _check_page(call, desk)


def final(call: Call, desk: Desk) -> tuple[Content, Faults]:
    """The bid as it would be handed in: only what the need asks of the chosen lots, with what the wallet holds."""
    together = joined(call, desk)
    wallets = joint.wallets(call.session, desk.need, desk.firm, desk.pair, together, call.today)
    answers = dict(desk.content.requirements)
    for one in desk.terms.requirements:
        if one.type == "certificate":
            held = bool(wallets.holder(one, desk.terms.items))
            answers[one.ref] = Answer(held, answers.get(one.ref, Answer()).statement)
    teaming = desk.content.teaming and together is None  # a joint bid has its partner
    content = replace(desk.content, requirements=answers, joint=together, teaming=teaming)
    content = terms.within(content, desk.terms)
    faults = terms.concerning(desk.faults, desk.content, desk.terms)
    faults |= apart(call, desk)
    return content, faults | terms.check(content, desk.terms, call.today, desk.need.decision_by)


def _check_page(call: Call, desk: Desk, status: int = 200, said: str = "", *, unsigned: bool = False) -> Response:
    assert desk.draft is not None
    content, faults = final(call, desk)
    answers = [
        (one, content.requirements.get(one.ref), terms.meets(one, content.requirements.get(one.ref)))
        for one in terms.asked_of(content, desk.terms)
    ]
    return call.render(
        "bids/check.html",
        status=status,
        need=desk.need,
        firm=desk.firm,
        title=call.words.in_language(desk.need.text_in("title"), desk.need.lang),
        draft=desk.draft,
        **own.in_words(call.words, content, desk.terms),
        answers=answers,
        names=forms.names(call.words, desk.terms),
        faults=forms.said(call.words, faults),
        files=drafts.attachments(call.session, desk.draft, secret_of(call.session)),
        coming=uploads.coming(call.session, desk.draft, secret_of(call.session)),
        replaces=service.live_of(call.session, desk.need, desk.firm.id) is not None,
        fresh=step_up.is_fresh(call.session, call.viewer, call.now),
        proof=call.link("oidc:step_up", {"next": call.link("bids:check", ref=desk.need.ref)}),
        said=said,
        admitted=admissions.lets_in(call.session, desk.need, desk.firm.id, call.now),
        unsigned=unsigned,
        labels=labels,
        now=call.now,
    )


def hand_in(call: Call, ref: str) -> Response:
    """The bid goes in. What counts is when the last byte of this was here."""
    need, firm = bidder(call, ref)
    pairs.hold(call.session, need, firm.id)
    desk = desk_for(call, need, firm)
    step_up.confirmed(call, call.link("bids:check", ref=ref))
    draft = desk.draft
    if draft is None:
        return call.redirect("bids:show", ref=ref)
    admitted = admissions.lets_in(call.session, need, desk.firm.id, call.received_at)
    seal = tenders.seal_of(call.session, need)
    if admitted is None and (over := too_late(call, need, desk.firm, seal)) is not None:
        return over
    public = service.sealed(seal).public
    if call.form.get("version") != str(need.version) or call.form.get("draft") != str(draft.version):
        return _check_page(call, desk, 409, call.words(N_("Something has changed meanwhile. Please look once more.")))
    content, faults = final(call, desk)
    if faults or not call.form.get("binding"):
        return _check_page(call, desk, 422, unsigned=not faults)
    enclosed = _enclosed(call, desk, contents.written(content), public)
    pair = desk.pair if content.joint else None
    taken = service.take(call.session, call.viewer, need, desk.firm, enclosed, call.received_at, call.now, pair=pair)
    if isinstance(taken, Late):
        return late_page(call, need, taken)
    if not call.form.get("keep"):
        drafts.drop(call.session, draft)
    return call.redirect("bids:receipt", ref=ref, receipt=taken.ref)


def _enclosed(call: Call, desk: Desk, said: dict[str, Any], public: str) -> Enclosed:
    """Encrypted and in the store; no transaction waits for that."""
    assert desk.draft is not None
    secret, ref, store, version = secret_of(call.session), desk.draft.ref, store_of(call), desk.need.version
    facts = drafts.attachments(call.session, desk.draft, secret)
    keys = [row.key for row in drafts.files(call.session, desk.draft)]

    def work() -> Enclosed:
        files: list[tuple[Attachment, bytes]] = [
            (fact, drafts.opened(store, secret, ref, key)) for fact, key in zip(facts, keys, strict=True)
        ]
        return service.enclose(store, public, version, said, files)

    return call.outside("bid", work, Enclosed.leave)


def too_late(call: Call, need: Need, firm: Organisation, seal: Seal | None) -> Response | None:
    """The page for whoever comes too late, by when the last byte was here; `seal` as this pass has found it.

    Whoever is in time does not wait for the seal here: `service` looks again with its row held, once all is ready.
    """
    if not _is_over(call, need, seal):
        return None
    seal = tenders.seal_of(call.session, need, lock=True)
    if not _is_over(call, need, seal):
        return None
    if seal is not None and seal.wrapped is not None:
        return late_page(call, need, service.late(call.session, call.viewer, seal, firm, call.received_at, call.now))
    assert need.bids_until is not None
    return late_page(call, need, Late(call.received_at, seal.deadline if seal else need.bids_until))


def _is_over(call: Call, need: Need, seal: Seal | None) -> bool:
    deadline = seal.deadline if seal else need.bids_until
    return deadline is not None and call.received_at >= deadline


def late_page(call: Call, need: Need, late: Late) -> Response:
    return call.render(
        "bids/late.html",
        status=409,
        need=need,
        title=call.words.in_language(need.text_in("title"), need.lang),
        came=to_the_millisecond(late.received_at),
        came_on=late.received_at,
        until=to_the_millisecond(late.deadline),
        until_on=late.deadline,
        may_move=extensions.is_undecided(call.session, need, call.now),
        may_ask=admissions.is_possible(call.session, need, call.now),
        labels=labels,
    )


def _live(call: Call, ref: str) -> Bid:
    need, firm = bidder(call, ref)
    bid = service.live_of(call.session, need, firm.id)
    if bid is None:
        raise NotFound("you have no bid here")
    return bid


def withdrawing(call: Call, ref: str) -> Response:
    return _act_page(call, _live(call, ref), "withdraw")


def withdraw(call: Call, ref: str) -> Response:
    bid = _live(call, ref)
    step_up.confirmed(call, call.link("bids:withdrawing", ref=ref))
    if (over := too_late(call, bid.need, bid.organisation, tenders.seal_of(call.session, bid.need))) is not None:
        return over
    receipt = service.withdraw(call.session, call.viewer, bid, call.received_at, call.now)
    return call.redirect("bids:receipt", ref=ref, receipt=receipt.ref)


def confirming(call: Call, ref: str) -> Response:
    return _act_page(call, _live(call, ref), "confirm")


def confirm(call: Call, ref: str) -> Response:
    """The bid as it is also for the present version, whose changes were shown."""
    bid = _live(call, ref)
    step_up.confirmed(call, call.link("bids:confirming", ref=ref))
    pairs.hold(call.session, bid.need, bid.organisation_id)
    if bid.pair is not None:
        call.session.refresh(bid.pair)
        if not joint.holds(bid):
            raise Conflict("without the partner this bid is not confirmed")
    if (over := too_late(call, bid.need, bid.organisation, tenders.seal_of(call.session, bid.need))) is not None:
        return over
    if call.form.get("version") != str(bid.need.version):
        said = call.words(N_("Something has changed meanwhile. Please look once more."))
        return _act_page(call, bid, "confirm", 409, said)
    receipt = service.confirm(call.session, call.viewer, bid, call.received_at, call.now)
    return call.redirect("bids:receipt", ref=ref, receipt=receipt.ref)


def _act_page(call: Call, bid: Bid, act: str, status: int = 200, said: str = "") -> Response:
    if act == "confirm" and not (bid.state == "needs_confirmation" and joint.holds(bid)):
        raise Conflict("there is nothing to confirm")
    need = bid.need
    later = [one for one in amendments.of_need(call.session, need) if one.version > bid.need_version]
    back = "bids:confirming" if act == "confirm" else "bids:withdrawing"
    return call.render(
        "bids/act.html",
        status=status,
        act=act,
        need=need,
        bid=bid,
        title=call.words.in_language(need.text_in("title"), need.lang),
        amendments=later if act == "confirm" else [],
        in_words=amendments.in_words,
        fresh=step_up.is_fresh(call.session, call.viewer, call.now),
        proof=call.link("oidc:step_up", {"next": call.link(back, ref=need.ref)}),
        said=said,
        is_open=takes(call, need),
        labels=labels,
        now=call.now,
    )


routes: list[BaseRoute] = [
    Route("/needs/{ref}/bid/check", endpoint(check), name="bids:check", methods=["GET"]),
    Route("/needs/{ref}/bid/check", endpoint(hand_in), name="bids:hand_in", methods=["POST"]),
    Route("/needs/{ref}/bid/withdraw", endpoint(withdrawing), name="bids:withdrawing", methods=["GET"]),
    Route("/needs/{ref}/bid/withdraw", endpoint(withdraw), name="bids:withdraw", methods=["POST"]),
    Route("/needs/{ref}/bid/confirm", endpoint(confirming), name="bids:confirming", methods=["GET"]),
    Route("/needs/{ref}/bid/confirm", endpoint(confirm), name="bids:confirm", methods=["POST"]),
]
