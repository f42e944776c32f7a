"""What a firm sees of its own bids: where they stand, their receipts, and what they said once they are open."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import me
from market.accounts.me import own as own_firm
from market.accounts.models import Organisation
from market.bids import contents, drafts, extension_views, rules, service, store
from market.bids import labels as bid_labels
from market.bids.draft_models import Draft
from market.bids.lifecycle import LIVE
from market.bids.models import Bid, JointBid, Receipt
from market.bids.terms import Terms, asked_by, line_sum, scope, sums
from market.errors import NotFound
from market.i18n import N_, Words
from market.needs import labels, questions
from market.needs.models import Need
from market.teams import pairs
from market.teams.models import Pair
from market.web.endpoint import Call, endpoint

STATES: Final = {
    "submitted": (N_("Handed in"), "ok"),
    "needs_confirmation": (N_("Please confirm"), "warn"),
    "replaced": (N_("Replaced by a later one"), ""),
    "withdrawn": (N_("Withdrawn"), ""),
    "opened": (N_("Open, the decision is still to come"), "ok"),
    "unreadable": (N_("Could not be read"), "err"),
    "lapsed": (N_("Not confirmed, so not read"), "warn"),
    "void": (N_("The need was cancelled"), ""),
}
NOT_YET: Final = N_("Not handed in yet")
KINDS: Final = {"received": N_("Received"), "confirmed": N_("Confirmed"), "withdrawn": N_("Withdrawn")}
"""Of receipts."""


Told = dict[int, tuple[str, str]]
"""By bid, a sentence, marked for translation, and its tone."""
TOLD: list[Callable[[Session, Sequence[Bid]], Told]] = []
"""Higher slices say of bids what was decided, as far as the bidders were told."""


def told_of(session: Session, bids: Sequence[Bid]) -> Told:
    return {bid: said for tell in TOLD for bid, said in tell(session, bids).items()}


def states_of(session: Session, bids: Sequence[Bid]) -> Told:
    """How each bid stands: its state, or what was decided about it."""
    return {bid.id: STATES[bid.state] for bid in bids} | told_of(session, bids)


def of_need(session: Session, need: Need, organisation_id: int) -> list[Bid]:
    """All versions, the newest first."""
    query = select(Bid).where(Bid.need_id == need.id, Bid.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(Bid.id.desc())))


def of_pair(session: Session, pair: Pair) -> list[Bid]:
    """What was handed in for two firms, the newest first."""
    query = select(Bid).join(JointBid, JointBid.bid_id == Bid.id).where(JointBid.pair_id == pair.id)
    return list(session.scalars(query.order_by(Bid.id.desc())))


def _of_partners(session: Session, organisation_id: int) -> list[tuple[Pair, Bid | None]]:
    """Agreements under which another firm hands in, with the last it has."""
    query = select(Pair).where(Pair.partner_id == organisation_id, Pair.state == "agreed").order_by(Pair.id.desc())
    return [(pair, next(iter(of_pair(session, pair)), None)) for pair in session.scalars(query)]


def receipts_of(session: Session, bids: Sequence[Bid]) -> dict[int, list[Receipt]]:
    query = select(Receipt).where(Receipt.bid_id.in_([bid.id for bid in bids])).order_by(Receipt.id)
    found: dict[int, list[Receipt]] = {bid.id: [] for bid in bids}
    for receipt in session.scalars(query):
        found[receipt.bid_id].append(receipt)
    return found


def page(call: Call, need: Need, firm: Organisation, draft: Draft | None, is_open: bool) -> Response:
    """One's own bid for a need, or that it is too late for one."""
    bids = of_need(call.session, need, firm.id)
    told = told_of(call.session, bids)
    live = service.live_of(call.session, need, firm.id)
    return call.render(
        "bids/own.html",
        need=need,
        firm=firm,
        title=call.words.in_language(need.text_in("title"), need.lang),
        bids=bids,
        live=live,
        holds=live is None or live.pair is None or live.pair.stands,
        draft=draft,
        receipts=receipts_of(call.session, bids),
        said=_said(call, next((bid for bid in bids if bid.content), None)),
        states=states_of(call.session, bids),
        outcome=next((call.words(told[bid.id][0]) for bid in bids if bid.id in told), ""),
        pair=pairs.agreed(call.session, need, firm.id),
        kinds=KINDS,
        is_open=is_open,
        more_time=extension_views.said(call, need),
        labels=labels,
        now=call.now,
    )


def _said(call: Call, bid: Bid | None) -> dict[str, Any] | None:
    """What a bid says, once it is open."""
    if bid is None:
        return None
    said = in_words(call.words, contents.of(bid.content), asked_by(call.session, bid.need))
    return {"salt": bid.salt, "files": store.files_of(call.session, bid), **said}


def in_words(w: Words, content: contents.Content, terms: Terms) -> dict[str, Any]:
    """A bid for reading: lines with their sums, and what else it says."""
    summed = sums(content, terms)
    lines = []
    for item in scope(content, terms):
        line = content.lines.get(item.ref, contents.Line())
        amount = line_sum(item, line)
        lines.append(
            {
                "item": item,
                "amount": labels.amount(w, item.quantity, item.unit),
                "price": "" if line.price is None else bid_labels.price(w, line.price),
                "sum": "" if amount is None else bid_labels.money(w, amount),
                "remark": line.remark,
            }
        )
    titles = {item.ref: item.title for item in terms.items}
    days = w(N_("%(days)s days"), days=content.payment_days) if content.payment_days is not None else ""
    facts = [
        (w(N_("Work or delivery from")), w.day(content.delivery_on, "long") if content.delivery_on else ""),
        (w(N_("Bid holds until")), w.day(content.valid_until, "long") if content.valid_until else ""),
        (w(N_("Payment within")), days),
        (w(N_("Freight and travel")), w(contents.FREIGHT[content.freight]) if terms.items else ""),
        (w(N_("Your own number")), content.quote_number),
    ]
    return {
        "content": content,
        "lots": [lot for lot in terms.lots if lot.ref in content.lots],
        "lines": lines,
        "whole": bid_labels.money(w, summed.whole),
        "gaps": summed.gaps,
        "alternatives": [
            (titles.get(one.item, ""), one.text, "" if one.price is None else bid_labels.price(w, one.price))
            for one in content.alternatives
        ],
        "facts": [(name, text) for name, text in facts if text],
    }


