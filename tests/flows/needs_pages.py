"""Needs in the state a buyer finds them in: a draft with a lot of everything, and one that is out and talked about."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.accounts.models import Member, Organisation
from market.accounts.people import viewer_of
from market.attachments import agreements
from market.bids import log
from market.needs import amendments, contents, pooling, questions, service
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Lot, Requirement
from market.values import local_day
from market.viewer import Viewer
from tests import factories
from tests.lookaheads.examples import planned, pledged
from tests.projects.examples import project
from tests.teams.examples import shared_part


def need_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """Of the member's own firm, which is a partner here."""
    firm = member.organisation
    firm.is_partner = True
    agreements.write(
        session, viewer_of(member.person), firm, "Wer diese Unterlagen öffnet, gibt sie nicht weiter.", now
    )
    draft = whole(session, member, now, stage="draft", title="Gerüst für die Rohrbrücke Nord")
    out = whole(session, member, now, title="Wartung der Krane")
    asker = factories.organisation(session, now, name="Fragende GmbH")
    session.flush()
    viewer = Viewer("x", "person", organisation_id=asker.id)
    texts = ("Gehört der Abbau zum Umfang?", "Gibt es Strom am Platz?")
    first, _ = (questions.ask(session, viewer, out, text, "de", now, None) for text in texts)
    me = viewer_of(member.person)
    questions.answer(session, me, first, "Ja, der Abbau gehört dazu.", now)
    amendments.amend(
        session, me, out, "Tor 2 ist gesperrt.", now, lambda: service.change(session, me, out, now, site="Tor 7")
    )
    foreign = factories.organisation(session, now, name="Fremdes Werk SE", is_partner=True)
    pools = _pools(session, member, draft, foreign, now)
    agreements.write(session, me, foreign, "Wer diese Unterlagen öffnet, gibt sie nicht weiter.", now)
    theirs = factories.need(session, now, foreign)
    theirs_open = whole(session, member, now, organisation=foreign, title="Gerüste teilen")
    own, theirs_planned = planned(session, now, firm), planned(session, now, foreign, title="Neubau der Filterhalle")
    pledged(session, now, own, asker)
    pledged(session, now, theirs_planned, firm)
    planned(session, now, foreign, title="Rahmenvertrag Gerüste", kind="framework", trades=("piping-construction",))
    package = project(session, now, firm, out, draft)
    session.flush()
    roof = f"/me/projects/{package.project.ref}"
    return (
        opening_examples(session, member, now)
        | {
            "need_draft": f"/me/needs/{draft.ref}",
            "need_out": f"/me/needs/{out.ref}",
            "tender_out": f"/needs/{out.ref}/{out.slug}",
            "need_agreement": f"/needs/{theirs.ref}/confidentiality",
        }
        | {"project": roof, "project_package": f"{roof}/packages/{package.ref}"}
        | {"lookahead": f"/look-ahead/{own.ref}/{own.slug}", "lookahead_own": f"/me/look-ahead/{own.ref}"}
        | shared_part(session, firm, theirs_open, now)
        | {"pledge_people": f"/me/look-ahead/{theirs_planned.ref}/pledge"}
        | pools
    )


def _pools(session: Session, member: Member, draft: Need, foreign: Organisation, now: datetime) -> dict[str, str]:
    """Another partner takes part in the member's draft, asks the member's own to join one, and one is out."""
    session.flush()
    me = viewer_of(member.person)
    share = pooling.invite(session, me, draft, foreign, now)
    parts = {item.ref: 8.0 for item in contents.items_of(session, draft)}
    pooling.join(session, me, share, now, quantities=parts, site="Hafen, Halle 3", note="Nur montags.")
    asked = whole(session, member, now, organisation=foreign, stage="draft", title="Schweißer gemeinsam ausbilden")
    session.flush()
    mine = pooling.invite(session, me, asked, member.organisation, now)
    out = whole(session, member, now, stage="draft", title="Gerüste gemeinsam stellen")
    session.flush()
    theirs = pooling.invite(session, me, out, foreign, now)
    parts = {item.ref: 8.0 for item in contents.items_of(session, out)}
    pooling.join(session, me, theirs, now, quantities=parts, site="Hafen, Halle 3", note="Nur montags.")
    service.move(session, me, out, "publish", now)
    session.flush()
    return {"need_pooled": f"/me/pooled/{mine.ref}", "tender_pooled": f"/needs/{out.ref}/{out.slug}"}


def opening_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """A tender whose first opener has done the part, with a late bid; and one that is open."""
    others = [factories.person(session, now) for _ in range(2)]
    over = {"stage": "closed", "questions_until": None, "bids_until": now - timedelta(minutes=5)}
    due, opened = (whole(session, member, now, title=title, **over) for title in ("Kühlwasser", "Rohrbrücke"))
    others_part, sealed = (factories.seal(session, now, need, [member.person, *others]) for need in (due, opened))
    log.add(session, others_part, {"what": "late"}, now)
    others_part.giver, others_part.given_at = others[0], now
    for state in ("submitted", "needs_confirmation"):
        factories.bid(session, now, due, state=state)
    bids = [factories.bid(session, now, opened, state=state) for state in ("opened", "unreadable")]
    factories.record(session, now, sealed, bids)
    return {"need_due": f"/me/needs/{due.ref}", "need_opened": f"/me/needs/{opened.ref}"}


def whole(session: Session, member: Member, now: datetime, **fields: object) -> Need:
    """A tender with two lots and all that belongs to one."""
    given = {
        "procedure": "tender",
        "description": "Wir suchen ein **Gerüst** mit Aufbau und Abbau.",
        "execution_from": local_day(now) + timedelta(days=60),
        "decision_by": local_day(now) + timedelta(days=45),
        "questions_until": now + timedelta(days=10),
        "contact_id": member.person_id,
        "estimate_cents": 86_000_00,
    }
    firm = fields.pop("organisation", member.organisation)
    need = factories.need(session, now, firm, **(given | fields))
    me = viewer_of(member.person)
    lots = contents.write(session, me, need, Lot, [{"title": "Nord"}, {"title": "Süd", "description": "Am Tor"}], now)
    lines = [
        ("Gerüst stellen", 1234.5, "MTK", lots[0]),
        ("Vorhalten", 8.0, "WEE", lots[0]),
        ("Umbau", 1.0, "LS", lots[1]),
    ]
    rows = [{"title": title, "quantity": many, "unit": unit, "lot": lot} for title, many, unit, lot in lines]
    contents.write(session, me, need, Item, rows, now)
    wanted = [
        {"title": "SCC", "type": "certificate", "limits": {"type": "scc", "level": ""}, "knock_out": True},
        {"title": "Monteure", "type": "number", "limits": {"min": 4, "unit": ""}, "evidence": "statement"},
        {"title": "System", "type": "choice", "limits": {"options": ["Stahl", "Alu"]}, "lot": lots[1]},
    ]
    contents.write(session, me, need, Requirement, wanted, now)
    weights = [{"title": "Preis", "weight": 60, "is_price": True}, {"title": "Umbaukonzept", "weight": 35}]
    contents.write(session, me, need, Criterion, weights, now)
    return need
