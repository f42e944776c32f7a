"""The public page of a need."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.certificates import labels as proofs
from market.errors import NotFound
from market.i18n import N_
from market.needs import labels, rules
from market.needs.models import Need
from market.offerings import labels as offering_labels
from market.offerings import schema_org
from market.offerings.rules import listed
from market.offerings.views import code_labels, trade_names
from market.web.endpoint import Call, endpoint

PARTS: list[Callable[[Call, Need], dict[str, Any]]] = []
"""What higher slices add to the page, by name in the template; without it the page is whole, too."""
OTHERS = 5


def show(call: Call, ref: str, slug: str = "") -> Response:
    """The page of a need that is or was out; 404 for all others, 308 from an old or short address."""
    need = shown(call, ref)
    if slug != need.slug:
        return RedirectResponse(call.link("needs:show", ref=ref, slug=need.slug), 308)
    title, title_lang = call.words.in_language(need.text_in("title"), need.lang)
    summary, summary_lang = call.words.in_language(need.text_in("summary"), need.lang)
    text, text_lang = call.words.in_language(need.text_in("description"), need.lang)
    parts: dict[str, Any] = {"map": None}
    for part in PARTS:
        parts |= part(call, need)
    is_open = need.takes_bids(call.now)
    return call.render(
        "needs/show.html",
        need=need,
        labels=labels,
        offering_labels=offering_labels,
        now=call.now,
        is_open=is_open,
        outcome=labels.outcome(call.words, need, is_open),
        listed=is_listed(call, need),
        title=title,
        title_lang=title_lang,
        summary=summary,
        summary_lang=summary_lang,
        text=text,
        text_lang=text_lang,
        foreign=next((lang for lang in (title_lang, text_lang) if lang != call.language), ""),
        dates=dates(call, need),
        wanted=[(proofs.wanted(call.words, code), need.execution_from) for code in need.certificates],
        trades=trade_names(call, need.trades),
        codes=code_labels(call, "cpv", need.cpv) | code_labels(call, "ewc", need.ewc),
        search=search_for(need),
        others=others_of(call, need),
        structured=schema_org.script(demand(call, need, title, summary or text)),
        **parts,
    )


def shown(call: Call, ref: str) -> Need:
    """A need that is or was out, for this viewer. Raises NotFound for all others."""
    need = call.session.scalar(rules.visible_needs(call.viewer).where(Need.ref == ref))
    if need is None or not need.is_shown:
        raise NotFound(f"no public need {ref}")
    return need


def dates(call: Call, need: Need) -> list[dict[str, object]]:
    """The days of a need in the order a bidder meets them; what is over is marked, what comes next too."""
    w = call.words
    entries: list[dict[str, object]] = []
    for name, moment in (
        (w(N_("Questions until")), need.questions_until),
        (w(N_("Offers until")), need.bids_until),
    ):
        if moment is not None:
            entries.append(
                {
                    "name": name,
                    "iso": labels.iso(moment),
                    "text": labels.deadline(w, moment),
                    "left": labels.remaining(w, moment, call.now),
                    "past": moment <= call.now,
                }
            )
    days = ((w(N_("Decision at the latest")), need.decision_by), (w(N_("Work begins")), need.execution_from))
    for name, day in (*days, (w(N_("Work ends")), need.execution_until)):
        if day is not None:
            text, past = w.day(day, "long"), day < call.today
            entries.append({"name": name, "iso": day.isoformat(), "text": text, "left": "", "past": past})
    following = next((entry for entry in entries if not entry["past"]), None)
    for entry in entries:
        entry["now"] = entry is following
    return entries


def is_listed(call: Call, need: Need) -> bool:
    """Whether the organisation has a page as a provider."""
    query = select(Organisation.id).where(Organisation.id == need.organisation_id, listed())
    return call.session.scalar(query) is not None


def others_of(call: Call, need: Need) -> list[Need]:
    """Other open needs of the same organisation, the nearest deadline first."""
    query = rules.visible(call.viewer).where(Need.organisation_id == need.organisation_id, Need.id != need.id)
    return list(call.session.scalars(query.limit(OTHERS)))


def search_for(need: Need) -> dict[str, object]:
    """The search for providers that could answer: by trade where one is known, else by kind."""
    where = {"near": f"{need.postcode} {need.town}".strip()} if need.town else {}
    what: dict[str, object] = {"trade": need.trades[0]} if need.trades else {"kind": need.kind}
    return {**what, **where}


def demand(call: Call, need: Need, title: str, summary: str) -> dict[str, object]:
    """Structured data (schema.org) of a need."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Demand",
        "name": title,
        "url": call.pages.base_url + call.link("needs:show", ref=need.ref, slug=need.slug),
    }
    if summary:
        data["description"] = summary[:300]
    if need.bids_until:
        data["validThrough"] = labels.iso(need.bids_until)
    if need.town:
        data["areaServed"] = {"@type": "Place", "name": need.town}
    return data


routes: list[BaseRoute] = [
    Route("/needs/{ref}/{slug}", endpoint(show), name="needs:show"),
    Route("/needs/{ref}", endpoint(show), name="needs:short"),
]
