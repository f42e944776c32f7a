"""Needs, bids and awards of the firm that everybody looks at, for the matrix."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from market.accounts.models import Member, Organisation, Person
from market.accounts.people import Reader
from market.attachments import agreements
from market.awards import evaluating
from market.awards import proposing as awards
from market.bids import links as quotes
from market.bids import service as handing
from market.bids import tenders, unsealed, uploads
from market.bids.late_models import Admission, Extension
from market.bids.models import Bid
from market.needs import pooling
from market.needs import questions as bidder_questions
from market.needs.models import Invitation, Role
from market.needs.parts import Item, Requirement
from market.values import local_day
from market.viewer import OPERATOR, Viewer
from tests import factories as make
from tests.bids import examples as bids
from tests.lookaheads.examples import planned, pledged
from tests.projects.examples import project

MARK = "MARKERQXZ"
"""Stands in a sealed bid and in a draft of a bid of the firm: nobody else ever reads it."""


def needs_in(session: Session, now: datetime, own: Organisation, partner: Organisation) -> dict[str, Any]:
    """A draft of the partner's, one handed in, and one that is out with a question of the firm and its answer."""
    draft = make.need(session, now, partner, stage="draft", title="Entwurf")
    out = make.need(session, now, partner, title="Gerüst stellen", decision_by=local_day(now))
    session.flush()
    session.add(Invitation(need=out, organisation=own, at=now))
    asker = Viewer("x", "person", organisation_id=own.id)
    answered, waiting = (bidder_questions.ask(session, asker, out, text, "de", now, None) for text in "ab")
    bidder_questions.answer(session, OPERATOR, answered, "Ja", now)
    agreements.write(session, OPERATOR, partner, "Wer diese Unterlagen öffnet, gibt sie nicht weiter.", now)
    session.flush()
    other = make.organisation(session, now, name="Hafen AG", is_partner=True)
    over = {"stage": "closed", "bids_until": now - timedelta(hours=1), "late_policy": "extend"}
    away = make.need(session, now, partner, title="Fast verpasst", **over)
    theirs = make.need(session, now, other, stage="draft", title="Gemeinsamer Bedarf")
    session.flush()
    share = pooling.invite(session, OPERATOR, theirs, partner, now)
    outage = {"minutes": 7, "outages": [], "proposed_at": now, "state": "proposed"}
    session.add(Extension(need=away, deadline=away.bids_until, **outage))
    package = project(session, now, partner)
    own.verified_on = local_day(now)
    entry = planned(session, now, partner)
    pledged(session, now, entry, own)
    refs = {"need_draft": draft.ref, "tender": out.ref, "tender_slug": out.slug, "question": waiting.ref}
    refs |= {"need_away": away.ref, "project": package.project.ref, "package": package.ref}
    together = make.need(session, now, other, stage="draft", title="Gemeinsam bewertet")
    session.flush()
    along = pooling.invite(session, OPERATOR, together, partner, now)
    along.state, together.stage, together.published_at = "joined", "evaluation", now
    refs |= {"lookahead": entry.ref, "lookahead_slug": entry.slug}
    return refs | {"share": share.ref, "share_open": along.ref, "other_partner": other.ref}


def late_in(session: Session, secret: str, now: datetime, own: Organisation, partner: Organisation) -> dict[str, str]:
    """A request of the partner's whose deadline is over; the firm has a link for a late answer."""
    session.info["secret"] = secret
    over = {"stage": "closed", "bids_until": now - timedelta(hours=1), "late_policy": "link"}
    need = make.need(session, now, partner, title="Zu spät gekommen", **over)
    session.flush()
    unsealed.make(session, OPERATOR, need, now)
    given = {"reason": "Stau", "hours": 4, "state": "open", "proposed_by": "Bea", "proposed_at": now}
    given |= {"until": now + timedelta(hours=4), "decided_by": "Adam", "decided_at": now, "ref": "late-bid"}
    one = Admission(need=need, organisation=own, token_sha256=sha256(b"late-token").hexdigest(), **given)
    session.add(one)
    return {"need_shut": need.ref, "late_token": "late-token"}


