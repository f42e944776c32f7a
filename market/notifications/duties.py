"""What a buyer's day brings: deadlines of own needs, and decisions that are due. Approvals and questions (`needs`) and
openings (`bids`) stand there already."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from market.accounts import me
from market.accounts.models import Organisation
from market.i18n import N_
from market.needs import labels
from market.needs.lifecycle import UNDECIDED
from market.needs.models import Need
from market.needs.rules import APPROVERS, BUYERS
from market.web.endpoint import Call

SOON: Final = timedelta(days=7)
"""Before the day of a decision from which on it is named."""


def todos(call: Call, organisation: Organisation) -> list[me.Todo]:
    query = select(Need).where(Need.organisation_id == organisation.id, Need.stage.in_(("published", *UNDECIDED)))
    needs = list(call.session.scalars(query.order_by(Need.bids_until, Need.id)))
    ending = [one for one in needs if one.stage == "published" and one.bids_until and _is_soon(call, one)]
    last = call.today + SOON
    undecided = [one for one in needs if one.stage in UNDECIDED and one.decision_by and one.decision_by <= last]
    if not (organisation.is_partner and call.viewer.acts_for(organisation.id, *BUYERS, *APPROVERS)):
        undecided = []  # somebody else's to decide
    overdue = [one for one in undecided if one.is_overdue(call.today)]
    return [
        *_decisions(call, overdue, overdue=True),
        *_decisions(call, [one for one in undecided if one not in overdue]),
        *_ending(call, ending),
    ]


def _is_soon(call: Call, need: Need) -> bool:
    return need.bids_until is not None and labels.is_soon(need.bids_until, call.now)


def _decisions(call: Call, needs: Sequence[Need], *, overdue: bool = False) -> list[me.Todo]:
    if not needs:
        return []
    w, first = call.words, min(needs, key=lambda need: need.decision_by or call.today)
    assert first.decision_by is not None
    text = w.ngettext("Decision is due", "Decisions are due", len(needs))
    said = w(N_("%(title)s: by %(day)s"), title=first.title, day=w.day(first.decision_by, "long"))
    if overdue:
        text = w.ngettext("Decision is overdue", "Decisions are overdue", len(needs))
        said = f"{said}, {labels.overdue(w, first, call.today)}"
    return [me.Todo(len(needs), text, said, call.link("needs:manage", ref=first.ref), me.WAITED_FOR)]


def _ending(call: Call, needs: Sequence[Need]) -> list[me.Todo]:
    if not needs:
        return []
    first = needs[0]
    assert first.bids_until is not None
    text = call.words.ngettext("Deadline of your need", "Deadlines of your needs", len(needs))
    said = f"{first.title}: {labels.remaining(call.words, first.bids_until, call.now)}"
    return [me.Todo(len(needs), text, said, _page(call, first), me.LATER)]


def _page(call: Call, need: Need) -> str:
    return call.link("needs:show", ref=need.ref, slug=need.slug)


me.TODOS.append(todos)
