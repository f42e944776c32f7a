"""Pages of bids, their opening, evaluation and award, each with somebody who may see it: the operator sees none."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from market import uptime
from market.accounts import sessions as door
from market.accounts.people import Reader
from market.awards import evaluating
from market.bids import links as quotes
from market.bids import unsealed
from market.bids.late_models import Admission, Extension
from market.needs import contents
from market.needs.models import Invitation
from market.needs.parts import Item, Lot, Requirement
from market.values import local_day
from market.viewer import OPERATOR
from tests import factories
from tests.awards.conftest import Scene, build
from tests.bids import examples

PRICES = (("12.40", "310"), ("11.90", None), ("13", "295.50"), ("12.10", "330"))


def bid_examples(session: Session, secret: str, now: datetime) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Addresses, and the cookies of a `bidder` and of a `buyer` who evaluates and decides."""
    session.info |= {"secret": secret, "base_url": "http://127.0.0.1"}
    asked = {"title": "SCC-Nachweis", "type": "bool", "knock_out": True}
    more = {"answers": (True, True, True, False), "title": "Kühlwasserleitungen erneuern"}
    scene = build(session, now, PRICES, lots=2, requirement=asked, estimate_cents=90_000_00, **more)
    scene.scored(8, 6, 7.5)
    work = f"/me/needs/{scene.need.ref}"
    cookies = {
        name: {"session": door.start(session, person, "link", now)[0]}
        for name, person in (("bidder", scene.people["bidder0"]), ("buyer", scene.people["bea"]))
    }
    running = build(session, now, PRICES, title="Klappen tauschen")
    running.declare("bea", "eva")
    evaluating.begin(session, running.viewer("bea"), running.need, now)
    cookies["evaluator"] = {"session": door.start(session, running.people["eva"], "link", now)[0]}
    pages = {"bids_compared": work, "scored": f"/me/needs/{running.need.ref}"}
    return pages | _bidding(session, scene, secret, now) | _late(session, scene, now), cookies


def _bidding(session: Session, scene: Scene, secret: str, now: datetime) -> dict[str, str]:
    """A draft with a slip in it, a bid that is in, and a request that is answered from the letter."""
    firm = scene.firms[0]
    given = {"procedure": "tender", "decision_by": local_day(now) + timedelta(days=45), "title": "Rohre und Dämmung"}
    written, sent = (factories.need(session, now, scene.buyer, **given) for _ in range(2))
    asked = factories.need(session, now, scene.buyer, **(given | {"procedure": "quotation"}))
    session.flush()
    for need in (written, sent, asked):
        lots = contents.write(session, OPERATOR, need, Lot, [{"title": "Rohre"}], now) if need.sealed else [None]
        rows = [{"title": title, "quantity": 40.0, "unit": "MTR", "lot": lots[0]} for title in ("DN 300", "Wolle")]
        items = contents.write(session, OPERATOR, need, Item, rows, now)
        wanted = [{"title": "Tariflohn", "type": "bool", "knock_out": True}]
        contents.write(session, OPERATOR, need, Requirement, wanted, now)
        if need.sealed:
            factories.seal(session, now, need, [factories.person(session, now) for _ in range(3)])
        if need is written:
            typed: dict[str, Any] = {"lots": [lots[0].ref], f"price.{items[0].ref}": "12,50"}
            examples.draft(session, need, firm, typed | {f"price.{items[1].ref}": "zwölf"}, secret, now)
    receipt = examples.handed_in(session, sent, firm, now)
    session.add(Invitation(need=asked, organisation=firm, at=now))
    link = quotes.new(session, asked, firm, Reader("buero@bieter.example", "de"), now)
    unsealed.make(session, quotes.viewer_of(link), asked, now)
    return {
        "bid": f"/needs/{written.ref}/bid",
        "bid_in": f"/needs/{sent.ref}/bid",
        "receipt": f"/needs/{sent.ref}/bid/receipts/{receipt.ref}",
        "quote": f"/quote/{quotes.token_of(session, link)}",
    }


def _late(session: Session, scene: Scene, now: datetime) -> dict[str, str]:
    """A tender whose last minutes the marketplace has missed."""
    over = {"stage": "closed", "late_policy": "extend", "bids_until": now - timedelta(hours=1), "procedure": "tender"}
    need = factories.need(session, now, scene.buyer, title="Fast verpasst", **over)
    outage = {"from": (now - timedelta(hours=2)).isoformat(), "until": (now - timedelta(minutes=90)).isoformat()}
    outage |= {"away": ["database", uptime.NOTHING]}
    given = {"minutes": 30, "outages": [outage], "proposed_at": now, "state": "proposed"}
    session.add(Extension(need=need, deadline=need.bids_until, **given))
    session.flush()
    return {"need_late": f"/me/needs/{need.ref}"} | _admitted(session, scene, now)


def _admitted(session: Session, scene: Scene, now: datetime) -> dict[str, str]:
    """A request whose buyer has let in a late answer, and is asked for another one."""
    over = {"stage": "closed", "late_policy": "link", "bids_until": now - timedelta(hours=1)}
    need = factories.need(session, now, scene.buyer, title="Kurz nach zwölf", **over)
    session.flush()
    unsealed.make(session, OPERATOR, need, now)
    given = {"reason": "Die Brücke nach Guben war gesperrt.", "hours": 4, "proposed_by": "Ada", "proposed_at": now}
    token = "Zeichen-eines-Links"
    out = given | {"token_sha256": sha256(token.encode()).hexdigest(), "state": "open"}
    out |= {"until": now + timedelta(hours=4), "decided_by": "Adam", "decided_at": now}
    for firm, more in ((scene.firms[0], out), (scene.firms[1], given)):
        session.add(Admission(need=need, organisation=firm, **more))
    session.flush()
    return {"need_shut": f"/me/needs/{need.ref}", "late_link": f"/late/{token}"}
