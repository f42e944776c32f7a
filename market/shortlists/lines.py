"""A kept thing as one line of a page: what it is, whose, and what became of it since it was kept."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from market.accounts import people
from market.i18n import N_
from market.offerings import labels
from market.shortlists.models import Item
from market.shortlists.things import Thing, code_of, find
from market.web.endpoint import Call

STATES = {
    "paused": N_("Paused by the firm at present"),
    "gone": N_("No longer offered"),
    "deleted": N_("Deleted since"),
}


@dataclass(frozen=True)
class Line:
    """`code` and `href` are empty where the thing is gone."""

    code: str
    title: str
    lang: str
    href: str
    firm: str
    """Empty for a whole firm, whose name is the title."""
    facts: str
    state: str
    said: str
    """What the state is called."""
    item: Item | None = None
    unreached: Thing | None = None
    """Where no letter reaches the firm: it cannot be asked here, and the line says what is possible instead."""

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def can_be_asked(self) -> bool:
        return self.is_open and self.unreached is None


def lines_of_codes(call: Call, codes: Sequence[str]) -> list[Line]:
    return lines_of_things(call, find(call.session, codes).values())


def lines_of_things(call: Call, things: Iterable[Thing]) -> list[Line]:
    found = list(things)
    silent = people.unreachable(call.session, [thing.organisation for thing in found])
    return [_of_thing(call, thing, silent) for thing in found]


def lines_of_items(call: Call, items: Iterable[Item]) -> list[Line]:
    kept = [(item, code_of(item.offering, item.provider)) for item in items]
    things = find(call.session, [code for _, code in kept if code])
    silent = people.unreachable(call.session, [thing.organisation for thing in things.values()])
    return [
        _of_thing(call, things[code], silent, item) if code in things else _deleted(call, item, code)
        for item, code in kept
    ]


def _of_thing(call: Call, thing: Thing, silent: Container[int], item: Item | None = None) -> Line:
    unreached = thing if thing.state == "open" and thing.organisation.id in silent else None
    w, offering, firm = call.words, thing.offering, thing.organisation
    said = w(STATES[thing.state]) if thing.state != "open" else ""
    if offering is None:
        href = call.link("providers:show", ref=firm.ref, slug=firm.slug) if thing.state == "open" else ""
        return Line(thing.code, firm.name, "", href, "", firm.town, thing.state, said, item, unreached)
    title, lang = w.in_language(offering.text_in("title"), offering.lang)
    href = call.link("offerings:show", ref=offering.ref, slug=offering.slug) if firm.is_public else ""
    facts = ", ".join(filter(None, (w(labels.KIND_NAMES[offering.kind]), offering.town)))
    name = thing.firm or w(N_("Provider not named in public"))
    lang = "" if lang == call.language else lang
    return Line(thing.code, title, lang, href, name, facts, thing.state, said, item, unreached)


def _deleted(call: Call, item: Item, code: str) -> Line:
    """All that is left is what was written down when it was kept."""
    state = "gone" if code else "deleted"
    return Line("", item.title, "", "", item.firm, "", state, call.words(STATES[state]), item)
