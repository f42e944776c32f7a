"""What fits: offerings for a need, for whoever wants it done; needs for an offering, for whoever offers it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from anyio import from_thread
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.certificates import labels as proofs
from market.deliveries import by_rail as rails
from market.deliveries import sidings
from market.deliveries.rules import is_anonymous
from market.deliveries.tonnes import TONNE
from market.errors import Forbidden, NotFound
from market.i18n import N_
from market.matching import rules
from market.matching.asked import Asked, of_need
from market.matching.demand import for_offering
from market.matching.fitting import Fits, Fitting
from market.matching.rules import Fault
from market.matching.service import worth_a_look
from market.needs import views as needs
from market.needs.models import Need
from market.offerings import labels
from market.offerings import views as offerings
from market.offerings.models import Offering
from market.web.endpoint import Ask, Call, endpoint, live
from search.evidence import Document

SHOWN = 20
BEST = 5
"""Needs shown to a firm at once, of all that fit."""


async def matches(ask: Ask, ref: str) -> Response:
    """Offerings that fit a need, and near misses. For its own organisation and the operator."""

    def load(session: Session) -> tuple[Asked, dict[str, Any]]:
        need = session.scalar(select(Need).where(Need.ref == ref))
        if need is None:
            raise NotFound(f"no need {ref}")
        refuse_others(ask, need.organisation, need.is_public)
        return of_need(need), {"title": ask.words.in_language(need.text_in("title"), need.lang), "slug": need.slug}

    asked, page = await ask.in_database(load)
    found = await ask.request.app.state.matcher.for_need(asked, ask.language, SHOWN)
    shown = worth_a_look(found.matches)
    by_rail: dict[str, sidings.ByRail] = {}
    if asked.kind == "residual" and (asked.tonnes or 0) / 12 >= rails.LEAST_T:
        by_rail = await ask.in_database(lambda session: ways(session, ref, asked, [one.ref for one in shown]))
    return ask.render(
        "matching/offerings.html",
        ref=ref,
        found=replace(found, matches=shown),
        by_rail=by_rail,
        rails=rails,
        labels=labels,
        title_of=lambda document: title_of(ask, document),
        percent=lambda score: round(100 * score),
        **page,
    )


def ways(session: Session, ref: str, asked: Asked, refs: Sequence[str]) -> dict[str, sidings.ByRail]:
    """By rail between the need's site and matching offerings, by reference of these; the tonnes are those of a year."""
    need = session.scalars(select(Need).where(Need.ref == ref)).one()
    kg = round((asked.tonnes or 0) * TONNE)
    found = {
        one.ref: way
        for one in session.scalars(select(Offering).where(Offering.ref.in_(refs)))
        if not is_anonymous(one) and (way := sidings.between(session, kg, "year", need, one))
    }
    session.expunge_all()  # the page is made after the session has ended
    return found


async def wanted(ask: Ask, ref: str) -> Response:
    """Open needs an offering fits. For its own organisation and the operator."""

    def load(session: Session) -> tuple[int, dict[str, Any]]:
        offering = session.scalar(select(Offering).where(Offering.ref == ref))
        if offering is None:
            raise NotFound(f"no offering {ref}")
        refuse_others(ask, offering.organisation, offering.is_public)
        title = ask.words.in_language(offering.text_in("title"), offering.lang)
        return offering.id, {"title": title, "slug": offering.slug, "is_public": offering.is_public}

    id_, page = await ask.in_database(load)
    found = await for_offering(ask.request.app.state.matcher, id_, ask.language, SHOWN)
    return ask.render(
        "matching/needs.html",
        ref=ref,
        fitting=worth_a_look([one for one in found if one.lacks is None]),
        near=worth_a_look([one for one in found if one.lacks is not None]),
        labels=labels,
        lacking=lambda fault: lacking(ask, fault),
        title_of=lambda document: title_of(ask, document),
        percent=lambda score: round(100 * score),
        **page,
    )


def refuse_others(ask: Ask, organisation: Organisation, is_public: bool) -> None:
    """Raises NotFound for what is not theirs to know of, Forbidden for what only its page shows."""
    if not rules.may_see_matches(ask.viewer, organisation):
        if is_public:
            raise Forbidden("what fits is shown to the organisation itself")
        raise NotFound("no such page")


def title_of(ask: Ask, document: Document) -> tuple[str, str]:
    """Title and the language it is in."""
    return ask.words.in_language({**document["titles"], document["lang"]: document["title"]}, document["lang"])


LACKS: dict[str, str] = {
    "kind": N_("Another kind of offering is wanted"),
    "verified": N_("Have your firm checked by the operator first"),
    "area": N_("The site lies outside your service area"),
    "certificate": N_("A required certificate is missing or ends too early: %(name)s"),
    "permit": N_("Your permit does not cover the waste code or the amount"),
    "facility": N_("The train does not fit your facility"),
}
"""The one criterion, said to the firm itself."""


def lacking(ask: Ask, fault: Fault) -> str:
    return ask.words(LACKS[fault.criterion], name=proofs.chip(ask.words, fault.detail))


def of_need_page(call: Call, need: Need) -> dict[str, Any]:
    """For the need's page: the way to its matches, for whoever may see them."""
    may = rules.may_see_matches(call.viewer, need.organisation)
    return {"fitting": call.link("matching:offerings", ref=need.ref) if may else ""}


def of_offering_page(call: Call, offering: Offering) -> dict[str, Any]:
    may = rules.may_see_matches(call.viewer, offering.organisation)
    return {"fitting": call.link("matching:needs", ref=offering.ref) if may else ""}


def fitting(call: Call) -> Response:
    """`/me/matches`: open needs that fit what the firm offers, the best ones with their reasons."""
    organisation = own(call)
    offerings_ = published_of(call, organisation)
    found = compared_in_time(call, offerings_)
    return call.render(
        "matching/fitting.html",
        offerings=offerings_,
        found=found,
        best=found.best[:BEST],
        more=len(found.best[BEST:]),
        labels=labels,
        title_of=lambda document: title_of(call, document),
        percent=lambda score: round(100 * score),
    )


def published_of(call: Call, organisation: Organisation) -> list[Offering]:
    query = select(Offering).where(Offering.organisation_id == organisation.id, Offering.status == "published")
    return list(call.session.scalars(query.order_by(Offering.title, Offering.id)))


def compared_in_time(call: Call, found: Sequence[Offering]) -> Fitting:
    """From a view's thread, so that the page waits for nothing but the time it grants."""
    fits: Fits = call.request.app.state.fits
    return from_thread.run(fits.of, [one.id for one in found], call.language)


needs.PARTS.append(of_need_page)
offerings.PARTS.append(of_offering_page)

routes: list[BaseRoute] = [
    Route("/me/matches", endpoint(fitting), name="fitting", methods=["GET"]),
    Route("/needs/{ref}/matches", live(matches), name="matching:offerings"),
    Route("/offerings/{ref}/needs", live(wanted), name="matching:needs"),
]
