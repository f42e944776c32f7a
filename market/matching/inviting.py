"""`/me/needs/REF/firms`: the firms that fit a need, with reasons, and the invitation to look at it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market import journal
from market.accounts.models import Organisation
from market.errors import NotFound, SignInFirst
from market.matching.asked import Asked, of_need
from market.matching.service import Match, worth_a_look
from market.needs import declining, letters
from market.needs.desk import drafter, of_own
from market.needs.models import Invitation, Need
from market.needs.readiness import FEW
from market.needs.rules import may_draft
from market.web.endpoint import Ask, Call, endpoint, live

SHOWN = 25
"""Fitting offerings looked at; a firm stands once, with its best."""


async def firms(ask: Ask, ref: str) -> Response:
    """Fitting firms, the invited ones first. For the need's own organisation."""
    if not ask.viewer.is_signed_in:
        raise SignInFirst

    def load(session: Session) -> tuple[Asked, dict[str, Any], list[Invitation]]:
        query = select(Need).where(Need.ref == ref, Need.organisation_id == (ask.viewer.organisation_id or 0))
        need = session.scalar(query)
        if need is None or not need.organisation.is_partner:
            raise NotFound(f"no need {ref} of yours")
        chosen = select(Invitation).join(Invitation.organisation).where(Invitation.need_id == need.id)
        invited = list(session.scalars(chosen.order_by(Organisation.name).options(joinedload(Invitation.organisation))))
        facts = {
            "need": need,
            "title": need.title,
            "stage": need.stage,
            "invites": may_draft(ask.viewer, need.organisation) and need.stage in ("draft", "approval", "published"),
        }
        return of_need(need), facts, invited

    asked, facts, invited = await ask.in_database(load)
    found = await ask.request.app.state.matcher.for_need(asked, ask.language, SHOWN)
    best: dict[str, Match] = {}
    for match in worth_a_look(found.matches):
        best.setdefault(str(match.document["organisation_ref"]), match)
    known = {one.organisation.ref for one in invited}
    return ask.render(
        "needs/firms.html",
        ref=ref,
        invited=invited,
        left=sum(one.declined_at is None for one in invited),
        why=[(ask.words(declining.REASONS[code]), many) for code, many in declining.figures(invited).items()],
        reasons=declining.REASONS,
        suggested=[match for key, match in best.items() if key not in known and key],
        few=FEW,
        **facts,
    )


def invite(call: Call, ref: str) -> Response:
    """Those that are ticked; the letter goes out when the need is out."""
    need = of_own(call, ref)
    drafter(call, need.organisation)
    if need.stage not in ("draft", "approval", "published"):
        raise NotFound("nobody is invited to this any more")
    wanted = [str(value) for value in call.form.getlist("firm")][:100]
    known = set(call.session.scalars(select(Invitation.organisation_id).where(Invitation.need_id == need.id)))
    query = select(Organisation).where(Organisation.ref.in_(wanted), Organisation.suspended_at.is_(None))
    news = [firm for firm in call.session.scalars(query) if firm.id not in known and firm.id != need.organisation_id]
    for firm in news:
        call.session.add(Invitation(need=need, organisation=firm, at=call.now))
    if news:
        data: dict[str, object] = {"firms": [firm.ref for firm in news]}
        journal.record(call.session, call.viewer, "needs.invited", need, call.now, tell=(), data=data)
        letters.to_invited(call.session, need, call.now, call.pages.base_url)
    return call.redirect("needs:firms", ref=ref)


routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/firms", live(firms), name="needs:firms", methods=["GET"]),
    Route("/me/needs/{ref}/firms", endpoint(invite), name="needs:invite", methods=["POST"]),
]
