"""The other way round: the open needs an offering fits, by the same rules, signals and weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session, lazyload, load_only

from market.i18n import words
from market.matching import rules, signals
from market.matching.asked import FURTHER, SUGGESTED, Asked, of_need
from market.matching.looking import LOOKED_AT, WORDS
from market.matching.reasons import Case, Label, Reason, missing, reasons
from market.matching.rules import Fault, Offered
from market.matching.service import LEAST, Matcher, with_private
from market.matching.signals import Scored, Texts, full
from market.needs.documents import need_document, need_documents
from market.needs.models import Need
from market.needs.rules import visible
from market.offerings.documents import offering_documents
from market.taxonomy.suggest import suggester
from market.values import Language, day_number
from market.viewer import ANONYMOUS, Viewer
from search.client import Client
from search.criteria import any_of
from search.errors import SearchUnavailable
from search.evidence import Document, Meant, Sought, candidates
from search.rerank import relevances
from search.terms import frequencies, spoken, terms
from search.thorough import codes_of, nearness, text_of

COMPARED = (
    *(Need.ref, Need.title, Need.summary, Need.description, Need.lang, Need.kind, Need.cpv, Need.ewc, Need.trades),
    *(Need.lat, Need.lon, Need.district, Need.execution_from, Need.certificates, Need.languages),
    *(Need.quantity, Need.unit),
)
"""All that is compared of a need: to load some sixty of them whole takes as long as to compare them."""


@dataclass(frozen=True)
class Wanted:
    """A need the offering fits; `lacks` names the one criterion short of it, empty where it fits whole."""

    document: Document
    score: float
    reasons: Sequence[Reason]
    missing: Sequence[Reason]
    lacks: Fault | None = None

    @property
    def ref(self) -> str:
        return str(self.document["id"])


async def for_offering(
    matcher: Matcher, offering_id: int, language: Language, limit: int = 20, viewer: Viewer = ANONYMOUS
) -> list[Wanted]:
    """Open needs, those it fits best first, then those one criterion keeps it from; none for one that is not public.
    With a `viewer` also those that are not for everybody but for this one: only the database knows them."""
    today = matcher.today()
    offered = await matcher.read(lambda session: _offered(session, offering_id, matcher))
    if offered is None:
        return []
    documents = None
    if matcher.client is not None:
        try:
            documents = await _by_search(matcher.client, offered)
        except SearchUnavailable:
            documents = None
    found = documents

    def judge(session: Session) -> list[Wanted]:
        known = found if found is not None else _in_database(session, offered, matcher)
        known = [*known, *_for_some(session, offered, viewer)]
        return judged(session, offered, known, language, day_number(today), limit, viewer)

    return await matcher.read(judge)


def _offered(session: Session, offering_id: int, matcher: Matcher) -> Offered | None:
    document = next((one for _, one in offering_documents(session, [offering_id], matcher.today())), None)
    return with_private(session, [document], matcher.today())[0] if document is not None else None


async def _by_search(client: Client, offered: Offered) -> list[Document]:
    d = offered.document
    often = await frequencies(client, "needs")
    trades = {id_: 1.0 if place == 0 else FURTHER for place, id_ in enumerate(d["trades"])}
    sought = Sought(terms(d["title"], f"{d['summary']} {d['text']}", often, WORDS), Meant(codes_of(d), trades))
    return await candidates(client, "needs", sought, [[any_of("kind", [d["kind"]]), "kind IS EMPTY"]], LOOKED_AT)


def _in_database(session: Session, offered: Offered, matcher: Matcher) -> list[Document]:
    kind = offered.document["kind"]
    query = visible().where((Need.kind == kind) | Need.kind.is_(None)).limit(LOOKED_AT)
    ids = [need.id for need in session.scalars(query)]
    return [one for _, one in need_documents(session, ids, matcher.today()) if one is not None]


def _for_some(session: Session, offered: Offered, viewer: Viewer) -> list[Document]:
    """Open needs that have no public document and are not kept from this viewer."""
    if viewer.organisation_id is None:
        return []
    fits = (Need.kind == offered.document["kind"]) | Need.kind.is_(None)
    query = visible(viewer).where(fits, Need.visibility != "public", Need.organisation_id != viewer.organisation_id)
    return [dict(need_document(session, need)) for need in session.scalars(query)]


Judged = tuple[Document, Asked, Scored, Fault | None]


def judged(
    session: Session,
    offered: Offered,
    documents: Sequence[Document],
    language: Language,
    today: int,
    limit: int,
    viewer: Viewer = ANONYMOUS,
) -> list[Wanted]:
    """Needs that are open now, with score and reasons; the whole need is asked of the database."""
    # Without their usual order, for which the database would go through all there are.
    query = visible(viewer).where(Need.ref.in_([d["id"] for d in documents])).order_by(None)
    query = query.options(load_only(*COMPARED, raiseload=True), lazyload(Need.organisation))
    needs = {need.ref: need for need in session.scalars(query)}
    open_ = [d for d in documents if d["id"] in needs]
    found: list[Judged] = []
    for document, said in zip(open_, compared(offered.document, open_), strict=True):
        asked = asked_of(needs[document["id"]], document)
        faults = rules.faults(asked, offered, today)
        scored = signals.scored(asked, offered, said, today)
        if len(faults) > 1 or scored.score < LEAST or not (said.title or said.text or said.codes):
            continue
        found.append((document, asked, scored, faults[0] if faults else None))
    found.sort(key=lambda one: (one[3] is not None, -one[2].score, str(one[0]["id"])))
    label = suggester(session, "cpv").label
    # Reasons cost more than the comparison: only what is shown gets them.
    return [_wanted(one, offered, language, today, lambda code: label(code, language)) for one in found[:limit]]


def _wanted(one: Judged, offered: Offered, language: Language, today: int, label: Label) -> Wanted:
    document, asked, scored, lacks = one
    said = spoken(f"{asked.title} {asked.text}", nouns=asked.language == "de")
    case = Case(words(language), asked, offered, today, label, said)
    return Wanted(document, scored.score, reasons(case, scored), missing(case), lacks)


def asked_of(need: Need, document: Mapping[str, object]) -> Asked:
    """A need with the codes its document carries."""
    codes = {code: weight * (1 if code in need.cpv else SUGGESTED) for code, weight in codes_of(document).items()}
    likely = {id_: 1.0 if place == 0 else FURTHER for place, id_ in enumerate(need.trades)}
    return replace(of_need(need), codes=codes, likely=likely)


def compared(offering: Document, needs: Sequence[Document]) -> list[Texts]:
    """As `signals.compared`, asked from the offering's side."""
    texts = [text_of(need) for need in needs]
    said = f"{offering['title']} {offering['summary']} {offering['text']}"
    title, whole = relevances([offering["title"], said], texts)
    near = nearness(codes_of(offering), [codes_of(need) for need in needs])
    return [Texts(full(a), full(b), min(1.0, c)) for a, b, c in zip(title, whole, near, strict=True)]
