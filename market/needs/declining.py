"""An invited firm says no with one click and a reason; the buyer sees who and why. It can be taken back while offers
are taken."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market import journal
from market.accounts.me import signed_in
from market.errors import BadRequest, Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import questions, views
from market.needs.models import Invitation, Need
from market.viewer import Viewer
from market.web.endpoint import Call, endpoint

REASONS: Final[dict[str, str]] = {
    "capacity": N_("No capacity at that time"),
    "scope": N_("Not our kind of work"),
    "terms": N_("The terms do not suit us"),
    "deadline": N_("The time until the deadline is too short"),
}
ON_DECLINE: list[Callable[[Session, Viewer, Invitation, datetime], None]] = []
"""Told in the transaction after a firm has declined or taken that back. Raise Conflict to forbid it."""


def invitation_of(
    session: Session, need: Need, organisation_id: int | None, *, lock: bool = False
) -> Invitation | None:
    """The firm's own; a declined one is one, too."""
    query = select(Invitation).where(
        Invitation.need_id == need.id, Invitation.organisation_id == (organisation_id or 0)
    )
    return session.scalar(query.with_for_update(of=Invitation) if lock else query)


def decline(session: Session, viewer: Viewer, invitation: Invitation, reason: str, now: datetime) -> None:
    """Again with another reason changes it. Raises Conflict once offers are no longer taken, or where one is there."""
    assert reason in REASONS
    _refuse_late(invitation, now)
    invitation.declined_at, invitation.declined_reason = now, reason
    _told(session, viewer, invitation, "needs.invitation_declined", now, {"reason": reason})


def take_back(session: Session, viewer: Viewer, invitation: Invitation, now: datetime) -> None:
    _refuse_late(invitation, now)
    if invitation.declined_at is not None:
        invitation.declined_at, invitation.declined_reason = None, ""
        _told(session, viewer, invitation, "needs.invitation_taken_up", now, {})


def _refuse_late(invitation: Invitation, now: datetime) -> None:
    if not invitation.need.takes_bids(now):
        raise Conflict(N_("Bids are no longer taken, so there is nothing to decline."), reason="late")


def _told(
    session: Session, viewer: Viewer, invitation: Invitation, verb: str, now: datetime, data: dict[str, object]
) -> None:
    firm = {"firm": invitation.organisation.ref}
    journal.record(session, viewer, verb, invitation.need, now, tell=(), data=firm | data)
    for told in ON_DECLINE:
        told(session, viewer, invitation, now)


def figures(invitations: list[Invitation]) -> dict[str, int]:
    """Reason -> how many invited firms declined for it, the most frequent first."""
    return dict(Counter(one.declined_reason for one in invitations if one.declined_at is not None).most_common())


def act(call: Call, ref: str) -> Response:
    """A reason declines; `back` takes it back."""
    need = views.shown(call, ref)
    signed_in(call)
    invitation = invitation_of(call.session, need, call.viewer.organisation_id, lock=True)
    if invitation is None:
        raise NotFound("not invited")
    if not questions.may_ask(call.viewer, need):
        raise Forbidden("readers look on")
    reason = str(call.form.get("reason", ""))
    if reason not in (*REASONS, "back"):
        raise BadRequest("one of the reasons")
    try:
        with call.session.begin_nested():
            if reason == "back":
                take_back(call.session, call.viewer, invitation, call.now)
            else:
                decline(call.session, call.viewer, invitation, reason, call.now)
    except Conflict as refusal:
        call.session.expire_all()
        return views.render(call, need, said=call.words(str(refusal)), status=409)
    return RedirectResponse(call.link("needs:show", ref=ref, slug=need.slug) + "#invitation", 303)


def of_page(call: Call, need: Need) -> dict[str, Any]:
    """For the page of a need: the firm's own invitation, and whether this person may answer it."""
    invitation = invitation_of(call.session, need, call.viewer.organisation_id)
    return {
        "invitation": invitation,
        "declines": invitation is not None and questions.may_ask(call.viewer, need) and need.takes_bids(call.now),
        "decline_reasons": REASONS,
    }


views.PARTS.append(of_page)

routes: list[BaseRoute] = [Route("/needs/{ref}/invitation", endpoint(act), name="needs:decline", methods=["POST"])]
