"""Needs that are decided, as the buyer and a bidder find them: scored and waiting for an award, and told."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from market.accounts.models import Member, Organisation
from market.awards import cases, evaluating, proposing
from market.bids.models import Bid
from market.needs import contents
from market.needs.models import Need
from market.values import local_day
from market.viewer import OPERATOR, Viewer
from tests import factories
from tests.flows.needs_pages import whole

FIRMS = ("Gerüstbau Probe GmbH", "Rüstwerk Muster KG", "Instal-Probe Słubice", "Höhenwerk Beispiel AG")


def award_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """After `need_examples`: the member's firm is a partner here, and bids for a need of another one."""
    me = Viewer("x", "person", member.person_id, organisation_id=member.organisation_id, roles=frozenset({"admin"}))
    judged = _opened(session, member, now, title="Gerüst für den Kühlturm")
    firms = [factories.organisation(session, now, name=name) for name in FIRMS]
    session.flush()
    for place, firm in enumerate(firms):
        _bid(session, judged, firm, ("12.40", "310", "4800")[: 2 + place % 2], place, now)
    _score(session, me, judged, now)
    decided = _opened(session, member, now, title="Gerüst am Kran 4")
    _bid(session, decided, firms[0], ("11", "300", "4700"), 1, now)
    _score(session, me, decided, now)
    contents.set_roles(session, OPERATOR, decided, {"approver": []}, now)
    decided.estimate_cents = 1
    _award(session, me, decided, firms[0], now)
    return {
        "judged": f"/me/needs/{judged.ref}",
        "judged_bid": f"/me/needs/{judged.ref}/bids/{cases.answered(session, judged)[0].ref}",
        "decided": f"/me/needs/{decided.ref}",
        "own_outcome": f"/needs/{_foreign(session, member.organisation, firms, now).ref}/outcome",
    }


def _opened(session: Session, member: Member, now: datetime, **fields: object) -> Need:
    given = {
        "stage": "closed",
        "bids_until": now - timedelta(days=3),
        "decision_by": local_day(now) + timedelta(days=9),
    }
    need = whole(session, member, now, **(given | fields))
    need.stage, need.opened_at = "evaluation", now
    session.flush()
    return need


def _bid(session: Session, need: Need, firm: Organisation, prices: tuple[str, ...], place: int, now: datetime) -> None:
    items, lots = contents.items_of(session, need), contents.lots_of(session, need)
    _, fitters, system = contents.requirements_of(session, need)
    if place != 2:
        factories.certificate(session, now, firm, type="scc")
    lines = {
        item.ref: {"price": str(Decimal(price) + place % 3), "remark": ""}
        for item, price in zip(items, prices, strict=False)
    }
    said = {
        "lots": [lot.ref for lot in lots[: 1 + len(prices) // 3]],
        "lines": lines,
        "alternatives": [{"item": "", "text": "Leichtbau aus Alu", "price": "9100"}] if place == 1 else [],
        "delivery_on": (local_day(now) + timedelta(days=60)).isoformat(),
        "valid_until": (local_day(now) + timedelta(days=90)).isoformat(),
        "payment_days": 30,
        "quote_number": f"A-{place}",
        "remark": "Wir rüsten in zwei Schichten.",
        "requirements": {
            fitters.ref: {"value": str(3 + place), "statement": "Eigene Leute"},
            system.ref: {"value": "Alu"},
        },
    }
    given = {"need_version": 1, "received_at": now, "changed_at": now, "size": 9, "sha256": "5" * 64}
    bid = Bid(need=need, organisation=firm, state="opened", commitment="c" * 64, salt="c2FsdA==", content=said, **given)
    session.add(bid)
    session.flush()


def _score(session: Session, me: Viewer, need: Need, now: datetime) -> None:
    evaluating.declare(session, me, need, False, "", now)
    session.flush()
    case = cases.collect(session, need)
    marks = {
        (bid.id, criterion.id): Decimal(9 - place)
        for place, bid in enumerate(case.to_score)
        for criterion in case.judged
    }
    evaluating.hand_in(session, me, need, marks, now)
    evaluating.agree(session, me, need, marks, {}, now)


def _award(session: Session, me: Viewer, need: Need, firm: Organisation, now: datetime) -> None:
    bid = next(bid for bid in cases.answered(session, need) if bid.organisation_id == firm.id)
    proposal = proposing.propose(session, me, need, "whole", [proposing.Wanted(bid)], "Bestes Gebot", {}, now)
    if proposal.state == "proposed":
        proposing.give_back(session, me, proposal, "Zu teuer", now)


def _foreign(session: Session, own: Organisation, firms: list[Organisation], now: datetime) -> Need:
    """A need of another partner for which one's own firm has bid, with an answer."""
    buyer = factories.organisation(session, now, name="Anderes Werk SE", is_partner=True)
    fields = {"stage": "closed", "estimate_cents": 1, "title": "Hebebühnen für die Revision"}
    need = factories.need(session, now, buyer, **fields)
    need.stage = "evaluation"
    session.flush()
    given = {"need_version": 1, "received_at": now, "changed_at": now, "size": 9, "sha256": "5", "commitment": "c"}
    for firm in (own, *firms[:3]):
        session.add(Bid(need=need, organisation=firm, state="opened", content={"remark": "Gern"}, **given))
    session.flush()
    proposing.propose(session, OPERATOR, need, "none", [], "Der Stillstand entfällt", {}, now)
    return need
