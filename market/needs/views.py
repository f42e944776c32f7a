"""The public page of a need."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import signed_in
from market.accounts.models import Organisation
from market.attachments import agreements
from market.attachments.rules import may_accept
from market.certificates import labels as proofs
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import amendments, contents, labels, questions, rules
from market.needs.forms import QuestionForm
from market.needs.models import Need, Watch
from market.needs.tasks.terms import may_open
from market.offerings import labels as offering_labels
from market.offerings import schema_org
from market.offerings.rules import listed
from market.offerings.views import code_labels, trade_names
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

PARTS: list[Callable[[Call, Need], dict[str, Any]]] = []
"""What higher slices add to the page, by name in the template; without it the page is whole, too."""
ON_WATCH: list[Callable[[Call, Need, bool], None]] = []
"""Told when the viewer's firm begins to watch a need (True) or no longer does."""
OTHERS = 5


def show(call: Call, ref: str, slug: str = "") -> Response:
    """The page of a need that is or was out; 404 for all others, 308 from an old or short address."""
    need = shown(call, ref)
    if slug != need.slug:
        return RedirectResponse(call.link("needs:show", ref=ref, slug=need.slug), 308)
    return render(call, need)


def render(
    call: Call,
    need: Need,
    *,
    preview: bool = False,
    filled: Filled[Any] | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    """The page; as a `preview` it takes nothing."""
    title, title_lang = call.words.in_language(need.text_in("title"), need.lang)
    summary, summary_lang = call.words.in_language(need.text_in("summary"), need.lang)
    text, text_lang = call.words.in_language(need.text_in("description"), need.lang)
    parts: dict[str, Any] = {"map": None, "standing": None, "passed": {}, "invitation": None, "pool": None}
    parts |= {"own_outcome": "", "joint_bid": None, "more_time": []}
    for part in PARTS:
        parts |= part(call, need)
    is_open = need.takes_bids(call.now)
    is_open = is_open or (preview and need.stage in ("draft", "approval"))
    return call.render(
        "needs/show.html",
        status=status,
        need=need,
        preview=preview,
        filled=filled or Filled(),
        said=said,
        **contents_for(call, need),
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
        foreign=next((lang for lang in (title_lang, summary_lang, text_lang) if lang != call.language), ""),
        dates=dates(call, need),
        wanted=[(proofs.wanted(call.words, code), need.execution_from) for code in need.certificates],
        trades=trade_names(call, need.trades),
        codes=code_labels(call, "cpv", need.cpv) | code_labels(call, "ewc", need.ewc),
        search=search_for(need),
        others=others_of(call, need),
        structured=schema_org.script(demand(call, need, title, summary or text)),
        **parts,
    )


def contents_for(call: Call, need: Need) -> dict[str, Any]:
    """Lots, items, requirements, criteria, documents, questions and amendments, as this reader may see them."""
    session, viewer = call.session, call.viewer
    watch = select(Watch.id).where(Watch.need_id == need.id, Watch.organisation_id == (viewer.organisation_id or 0))
    lots = contents.lots_of(session, need)
    return {
        "lots": lots,
        "lot_choices": [(lot.ref, f"{lot.place}. {lot.title}") for lot in lots],
        "items": contents.items_of(session, need),
        "requirements": contents.requirements_of(session, need),
        "criteria": contents.criteria_of(session, need),
        "papers": [(paper, may_open(session, viewer, paper)) for paper in contents.papers_of(session, need)],
        "asked": questions.visible_questions(session, viewer, need),
        "asks": questions.may_ask(viewer, need) and need.takes_questions(call.now),
        "amendments": amendments.of_need(session, need),
        "in_words": amendments.in_words,
        "watches": session.scalar(watch) is not None,
        "may_watch": viewer.organisation_id is not None and viewer.organisation_id not in need.buyers,
        "manages": viewer.acts_for(need.organisation_id) and need.organisation.is_partner,
        "contact": None if need.contact_hidden else need.contact,
    }


def ask(call: Call, ref: str) -> Response:
    """A question; the answer goes to everybody."""
    need = shown(call, ref)
    signed_in(call)
    if not questions.may_ask(call.viewer, need):
        raise Forbidden("firms ask, by those who speak for them")
    filled: Filled[Any] = read(call.form, QuestionForm, call.words)
    if filled.data is None:
        return render(call, need, filled=filled, status=422)
    lot = next((lot for lot in contents.lots_of(call.session, need) if lot.ref == filled.data.lot), None)
    try:
        questions.ask(call.session, call.viewer, need, filled.data.text, call.language, call.now, lot)
    except Conflict as refusal:
        return render(call, need, said=call.words(str(refusal)), status=409)
    return RedirectResponse(call.link("needs:show", ref=ref, slug=need.slug) + "#questions", 303)


def watch(call: Call, ref: str) -> Response:
    """Hear what becomes of it, or no longer."""
    need = shown(call, ref)
    signed_in(call)
    mine = call.viewer.organisation_id
    if mine is None or mine in need.buyers:
        raise Forbidden("firms watch the needs of others")
    held = call.session.scalar(select(Watch).where(Watch.need_id == need.id, Watch.organisation_id == mine))
    if held is None:
        call.session.add(Watch(need=need, organisation_id=mine, at=call.now))
    else:
        call.session.delete(held)
    call.session.flush()
    for told in ON_WATCH:
        told(call, need, held is None)
    return call.redirect("needs:show", ref=ref, slug=need.slug)


def agreement(call: Call, ref: str) -> Response:
    """The confidentiality agreement before its documents, and the button for those who may accept it."""
    need = shown(call, ref)
    signed_in(call)
    text = agreements.current(call.session, need.organisation_id)
    if text is None:
        raise NotFound("this buyer asks for no agreement")
    return call.render(
        "attachments/accept.html",
        back=call.link("needs:show", ref=ref, slug=need.slug),
        action=call.link("needs:accept", ref=ref),
        title=need.title,
        firm=need.organisation.name,
        agreement=text,
        accepts=may_accept(call.viewer),
        own=call.viewer.acts_for(need.organisation_id),
        accepted=agreements.has_accepted(call.session, call.viewer, need.organisation_id),
        shut_out=agreements.is_shut_out(call.session, call.viewer.organisation_id or 0, need.organisation_id),
    )


def accept(call: Call, ref: str) -> Response:
    need = shown(call, ref)
    signed_in(call)
    text = agreements.current(call.session, need.organisation_id)
    if text is None:
        raise NotFound("this buyer asks for no agreement")
    if not may_accept(call.viewer) or call.viewer.acts_for(need.organisation_id):
        raise Forbidden("this role accepts no agreement")
    if str(call.form.get("version", "")) != str(text.version):
        raise Conflict("the text has changed meanwhile")
    agreements.accept(call.session, call.viewer, text, call.now)
    return call.redirect("needs:show", ref=ref, slug=need.slug)


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
        (w(N_("Bids until")), need.bids_until),
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
            late = day == need.decision_by and need.is_overdue(call.today)
            left = w(N_("overdue, not decided yet")) if late else ""
            past = day < call.today and not late
            entries.append(
                {"name": name, "iso": day.isoformat(), "text": w.day(day, "long"), "left": left, "past": past}
            )
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
    Route("/needs/{ref}/questions", endpoint(ask), name="needs:ask", methods=["POST"]),
    Route("/needs/{ref}/watch", endpoint(watch), name="needs:watch", methods=["POST"]),
    Route("/needs/{ref}/confidentiality", endpoint(agreement), name="needs:agreement", methods=["GET"]),
    Route("/needs/{ref}/confidentiality", endpoint(accept), name="needs:accept", methods=["POST"]),
    Route("/needs/{ref}/{slug}", endpoint(show), name="needs:show"),
    Route("/needs/{ref}", endpoint(show), name="needs:short"),
]