def quoted_in(session: Session, secret: str, now: datetime, own: Organisation, partner: Organisation) -> str:
    """A request for quotation that the firm has answered by the link of its letter."""
    session.info["secret"] = secret
    need = make.need(session, now, partner, title="Gitterroste reinigen")
    session.flush()
    session.add(Invitation(need=need, organisation=own, at=now))
    link = quotes.new(session, need, own, Reader("buero@cast.example", "de"), now)
    viewer = quotes.viewer_of(link)
    unsealed.make(session, viewer, need, now)
    handing.hand_in(session, viewer, need, own, {"remark": "Wir machen das"}, [], now, now)
    link.bid = handing.live_of(session, need, own.id)
    session.flush()
    return quotes.token_of(session, link)


def sealed_in(session: Session, now: datetime, own: Organisation, opener: Member) -> dict[str, Any]:
    """Two tenders of the partner's, which its buyer is named to open with others, both with a bid of the firm: one is
    really sealed, with the mark in it, and one is open."""
    named = [opener.person, *(make.person(session, now) for _ in range(2))]
    sealed, opened = (
        make.need(session, now, opener.organisation, procedure="tender", title=name) for name in ("Zu", "Auf")
    )
    seal = make.seal(session, now, opened, named)
    make.record(session, now, seal, [make.bid(session, now, opened, organisation=own, state="opened")])
    session.add_all(Role(need=sealed, person=person, role="opener") for person in named)
    tenders.make(session, OPERATOR, sealed, now)
    bidder = Viewer("bidder", "person", organisation_id=own.id)
    handing.hand_in(session, bidder, sealed, own, {"remark": MARK}, [], now, now)
    return {"sealed": sealed.ref, "opened": opened.ref}


def bids_in(session: Session, now: datetime, own: Organisation, partner: Organisation, secret: str) -> dict[str, Any]:
    """A need of the partner's that the firm has bid for; it was changed since, and another draft is begun."""
    need = make.need(session, now, partner, title="Krane warten", version=2)
    session.flush()
    draft = bids.draft(session, need, own, {"remark": MARK}, secret, now)
    file = {"name": f"{MARK}.pdf", "type": "application/pdf", "size": 900, "modified": ""}
    upload = uploads.begin(session, draft, file, secret, now)
    return {
        "bid_need": need.ref,
        "upload": upload.ref,
        "receipt": bids.handed_in(session, need, own, now, "needs_confirmation").ref,
    }


def awards_in(
    session: Session, now: datetime, own: Organisation, partner: Organisation, buyer: Person
) -> dict[str, Any]:
    """Needs of the partner for which the firm has bid: closed, being evaluated, proposed, decided."""
    found: dict[str, Any] = {}
    for stage in ("closed", "evaluation", "proposed", "decided"):
        need = make.need(session, now, partner, stage="closed", estimate_cents=1)
        need.stage = "closed" if stage == "closed" else "evaluation"
        item = Item(need=need, place=1, title="Rohr", quantity=1.0, unit="MTR")
        asked = Requirement(need=need, place=1, title="Gerüst vorhanden")
        session.add_all((item, asked))
        session.flush()
        given = {"need_version": 1, "received_at": now, "changed_at": now, "size": 1, "sha256": "0", "commitment": "0"}
        bid = Bid(need=need, organisation=own, content={"lines": {item.ref: {"price": "12.00"}}}, **given)
        bid.state = "needs_confirmation" if stage == "closed" else "opened"
        session.add(bid)
        session.flush()
        buying = Viewer("x", "person", buyer.id, organisation_id=partner.id, roles=frozenset({"buyer"}))
        if stage != "closed":
            evaluating.declare(session, buying, need, False, "", now)
        if stage in ("proposed", "decided"):
            awards.propose(session, buying, need, "whole", [awards.Wanted(bid)], "Das einzige", {}, now)
        if stage == "proposed":
            need.stage = "evaluation"
            for proposal in awards.all_of(session, need):
                proposal.state = "proposed"
        found |= {f"need_{stage}": need.ref, f"bid_{stage}": bid.ref, f"asked_{stage}": asked.ref}
    return found
