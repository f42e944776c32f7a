"""The screens: each is saved as it is left, so that a draft goes on where it was, on any device."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from market.accounts.me import own
from market.accounts.models import Organisation
from market.errors import NotFound
from market.i18n import N_
from market.offerings import labels, service
from market.offerings.kinds import KINDS
from market.offerings.models import Offering
from market.offerings.sessions import Refusal
from market.publishing import area, choices, parts, stored
from market.publishing.forms import Missing, TextsForm, TradeForm, WhatForm
from market.publishing.kinds import SHEETS
from market.publishing.kinds.common import Facts, changed_rows, come, shown
from market.publishing.readiness import PARTS, STEPS, after, before
from market.publishing.rules import own_offering, refuse_readers
from market.taxonomy import codes
from market.taxonomy.places import same_place
from market.web import stale as marks
from market.web.endpoint import Call
from market.web.forms import Filled, read


def new(call: Call) -> Response:
    """Screen 1 of an offering that does not exist yet; its first step makes the draft."""
    organisation = own(call)
    refuse_readers(call, organisation)
    if call.request.method == "GET":
        kind = call.request.query_params.get("kind", "")
        return page(call, None, "what", Filled({"title": "", "kind": kind if kind in KINDS else "service"}))
    filled: Filled[WhatForm] = read(call.form, WhatForm, call.words)
    form = whole(call, None, filled, filled.data.missing() if filled.data else [])
    if form is None:
        return page(call, None, "what", filled, 422)
    offering = service.sketch(
        call.session,
        call.viewer,
        organisation,
        call.now,
        kind=form.kind,
        title=form.title,
        summary=form.summary,
        lang=call.language,
        languages=tuple(organisation.languages) or (call.language,),
        details={},
        radius_km=60,
        **same_place(organisation),
    )
    call.session.flush()
    return onward(call, offering, "what")


def part(call: Call, ref: str, part: str) -> Response:
    """One screen of an offering: a step of a draft, or what is edited of any other."""
    organisation = own(call)
    offering = own_offering(call, organisation, ref, edits=True)
    if part not in PARTS or offering.status == "archived":
        raise NotFound(f"no part {part}")
    return SCREENS[part](call, organisation, offering)


def what(call: Call, organisation: Organisation, offering: Offering) -> Response:
    if call.request.method == "GET":
        return page(call, offering, "what", Filled(stored.values(offering, "what")))
    filled: Filled[WhatForm] = read(call.form, WhatForm, call.words)
    form = whole(call, offering, filled, filled.data.missing() if filled.data else [])
    if form is None:
        return page(call, offering, "what", filled, 422)
    fields: dict[str, object] = {"title": form.title, "summary": form.summary}
    if offering.status == "draft" and form.kind != offering.kind:
        fields |= {"kind": form.kind, "details": {}}
    return kept(call, offering, "what", fields) or page(call, offering, "what", filled, 409)


def trade(call: Call, organisation: Organisation, offering: Offering) -> Response:
    if call.request.method == "GET":
        return page(call, offering, "trade", Filled(stored.values(offering, "trade")))
    filled: Filled[TradeForm] = read(call.form, TradeForm, call.words)
    form = filled.data
    chosen = choices.known_trades(form.trades) if form else []
    if form and form.trade:
        meant = choices.trade_called(form.trade)
        if meant is None:
            filled.refuse("trade", call.words(N_("We do not know this trade. Choose one of the list, or tap a group.")))
        else:
            chosen = list(dict.fromkeys([*chosen, meant.id]))
            filled.values["trades"] = chosen
    missing: Missing = [] if chosen or filled.errors else [("trade", N_("Choose at least one trade."))]
    form = whole(call, offering, filled, missing)
    if form is None:
        return page(call, offering, "trade", filled, 422)
    cpv = tuple(code for code in dict.fromkeys(form.cpv) if codes.is_known(call.session, "cpv", code))
    fields: dict[str, object] = {"trades": tuple(chosen[:10]), "cpv": cpv[:10]}
    fields["keywords"] = parts.keywords(form.keywords)
    return kept(call, offering, "trade", fields) or page(call, offering, "trade", filled, 409)


def facts(call: Call, organisation: Organisation, offering: Offering) -> Response:
    sheet, before_ = SHEETS[offering.kind], dict(offering.details_json or {})
    if call.request.method == "GET":
        return facts_page(call, offering, shown(sheet, before_))
    if str(call.form.get("sheet", offering.kind)) != offering.kind:
        return facts_page(call, offering, shown(sheet, before_), 409)
    rows = changed_rows(call.form, sheet)
    if rows is not None:
        some = come(rows, sheet, call.words, whole=False)
        some.filled.errors.clear()
        return facts_page(call, offering, some)
    some = come(call.form, sheet, call.words, whole=not later(call, offering))
    if some.filled.data is None:
        return facts_page(call, offering, some, 422)
    details = sheet.details(some.filled.data, some.rows, before_)
    try:
        return kept(call, offering, "facts", {"details": details}) or facts_page(call, offering, some, 409)
    except Refusal as refusal:
        some.filled.refuse("details", refusal.in_words(call.words))
        return facts_page(call, offering, some, 409)
    except ValidationError:
        some.filled.refuse("details", call.words(N_("These facts do not fit together. Please check them.")))
        return facts_page(call, offering, some, 422)


def facts_page(call: Call, offering: Offering, some: Facts, status: int = 200) -> Response:
    words = str(some.filled.values.get("ewc", "")) or str(some.filled.values.get("material", ""))
    more = parts.waste(call, words) if offering.kind == "residual" else {}
    return page(call, offering, "facts", some.filled, status, counts=some.counts, **more)


def where(call: Call, organisation: Organisation, offering: Offering) -> Response:
    if call.request.method == "GET":
        values = stored.values(offering, "where")
        return page(call, offering, "where", Filled(values), **area.view(call, offering, None))
    filled, spot = area.read_where(call)
    if call.form.get("look"):
        filled.errors.clear()
        return page(call, offering, "where", filled, **area.view(call, offering, filled, spot))
    form = whole(call, offering, filled, filled.data.missing() if filled.data else [])
    if form is None:
        return page(call, offering, "where", filled, 422, **area.view(call, offering, filled, spot))
    after_ = kept(call, offering, "where", form.fields() | area.place_of(organisation, spot))
    return after_ or page(call, offering, "where", filled, 409, **area.view(call, offering, filled, spot))


def texts(call: Call, organisation: Organisation, offering: Offering) -> Response:
    if call.request.method == "GET":
        return page(call, offering, "texts", Filled(stored.values(offering, "texts")))
    filled: Filled[TextsForm] = read(call.form, TextsForm, call.words)
    form = whole(call, offering, filled, filled.data.missing() if filled.data else [])
    if form is None:
        return page(call, offering, "texts", filled, 422)
    spoken = tuple(code for code in parts.SPOKEN if code in form.languages)
    fields = form.fields() | {"languages": spoken}
    return kept(call, offering, "texts", fields) or page(call, offering, "texts", filled, 409)


SCREENS: dict[str, Callable[[Call, Organisation, Offering], Response]] = {
    "what": what,
    "trade": trade,
    "facts": facts,
    "where": where,
    "texts": texts,
}


def later(call: Call, offering: Offering | None) -> bool:
    """Whether somebody stops here for now: a draft may then lack things."""
    return bool(call.form.get("later")) and (offering is None or offering.status == "draft")


def whole(call: Call, offering: Offering | None, filled: Filled[Any], missing: Missing) -> Any:
    """The form where all is right, and all there unless somebody goes on later; else None, with the errors told."""
    if filled.data is not None and not later(call, offering):
        for name, sentence in missing:
            filled.errors.setdefault(name, call.words(sentence))
    if filled.errors:
        filled.data = None
    return filled.data


def kept(call: Call, offering: Offering, part: str, fields: dict[str, object]) -> Response | None:
    """Save, and on to the next screen; None, and nothing saved, where another window has saved something else since.

    Raises ValidationError where a public offering would lose its facts.
    """
    if marks.is_stale(call, stored.mark(offering, part)) and not stored.holds(offering, fields):
        return None
    if offering.status == "draft":
        service.sketch(call.session, call.viewer, offering, call.now, **fields)
    else:
        service.change(call.session, call.viewer, offering, call.now, **fields)
        if offering.asked_on is not None:
            service.confirm(call.session, call.viewer, offering, call.now)
    return onward(call, offering, part)


def onward(call: Call, offering: Offering, part: str) -> Response:
    if later(call, offering):
        return call.redirect("publishing")
    next_ = after(part) if offering.status == "draft" and not call.form.get("back_to_check") else "check"
    if next_ == "check":
        return call.redirect("publishing:show", ref=offering.ref)
    return call.redirect("publishing:part", ref=offering.ref, part=next_)


def page(
    call: Call, offering: Offering | None, part: str, filled: Filled[Any], status: int = 200, **more: Any
) -> Response:
    if part == "trade" and offering is not None:
        more |= parts.trades_page(call, offering, filled)
    steps = offering is None or offering.status == "draft"
    stale = status == 409 and offering is not None and "details" not in filled.errors
    mark = marks.seen(call, stored.mark(offering, part), asked=stale) if offering else ""
    return call.render(
        "publishing/part.html",
        status=status,
        offering=offering,
        part=part,
        step=STEPS.index(part) + 1 if part in STEPS else 0,
        steps=steps,
        back=before(part),
        checking="check" in call.request.query_params or bool(call.form.get("back_to_check")),
        filled=filled,
        labels=labels,
        names=parts.names(call, offering, part),
        saved=parts.saved(call, offering) if offering else "",
        seen=mark,
        stale=stored.stale(call, offering, part) if stale and offering else None,
        o=parts.options(call),
        spoken=[(code, labels.language(call.words, code), "") for code in parts.SPOKEN],
        **more,
    )


def suggest_trade(call: Call) -> Response:
    """Names of trades for what was typed, as JSON."""
    own(call)
    return JSONResponse(choices.suggest_trades(call.request.query_params.get("text", "")[:80], call.language))


def suggest_waste(call: Call) -> Response:
    """Waste codes with their labels for what was typed, as JSON."""
    own(call)
    said = call.request.query_params.get("text", "")[:200]
    found = choices.waste_codes(call.session, said, call.language) if len(said.strip()) > 1 else []
    return JSONResponse([f"{code} {label}" for code, label in found])
