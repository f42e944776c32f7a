"""What is needed, where and when; and under which trades and codes firms find it."""

from typing import Any

from market.i18n import N_
from market.needs import service
from market.needs.forms import TEXTS, BasicsForm, CodesForm, PlaceForm
from market.needs.models import Need
from market.offerings import labels as offering_labels
from market.taxonomy import trades
from market.taxonomy.places import Gazetteer, fields_of
from market.taxonomy.suggest import suggester
from market.values import KINDS, LANGUAGES
from market.web.endpoint import Call
from market.web.figures import plain
from market.web.forms import Filled, read

SUGGESTED = 6


def basics(call: Call, need: Need) -> Filled[Any]:
    values: dict[str, Any] = {"lang": need.lang, "estimate": plain(need.estimate_cents and need.estimate_cents / 100)}
    for name in TEXTS:
        said = need.text_in(name)
        values |= {f"{name}_{code}": said.get(code, "") for code in LANGUAGES}
    return Filled(values)


def save_basics(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, BasicsForm, call.words)
    if filled.data is not None and not getattr(filled.data, f"title_{filled.data.lang}"):
        filled.refuse(f"title_{filled.data.lang}", call.words(N_("Please fill in this field.")))
    if filled.data is not None:
        service.change(call.session, call.viewer, need, call.now, **filled.data.fields())
    return filled


def codes(call: Call, need: Need) -> Filled[Any]:
    return Filled(
        {
            "kind": need.kind or "",
            "trades": list(need.trades),
            "cpv": list(need.cpv),
            "languages": list(need.languages),
            "more_cpv": "",
        }
    )


def codes_context(call: Call, need: Need, filled: Filled[Any]) -> dict[str, Any]:
    """What the text speaks of, with what is chosen already."""
    known = suggester(call.session, "cpv")
    text = f"{need.summary} {need.description}"
    best = [code for code, _ in known.best(need.title, text, None, SUGGESTED)] if need.title else []
    listed = list(dict.fromkeys([*filled.values.get("cpv", []), *best]))
    near = trades.from_cpv(best, need.kind) if best else ()
    ids = list(dict.fromkeys([*filled.values.get("trades", []), *near]))
    groups = trades.groups()
    return {
        "cpv_options": [(code, f"{code} {known.label(code, call.language)}", "") for code in listed],
        "trade_options": [(id_, trades.name(id_, call.language), "") for id_ in ids if id_ in trades.by_id()],
        "trade_groups": [
            (g.names[call.language], [(t.id, t.names[call.language]) for t in g.trades if t.id not in ids])
            for g in groups
        ],
        "kinds": [("", call.words(N_("any kind")))] + [(k, offering_labels.kind(call.words, k)) for k in KINDS],
        "tongues": [(code, offering_labels.language(call.words, code), "") for code in LANGUAGES],
    }


def save_codes(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, CodesForm, call.words)
    if filled.data is None:
        return filled
    form = filled.data
    chosen = tuple(id_ for id_ in form.trades if id_ in trades.by_id())
    cpv = tuple(dict.fromkeys([*form.cpv, *form.more_cpv.split()]))
    fields = {"kind": form.kind or None, "trades": chosen, "cpv": cpv, "languages": tuple(form.languages)}
    service.change(call.session, call.viewer, need, call.now, **fields)
    return filled


def place(call: Call, need: Need) -> Filled[Any]:
    return Filled(
        {
            "place": f"{need.postcode} {need.town}".strip(),
            "site": need.site,
            "execution_from": need.execution_from or "",
            "execution_until": need.execution_until or "",
        }
    )


def save_place(call: Call, need: Need) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, PlaceForm, call.words)
    if filled.data is None:
        return filled
    form = filled.data
    fields: dict[str, object] = {
        "site": form.site,
        "execution_from": form.execution_from,
        "execution_until": form.execution_until,
    }
    if form.place and form.place != f"{need.postcode} {need.town}".strip():
        spot = Gazetteer.load(call.session).locate(form.place)
        if spot is None:
            return filled.refuse("place", call.words(N_("We do not know this place. Give a postcode or a town.")))
        fields |= fields_of(spot)
    if form.execution_from and form.execution_until and form.execution_until < form.execution_from:
        return filled.refuse("execution_until", call.words(N_("The last day of the work is before the first one.")))
    service.change(call.session, call.viewer, need, call.now, **fields)
    return filled
