"""`/me/inbox`: needs that fit the firm and needs it watches, where it stands with each, and what an answer takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts import me
from market.accounts.me import own
from market.accounts.models import Organisation
from market.certificates import labels as proof_labels
from market.errors import Forbidden, NotFound
from market.i18n import N_
from market.needs import declining, effort, labels
from market.needs import views as needs
from market.needs.effort import Proofs
from market.needs.models import Need
from market.notifications import own_bids, pipeline, rules, service
from market.notifications.forms import PassForm
from market.notifications.models import Notice
from market.values import local_day
from market.web.endpoint import Call, endpoint
from market.web.forms import read, safe_path

MOST: Final = 500
"""Needs an inbox shows, the newest ones."""
GROUPS: Final = ("new", "watching", "preparing", "submitted", "waiting", "won", "lost", "passed")
"""In the order of the page; what is new comes first."""


@dataclass(frozen=True)
class Row:
    """One need as the inbox shows it."""

    notice: Notice
    stage: str
    proofs: Proofs
    is_open: bool
    invited: bool

    @property
    def need(self) -> Need:
        return self.notice.need


def inbox(call: Call) -> Response:
    firm = own(call)
    wanted = call.request.query_params.get("stage", "")
    rows = rows_of(call.session, firm, call.now)
    counts = {stage: sum(row.stage == stage for row in rows) for stage in GROUPS}
    stage = wanted if wanted in GROUPS else next((name for name in GROUPS if counts[name]), "new")
    return call.render(
        "notifications/inbox.html",
        organisation=firm,
        rows=[row for row in rows if row.stage == stage],
        stage=stage,
        counts=counts,
        stages=pipeline.STAGES,
        reasons=declining.REASONS,
        moves=rules.may_move(call.viewer, firm),
        hears=rules.may_hear(firm),
        labels=labels,
        now=call.now,
        missing=lambda proofs: [proof_labels.wanted(call.words, code) for code in proofs.missing],
    )


def rows_of(session: Session, firm: Organisation, now: datetime) -> list[Row]:
    """What is open for the firm, the nearest deadline first; of what is over only what it had taken up."""
    known = rules.known_to(firm).with_only_columns(Need.id)
    query = rules.inbox_of(firm.id).where(Notice.need_id.in_(known)).order_by(Notice.id.desc())
    notices = list(session.scalars(query.limit(MOST)))
    open_ids = rules.open_to(firm).where(Need.id.in_([one.need_id for one in notices])).with_only_columns(Need.id)
    is_open = set(session.scalars(open_ids.order_by(None)))
    bids = own_bids.states(session, firm.id, [one.need_id for one in notices])
    found = effort.proofs(session, firm.id, [one.need for one in notices], local_day(now))
    invited = service.invitations(session, firm.id, [one.need_id for one in notices])
    rows = []
    for notice, proofs in zip(notices, found, strict=True):
        stage = pipeline.stage_of(notice.stage, bids.get(notice.need_id), notice.need.stage)
        ahead = notice.need_id in is_open and (notice.need.bids_until is None or notice.need.bids_until > now)
        if ahead or stage not in ("new", "passed"):
            rows.append(Row(notice, stage, proofs, ahead, notice.need_id in invited))
    return sorted(
        rows, key=lambda row: (not row.is_open, row.need.bids_until or datetime.max.replace(tzinfo=now.tzinfo))
    )


def move(call: Call, ref: str) -> Response:
    """Watch, prepare, pass with a reason, or take that back."""
    firm = own(call)
    notice = call.session.scalar(rules.inbox_of(firm.id).where(Notice.ref == ref))
    if notice is None:
        raise NotFound(f"no notice {ref}")
    _refuse(call, firm)
    wanted = str(call.form.get("stage", ""))
    filled = read(call.form, PassForm, call.words)
    if wanted == "passed" and filled.data is None:
        return RedirectResponse(call.link("inbox", {"stage": notice.stage}) + f"#pass-{notice.ref}", 303)
    here = notice.stage
    service.move(call.session, call.viewer, notice, wanted, filled.data.reason if filled.data else "", call.now)
    back = safe_path(str(call.form.get("back", "")))
    return RedirectResponse(back or call.link("inbox", {"stage": here, "moved": notice.ref}), 303)


def _refuse(call: Call, firm: Organisation) -> None:
    if not rules.may_move(call.viewer, firm):
        raise Forbidden("readers look on")


def of_need_page(call: Call, need: Need) -> dict[str, Any]:
    """For the page of a need: where the firm stands with it, or for its buyer why firms have passed it."""
    viewer = call.viewer
    mine: dict[str, Any] = {"standing": None, "passed": {}}
    if viewer.organisation_id == need.organisation_id:
        return mine | {
            "passed": {declining.REASONS[code]: n for code, n in service.why_passed(call.session, need.id).items()}
        }
    if viewer.organisation_id is None:
        return mine
    firm = call.session.get_one(Organisation, viewer.organisation_id)
    notice = call.session.scalar(select(Notice).where(Notice.organisation_id == firm.id, Notice.need_id == need.id))
    (proofs,) = effort.proofs(call.session, firm.id, [need], call.today)
    bid = own_bids.states(call.session, firm.id, [need.id]).get(need.id)
    stage = pipeline.stage_of(notice.stage if notice else "new", bid, need.stage)
    standing = {
        "stage": stage if notice or bid else "",
        "said": pipeline.STAGES[stage],
        "proofs": proofs.text(call.words),
    }
    return mine | {"standing": standing}


def on_watch(call: Call, need: Need, begins: bool) -> None:
    service.watched(call.session, call.viewer, need, begins, call.now)


def todos(call: Call, firm: Organisation) -> list[me.Todo]:
    """New needs that fit, and deadlines of those the firm has taken up."""
    rows = [row for row in rows_of(call.session, firm, call.now) if row.is_open]
    return [*_new(call, [row for row in rows if row.stage == "new"]), *_ending(call, rows)]


def _new(call: Call, rows: Sequence[Row]) -> list[me.Todo]:
    if not rows:
        return []
    text = call.words.ngettext("New need in your inbox", "New needs in your inbox", len(rows))
    until = next((row.need.bids_until for row in rows if row.need.bids_until), None)
    more = call.words(N_("Next deadline: %(day)s"), day=call.words.day(until, "long")) if until else ""
    return [me.Todo(len(rows), text, more, call.link("inbox", {"stage": "new"}), me.SOON)]


def _ending(call: Call, rows: Sequence[Row]) -> list[me.Todo]:
    taken = [row for row in rows if row.stage in ("watching", "preparing") and row.need.bids_until]
    soon = [row for row in taken if row.need.bids_until and labels.is_soon(row.need.bids_until, call.now)]
    if not soon:
        return []
    first = soon[0].need
    text = call.words.ngettext("Deadline of a need you follow", "Deadlines of needs you follow", len(soon))
    assert first.bids_until is not None
    left = labels.remaining(call.words, first.bids_until, call.now)
    title, _ = call.words.in_language(first.text_in("title"), first.lang)
    return [me.Todo(len(soon), text, f"{title}: {left}", call.link("inbox", {"stage": soon[0].stage}), me.RUNS_OUT)]


me.TODOS.append(todos)
declining.ON_DECLINE.append(service.declined)
needs.PARTS.append(of_need_page)
needs.ON_WATCH.append(on_watch)

routes: list[BaseRoute] = [
    Route("/me/inbox", endpoint(inbox), name="inbox", methods=["GET"]),
    Route("/me/inbox/{ref}", endpoint(move), name="inbox:move", methods=["POST"]),
]
