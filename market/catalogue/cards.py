"""A hit as the card shows it: only facts of the index; what is missing is called missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from markupsafe import Markup, escape

from market.catalogue import why
from market.catalogue.criteria import Asked
from market.catalogue.fits import Fits, Reason, day_of
from market.i18n import N_, Words
from market.needs import labels as need_labels
from market.offerings import labels
from market.shortlists import things
from market.values import ZONE, day_number
from search.hits import Hit, Part, parts

LEGAL_FORMS = frozenset("gmbh ag kg ug e.v. eg se sp. z o.o. s.a. & und i der die das co. mbh e.k. gbr ohg".split())
FACTS = 3


@dataclass(slots=True)
class Card:
    number: int
    title: Markup
    title_lang: str
    plain: str
    href: str
    firm: Markup | str
    firm_href: str
    names_firm: bool
    """False where the title is the firm's name already."""
    initials: str
    colour: str
    place: str
    seal: str
    pace: str
    """How fast the firm answers, where that was measured."""
    text: Markup
    text_lang: str
    kind: str = ""
    icon: str = ""
    reasons: list[Reason] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    action: str = ""
    said: str = ""
    """What the button's name adds for those who do not see the card around it."""
    point: tuple[float, float] | None = None
    order: list[str] = field(default_factory=list)
    """Why it stands in this place."""
    code: str = ""
    """Under which it can be kept; empty for a need."""
    askable: bool = False
    """Whether the firm can be asked: a letter reaches it."""


Link = Callable[..., str]


def cards(w: Words, asked: Asked, hits: list[Hit], link: Link, now: datetime, today: date) -> list[Card]:
    """The cards of one page, numbered on from the pages before."""
    first = (asked.criteria.page - 1) * asked.criteria.per_page + 1
    make = {"offerings": _offering, "providers": _provider, "needs": _need}[asked.tab]
    return [make(Maker(w, asked, hit, link, now, today), number) for number, hit in enumerate(hits, first)]


