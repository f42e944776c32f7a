"""What is kept of each task, line by line, for somebody whose window is older than that."""

from collections.abc import Callable
from typing import Final

from market.i18n import N_
from market.needs import contents, labels
from market.needs.forms import TEXTS
from market.needs.models import Need
from market.offerings import labels as offering_labels
from market.taxonomy import trades
from market.values import LANGUAGES
from market.web.endpoint import Call

Lines = list[tuple[str, str]]
NAMES: Final = {"title": N_("Title"), "summary": N_("In one sentence"), "description": N_("Description")}
PARTS: Final = {
    "contact": N_("Contact"),
    "approver": N_("Approves"),
    "opener": N_("May open the bids"),
    "evaluator": N_("Evaluates"),
}


def saved(call: Call, need: Need, task: str) -> Lines:
    none = call.words(N_("not stated"))
    return [(name, text or none) for name, text in SAVED[task](call, need)]


def _basics(call: Call, need: Need) -> Lines:
    w = call.words
    found = [
        (f"{w(NAMES[name])} ({offering_labels.language(w, code)})", need.text_in(name)[code])
        for code in LANGUAGES
        for name in TEXTS
        if need.text_in(name).get(code)
    ]
    value = "" if need.estimate_cents is None else w.money(need.estimate_cents)
    return [*found, (w(N_("Expected value in €")), value)]


def _codes(call: Call, need: Need) -> Lines:
    w = call.words
    known = trades.by_id()
    return [
        (w(N_("Kind")), offering_labels.kind(w, need.kind) if need.kind else w(N_("any kind"))),
        (w(N_("Trades")), ", ".join(trades.name(id_, call.language) for id_ in need.trades if id_ in known)),
        ("CPV", ", ".join(need.cpv)),
        (w(N_("Languages on site")), offering_labels.languages(w, need.languages)),
    ]


def _place(call: Call, need: Need) -> Lines:
    w = call.words
    return [
        (w(N_("Postcode or town")), f"{need.postcode} {need.town}".strip()),
        (w(N_("Site")), need.site),
        (w(N_("When")), labels.period(w, need.execution_from, need.execution_until)),
    ]


def _items(call: Call, need: Need) -> Lines:
    w = call.words
    lots = [
        (w(N_("Lot %(number)s"), number=lot.place), " ".join([lot.title, lot.description]).strip())
        for lot in contents.lots_of(call.session, need)
    ]
    rows = []
    for item in contents.items_of(call.session, need):
        said = [f"{item.title}: {labels.amount(w, item.quantity, item.unit)}"]
        said += [w(N_("Lot %(number)s"), number=item.lot.place)] if item.lot else []
        said += [w.day(item.required_on, "long")] if item.required_on else []
        said += [item.cpv] if item.cpv else []
        said += [w(N_("Optional: ordered only if wanted"))] if item.optional else []
        rows.append((w(N_("Item %(number)s"), number=item.place), ", ".join(said)))
    return lots + rows or [(w(N_("Items")), "")]


def _requirements(call: Call, need: Need) -> Lines:
    w = call.words
    rows = []
    for one in contents.requirements_of(call.session, need):
        said = [one.title, labels.limits(w, one.limits), w(N_("Knock-out")) if one.knock_out else ""]
        said += [w(N_("Lot %(number)s"), number=one.lot.place)] if one.lot else []
        rows.append((w(N_("Requirement %(number)s"), number=one.place), ", ".join(part for part in said if part)))
    return rows or [(w(N_("Requirements")), "")]


def _criteria(call: Call, need: Need) -> Lines:
    held = contents.criteria_of(call.session, need)
    rows = [(one.title, f"{one.weight}\u00a0%") for one in held]
    return rows or [(call.words(N_("Criterion")), "")]


def _periods(call: Call, need: Need) -> Lines:
    w = call.words
    moments = ((N_("Questions until"), need.questions_until), (N_("Bids until"), need.bids_until))
    found = [(w(name), labels.deadline(w, moment) if moment else "") for name, moment in moments]
    return [*found, (w(N_("Decision at the latest")), w.day(need.decision_by, "long") if need.decision_by else "")]


def _people(call: Call, need: Need) -> Lines:
    roles = contents.roles_of(call.session, need)
    names = {part: [role.person.shown for role in roles[part]] for part in PARTS}
    return [(call.words(PARTS[part]), ", ".join(names[part])) for part in PARTS if part != "opener" or need.sealed]


def _audience(call: Call, need: Need) -> Lines:
    w = call.words
    return [
        (w(N_("Who may see it and answer")), w(labels.VISIBILITY[need.visibility][0])),
        (w(N_("Late bids")), w(labels.LATE[need.late_policy][0])),
    ]


SAVED: Final[dict[str, Callable[[Call, Need], Lines]]] = {
    "basics": _basics,
    "codes": _codes,
    "place": _place,
    "items": _items,
    "requirements": _requirements,
    "criteria": _criteria,
    "periods": _periods,
    "people": _people,
    "audience": _audience,
    "papers": lambda call, need: [],
}
