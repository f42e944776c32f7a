"""`/needs/REF/bid`: a firm writes its bid; saved as it types, in one window or several."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import signed_in
from market.accounts.models import Organisation
from market.bids import (
    admissions,
    contents,
    drafts,
    extension_views,
    forms,
    joint,
    own,
    rules,
    service,
    tenders,
    unsealed,
    uploads,
)
from market.bids.contents import Content, Faults, Joint
from market.bids.draft_models import Draft
from market.bids.labels import size
from market.bids.terms import Terms, asked_by, concerning
from market.errors import Conflict, Forbidden, NotFound, Unavailable
from market.files.checks import Unfit
from market.files.service import excuse, is_chosen
from market.files.views import store_of
from market.i18n import N_
from market.locker import secret_of
from market.needs import labels
from market.needs import views as needs
from market.needs.models import Need
from market.teams import pairs
from market.teams import views as teams
from market.teams.models import Pair
from market.teams.rules import may_team
from market.values import local_day, new_ref
from market.web.endpoint import Call, endpoint

KEPT_OUT: Final = ("files", "do", "off")
"""Fields that are not what somebody wrote."""


@dataclass
class Desk:
    """A firm before a need, with what it has written so far."""

    need: Need
    firm: Organisation
    terms: Terms
    draft: Draft | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    content: Content = field(default_factory=Content)
    faults: Faults = field(default_factory=dict)
    pair: Pair | None = None
    """With whom the firm has agreed to bid together."""

    def take(self, kept: dict[str, Any]) -> None:
        self.kept = kept
        self.content, self.faults = contents.read(kept)


def bidder(call: Call, ref: str) -> tuple[Need, Organisation]:
    """The need and the firm that answers it. Raises NotFound for one's own need, Forbidden for readers."""
    signed_in(call)
    need = needs.shown(call, ref)
    firm = call.session.get(Organisation, call.viewer.organisation_id or 0)
    if firm is None or firm.id == need.organisation_id or call.viewer.behalf_of or call.viewer.is_operator:
        raise NotFound("nobody bids for oneself or in the name of others")
    if not rules.may_bid(call.viewer, need):
        raise Forbidden("this role hands in no bids")
    return need, firm


def desk_of(call: Call, ref: str) -> Desk:
    return desk_for(call, *bidder(call, ref))


def desk_for(call: Call, need: Need, firm: Organisation) -> Desk:
    desk = Desk(need, firm, asked_by(call.session, need), drafts.of(call.session, need, firm.id))
    if desk.draft is not None:
        desk.take(drafts.values(desk.draft, secret_of(call.session)))
    desk.pair = joint.of_firm(call.session, need, firm, desk.kept)
    return desk


def joined(call: Call, desk: Desk) -> Joint | None:
    """What makes it a joint bid, where it is one."""
    if not joint.is_ticked(desk.pair, desk.kept):
        return None
    return joint.inside(call.session, desk.pair, desk.firm, desk.content, desk.terms)


def apart(call: Call, desk: Desk) -> Faults:
    """What an agreement with another firm has against this bid."""
    return joint.faults(call.session, desk.pair, desk.firm, desk.kept, desk.content, desk.terms)


def takes(call: Call, need: Need) -> bool:
    """Whether bids are taken here now: a tender without its seal takes none, after the deadline only one admitted."""
    if need.bids_until is None or not need.takes_bids(call.now):
        return admissions.lets_in(call.session, need, call.viewer.organisation_id, call.now) is not None
    return not need.sealed or tenders.seal_of(call.session, need) is not None


def show(call: Call, ref: str) -> Response:
    """The bid that was handed in, else the form."""
    desk = desk_of(call, ref)
    is_open = takes(call, desk.need)
    if not is_open or (own.of_need(call.session, desk.need, desk.firm.id) and "edit" not in call.request.query_params):
        return own.page(call, desk.need, desk.firm, desk.draft, is_open)
    return page(call, desk)


