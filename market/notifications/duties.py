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
from market.needs.models import Need
from market.values import local_day
from market.web.endpoint import Call

SOON: Final = timedelta(days=7)
"""Before the day of a decision from which on it is named."""
UNDECIDED: Final = ("closed", "opened", "evaluation")


def todos(call: Call, organisation: Organisation) -> list[me.Todo]:
    query = select(Need).where(Need.organisation_id == organisation.id, Need.stage.in_(("published", *UNDECIDED)))
    needs = list(call.session.scalars(query.order_by(Need.bids_until, Need.id)))
    ending = [one for one in needs if one.stage == "published" and one.bids_until and _is_soon(call, one)]
    last = local_day(call.now) + SOON
    decisions = [one for one in needs if one.stage in UNDECIDED and one.decision_by and one.decision_by <= last]
    return [*_decisions(call, decisions), *_ending(call, ending)]


def _is_soon(call: Call, need: Need) -> bool:
    return need.bids_until is not None and labels.is_soon(need.bids_until, call.now)


def _decisions(call: Call, needs: Sequence[Need]) -> list[me.Todo]:
    if not needs:
        return []
    first = min(needs, key=lambda need: need.decision_by or local_day(call.now))
    assert first.decision_by is not None
    text = call.words.ngettext("Decision is due", "Decisions are due", len(needs))
    said = call.words(N_("%(title)s: by %(day)s"), title=first.title, day=call.words.day(first.decision_by, "long"))
    return [me.Todo(len(needs), text, said, _page(call, first), me.WAITED_FOR)]


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
