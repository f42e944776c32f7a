"""What helps a near miss over the one criterion that excluded it, and who in the region offers that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from market.certificates import labels as proofs
from market.i18n import N_
from market.matching.reasons import Case
from market.matching.rules import Fault
from market.taxonomy import certificates
from market.values import distance_km, from_day_number
from search.client import Client

OFFERS = 3
NAMED = ["title", "titles.de", "titles.en", "titles.pl", "keywords", "trade_names", "summary"]
SHOWN = ["id", "slug", "title", "titles", "lang", "kind", "organisation", "town", "lat", "lng", "facts"]


@dataclass(frozen=True)
class Offer:
    """An offering that helps: a course, an audit. `on` is its next date, where it has dates."""

    ref: str
    slug: str
    title: str
    organisation: str
    place: str
    on: str | None = None


@dataclass(frozen=True)
class Advice:
    """How to get over it, and where."""

    text: str
    offers: Sequence[Offer] = ()


def queries(fault: Fault) -> list[dict[str, Any]]:
    """Where to look for help with a missing certificate: courses first, then whoever names it; nothing for the rest."""
    if fault.criterion != "certificate":
        return []
    type_ = fault.detail.partition(":")[0]
    words = dict.fromkeys([certificates.short_name(type_), *certificates.words(type_)])
    query = {"indexUid": "offerings", "attributesToSearchOn": NAMED, "matchingStrategy": "all", "limit": 5}
    # Meilisearch reads ten words: each name is a query of its own.
    return [
        {**query, "q": word, "filter": [f'kind = "{kind}"', "verified = true"], "attributesToRetrieve": SHOWN}
        for kind in ("training", "service")
        for word in list(words)[:4]
    ]


async def helpers(client: Client, faults: Sequence[Fault]) -> dict[str, list[Mapping[str, Any]]]:
    """Offerings that may help, by the fault's detail, courses first. Raises SearchUnavailable."""
    asked = [
        (fault.detail, query) for fault in {one.detail: one for one in faults}.values() for query in queries(fault)
    ]
    answers = await client.multi_search([query for _, query in asked])
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for (detail, _), answer in zip(asked, answers, strict=True):
        found.setdefault(detail, {}).update({hit["id"]: hit for hit in answer["hits"]})
    return {detail: list(hits.values()) for detail, hits in found.items()}


def advice(case: Case, fault: Fault, found: Sequence[Mapping[str, Any]]) -> Advice:
    w = case.w
    if fault.criterion == "certificate":
        offers = _nearest(case, found)
        name = proofs.chip(w, fault.detail)
        known = certificates.types().get(fault.detail.partition(":")[0])
        if offers:
            return Advice(w(N_("%(name)s can be had or renewed in the region"), name=name), offers)
        if known and known.issuer and w.language == "en":  # the list names issuers in English alone
            return Advice(w(N_("%(name)s is issued by: %(issuer)s"), name=name, issuer=known.issuer))
        return Advice(w(N_("%(name)s: nobody in the region offers it here; the issuing body can help"), name=name))
    return Advice(w(_OTHERS[fault.criterion]))


_OTHERS = {
    "verified": N_("The operator checks firms free of charge; the firm asks for it on its profile"),
    "area": N_("Ask the firm whether it comes to this site; it may widen its service area"),
    "permit": N_("Ask the firm whether its permit is being extended, or split the amount among several"),
    "facility": N_("Divide the train, or ask for another facility"),
    "kind": N_("Ask for this kind of offering"),
}


def _nearest(case: Case, found: Sequence[Mapping[str, Any]]) -> list[Offer]:
    """Courses with a coming date first, the soonest and nearest of them; then the others."""
    today = from_day_number(case.today).isoformat()

    def coming(d: Mapping[str, Any]) -> str:
        return min((day for day in d["facts"].get("sessions", ()) if day >= today), default="")

    def place(d: Mapping[str, Any]) -> tuple[bool, bool, str, float, str]:
        home = case.document
        known = None not in (home.get("lat"), home.get("lng"), d.get("lat"), d.get("lng"))
        km = distance_km(home["lat"], home["lng"], d["lat"], d["lng"]) if known else 9e9
        return d["kind"] != "training", not coming(d), coming(d), km, d["id"]

    language = case.w.language
    return [
        Offer(
            ref=d["id"],
            slug=d["slug"],
            title=(d["titles"] or {}).get(language) or d["title"],
            organisation=d["organisation"],
            place=d["town"],
            on=coming(d) or None,
        )
        for d in sorted(found, key=place)[:OFFERS]
    ]