def save(call: Call, ref: str) -> Response:
    """Keep what was typed, with files brought or taken off; then on to what was asked for."""
    by_itself = call.form.get("do") == "autosave"
    if not call.viewer.is_signed_in:
        return _signed_out(call, ref, by_itself)
    desk = desk_of(call, ref)
    desk.take(forms.typed(call.form, desk.terms))
    seen = str(call.form.get("seen", ""))
    if desk.draft is None and desk.need.stage != "published" and not takes(call, desk.need):
        raise Conflict("this need takes no bids")
    fresh = desk.draft.ref if desk.draft else call.outside("name of the draft", new_ref)
    kept = drafts.save(
        call.session,
        call.viewer,
        desk.need,
        desk.firm,
        desk.kept,
        secret_of(call.session),
        call.now,
        seen=int(seen) if seen.isdecimal() else None if desk.draft is None else 0,
        ref=fresh,
    )
    if kept is None:
        assert desk.draft is not None
        stale = {"version": desk.draft.version}
        return JSONResponse(stale, 409) if by_itself else page(call, desk, 409, stale=True)
    desk.draft = kept
    unsealed.make(call.session, call.viewer, desk.need, call.now)
    if by_itself:
        return JSONResponse(_news(call, desk))
    return _brought(call, desk) or _onward(call, desk)


def _signed_out(call: Call, ref: str, by_itself: bool) -> Response:
    """The sign-in has run out meanwhile: what was typed goes back to the window and waits there."""
    if by_itself:
        return sign_in_first(call)
    fields = [(name, text) for name, text in call.form.multi_items() if isinstance(text, str) and name not in KEPT_OUT]
    return call.render("bids/signed_out.html", status=401, ref=ref, fields=fields)


def sign_in_first(call: Call) -> Response:
    """What a script of the page is told."""
    return JSONResponse({"sign_in": call.link("accounts:sign_in")}, 401)


def _brought(call: Call, desk: Desk) -> Response | None:
    """Files of the form; the page with the sentence where one is not taken."""
    assert desk.draft is not None
    if off := call.form.get("off"):
        drafts.take_off(call.session, desk.draft, str(off))
    store, secret, ref = store_of(call), secret_of(call.session), desk.draft.ref
    for place, upload in enumerate(one for one in call.form.getlist("files") if is_chosen(one)):
        bring = partial(drafts.bring, store, secret, ref, upload)
        try:
            brought = call.outside(f"file {place}", bring, drafts.Brought.leave)
            drafts.add(call.session, desk.draft, brought, call.now)
        except Unfit as unfit:
            return page(call, desk, 422, files_error=call.words(str(unfit)))
        except Unavailable as away:
            return page(call, desk, 503, files_error=call.words(excuse(away)))
    return None


def _onward(call: Call, desk: Desk) -> Response:
    do, ref = call.form.get("do"), desk.need.ref
    if do == "check":
        if concerning(desk.faults, desk.content, desk.terms) or apart(call, desk):
            return page(call, desk, 422)
        return call.redirect("bids:check", ref=ref)
    part = "#files" if do == "attach" or call.form.get("off") else "#alternatives" if do == "more" else ""
    return RedirectResponse(call.link("bids:show", {"edit": "1"}, ref=ref) + part, 303)


def _news(call: Call, desk: Desk) -> dict[str, Any]:
    """What a window that has saved by itself learns."""
    assert desk.draft is not None
    return {
        "saved": saved(call, desk.draft),
        "version": desk.draft.version,
        "outputs": forms.outputs(call.words, desk.content, desk.terms),
        "faults": forms.said(call.words, desk.faults),
    }


def saved(call: Call, draft: Draft) -> str:
    at = labels.local(draft.saved_at)
    if local_day(draft.saved_at) == call.today:
        return call.words(N_("Saved %(time)s"), time=f"{at:%H:%M}")
    return call.words(N_("Saved on %(moment)s"), moment=call.words.moment(draft.saved_at))


