"""From the draft to the market and back: four eyes, reasons, copies."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from market.errors import Conflict
from market.needs import contents, copies, moments, release, rules, service
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Lot
from market.values import local_day
from tests.needs.conftest import Buyer

Draft = Callable[..., Need]


def tasks(session: Session, need: Need, now: datetime) -> set[str]:
    return {fault.task for fault in service.faults(session, need, now)}


def test_a_whole_draft_lacks_nothing_and_an_empty_one_names_every_task(
    session: Session, now: datetime, buyer: Buyer, draft: Draft
) -> None:
    assert tasks(session, draft(), now) == set()
    bare = service.create(session, buyer.viewers["bea"], buyer.firm, now, title="", procedure="tender")
    session.flush()
    assert tasks(session, bare, now) == {"basics", "place", "items", "criteria", "periods", "people"}


def test_what_is_not_right_is_told_at_its_task(session: Session, now: datetime, buyer: Buyer, draft: Draft) -> None:
    bea, need = buyer.viewers["bea"], draft()
    contents.write(session, bea, need, Criterion, [{"title": "Preis", "weight": 99}], now)
    assert tasks(session, need, now) == {"criteria"}
    contents.write(session, bea, need, Criterion, [{"title": "Preis", "weight": 100}], now)
    contents.write(session, bea, need, Lot, [{"title": "Leer"}], now)
    assert tasks(session, need, now) == {"items"}
    contents.write(session, bea, need, Lot, [], now)
    contents.set_roles(session, bea, need, {"opener": [buyer.people["olga"].id, buyer.people["otto"].id]}, now)
    assert tasks(session, need, now) == {"people"}
    need.procedure = "quotation"
    assert tasks(session, need, now) == set()
    need.bids_until, need.decision_by = now, local_day(now)
    assert tasks(session, need, now) == {"periods"}


@pytest.mark.parametrize(
    ("procedure", "euros", "second"),
    [
        ("tender", None, True),
        ("tender", 24_999.99, False),
        ("tender", 25_000, True),
        ("quotation", None, True),
        ("quotation", 100, False),
        ("information", None, False),
        ("information", 1_000_000, False),
    ],
)
def test_from_the_threshold_on_and_where_no_value_is_stated_a_second_person_approves(
    session: Session, draft: Draft, procedure: str, euros: float | None, second: bool
) -> None:
    cents = None if euros is None else round(euros * 100)
    assert release.needs_approval(session, draft(procedure=procedure, estimate_cents=cents)) is second


def test_an_organisation_sets_its_own_threshold(session: Session, now: datetime, buyer: Buyer, draft: Draft) -> None:
    need = draft(estimate_cents=30_000_00)
    assert release.needs_approval(session, need)
    release.set_threshold(session, buyer.viewers["adam"], buyer.firm, 50_000_00, now)
    assert not release.needs_approval(session, need)


def test_a_small_need_is_published_at_once_and_a_large_one_never_without_approval(
    session: Session, now: datetime, buyer: Buyer, draft: Draft
) -> None:
    bea, small, large = buyer.viewers["bea"], draft(estimate_cents=1), draft()
    release.publish(session, bea, small, now)
    assert small.stage == "published"
    with pytest.raises(Conflict):
        release.publish(session, bea, large, now)
    assert release.submit(session, bea, large, now) == [buyer.people["ada"]]
    with pytest.raises(Conflict):
        release.publish(session, bea, large, now)
    assert rules.may_approve(buyer.viewers["ada"], large)
    release.approve(session, buyer.viewers["ada"], large, now)
    assert (large.stage, large.approved_by_id) == ("published", buyer.people["ada"].id)


def test_nobody_approves_what_they_handed_in(session: Session, now: datetime, buyer: Buyer, draft: Draft) -> None:
    need, adam = draft(), buyer.viewers["adam"]
    release.submit(session, adam, need, now)
    assert not rules.may_approve(adam, need)
    assert not rules.may_approve(buyer.viewers["bea"], need)
    assert rules.may_approve(buyer.viewers["ada"], need)
    alone = draft()
    contents.set_roles(session, adam, alone, {"approver": [buyer.people["adam"].id]}, now)
    with pytest.raises(Conflict):
        release.submit(session, adam, alone, now)
    assert alone.stage == "draft"


def test_a_refusal_goes_back_with_its_reason_and_the_next_try_forgets_it(
    session: Session, now: datetime, buyer: Buyer, draft: Draft
) -> None:
    need = draft()
    release.submit(session, buyer.viewers["bea"], need, now)
    release.refuse(session, buyer.viewers["ada"], need, "Der Preis zählt zu viel.", now)
    assert (need.stage, need.refused_reason, need.submitted_by_id) == ("draft", "Der Preis zählt zu viel.", None)
    release.submit(session, buyer.viewers["bea"], need, now)
    assert need.refused_reason == ""


def test_a_draft_that_has_become_late_is_not_approved(
    session: Session, now: datetime, buyer: Buyer, draft: Draft
) -> None:
    need = draft()
    release.submit(session, buyer.viewers["bea"], need, now)
    assert need.bids_until is not None
    with pytest.raises(Conflict):
        release.approve(session, buyer.viewers["ada"], need, need.bids_until)
    assert need.stage == "approval"


def test_a_cancelled_need_keeps_its_reason(session: Session, now: datetime, buyer: Buyer, draft: Draft) -> None:
    need = draft(estimate_cents=1)
    release.publish(session, buyer.viewers["bea"], need, now)
    release.cancel(session, buyer.viewers["bea"], need, "Das Vorhaben entfällt.", now)
    assert (need.stage, need.cancelled_reason, need.cancelled_at) == ("cancelled", "Das Vorhaben entfällt.", now)
    assert need.is_shown


def test_a_copy_has_everything_but_the_past_and_its_dates_are_later_by_whole_weeks(
    session: Session, now: datetime, buyer: Buyer, draft: Draft
) -> None:
    bea, need = buyer.viewers["bea"], draft()
    lots = contents.write(session, bea, need, Lot, [{"title": "Süd"}], now)
    rows = [{"title": "Rohr", "quantity": 3.0, "unit": "MTR", "lot": lots[0]}]
    contents.write(session, bea, need, Item, rows, now)
    later = now + timedelta(days=150)
    made = copies.copy(session, bea, need, later)
    assert (made.stage, made.title, made.published_at, made.is_template) == ("draft", need.title, None, False)
    assert made.ref != need.ref
    assert [(item.title, item.lot and item.lot.title) for item in contents.items_of(session, made)] == [("Rohr", "Süd")]
    assert {lot.need_id for lot in contents.lots_of(session, made)} == {made.id}
    assert [c.weight for c in contents.criteria_of(session, made)] == [60, 40]
    assert len(contents.roles_of(session, made)["opener"]) == 3
    assert made.bids_until is not None
    assert need.bids_until is not None
    old, new = moments.as_day_and_time(need.bids_until), moments.as_day_and_time(made.bids_until)
    assert old[1] == new[1]
    assert (local_day(made.bids_until) - local_day(need.bids_until)).days == 154
    assert tasks(session, made, later) == set()


def test_a_template_is_never_published(session: Session, now: datetime, buyer: Buyer, draft: Draft) -> None:
    made = copies.copy(session, buyer.viewers["bea"], draft(estimate_cents=1), now, template=True)
    with pytest.raises(Conflict):
        release.publish(session, buyer.viewers["bea"], made, now)
    assert copies.copy(session, buyer.viewers["bea"], made, now).is_template is False
