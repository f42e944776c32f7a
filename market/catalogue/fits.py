"""Why a hit fits: what was asked for and is there, and what was asked for and is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from market.catalogue.criteria import Asked
from market.certificates import labels as proofs
from market.i18n import N_, Words
from market.offerings import labels
from market.taxonomy import trades
from market.values import FOREVER, from_day_number
from search.hits import Hit

REASONS = 3


@dataclass(slots=True)
class Reason:
    """One fact why a hit fits, or one that is not known. `part` is the part of its page where it stands."""

    text: str
    fits: bool = True
    part: str = ""


@lru_cache(maxsize=4096)
def day_of(w: Words, number: int, form: str) -> str:
    """A day number in words, remembered: a page of hits names the same days again and again."""
    return w.day(from_day_number(number), form)


class Fits:
    """The facts of one hit held against the question."""

    def __init__(self, w: Words, asked: Asked, hit: Hit) -> None:
        self.w, self.asked, self.hit = w, asked, hit
        self.d: Mapping[str, Any] = hit.document

    def reasons(self) -> list[Reason]:
        c = self.asked.criteria
        found = [*self._matched(), *self._certificates(c.certificates), *self._area(), *self._languages()]
        fitting = [reason for reason in found if reason.fits]
        if (c.q or c.trades) and len(fitting) < REASONS:
            fitting += self._certificates(self._usual())[: REASONS - len(fitting)]
        return [*fitting, *(reason for reason in found if not reason.fits)][:REASONS]

    def _usual(self) -> list[str]:
        """Certificates buyers usually ask for in this trade and the firm holds, beyond those asked for."""
        known = trades.by_id().get(next(iter(self.d["trades"]), ""))
        asked = {code.partition(":")[0] for code in self.asked.criteria.certificates}
        held = self.d.get("certificates", ())
        return [code for code in (known.certificates if known else ()) if code in held and code not in asked]

    def _matched(self) -> list[Reason]:
        if not self.asked.criteria.q:
            return []
        ids = set(self.d["trades"])
        named = next((trade for trade in trades.named(self.asked.criteria.q) if trade.id in ids), None)
        if named is not None:
            return [Reason(self.w(N_("Trade: %(trade)s"), trade=named.names[self.w.language]))]
        if any(name.partition(".")[0] in ("title", "titles") for name in self.hit.matched):
            return [Reason(self.w(N_("Stands in the title")))]
        return [Reason(self.w(N_("Trade: %(trade)s"), trade=name)) for name in self._related()]

    def _related(self) -> list[str]:
        """The trade through which a related word led here."""
        if not {"trade_words", "trade_names"} & set(self.hit.matched):
            return []
        return [trades.name(trade, self.w.language) for trade in self.d["trades"][:1]]

    def _certificates(self, codes: Sequence[str]) -> list[Reason]:
        until: Mapping[str, int] = self.d.get("certificate_until", {})
        reasons = []
        for code in codes:
            chip, ends = proofs.chip(self.w, code), until.get(code.partition(":")[0])
            if self.asked.tab == "needs":
                text = self.w(N_("Asks for %(certificate)s"), certificate=chip)
                reasons.append(Reason(text, part="requirements"))
            elif ends == FOREVER:
                text = self.w(N_("%(certificate)s valid without end"), certificate=chip)
                reasons.append(Reason(text, part="certificates"))
            elif ends:
                month = day_of(self.w, ends, "month")
                text = self.w(N_("%(certificate)s valid until %(month)s"), certificate=chip, month=month)
                reasons.append(Reason(text, part="certificates"))
        return reasons

    def _area(self) -> list[Reason]:
        km = self.hit.distance_km
        if self.asked.criteria.near is None or self.asked.tab != "offerings" or km is None:
            return []
        radius = self.d.get("radius_km")
        if not radius:
            return [Reason(self.w(N_("Service area not stated")), False)]
        if km <= radius:
            return [Reason(self.w(N_("Your site lies in the service area (%(km)s km)"), km=self.w.number(radius)))]
        return [Reason(self.w(N_("Service area ends at %(km)s km"), km=self.w.number(radius)), False)]

    def _languages(self) -> list[Reason]:
        wanted = [code for code in self.asked.criteria.languages if code in self.d["languages"]]
        if not wanted:
            return []
        return [Reason(self.w(N_("Speaks %(languages)s"), languages=labels.languages(self.w, wanted)))]
