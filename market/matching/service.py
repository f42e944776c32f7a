"""Matches both ways: the offerings that fit a need, the needs an offering fits; and who misses by one criterion.

The index finds and knows every public fact; the database is asked for what is not public and decides (permits), and
for everything while the search server is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from market.db import Sessions, read_only
from market.deliveries import permits
from market.i18n import words
from market.matching import advice, rules, signals
from market.matching.asked import Asked, with_meaning
from market.matching.looking import LOOKED_AT, certificate_filters, found_by_search, kind_filter, telling_words
from market.matching.plain import plain_candidates
from market.matching.reasons import Case, Reason, fault, missing, reasons
from market.matching.rules import Fault, Offered
from market.matching.signals import Scored, Texts
from market.offerings.kinds.residual import Permit, Residual
from market.offerings.models import Offering
from market.taxonomy.suggest import suggester
from market.values import Language, day_number
from search.client import Client
from search.errors import SearchUnavailable
from search.evidence import Document, Meant, Sought, candidates
from search.terms import frequencies, spoken

T = TypeVar("T")


class Weighed(Protocol):
    @property
    def score(self) -> float: ...


S = TypeVar("S", bound=Weighed)
NEAR = 5
"""Near misses shown."""
NEAR_LEAST, NEAR_SHARE = 0.2, 0.6
"""A near miss is worth a look only where it would stand among the good ones: in points, and beside the best match."""
LEAST = 0.05
"""Matches below this share of points are none."""
PAGE_LEAST, PAGE_SHARE = 0.15, 0.45
"""Points a page shows at least, and beside the best."""
EVERYBODY, EVERY_WORD, EVERY_HIT, EVERY_CODE = 600, 5, 300, 600
"""Candidates compared, telling words, and hits of each and of each query for codes, where nobody who fits may be left
out."""


@dataclass(frozen=True)
class Match:
    """An offering that fits: `document` is its public document."""

    document: Document
    score: float
    reasons: Sequence[Reason]
    missing: Sequence[Reason]

    @property
    def ref(self) -> str:
        return str(self.document["id"])


@dataclass(frozen=True)
class NearMiss:
    """An offering that one criterion excludes."""

    document: Document
    score: float
    criterion: str
    text: str
    advice: advice.Advice

    @property
    def ref(self) -> str:
        return str(self.document["id"])


@dataclass(frozen=True)
class Matches:
    """Best first. `limited`: the database answered instead of the search server."""

    matches: Sequence[Match]
    near: Sequence[NearMiss] = ()
    limited: bool = False


class Matcher:
    """What a process needs to match; `client` is opened by whoever owns it, None where there is no search server."""

    def __init__(self, client: Client | None, sessions: Sessions, today: Callable[[], date]) -> None:
        self.client = client
        self.sessions = sessions
        self.today = today

    async def for_need(self, asked: Asked, language: Language, limit: int = 20) -> Matches:
        """Offerings for a need, with reasons in a language, and near misses."""
        meaning = asyncio.ensure_future(self.read(lambda session: with_meaning(session, asked)))
        today = day_number(self.today())
        found, limited = await self._candidates(asked, meaning, today)
        asked = await meaning
        good, near = await self.read(lambda session: judged(session, asked, found, self.today()))
        helpers = await self._helpers([one for _, _, one in near[:NEAR]]) if not limited else {}
        return await self.read(
            lambda session: told(session, asked, good[:limit], near[:NEAR], helpers, language, today, limited)
        )

    async def all_fitting(self, asked: Asked) -> "tuple[Asked, list[Good]]":
        """The need with its meaning, and every offering that fits, best first. Raises SearchUnavailable: whoever is
        to be told can wait, a shorter answer from the database would leave some out for good."""
        if self.client is None:
            raise SearchUnavailable("there is no search server")
        asked = await self.read(lambda session: with_meaning(session, asked))
        day = self.today()
        today = day_number(day)
        often = await frequencies(self.client, "offerings")
        sought = Sought(telling_words(asked, often, EVERY_WORD), Meant(asked.codes, asked.likely))
        strict = [*kind_filter(asked), *certificate_filters(asked, today)]
        found = await candidates(self.client, "offerings", sought, strict, EVERYBODY, EVERY_HIT, EVERY_CODE)
        return asked, (await self.read(lambda session: judged(session, asked, found, day)))[0]

    async def _candidates(self, asked: Asked, meaning: Awaitable[Asked], today: int) -> tuple[list[Document], bool]:
        if self.client is not None:
            try:
                return await found_by_search(self.client, asked, meaning, today), False
            except SearchUnavailable:
                pass
        whole = await meaning
        return await self.read(lambda session: plain_candidates(session, whole, self.today(), 4 * LOOKED_AT)), True

    async def _helpers(self, faults: Sequence[Fault]) -> Mapping[str, Sequence[Document]]:
        if self.client is None or not faults:
            return {}
        try:
            return await advice.helpers(self.client, faults)
        except SearchUnavailable:
            return {}

    async def read(self, read: Callable[[Session], T]) -> T:
        def run() -> T:
            with read_only(self.sessions) as session:
                return read(session)

        return await run_in_threadpool(run)


def with_private(session: Session, documents: Sequence[Document], today: date) -> list[Offered]:
    """Documents with what only the database knows: permits of recipients, the heaviest train of a facility."""
    refs = [d["id"] for d in documents if d["kind"] in ("residual", "rail")]
    if not refs:
        return [Offered(document) for document in documents]
    known = {offering.ref: offering for offering in session.scalars(select(Offering).where(Offering.ref.in_(refs)))}
    return [_with_private(session, d, known.get(d["id"]), today) for d in documents]


def _with_private(session: Session, document: Document, offering: Offering | None, today: date) -> Offered:
    if offering is None:
        return Offered(document)
    details = offering.details
    if isinstance(details, Residual):
        return Offered(document, permits_of(session, offering, details, today) if details.direction == "wanted" else ())
    return Offered(document, gross_mass_t=getattr(getattr(details, "facility", None), "gross_mass_t", None))


def permits_of(session: Session, offering: Offering, details: Residual, today: date) -> Sequence[Permit]:
    """Permits the firm keeps here, with what they leave this year; without any, what its listing states."""
    if permits.has_rows(session, offering.organisation_id, details.waste_codes()):
        return permits.for_matching(session, offering.organisation_id, today)
    return [details.permit] if details.permit else []


Good = tuple[Offered, Scored]
Near = tuple[Offered, Scored, Fault]


def judged(session: Session, asked: Asked, found: Sequence[Document], today: date) -> tuple[list[Good], list[Near]]:
    """The documents found as `ranked` has them, without those the need excludes."""
    offered = with_private(session, [d for d in found if d["id"] not in asked.exclude], today)
    return ranked(asked, offered, day_number(today))


def ranked(asked: Asked, offered: Sequence[Offered], today: int) -> tuple[list[Good], list[Near]]:
    """Those that fit and those one criterion excludes, best first; equal scores in the order of their references."""
    texts = signals.compared(asked, [one.document for one in offered])
    good: list[Good] = []
    near: list[Near] = []
    for one, said in zip(offered, texts, strict=True):
        found = rules.faults(asked, one, today)
        if len(found) > 1 or any(fault.criterion == "kind" for fault in found) or not _speaks(said):
            continue
        scored = signals.scored(asked, one, said, today)
        if scored.score < LEAST:
            continue
        if found:
            near.append((one, scored, found[0]))
        else:
            good.append((one, scored))
    good.sort(key=lambda pair: (-pair[1].score, pair[0].ref))
    near.sort(key=lambda triple: (-triple[1].score, triple[0].ref))
    enough = max(NEAR_LEAST, NEAR_SHARE * good[0][1].score if good else 0.0)
    return good, [triple for triple in near if triple[1].score >= enough]


def _speaks(texts: Texts) -> bool:
    """Being near and free is no match where nothing of the work itself fits."""
    return texts.title > 0 or texts.text > 0 or texts.codes > 0


def told(
    session: Session,
    asked: Asked,
    good: Sequence[Good],
    near: Sequence[Near],
    helpers: Mapping[str, Sequence[Document]],
    language: Language,
    today: int,
    limited: bool,
) -> Matches:
    """The same with reasons in a language."""
    codes = suggester(session, "cpv")
    said = tuple(spoken(f"{asked.title} {asked.text}", nouns=asked.language == "de"))

    def case(one: Offered) -> Case:
        return Case(words(language), asked, one, today, lambda code: codes.label(code, language), said)

    matches = [
        Match(one.document, scored.score, reasons(case(one), scored), missing(case(one))) for one, scored in good
    ]
    misses = [
        NearMiss(
            one.document,
            scored.score,
            why.criterion,
            fault(case(one), why),
            advice.advice(case(one), why, helpers.get(why.detail, ())),
        )
        for one, scored, why in near
    ]
    return Matches(matches, misses, limited)


def worth_a_look(found: Sequence[S]) -> list[S]:
    """Of a list in its order those not far behind the first; programs get them all."""
    enough = max(PAGE_LEAST, PAGE_SHARE * max((one.score for one in found), default=0.0))
    return [one for one in found if one.score >= enough]


def names_of(session: Session, refs: Sequence[str]) -> dict[str, str]:
    """External id of each offering, its reference where it has none: how programs know it."""
    rows: Any = session.execute(select(Offering.ref, Offering.external_id).where(Offering.ref.in_(refs)))
    return {ref: external_id or ref for ref, external_id in rows}


def refs_of(session: Session, external_ids: Sequence[str]) -> frozenset[str]:
    """References of the offerings that programs know by these ids; references are understood as they are."""
    known = session.scalars(select(Offering.ref).where(Offering.external_id.in_(external_ids)))
    return frozenset([*known, *external_ids])
