"""The record of an award as one PDF: the need, who was asked, the bids, the scores, the decision, names and times."""

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Person
from market.awards import cases, deciding, evaluating, labels, proposing
from market.awards.cases import Case
from market.awards.desk import reading
from market.awards.evaluating import RELEASED
from market.bids import admissions, extensions
from market.bids import labels as bid_labels
from market.bids.models import OpeningRecord
from market.exchange.papers import begun, download, line
from market.i18n import N_
from market.journal import Entry
from market.needs import contents, questions
from market.needs import labels as need_labels
from market.needs.models import Invitation, Need
from market.values import slug
from market.web.colours import GREY
from market.web.endpoint import Call, endpoint

Part = tuple[str, Callable[[Call, Case], Iterator[str]]]


@reading
def record(call: Call, need: Need) -> Response:
    """At any time from the evaluation on: as it stands now, which it says."""
    raw = as_pdf(call, cases.collect(call.session, need))
    return download(raw, "application/pdf", f"award-{slug(need.title) or need.ref}.pdf")


def as_pdf(call: Call, case: Case) -> bytes:
    w = call.words
    pdf = begun(w, case.need, N_("Award record: %(title)s"))
    line(pdf, w(N_("As of %(moment)s, German time"), moment=w.moment(call.now)), 9, colour=GREY)
    for name, tell in PARTS:
        said = list(tell(call, case))
        if said:
            pdf.heading(w(name))
            for one in said:
                line(pdf, one, 10)
    return bytes(pdf.output())


def _need(call: Call, case: Case) -> Iterator[str]:
    w, need = call.words, case.need
    yield f"{need.organisation.name}, {w(need_labels.PROCEDURES[need.procedure])}, {need.ref}"
    yield f"{w(N_('State'))}: {w(need_labels.STAGES[need.stage])}"
    moments = (
        (N_("Published"), need.published_at),
        (N_("Bids until"), need.bids_until),
        (N_("Opened"), need.opened_at),
        (N_("Decided"), need.decided_at),
        (N_("Completed"), need.completed_at),
    )
    for name, moment in moments:
        if moment is not None:
            yield f"{w(name)}: {w.moment(moment)}"
    if need.decision_by:
        yield f"{w(N_('Decision at the latest'))}: {w.day(need.decision_by, 'long')}"
    for one in case.measures:
        yield w(N_("%(title)s: weight %(weight)s of 100"), title=one.title or w(N_("Price")), weight=one.weight)


