"""Reasons in the reader's language: what fits, by how much, and in which field it stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from market.certificates import labels as proofs
from market.i18n import N_, Words
from market.matching import rules
from market.matching.asked import Asked
from market.matching.rules import Fault, Offered
from market.matching.signals import Scored
from market.offerings import labels
from market.taxonomy import trades
from market.values import FOREVER, from_day_number
from search.terms import spoken
from search.thorough import codes_of

SHOWN = 4
"""Words and names a reason lists."""
Label = Callable[[str], str]
"""Of a CPV code, in the reader's language."""


@dataclass(frozen=True)
class Reason:
    """`field` is the offering's field it rests on; `points` its part of the score, 0 for what is missing."""

    criterion: str
    field: str
    points: float
    text: str


@dataclass(frozen=True)
class Case:
    """One need and one offering, and who reads about them."""

    w: Words
    asked: Asked
    offered: Offered
    today: int
    label: Label
    said: Iterable[tuple[str, str]] = ()
    """Telling words of the need's texts (`search.terms.spoken`), read once."""

    @property
    def document(self) -> Mapping[str, Any]:
        return self.offered.document

    def day(self, number: int) -> str:
        return self.w.day(from_day_number(number), "medium")


def reasons(case: Case, scored: Scored) -> list[Reason]:
    """One for each signal that brought points, most points first."""
    ordered = sorted(scored.points.items(), key=lambda pair: -pair[1])
    return [Reason(name, _FIELDS[name], points, _TEXTS[name](case)) for name, points in ordered]


def shared_words(case: Case, said: Iterable[tuple[str, str]]) -> list[str]:
    """The first words of the need, as it writes them, that stand in the offering's text in any form."""
    found: dict[str, None] = {}
    for stem, word in said:
        if stem in case.offered.words:
            found[word] = None
            if len(found) == SHOWN:
                break
    return list(found)


def _title(case: Case) -> str:
    words = shared_words(case, spoken(case.asked.title, nouns=case.asked.language == "de"))
    if words:
        return case.w(N_("In title and offering: %(words)s"), words=", ".join(words))
    return case.w(N_("The title resembles the offering's text"))


def _text(case: Case) -> str:
    words = shared_words(case, case.said)
    if words:
        return case.w(N_("In both texts: %(words)s"), words=", ".join(words))
    return case.w(N_("The texts resemble each other"))


def _codes(case: Case) -> str:
    own, theirs = case.asked.codes, codes_of(case.document)
    same = [code for code in own if code in theirs]
    if same:
        code = same[0]
        stated = code in case.document["cpv"]
        said = N_("Same code: %(label)s (%(code)s)") if stated else N_("By its text the same: %(label)s (%(code)s)")
        return case.w(said, label=case.label(code), code=code)
    near = max(theirs, key=lambda code: max((_common(code, other) for other in own), default=0), default="")
    return case.w(N_("Neighbouring code: %(label)s (%(code)s)"), label=case.label(near), code=near)


