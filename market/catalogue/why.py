"""Why a hit stands where it stands: said from its own signals, for whoever opens it."""

from market.catalogue.criteria import Asked
from market.i18n import N_, Words
from search.hits import Hit

FIELDS = {
    "title": N_("title"),
    "titles": N_("title"),
    "summary": N_("short description"),
    "summaries": N_("short description"),
    "keywords": N_("keywords"),
    "organisation": N_("name of the firm"),
    "town": N_("place"),
    "trade_words": N_("everyday words of the trade"),
}
"""Fields in which words of a query are found, the most telling first."""
ORDERS = {
    "distance": N_("Ordered by distance, the nearest first."),
    "available": N_("Ordered by availability, the soonest first."),
    "price": N_("Ordered by price, the lowest first."),
    "newest": N_("Ordered by the last change, the newest first."),
    "deadline": N_("Ordered by deadline, the nearest first."),
}


def order(w: Words, asked: Asked, hit: Hit) -> list[str]:
    """A sentence for each thing that decided, in the order in which they decide."""
    c = asked.criteria
    lines = [w(ORDERS[c.sort])] if c.sort in ORDERS else []
    if c.sort == "distance" and hit.distance_km is not None:
        lines.append(w(N_("%(km)s km from the place you named."), km=w.number(round(hit.distance_km, 1))))
    if not c.q:
        return lines or [w(N_("You named no words, so all entries count the same: the one entered first comes first."))]
    if hit.score is None:
        return [*lines, w(N_("The search is limited at present: words in the title count first."))]
    if hit.named:
        lines.append(w(N_("All your words stand in title, keywords or trade: such entries come first.")))
    fields = list(dict.fromkeys(w(FIELDS[name]) for name in FIELDS if name in hit.matched))
    if fields:
        lines.append(w(N_("Found in: %(fields)s."), fields=", ".join(fields)))
    else:
        lines.append(w(N_("Found by its description and its codes.")))
    if hit.typos:
        said = w.ngettext("%(num)s typing error forgiven.", "%(num)s typing errors forgiven.", hit.typos)
        lines.append(said % {"num": hit.typos})
    lines.append(w(N_("Relevance: %(number)s of 100."), number=round(100 * hit.score)))
    return lines
