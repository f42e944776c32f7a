"""`/quote/TOKEN`: a firm answers a request for quotation from its letter, on one page and without an account.

The bid goes the way of all others: sealed, with a receipt, unread before the comparison. Looking changes nothing, so
scanners of letters may.
"""

from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.bids import contents, forms, handing, joint, links, own, service, tenders, unsealed
from market.bids.contents import Content, Faults
from market.bids.labels import to_the_millisecond
from market.bids.lifecycle import LIVE
from market.bids.models import Bid, QuoteLink, Receipt, Seal
from market.bids.service import Enclosed, Late
from market.bids.terms import Terms, asked_by
from market.bids.views import Desk
from market.errors import Conflict, NotFound, TooMany
from market.files.views import store_of
from market.i18n import N_, language_of, words
from market.needs import labels
from market.needs.models import HELD, Need
from market.teams import pairs
from market.values import readable
from market.web.endpoint import Call, endpoint

MOST_OF_NAME: Final = 80
BY: Final = N_("Answered from the letter by %(name)s.")


def _link(call: Call, token: str) -> QuoteLink:
    """What the token opens. Its holder acts as the firm there, whoever else is signed in at this browser."""
    link = links.by_token(call.session, token)
    if link is None:
        raise NotFound("no such link")
    if call.request.method == "POST":
        call.viewer = links.viewer_of(link)
    return link


def _alone(response: Response) -> Response:
    """The address is the key: it is kept nowhere and told to nobody."""
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "same-origin"
    return response


def _desk(call: Call, link: QuoteLink) -> Desk:
    desk = Desk(link.need, link.organisation, asked_by(call.session, link.need))
    desk.pair = joint.of_firm(call.session, link.need, link.organisation, {})
    return desk


def show(call: Call, token: str) -> Response:
    link = _link(call, token)
    return _page(call, link, token, _desk(call, link)) if links.is_open(link, call.now) else _over(call, link, token)


def hand_in(call: Call, token: str) -> Response:
    """What counts is when the last byte of this was here, as for every bid."""
    link = _link(call, token)
    if not links.is_answerable(link):
        return _over(call, link, token)
    pairs.hold(call.session, link.need, link.organisation_id)
    seal = tenders.seal_of(call.session, link.need)
    if (late := handing.too_late(call, link.need, link.organisation, seal)) is not None:
        return _alone(late)
    desk = _desk(call, link)
    name, content, faults = _typed(call, link, desk)
    if faults:
        return _page(call, link, token, desk, 422, name=name, faults=faults)
    try:
        links.refuse_too_many(call.session, link, call.now)
    except TooMany:
        said = call.words(N_("That was too often. Please wait a few minutes and try again."))
        return _page(call, link, token, desk, 429, name=name, said=said)
    if call.form.get("version") != str(link.need.version):
        said = call.words(N_("Something has changed meanwhile. Please look once more."))
        return _page(call, link, token, desk, 409, name=name, said=said)
    enclosed = _enclosed(call, link, contents.written(content), seal)
    taken = service.take(
        call.session, call.viewer, link.need, link.organisation, enclosed, call.received_at, call.now, link
    )
    if isinstance(taken, Late):
        return _alone(handing.late_page(call, link.need, taken))
    return call.redirect("quote:receipt", token=token)


def _typed(call: Call, link: QuoteLink, desk: Desk) -> tuple[str, Content, Faults]:
    """Who answers, what would be handed in, and what is wrong with it; the desk keeps it as it was typed."""
    kept = forms.typed(call.form, desk.terms) | {"alternatives": []}
    kept |= {"lots": _lots(kept, desk.terms), joint.FIELD: ""}
    name = " ".join(readable(str(call.form.get("name", ""))).split())
    signed = words(language_of(link.need.lang))(BY, name=name)
    desk.take(kept | {"remark": f"{kept['remark']}\n\n{signed}".strip()})
    content, faults = handing.final(call, desk)
    desk.kept = kept
    if faults.pop("lots", None):
        faults.setdefault(f"price.{desk.terms.items[0].ref}", (N_("Enter at least one price."), {}))
    if not desk.terms.items and not kept["remark"]:
        faults["remark"] = (N_("Say what you can offer."), {})
    if not name or len(name) > MOST_OF_NAME:
        faults["name"] = (N_("Write the name of the person who answers."), {})
    if _others(call, link) is not None and not call.form.get("replace"):
        faults["replace"] = (N_("Tick this if this bid is to take its place."), {})
    return name, content, faults


def _lots(kept: dict[str, Any], terms: Terms) -> list[str]:
    """A lot is bid for where one of its items has a price."""
    priced = {item.lot_id for item in terms.items if kept["lines"][item.ref]["price"]}
    return [lot.ref for lot in terms.lots if lot.id in priced]