def _people(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    parts = {"contact": N_("Contact"), "approver": N_("Approves"), "opener": N_("Opens"), "evaluator": N_("Evaluates")}
    for name, roles in contents.roles_of(call.session, case.need).items():
        if roles:
            yield f"{w(parts[name])}: {', '.join(role.person.shown for role in roles)}"
    for one in evaluating.declarations(call.session, case.need):
        said = N_("has an interest, is out") if one.conflict else N_("no interest")
        yield f"{one.name}: {w(said)}{f' ({one.note})' if one.note else ''}, {w.moment(one.at)}"


def _released(call: Call, case: Case) -> Iterator[str]:
    """Evaluators nobody waits for any more, as the journal knows it."""
    w = call.words
    query = select(Entry).where(Entry.subject == "needs", Entry.subject_id == case.need.id, Entry.verb == RELEASED)
    for one in call.session.scalars(query.order_by(Entry.id)):
        who, by = (_named(call, ref) for ref in (str(one.data["person"]), one.actor.removeprefix("person:")))
        said = w(N_("%(name)s no longer evaluates: %(reason)s"), name=who, reason=one.data["reason"])
        yield f"{said} ({by}, {w.moment(one.at)})"


def _named(call: Call, ref: str) -> str:
    person = call.session.scalar(select(Person).where(Person.ref == ref))
    return person.shown if person else ref


def _invited(call: Call, case: Case) -> Iterator[str]:
    query = select(Invitation).where(Invitation.need_id == case.need.id).order_by(Invitation.id)
    for one in call.session.scalars(query):
        yield f"{one.organisation.name}, {call.words.moment(one.at)}"


def _asked(call: Call, case: Case) -> Iterator[str]:
    for number, one in enumerate(questions.of_need(call.session, case.need), start=1):
        answered = f" ({call.words.moment(one.answered_at)}) {one.answer}" if one.answered_at else ""
        yield f"{number}. {one.text}{answered}"


def _extensions(call: Call, case: Case) -> Iterator[str]:
    for one in extensions.of_need(call.session, case.need):
        by = f" ({one.decided_by.shown})" if one.decided_by else ""
        yield f"{extensions.in_words(call.words, one)}{by}"


def _late(call: Call, case: Case) -> Iterator[str]:
    for one in admissions.known(call.session, case.need):
        yield bid_labels.late_in_full(call.words, one)


def _opening(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    found = call.session.scalar(select(OpeningRecord).where(OpeningRecord.need_id == case.need.id))
    if found is not None:
        yield f"{w(N_('First person'))}: {found.first}, {w.moment(found.first_at)}"
        yield f"{w(N_('Second person'))}: {found.second}, {w.moment(found.at)}"


def _bids(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    totals = dict(zip((bid.ref for bid in case.bids), case.grid.totals, strict=True))
    for bid in cases.answered(call.session, case.need):
        late = f", {w(bid_labels.LATE)}" if bid_labels.is_late(bid) else ""
        yield f"{bid.bidder}, {w(N_('received %(moment)s'), moment=w.moment(bid.received_at))}{late}"
        if bid.ref not in case.said:
            yield w(labels.UNREAD[bid.state])
            continue
        said = case.said[bid.ref]
        for party in said.joint.parties if said.joint else ():
            yield f"{party.name}: {party.role}"
        if case.items:
            gaps = totals[bid.ref].gaps
            more = w.ngettext("%(num)s gap, not comparable", "%(num)s gaps, not comparable", gaps) % {"num": gaps}
            number = f", {said.quote_number}" if said.quote_number else ""
            total = labels.price(w, totals[bid.ref].amount)
            yield f"{w(N_('Sum'))}: {total} EUR{f' ({more})' if gaps else ''}{number}"
        for one in case.requirements:
            verdict = case.verdicts.get((bid.ref, one.ref))
            if verdict is not None:
                ruled = verdict.ruling
                found = f" ({ruled.name}, {w.moment(ruled.at)}: {ruled.reason})" if ruled else ""
                yield f"{one.title}: {w(labels.VERDICTS[verdict.state])}{found}"
        yield f"SHA-256 {bid.sha256}"


def _scores(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    done = [one for one in evaluating.evaluators(call.session, case.need) if one.is_done]
    given = [(one.name, evaluating.marks_of(call.session, one.sheet)) for one in done]
    agreed = evaluating.agreed_rows(call.session, case.need)
    for bid in case.to_score:
        for criterion in case.judged:
            key = (bid.id, criterion.id)
            alone = "; ".join(f"{name} {labels.points(w, marks[key])}" for name, marks in given if key in marks)
            yield f"{bid.bidder}, {criterion.title}: {alone}"
            if (row := agreed.get(key)) is not None:
                why = f": {row.reason}" if row.reason else ""
                who = f"{row.name}, {w.moment(row.at)}"
                yield f"{w(N_('Agreed'))}: {labels.points(w, row.points)} ({who}){why}"


def _points(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    names = {bid.ref: bid.bidder for bid in case.bids}
    for lot in case.lots or (None,):
        if lot is not None:
            yield labels.lot(w, lot)
        standings = case.standings(lot.ref if lot else None)
        for one in sorted(standings, key=lambda one: (one.rank is None, one.rank or 0)):
            if one.is_out:
                yield f"{names[one.bid]}: {w(N_('excluded'))}"
            elif one.total is not None:
                points = w(N_("%(points)s of 100 points"), points=labels.points(w, one.total))
                yield f"{one.rank}. {names[one.bid]}: {points}"


def _proposals(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    for one in proposing.all_of(call.session, case.need):
        value = f", {w.money(one.value_cents)}" if one.value_cents else ""
        yield f"{w(labels.FORMS[one.form])}{value}: {w(labels.STATES[one.state])}"
        for share in proposing.shares_of(call.session, one):
            what = labels.lot(w, share.lot) if share.lot else share.item.title if share.item else w(N_("Everything"))
            yield f"{what}: {share.bid.bidder}"
        yield f"{w(N_('Reason'))}: {one.reason}"
        yield f"{w(N_('Proposed by'))}: {one.proposed_by}, {w.moment(one.proposed_at)}"
        if one.decided_at is not None:
            name = N_("Given back by") if one.state == "returned" else N_("Decided by")
            yield f"{w(name)}: {one.decided_by}, {w.moment(one.decided_at)}"
        if one.returned_reason:
            yield w(N_("Given back: %(reason)s"), reason=one.returned_reason)


def _answers(call: Call, case: Case) -> Iterator[str]:
    w = call.words
    decisions = deciding.of_need(call.session, case.need)
    for one in decisions.values():
        told = f", {w.moment(one.told_at)}" if one.told_at else ""
        count = w.ngettext("%(num)s letter", "%(num)s letters", one.letters) % {"num": one.letters}
        yield f"{one.bid.bidder}: {w(labels.ANSWERS[one.outcome])}{told}, {count}"
        yield f"{w(labels.REASONS[one.reason])}{f' {one.note}' if one.note else ''}"


PARTS: Final[tuple[Part, ...]] = (
    (N_("The need"), _need),
    (N_("People and declarations"), _people),
    (N_("Evaluators released"), _released),
    (N_("Invited firms"), _invited),
    (N_("Questions"), _asked),
    (N_("More time for all"), _extensions),
    (N_("Late bids by link"), _late),
    (N_("Opening of the bids"), _opening),
    (N_("Bids"), _bids),
    (N_("Scores"), _scores),
    (N_("Points"), _points),
    (N_("Proposals and decisions"), _proposals),
    (N_("Answers to the bidders"), _answers),
)

routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/award-record.pdf", endpoint(record), name="awards:record", methods=["GET"]),
]