def page(call: Call, desk: Desk, status: int = 200, *, stale: bool = False, files_error: str = "") -> Response:
    draft, need = desk.draft, desk.need
    secret = secret_of(call.session)
    together = joined(call, desk)
    wallets = joint.wallets(call.session, need, desk.firm, desk.pair, together, call.today)
    holders = {one.ref: wallets.holder(one, desk.terms.items) for one in desk.terms.requirements}
    is_over = desk.pair is not None and desk.pair.state == "ended"
    filled = forms.filled(call.words, desk.kept, desk.faults | (apart(call, desk) if status == 422 or is_over else {}))
    return call.render(
        "bids/edit.html",
        status=status,
        need=need,
        firm=desk.firm,
        title=call.words.in_language(need.text_in("title"), need.lang),
        groups=forms.grouped(desk.terms),
        terms=desk.terms,
        filled=filled,
        names=forms.names(call.words, desk.terms),
        outputs=forms.outputs(call.words, desk.content, desk.terms),
        alternatives=min(len(desk.content.alternatives) + 1, contents.MOST_ALTERNATIVES),
        freights=[(code, call.words(text)) for code, text in contents.FREIGHT.items()],
        proofs=wallets.together,
        lacking={ref for ref, holder in holders.items() if not holder},
        holders={ref: wallets.names[holder] for ref, holder in holders.items() if holder and together},
        pair=desk.pair,
        together=together,
        ticked=joint.is_ticked(desk.pair, desk.kept),
        agreed=joint.inside(call.session, desk.pair, desk.firm, desk.content, desk.terms),
        options=forms.options(desk.terms),
        teaming=teams.of_page(call, need).get("teaming", ""),
        item_choices=[(item.ref, f"{item.place}. {item.title}") for item in desk.terms.items],
        seen=draft.version if draft else 0,
        saved=saved(call, draft) if draft and not stale else "",
        stale=stale,
        held=drafts.attachments(call.session, draft, secret) if draft else [],
        coming=uploads.coming(call.session, draft, secret) if draft else [],
        octets=partial(size, call.words),
        files_error=files_error,
        more_time=extension_views.said(call, need),
        most_files=drafts.MOST_FILES,
        replaces=service.live_of(call.session, need, desk.firm.id) is not None,
        labels=labels,
        now=call.now,
        server_time=labels.local(call.now).strftime("%H:%M:%S"),
    )


def _part(call: Call, need: Need) -> dict[str, Any]:
    """On the public page of a need: the way to the bid, and to the joint one that another firm hands in."""
    found: dict[str, Any] = {"bidding": None, "joint_bid": None}
    if not need.bids_until or (need.organisation_id == call.viewer.organisation_id) or call.viewer.is_operator:
        return found
    firm = call.viewer.organisation_id
    mine = own.of_need(call.session, need, firm) if firm else []
    if call.viewer.is_signed_in and not rules.may_bid(call.viewer, need):
        return found
    pair = pairs.agreed(call.session, need, firm) if firm else None
    left = True
    if pair is not None and pair.partner_id == firm and may_team(call.viewer, pair.partner, need):
        found["joint_bid"] = joint.for_partner(call, pair)
        left = joint.leaves_something(call.session, pair, asked_by(call.session, need))
    if mine or (left and takes(call, need)):
        text = call.words(own.states_of(call.session, mine)[mine[0].id][0]) if mine else ""
        found["bidding"] = {"href": call.link("bids:show", ref=need.ref), "state": text}
    return found


needs.PARTS.append(_part)

routes: list[BaseRoute] = [
    Route("/needs/{ref}/bid", endpoint(show), name="bids:show", methods=["GET"]),
    Route("/needs/{ref}/bid", endpoint(save), name="bids:save", methods=["POST"]),
]
