"""What the templates of the screens are given."""

from collections.abc import Mapping
from typing import Any

from babel.dates import format_time

from market.i18n import N_
from market.offerings import labels
from market.offerings.kinds import KINDS
from market.offerings.models import Offering
from market.publishing import choices
from market.publishing.fields import listed
from market.publishing.kinds import SHEETS, rail, residual, service, training
from market.publishing.kinds.residual import code_in
from market.taxonomy import occupations, trades
from market.taxonomy.suggest import suggester
from market.taxonomy.waste import CHAPTERS
from market.values import LANGUAGES, ZONE
from market.web.endpoint import Call
from market.web.forms import Filled

SPOKEN = ("de", "en", "pl", "uk", "cs", "ru")
NAMES: dict[str, dict[str, str]] = {
    "what": {"title": N_("What you offer"), "kind": N_("Kind of offering"), "summary": N_("One sentence more")},
    "trade": {"trade": N_("Trade"), "cpv": N_("Codes"), "keywords": N_("Keywords")},
    "where": {
        "place": N_("Postcode or town"),
        "km": N_("Kilometres"),
        "areas": N_("Districts"),
        "available_on": N_("Free from"),
        "lead_time_days": N_("Lead time in days"),
        "price": N_("Price"),
        "unit": N_("Unit"),
    },
    "texts": {
        "title_de": N_("Title in German"),
        "title_en": N_("Title in English"),
        "title_pl": N_("Title in Polish"),
        "summary_de": N_("One sentence in German"),
        "summary_en": N_("One sentence in English"),
        "summary_pl": N_("One sentence in Polish"),
        "description_de": N_("Description in German"),
        "description_en": N_("Description in English"),
        "description_pl": N_("Description in Polish"),
    },
}
ROW_NAMES = {
    "parameter": N_("What is tested"),
    "matrix": N_("In what material"),
    "standard": N_("By which standard"),
    "scope_line": N_("Line of the accreditation"),
    "sample_amount": N_("Sample amount"),
    "turnaround_days": N_("Working days"),
    "detection_limit": N_("Limit of detection"),
    "uncertainty": N_("Measurement uncertainty"),
    "price": N_("Price in €"),
    "starts_on": N_("First day"),
    "ends_on": N_("Last day"),
    "seats_min": N_("Runs from"),
    "seats_max": N_("Seats"),
    "cancel_by": N_("Cancel free of charge until"),
    "process": N_("Process (ISO 4063)"),
    "positions": N_("Positions"),
    "name": N_("Component"),
    "percent_min": N_("from %"),
    "percent_max": N_("to %"),
    "day": N_("Day"),
    "window": N_("Time"),
    "capacity": N_("Capacity"),
    "place": N_("Place, if it is another one"),
    "seat_price": N_("Price of a seat, if it is another one"),
}


def names(call: Call, offering: Offering | None, part: str) -> Mapping[str, str]:
    """Names of the fields in the reader's language, in their order on the page."""
    if part != "facts" or offering is None:
        return {name: call.words(text) for name, text in NAMES.get(part, {}).items()}
    found = {name: call.words(text) for name, text in SHEETS[offering.kind].LABELS.items()}
    return found | {"details": call.words(N_("Facts"))}


def options(call: Call) -> dict[str, Any]:
    """Choices of the sheets, in words."""
    w = call.words
    return {
        "kinds": [(kind, labels.KIND_ICONS[kind], w(labels.KIND_NAMES[kind])) for kind in KINDS],
        "work_places": [(code, w(text), "") for code, text in service.PLACES.items()],
        "service_more": [(code, w(text), "") for code, text in service.MORE.items()],
        "directions": [(code, w(text), "") for code, text in residual.DIRECTIONS.items()],
        "statuses": [(code, w(text)) for code, text in residual.STATUS.items()],
        "rail_services": [(code, w(text), "") for code, text in labels.RAIL_SERVICES.items()],
        "dangerous_goods": [(rail.NO_GOODS, w(N_("none")), ""), *((code, code, "") for code in rail.CLASSES)],
        "occupations": [(id_, occupations.name(id_, call.language), "") for id_ in occupations.by_id()],
        "training_years": [(year, w(text), "") for year, text in training.YEARS.items()],
        "contracts": [("", w(N_("not stated"))), *((code, w(text)) for code, text in labels.CONTRACTS.items())],
        "row_names": {name: w(text) for name, text in ROW_NAMES.items()},
        "rail_figures": rail.FIGURES,
    }


def saved(call: Call, offering: Offering) -> str:
    """When it was saved last; of today only the time."""
    w, at = call.words, offering.updated_at.astimezone(ZONE)
    if at.date() == call.today:
        return w(N_("Saved at %(time)s"), time=format_time(at, "HH:mm", locale=w.locale))
    return w(N_("Saved on %(day)s"), day=w.day(at.date(), "long"))


def keywords(text: str) -> list[str]:
    return [word[:60] for word in listed(text)]


def trades_page(call: Call, offering: Offering, filled: Filled[Any]) -> dict[str, Any]:
    """Trades and codes: those chosen, those the text suggests, and all in groups to tap."""
    text = f"{offering.summary} {offering.description}"
    chosen = choices.known_trades(filled.values.get("trades", []))
    likely = choices.likely_trades(call.session, offering.kind, offering.title, text, call.language)
    listed_ = list(dict.fromkeys([*chosen, *likely]))
    stated = [code for code in filled.values.get("cpv", []) if code.isdigit()]
    suggested = choices.likely_codes(call.session, offering.title, text, listed_[:1])
    scorer = suggester(call.session, "cpv")
    return {
        "trade_options": [(id_, trades.name(id_, call.language), "") for id_ in listed_],
        "code_options": [
            (code, scorer.label(code, call.language), f"CPV {code}") for code in dict.fromkeys([*stated, *suggested])
        ],
        "groups": choices.groups(offering.kind, call.language),
        "taken": set(listed_),
    }


def waste(call: Call, said: str) -> dict[str, Any]:
    """The code stated, codes for the words, and the chapters of the list."""
    stated = code_in(said)
    found = choices.waste_codes(call.session, said, call.language)
    return {
        "stated": next(((code, label) for code, label in found if code == stated), None) if stated else None,
        "codes": [] if stated and any(code == stated for code, _ in found) else found,
        "chapters": [(code, call.words(text)) for code, text in CHAPTERS.items()],
    }


def texts_of(offering: Offering) -> dict[str, Any]:
    """Texts of all languages by the fields of the form."""
    values: dict[str, Any] = {"lang": offering.lang, "languages": list(offering.languages)}
    values["audience"] = offering.audience
    for name in ("title", "summary", "description"):
        said = offering.text_in(name)
        values |= {f"{name}_{code}": said.get(code, "") for code in LANGUAGES}
    return values