def listed(call: Call) -> Response:
    """All bids of the firm, and drafts that are not handed in."""
    firm = own_firm(call)
    query = rules.own_bids(call.viewer).join(Bid.need).order_by(Bid.id.desc())
    bids = list(call.session.scalars(query)) if not call.viewer.behalf_of else []
    newest: dict[int, Bid] = {}
    for bid in bids:
        newest.setdefault(bid.need_id, bid)
    joint = [] if call.viewer.behalf_of else _of_partners(call.session, firm.id)
    return call.render(
        "bids/list.html",
        bids=list(newest.values()),
        drafts=[one for one in drafts.unsent(call.session, firm.id) if not call.viewer.behalf_of],
        joint=joint,
        receipts=receipts_of(call.session, bids),
        states=states_of(call.session, [*newest.values(), *(bid for _, bid in joint if bid)]),
        labels=labels,
        now=call.now,
    )


def _receipt(call: Call, ref: str, receipt: str) -> Receipt:
    firm = own_firm(call)
    query = select(Receipt).join(Receipt.bid).join(Bid.need)
    found = call.session.scalar(query.where(Receipt.ref == receipt, Bid.organisation_id == firm.id, Need.ref == ref))
    if found is None or call.viewer.behalf_of:
        raise NotFound("no such receipt of yours")
    return found


def receipt(call: Call, ref: str, receipt: str) -> Response:
    """What the platform has signed, with what comes next."""
    found = _receipt(call, ref, receipt)
    need = found.bid.need
    live = service.live_of(call.session, need, found.bid.organisation_id)
    until = need.bids_until
    return call.render(
        "bids/receipt.html",
        receipt=found,
        need=need,
        bid=found.bid,
        title=call.words.in_language(need.text_in("title"), need.lang),
        exact=bid_labels.to_the_millisecond(found.at),
        late=call.words(bid_labels.LATE) if bid_labels.is_late(found.bid) else "",
        kinds=KINDS,
        counts=live is not None and live.id == found.bid_id,
        is_open=until is not None and need.takes_bids(call.now) and rules.may_bid(call.viewer, need),
        kept=drafts.of(call.session, need, found.bid.organisation_id) is not None,
        labels=labels,
        now=call.now,
    )


def download(call: Call, ref: str, receipt: str) -> Response:
    return as_file(_receipt(call, ref, receipt))


def as_file(receipt: Receipt) -> Response:
    headers = {"content-disposition": f'attachment; filename="receipt-{receipt.ref}.json"'}
    return Response(service.download(receipt), media_type="application/json", headers=headers)


def _bidders(session: Session, need: Need) -> set[int]:
    """Firms that write at a bid or have handed one in hear what becomes of the need."""
    bids = select(Bid.organisation_id).where(Bid.need_id == need.id, Bid.state.in_(LIVE))
    begun = select(Draft.organisation_id).where(Draft.need_id == need.id)
    return {*session.scalars(bids), *session.scalars(begun)}


def _todos(call: Call, organisation: Organisation) -> list[me.Todo]:
    """Bids that wait for their confirmation, and drafts whose deadline is near."""
    if not call.viewer.acts_for(organisation.id, *rules.BIDDERS) or call.viewer.behalf_of:
        return []
    w, found = call.words, []
    query = rules.own_bids(call.viewer).join(Bid.need).where(Bid.state == "needs_confirmation")
    waiting = [bid.need for bid in call.session.scalars(query.where(Need.stage == "published"))]
    near = [one.need for one in drafts.unsent(call.session, organisation.id) if _is_near(call, one.need)]
    if waiting:
        text = w.ngettext("Bid to confirm", "Bids to confirm", len(waiting))
        found.append(me.Todo(len(waiting), text, waiting[0].title, _way(call, waiting), me.RUNS_OUT))
    if near:
        text = w.ngettext("Bid that is not handed in", "Bids that are not handed in", len(near))
        assert near[0].bids_until is not None
        left = f"{near[0].title}: {labels.remaining(w, near[0].bids_until, call.now)}"
        found.append(me.Todo(len(near), text, left, _way(call, near), me.RUNS_OUT))
    return found


def _is_near(call: Call, need: Need) -> bool:
    return need.bids_until is not None and labels.is_soon(need.bids_until, call.now)


def _way(call: Call, waiting: list[Need]) -> str:
    return call.link("bids:show", ref=waiting[0].ref) if len(waiting) == 1 else call.link("bids")


questions.FOLLOWERS.append(_bidders)
me.TODOS.append(_todos)

routes: list[BaseRoute] = [
    Route("/me/bids", endpoint(listed), name="bids", methods=["GET"]),
    Route("/needs/{ref}/bid/receipts/{receipt}", endpoint(receipt), name="bids:receipt", methods=["GET"]),
    Route("/needs/{ref}/bid/receipts/{receipt}/json", endpoint(download), name="bids:download", methods=["GET"]),
]