def _common(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _trades(case: Case) -> str:
    own = case.document["trades"]
    same = [id_ for id_ in case.asked.likely if id_ in own]
    if same:
        names = [trades.name(id_, case.w.language) for id_ in same[:SHOWN]]
        return case.w(N_("Same trade: %(names)s"), names=", ".join(names))
    return case.w(N_("Related trade: %(name)s"), name=trades.name(own[0], case.w.language))


def _distance(case: Case) -> str:
    km = rules.kilometres(case.asked, case.offered) or 0.0
    radius = case.document["radius_km"]
    if radius is not None:
        return case.w(
            N_("%(km)s km to the site, within the service area of %(radius)s km"),
            km=case.w.number(round(km)),
            radius=case.w.number(radius),
        )
    return case.w(N_("%(km)s km to the site"), km=case.w.number(round(km)))


def _certificates(case: Case) -> str:
    day = rules.day_of_work(case.asked, case.today)
    held = [one for one in case.asked.certificates if not rules.lacking(one, case.document, day)]
    lines = []
    for wanted in held:
        until = case.document["certificate_until"][wanted.partition(":")[0]]
        name = proofs.chip(case.w, wanted)
        if until >= FOREVER:
            lines.append(case.w(N_("%(name)s, valid without end"), name=name))
        else:
            lines.append(case.w(N_("%(name)s, valid until %(day)s"), name=name, day=case.day(until)))
    return "; ".join(lines)


def _availability(case: Case) -> str:
    return case.w(N_("Free when the work begins on %(day)s"), day=case.day(case.asked.on_date or case.today))


def _languages(case: Case) -> str:
    spoken = [code for code in case.asked.languages if code in case.document["languages"]]
    return case.w(N_("Languages: %(names)s"), names=labels.languages(case.w, spoken))


def _price(case: Case) -> str:
    d = case.document
    price = labels.price(case.w, d["price_mode"], d["price_cents"], d["currency"], d["unit"])
    return case.w(N_("States a price: %(price)s"), price=price)


_TEXTS: dict[str, Callable[[Case], str]] = {
    "title": _title,
    "text": _text,
    "codes": _codes,
    "trades": _trades,
    "distance": _distance,
    "certificates": _certificates,
    "availability": _availability,
    "languages": _languages,
    "price": _price,
}
_FIELDS = {
    "title": "title",
    "text": "description",
    "codes": "cpv",
    "trades": "trades",
    "distance": "radius_km",
    "certificates": "certificates",
    "availability": "available_on",
    "languages": "languages",
    "price": "price",
}


def missing(case: Case) -> list[Reason]:
    """What the need asks for that the offering does not say, short of what excludes it."""
    found = []
    for wanted in case.asked.certificates:
        if not rules.is_public(wanted):
            text = case.w(
                N_("%(name)s: bound to a person; the firm shows it with its bid"), name=proofs.chip(case.w, wanted)
            )
            found.append(Reason("certificate", "certificates", 0.0, text))
    free = case.document["available_on"]
    if case.asked.on_date and free > case.asked.on_date:
        found.append(Reason("availability", "available_on", 0.0, case.w(N_("Free from %(day)s"), day=case.day(free))))
    unspoken = [code for code in case.asked.languages if code not in case.document["languages"]]
    if unspoken:
        text = case.w(N_("Not stated: %(names)s"), names=labels.languages(case.w, unspoken))
        found.append(Reason("languages", "languages", 0.0, text))
    return found


def fault(case: Case, one: Fault) -> str:
    """Why an offering is excluded, as a sentence."""
    return _FAULTS[one.criterion](case, one)


def _fault_certificate(case: Case, one: Fault) -> str:
    name, values = proofs.chip(case.w, one.detail), one.values
    said = {
        "unknown": N_("%(name)s is not in the firm's wallet"),
        "expired": N_("%(name)s ends on %(until)s, the work begins on %(day)s"),
        "begins": N_("%(name)s is not valid yet on %(day)s"),
        "level": N_("%(name)s is held at a lower level"),
    }[values["why"]]
    until = "" if values["until"] is None else case.day(values["until"])
    return case.w(said, name=name, until=until, day=case.day(values["day"]))


def _fault_area(case: Case, one: Fault) -> str:
    if one.detail == "districts":
        return case.w(N_("The site lies outside the districts served"))
    beyond = max(1, round(one.values["km"] - one.values["radius_km"]))
    return case.w(
        N_("The site lies %(km)s km beyond the service area of %(radius)s km"),
        km=case.w.number(beyond),
        radius=case.w.number(one.values["radius_km"]),
    )


def _fault_permit(case: Case, one: Fault) -> str:
    if one.detail == "code":
        return case.w(N_("The permit does not cover %(codes)s"), codes=", ".join(one.values["codes"]))
    return case.w(
        N_("The permit leaves less than the %(amount)s t wanted this year"), amount=case.w.number(one.values["tonnes"])
    )


def _fault_facility(case: Case, one: Fault) -> str:
    said = {
        "length": N_("The train is %(wanted)s m long, the track usable for %(there)s m"),
        "axle_load": N_("The axle load is %(wanted)s t, the track bears %(there)s t"),
        "mass": N_("The train weighs %(wanted)s t, %(there)s t can be moved"),
    }[one.detail]
    return case.w(said, wanted=case.w.number(one.values["wanted"]), there=case.w.number(one.values["there"]))


_FAULTS: dict[str, Callable[[Case, Fault], str]] = {
    "kind": lambda case, one: case.w(N_("Another kind of offering")),
    "verified": lambda case, one: case.w(N_("The operator has not checked the firm yet")),
    "area": _fault_area,
    "certificate": _fault_certificate,
    "permit": _fault_permit,
    "facility": _fault_facility,
}