@lru_cache(maxsize=8192)
def initials(name: str) -> tuple[str, str]:
    """Letters and colour of the tile that stands for a logo, the same for a name on every page."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum() and word.lower() not in LEGAL_FORMS]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]
    return letters.upper(), ("", "b", "c", "d")[len(name) % 4]


@lru_cache(maxsize=4096)
def _price(w: Words, mode: str, cents: int | None, currency: str, unit: str) -> str:
    return labels.price(w, mode, cents, currency, unit)


class Maker:
    """What all three kinds of card are made of."""

    def __init__(self, w: Words, asked: Asked, hit: Hit, link: Link, now: datetime, today: date) -> None:
        self.w, self.asked, self.hit, self.link, self.now, self.today = w, asked, hit, link, now, today
        self.d: Mapping[str, Any] = hit.document

    def place(self) -> str:
        town, km = self.d["town"], self.hit.distance_km
        if km is None:
            return str(town)
        return self.w(N_("%(town)s, %(km)s km"), town=town, km=self.w.number(round(km)))

    def seal(self) -> str:
        verified = self.d["verified_on"]
        return self.w(N_("Checked %(month)s"), month=day_of(self.w, verified, "month")) if verified else ""

    def pace(self) -> str:
        minutes = self.d.get("answer_minutes")
        return labels.answers_in(self.w, minutes) if minutes is not None else ""

    def card(self, number: int, route: str, action: str, firm: str) -> Card:
        pieces, title_lang = self.hit.title_in(self.w.language)
        text, text_lang = self.hit.summary_in(self.w.language)
        title, plain = markup(pieces), "".join(piece for piece, _ in pieces)
        letters, colour = initials(firm or self.w(N_("Not named")))
        ref = self.d["organisation_ref"]
        lat, lng = self.d["lat"], self.d["lng"]
        return Card(
            number=number,
            title=title,
            title_lang=title_lang,
            plain=plain,
            href=self.link(route, ref=self.d["id"], slug=self.d["slug"]),
            firm=markup(parts(str(self.hit.formatted.get("organisation") or firm)))
            if firm
            else self.w(N_("Provider not named in public")),
            firm_href=self.link("providers:show", ref=ref, slug=self.d["organisation_slug"]) if ref else "",
            names_firm=plain != firm,
            initials=letters,
            colour=colour,
            place=self.place(),
            seal=self.seal(),
            pace=self.pace(),
            text=markup(text),
            text_lang=text_lang,
            reasons=Fits(self.w, self.asked, self.hit).reasons(),
            action=action,
            said=plain if plain == firm or not firm else f"{plain}, {firm}",
            point=(lat, lng) if lat is not None and lng is not None else None,
            order=why.order(self.w, self.asked, self.hit),
        )


def markup(pieces: list[Part]) -> Markup:
    """Escaped text with the matched words in `<mark>`."""
    return Markup("".join(f"<mark>{escape(text)}</mark>" if match else escape(text) for text, match in pieces))


def _offering(m: Maker, number: int) -> Card:
    w, d = m.w, m.d
    card = m.card(number, "offerings:show", w(N_("View")), d["organisation"])
    card.kind, card.icon = w(labels.KIND_NAMES[d["kind"]]), labels.KIND_ICONS[d["kind"]]
    card.code, card.askable = things.OFFERING + d["id"], d.get("reached", True)
    price = (w(N_("Guide price")), _price(w, d["price_mode"], d["price_cents"], d["currency"], d["unit"]))
    card.facts = [*KIND_FACTS[d["kind"]](m, d.get("facts", {})), price][:FACTS]
    return card


def _free(m: Maker) -> tuple[str, str]:
    day = m.d["available_on"]
    soon = not day or day <= day_number(m.today)
    return m.w(N_("Free from")), m.w(N_("at once")) if soon else day_of(m.w, day, "day")


def _service(m: Maker, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    days = m.d["lead_time_days"]
    return [_free(m), (m.w(N_("Begins")), labels.lead_time(m.w, days))]


def _training(m: Maker, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if facts.get("weeks"):
        return [
            (m.w(N_("Module")), labels.weeks(m.w, facts["weeks"])),
            (m.w(N_("Training occupations")), m.w.number(len(facts["occupations"]))),
        ]
    today = m.today.isoformat()
    coming, free = next(
        (pair for pair in zip_longest(facts.get("sessions", ()), facts.get("seats_free", ())) if pair[0] >= today),
        (None, None),
    )
    units = facts.get("teaching_units")
    lasts = m.w.ngettext("%(num)s teaching unit", "%(num)s teaching units", units) % {"num": units} if units else ""
    said = m.w.day(date.fromisoformat(coming), "day") if coming else m.w(N_("on request"))
    if free is not None:
        said = m.w.ngettext("%(day)s, %(num)s seat free", "%(day)s, %(num)s seats free", free) % {
            "day": said,
            "num": free,
        }
    return [
        (m.w(N_("Next date")), said),
        (m.w(N_("Duration")), lasts or m.w(N_("not stated"))),
    ]


def _lab_test(m: Maker, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    days, count, good = facts.get("turnaround_days"), facts.get("methods", 0), facts.get("accredited", 0)
    result = m.w.ngettext("from %(num)s working day", "from %(num)s working days", days) % {"num": days} if days else ""
    return [
        (m.w(N_("Result")), result or m.w(N_("not stated"))),
        (m.w(N_("Accredited")), m.w(N_("%(good)s of %(all)s methods"), good=good, all=count)),
    ]


def _residual(m: Maker, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    amount, wanted = facts.get("quantity"), facts.get("direction") == "wanted"
    return [
        (
            m.w(N_("Wanted")) if wanted else m.w(N_("Available")),
            labels.stream(m.w, amount, facts["unit"], facts["per"]) if amount else m.w(N_("not stated")),
        ),
        (m.w(N_("Waste code")), facts.get("ewc_code") or m.w(N_("none stated"))),
    ]


def _rail(m: Maker, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    length, load = facts.get("useful_length_m"), facts.get("axle_load_t")
    if not length:
        return _service(m, facts)
    return [
        (m.w(N_("Useful length")), f"{m.w.number(length)}\u00a0m"),
        (m.w(N_("Axle load")), f"{m.w.number(load)}\u00a0t" if load else m.w(N_("not stated"))),
    ]


KIND_FACTS = {
    "service": _service,
    "training": _training,
    "lab_test": _lab_test,
    "residual": _residual,
    "rail": _rail,
}


def _provider(m: Maker, number: int) -> Card:
    w, d = m.w, m.d
    card = m.card(number, "providers:show", w(N_("View profile")), d["title"])
    card.code, card.askable = things.FIRM + d["id"], d.get("reached", True)
    count = d["offering_count"]
    card.facts = [
        (w(N_("Offerings")), w.number(count)),
        _free(m) if count else (w(N_("Free from")), w(N_("not stated"))),
        (w(N_("Size")), w(labels.BANDS[d["employees"]]) if d["employees"] else w(N_("not stated"))),
    ]
    return card


def _need(m: Maker, number: int) -> Card:
    w, d = m.w, m.d
    card = m.card(number, "needs:show", w(N_("View")), d["organisation"])
    if d["kind"]:
        card.kind, card.icon = w(labels.KIND_NAMES[d["kind"]]), labels.KIND_ICONS[d["kind"]]
    until = datetime.fromtimestamp(d["bids_until"], ZONE) if d["bids_until"] else None
    begins = d["execution_from"]
    card.facts = [
        (w(N_("Bids until")), w.moment(until) if until else w(N_("not stated"))),
        (w(N_("Time left")), need_labels.remaining(w, until, m.now) if until else w(N_("not stated"))),
        (w(N_("Work begins")), day_of(w, begins, "medium") if begins else w(N_("not stated"))),
    ]
    return card
