"""A need is out: which firms hear of it, each once, whatever happens in between.

What is found is written firm by firm into inboxes, together with what their people are to be told; a firm that is in
there already is left alone, so whoever is killed in the middle simply begins again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.matching.asked import of_need
from market.matching.demand import Wanted, for_offering
from market.matching.service import Good, Matcher, told
from market.matching.weights import TOLD
from market.needs.models import Need
from market.needs.rules import visible
from market.notifications import rules, times
from market.notifications.models import Alert, Notice, Wish
from market.offerings.models import Offering
from market.values import DEFAULT_LANGUAGE, LANGUAGES, day_number
from market.viewer import OPERATOR

REASONS = 4
"""Reasons kept, those that count most."""
FIRMS = 20
"""Firms a transaction: others write in between."""
OPEN_NEEDS = 60
"""Open needs a new offering is compared with."""


@dataclass(frozen=True)
class Fit:
    """Why a firm's best offering fits a need, in every language."""

    offering_id: int
    organisation_id: int
    score: float
    reasons: dict[str, list[str]]


async def firms_for(matcher: Matcher, need_id: int) -> list[Fit]:
    """Every firm that fits an open need well enough, by its best offering, best first. Raises SearchUnavailable."""
    open_to_some = visible(OPERATOR).where(Need.id == need_id)  # who of those that fit may see it, `tell` asks of each
    need = await matcher.read(lambda session: session.scalar(open_to_some))
    if need is None:
        return []
    asked, good = await matcher.all_fitting(of_need(need))
    enough = [one for one in good if one[1].score >= TOLD]

    def explain(session: Session) -> list[Fit]:
        owners = owners_of(session, [offered.ref for offered, _ in enough])
        best: dict[int, Good] = {}
        for one in enough:
            owner = owners.get(one[0].ref)
            if owner is not None and owner[1] != need.organisation_id:
                best.setdefault(owner[1], one)
        chosen = list(best.values())
        today = day_number(matcher.today())
        said: dict[str, list[list[str]]] = {}
        for language in LANGUAGES:
            matches = told(session, asked, chosen, [], {}, language, today, False).matches
            said[language] = [[reason.text for reason in match.reasons[:REASONS]] for match in matches]
        return [
            Fit(*owners[offered.ref], scored.score, {language: said[language][place] for language in LANGUAGES})
            for place, (offered, scored) in enumerate(chosen)
        ]

    return await matcher.read(explain)


def owners_of(session: Session, refs: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Offering -> its id and its firm's, also of those that are listed without a name."""
    query = select(Offering.ref, Offering.id, Offering.organisation_id).where(Offering.ref.in_(refs))
    return {row.ref: (row.id, row.organisation_id) for row in session.execute(query)}


def batches(fits: Sequence[Fit]) -> Iterator[list[Fit]]:
    rest = iter(fits)
    while batch := list(islice(rest, FIRMS)):
        yield batch


def tell(session: Session, need_id: int, fits: Sequence[Fit], now: datetime) -> int:
    """Into the inboxes of firms that have not got it yet, and onto the list of what their people are told.

    The need and the firms are looked at again: both may have changed since they were found.
    """
    firms = {one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(_firms(fits))))}
    have = set(
        session.scalars(
            select(Notice.organisation_id).where(Notice.need_id == need_id, Notice.organisation_id.in_(firms))
        )
    )
    made = 0
    for fit in fits:
        firm = firms.get(fit.organisation_id)
        if firm is None or firm.id in have or not may_hear_of(session, firm, need_id):
            continue
        notice = enter(session, firm.id, need_id, fit, now)
        _promise(session, notice, now)
        made += 1
    return made


def _firms(fits: Sequence[Fit]) -> list[int]:
    return [fit.organisation_id for fit in fits]


def may_hear_of(session: Session, firm: Organisation, need_id: int) -> bool:
    open_ = rules.open_to(firm).where(Need.id == need_id).with_only_columns(Need.id).order_by(None)
    return rules.may_hear(firm) and session.scalar(open_) is not None


def enter(session: Session, organisation_id: int, need_id: int, fit: Fit, now: datetime) -> Notice:
    notice = Notice(
        organisation_id=organisation_id,
        need_id=need_id,
        offering_id=fit.offering_id,
        score=fit.score,
        reasons=fit.reasons,
        created_at=now,
    )
    session.add(notice)
    return notice


def _promise(session: Session, notice: Notice, now: datetime) -> None:
    """An alert for everybody of the firm who wants letters, due as each has chosen."""
    session.flush()
    listening = [person.id for person in rules.listeners(session, notice.organisation)]
    wishes = {wish.person_id: wish for wish in session.scalars(select(Wish).where(Wish.person_id.in_(listening)))}
    for person_id in listening:
        wish = wishes.get(person_id)
        due = times.due(wish.frequency if wish else "instant", now)
        if due is not None:
            session.add(Alert(person_id=person_id, notice_id=notice.id, created_at=now, due_at=due))


async def needs_for(matcher: Matcher, offering_id: int) -> list[tuple[str, Fit]]:
    """References of open needs a new or changed offering fits well enough, with the reasons."""
    ids = await matcher.read(
        lambda session: session.execute(
            select(Offering.id, Offering.organisation_id).where(Offering.id == offering_id)
        ).one_or_none()
    )
    if ids is None:
        return []
    firm = rules.as_member(ids[1])
    said = {language: await for_offering(matcher, offering_id, language, OPEN_NEEDS, firm) for language in LANGUAGES}
    reasons = {language: {one.ref: _texts(one) for one in found} for language, found in said.items()}
    return [
        (one.ref, Fit(ids[0], ids[1], one.score, {language: reasons[language].get(one.ref, []) for language in said}))
        for one in said[DEFAULT_LANGUAGE]
        if one.lacks is None and one.score >= TOLD
    ]


def _texts(one: Wanted) -> list[str]:
    return [reason.text for reason in one.reasons[:REASONS]]


def fill(session: Session, found: Sequence[tuple[str, Fit]], now: datetime) -> int:
    """Open needs into the inbox of the firm whose offering is new; no letter: it has just been here itself."""
    made = 0
    known_needs = session.execute(select(Need.ref, Need.id).where(Need.ref.in_([ref for ref, _ in found])))
    ids = {row.ref: row.id for row in known_needs}
    for ref, fit in found:
        firm = session.get(Organisation, fit.organisation_id)
        known = select(Notice.id).where(Notice.organisation_id == fit.organisation_id, Notice.need_id == ids[ref])
        if firm is None or session.scalar(known) is not None or not may_hear_of(session, firm, ids[ref]):
            continue
        enter(session, firm.id, ids[ref], fit, now)
        made += 1
    return made