def _others(call: Call, link: QuoteLink) -> Bid | None:
    """The firm's bid that counts, where it did not come by this link."""
    live = service.live_of(call.session, link.need, link.organisation_id)
    return live if live is not None and live.id != link.bid_id else None


def _enclosed(call: Call, link: QuoteLink, said: dict[str, Any], seal: Seal | None) -> Enclosed:
    """Encrypted and in the store; no transaction waits for that. The first to answer makes the key before."""
    store, need = store_of(call), link.need
    public = seal.public if seal else call.outside("seal", partial(_seal, call, need.id, call.now))
    enclose = partial(service.enclose, store, public, need.version, said, [])
    return call.outside("bid", enclose, Enclosed.leave)


def _seal(call: Call, need_id: int, now: datetime) -> str:
    """In a transaction of its own, since that of the page is not kept. Raises Conflict."""
    with call.request.app.state.sessions.begin() as session:
        need = session.scalars(select(Need).where(Need.id == need_id).with_for_update(**HELD)).one()
        seal = unsealed.make(session, call.viewer, need, now)
        if seal is None:
            raise Conflict("This need takes no bids any more.", reason="no-seal")
        return seal.public


def _page(
    call: Call,
    link: QuoteLink,
    token: str,
    desk: Desk,
    status: int = 200,
    *,
    name: str = "",
    faults: Faults | None = None,
    said: str = "",
) -> Response:
    w, need = call.words, link.need
    filled = forms.filled(w, desk.kept, faults or {})
    filled.values["name"] = name
    before = service.live_of(call.session, need, link.organisation_id)
    response = call.render(
        "bids/quote.html",
        status=status,
        token=token,
        need=need,
        firm=link.organisation,
        title=w.in_language(need.text_in("title"), need.lang),
        brief=w.in_language(need.text_in("description"), need.lang),
        terms=desk.terms,
        filled=filled,
        names=forms.names(w, desk.terms),
        options=forms.options(desk.terms),
        before=before,
        others=_others(call, link),
        said=said,
        labels=labels,
        now=call.now,
    )
    return _alone(response)


def _over(call: Call, link: QuoteLink, token: str) -> Response:
    need = link.need
    return _alone(
        call.render(
            "bids/quote_over.html",
            status=410,
            token=token,
            title=call.words.in_language(need.text_in("title"), need.lang) if need.is_shown else None,
            outcome=labels.outcome(call.words, need, is_open=False),
            has_receipt=link.bid_id is not None,
        )
    )


def _receipt(call: Call, token: str) -> tuple[QuoteLink, Receipt]:
    """The last one of what came by this link; it stays readable when the link is over."""
    link = _link(call, token)
    query = select(Receipt).where(Receipt.bid_id == (link.bid_id or 0)).order_by(Receipt.id.desc())
    receipt = call.session.scalar(query.limit(1))
    if receipt is None:
        raise NotFound("nothing was handed in by this link")
    return link, receipt


def receipt(call: Call, token: str) -> Response:
    link, found = _receipt(call, token)
    need = link.need
    response = call.render(
        "bids/quote_receipt.html",
        token=token,
        receipt=found,
        bid=found.bid,
        need=need,
        title=call.words.in_language(need.text_in("title"), need.lang),
        exact=to_the_millisecond(found.at),
        is_open=links.is_open(link, call.now),
        counts=found.bid.state in LIVE,
        state=call.words(own.states_of(call.session, [found.bid])[found.bid.id][0]),
        claims=link.person_id is None,
        labels=labels,
        now=call.now,
    )
    return _alone(response)


def download(call: Call, token: str) -> Response:
    return _alone(own.as_file(_receipt(call, token)[1]))


def withdraw(call: Call, token: str) -> Response:
    """Only what came by this link."""
    link = _link(call, token)
    if link.bid is None:
        raise NotFound("nothing was handed in by this link")
    if not links.is_answerable(link):
        return _over(call, link, token)
    seal = tenders.seal_of(call.session, link.need)
    if (late := handing.too_late(call, link.need, link.organisation, seal)) is not None:
        return _alone(late)
    if link.bid.state in LIVE:
        service.withdraw(call.session, call.viewer, link.bid, call.received_at, call.now)
    return call.redirect("quote:receipt", token=token)


routes: list[BaseRoute] = [
    Route("/quote/{token}", endpoint(show), name="quote", methods=["GET"]),
    Route("/quote/{token}", endpoint(hand_in), name="quote:hand_in", methods=["POST"]),
    Route("/quote/{token}/receipt", endpoint(receipt), name="quote:receipt", methods=["GET"]),
    Route("/quote/{token}/receipt/json", endpoint(download), name="quote:download", methods=["GET"]),
    Route("/quote/{token}/withdraw", endpoint(withdraw), name="quote:withdraw", methods=["POST"]),
]
