"""Questions as Meilisearch wants them: the page of hits, and the counts beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from search.criteria import FACETS, SORTS, Criteria, any_of, facets_of, filters
from search.documents import IndexName
from search.hits import MARK, MARKED, UNMARK
from search.indexes import texts
from search.wording import Wording, wording

CARD = [
    *("id", "slug", "title", "lang", "titles", "summary", "summaries", "kinds", "kind", "trades", "languages"),
    *("organisation", "organisation_ref", "organisation_slug", "verified_on", "is_demo", "town", "postcode", "country"),
    *("lat", "lng", "certificates", "certificate_until", "radius_km", "available_on", "employees", "emergency"),
    *("lead_time_days", "price_mode", "price_cents", "currency", "unit", "facts", "direction", "ewc"),
    *("procedure", "stage", "bids_until", "published_on", "execution_from", "execution_until", "quantity", "site"),
    *("offering_count", "is_partner", "district", "updated_on", "answer_minutes", "reached"),
]
"""What a card may show; the server sends each of them twice, so long lists are left out."""


@dataclass(frozen=True)
class Question:
    """Criteria in one index on one day. `circle` are conditions of which one has to hold; `today` is a day number."""

    index: IndexName
    criteria: Criteria
    today: int
    circle: Sequence[str] = ()
    worded: Wording | None = None
    """Another wording than the usual one, for when that found nothing."""
    among: Mapping[str, float] | None = None
    """Reference -> score, best first: only these documents, in this order, whatever their words."""

    @property
    def wording(self) -> Wording:
        c = self.criteria
        return self.worded or wording(c.q, every=bool(c.sort), plain=c.exact)

    def narrowed(self, *conditions: str | list[str]) -> dict[str, Any]:
        """The query without hits or facets, with more conditions."""
        found: list[str | list[str]] = [*filters(self.index, self.criteria, self.today), *conditions]
        if self.circle:
            found.append(list(self.circle))
        if self.among is not None:
            found.append(any_of("id", self.among))
        said = self.wording
        query: dict[str, Any] = {
            "indexUid": self.index,
            "q": said.text if self.among is None else "",
            "filter": found,
            "matchingStrategy": said.strategy,
            "hitsPerPage": 0,
            "attributesToRetrieve": ["id"],
        }
        if self.criteria.exact:
            query["attributesToSearchOn"] = texts(self.index, exact=True)
        return query

    def counting(self, *facets: str) -> dict[str, Any]:
        """Only the number of hits, and of values of some fields."""
        query = self.narrowed()
        return {**query, "facets": list(facets)} if facets else query

    def hits(self, *conditions: str) -> dict[str, Any]:
        """The card's fields of the hits, marked and scored; without paging and order, which the caller adds."""
        query = self.narrowed(*conditions)
        del query["hitsPerPage"]
        query |= {"attributesToRetrieve": CARD, "showRankingScore": True}
        if query["q"]:
            query |= {
                "attributesToHighlight": MARKED,
                "highlightPreTag": MARK,
                "highlightPostTag": UNMARK,
                "showRankingScoreDetails": True,
            }
        return query

    def page(self, *facets: str) -> dict[str, Any]:
        """One page of hits in the order asked for, with facets."""
        c = self.criteria
        query = {**self.hits(), "page": c.page, "hitsPerPage": c.per_page, "facets": list(facets)}
        return {**query, "sort": SORTS[c.sort]} if c.sort in SORTS else query

    def those(self, refs: Sequence[str]) -> list[dict[str, Any]]:
        """Two queries for the cards of some documents: of those with words of the question, marked; and of all."""
        asked = replace(self, among=dict.fromkeys(refs, 0.0))
        said = replace(self, among=None).wording
        every = {**asked.hits(), "limit": len(refs)}
        marks = {"attributesToHighlight": MARKED, "highlightPreTag": MARK, "highlightPostTag": UNMARK}
        return [{**every, **marks, "q": said.text, "showRankingScoreDetails": True}, every]

    def without(self, group: str) -> "Question":
        return replace(self, criteria=self.criteria.without(group), among=None)

    def either(self, first: str, second: str, *, facets: Sequence[str]) -> dict[str, Any]:
        """Values of some fields among what fits one of two groups' choices at least, and everything else."""
        fits = []
        for group in (first, second):
            alone: dict[str, Any] = {group: getattr(self.criteria, group)}
            conditions = filters(self.index, replace(Criteria(), **alone), self.today)
            fits.append(" AND ".join(str(condition) for condition in conditions))
        return {**self.without(first).without(second).narrowed(fits), "facets": list(facets)}

    def chosen(self) -> list[str]:
        """Groups of this index in which something is chosen."""
        return self.criteria.within(self.index).chosen()

    def free_facets(self) -> list[str]:
        """Fields of the groups in which nothing is chosen: they are counted along with the hits."""
        chosen = self.chosen()
        return [FACETS[group] for group in facets_of(self.index) if group not in chosen]
