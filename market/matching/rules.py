"""What has to hold before anything counts: a need and an offering, the faults between them. Pure, exact, by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from market.accounts.models import Organisation
from market.accounts.rules import may_see_inside
from market.matching.asked import Asked
from market.movements.plausibility import Track, check, refusals
from market.offerings.area import beyond
from market.offerings.kinds.residual import Permit
from market.taxonomy import certificates
from market.values import FOREVER, distance_km
from market.viewer import Viewer
from search.terms import beginnings


@dataclass(frozen=True)
class Offered:
    """An offering as matching sees it: its public document, and what only the database knows of it."""

    document: Mapping[str, Any]
    permits: Sequence[Permit] = ()
    """Of a recipient of residual materials; one of them has to cover all."""
    gross_mass_t: float | None = None
    """Heaviest train a rail facility moves."""

    @property
    def ref(self) -> str:
        return str(self.document["id"])

    @cached_property
    def words(self) -> set[str]:
        """Beginnings of all the words it says of itself."""
        d = self.document
        parts = [d["title"], *d["titles"].values(), d["summary"], *d["summaries"].values(), *d["keywords"], d["text"]]
        return beginnings(" ".join(parts))


@dataclass(frozen=True)
class Fault:
    """One criterion that does not hold; `values` say by how much, for the words of the reason."""

    criterion: str
    detail: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def faults(asked: Asked, offered: Offered, today: int) -> list[Fault]:
    """All hard criteria that do not hold, in the order of `weights.HARD`."""
    checks = (_kind, _verified, _area, _certificates, _permit, _facility)
    return [fault for check in checks for fault in check(asked, offered, today)]


def _kind(asked: Asked, offered: Offered, today: int) -> Iterator[Fault]:
    if asked.kind and offered.document["kind"] != asked.kind:
        yield Fault("kind")


def _verified(asked: Asked, offered: Offered, today: int) -> Iterator[Fault]:
    if not offered.document["verified_on"]:
        yield Fault("verified")


def kilometres(asked: Asked, offered: Offered) -> float | None:
    """From the firm's base to the site; None where one of them is not known."""
    d = offered.document
    if asked.lat is None or asked.lon is None or d.get("lat") is None or d.get("lng") is None:
        return None
    return distance_km(asked.lat, asked.lon, d["lat"], d["lng"])


def _area(asked: Asked, offered: Offered, today: int) -> Iterator[Fault]:
    d = offered.document
    km = None if d.get("areas") else kilometres(asked, offered)
    why = beyond(d.get("areas") or (), d.get("radius_km"), asked.district, km)
    if why:
        yield Fault("area", why, {"km": km, "radius_km": d["radius_km"]} if why == "radius" else {})


def day_of_work(asked: Asked, today: int) -> int:
    return asked.on_date or today


def is_public(wanted: str) -> bool:
    """Certificates bound to a person are nobody's to look at: the firm shows them with its quotation."""
    return not certificates.is_private(wanted.partition(":")[0])


def _certificates(asked: Asked, offered: Offered, today: int) -> Iterator[Fault]:
    """Unknown is not valid."""
    day = day_of_work(asked, today)
    for wanted in asked.certificates:
        if is_public(wanted) and (why := lacking(wanted, offered.document, day)):
            type_ = wanted.partition(":")[0]
            until = offered.document["certificate_until"].get(type_)
            yield Fault("certificate", wanted, {"why": why, "until": until, "day": day})


def lacking(wanted: str, document: Mapping[str, Any], day: int) -> str:
    """Why a certificate does not hold on a day: `unknown`, `expired`, `begins` or `level`; empty where it does."""
    type_, _, level = wanted.partition(":")
    until = document["certificate_until"].get(type_)
    if until is None:
        return "unknown"
    if until < day:
        return "expired"
    if document["certificate_from"].get(type_, FOREVER) > day:
        return "begins"
    return "level" if level and wanted not in document["certificate_levels"] else ""


def _permit(asked: Asked, offered: Offered, today: int) -> Iterator[Fault]:
    """Who takes material needs a permit for the code and the tonnes; who has material has to have that code."""
    d = offered.document
    if d["kind"] != "residual" or not asked.ewc:
        return
    if d["direction"] != "wanted":
        if not {code.replace(" ", "") for code in asked.ewc} & set(d["ewc"]):
            yield Fault("permit", "code", {"codes": asked.ewc})
        return
    covering = [permit for permit in offered.permits if set(asked.ewc) <= set(permit.codes)]
    if not covering:
        nearest = max(offered.permits, key=lambda one: len(set(asked.ewc) & set(one.codes)), default=None)
        most = set(nearest.codes) if nearest else set()
        yield Fault("permit", "code", {"codes": tuple(code for code in asked.ewc if code not in most)})
    elif asked.tonnes is not None and asked.tonnes > max(permit.tonnes_left for permit in covering):
        yield Fault("permit", "tonnes", {"tonnes": asked.tonnes})


def _facility(asked: Asked, offered: Offered, today: int) -> Iterator[Fault]:
    if offered.document["kind"] != "rail":
        return
    facts = offered.document["facts"]
    track = Track(facts.get("useful_length_m"), facts.get("axle_load_t"), offered.gross_mass_t)
    for finding in refusals(check(asked.train, track)):
        yield Fault("facility", finding.criterion, {"wanted": finding.wanted, "there": finding.limit})


def may_see_matches(viewer: Viewer, organisation: Organisation) -> bool:
    """What fits its needs and its offerings: members and the operator."""
    return may_see_inside(viewer, organisation)
