"""Invitations, bids and decisions by month: what counts when, that it agrees with the firm's lists, and who sees it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.awards.models import Decision
from market.bids.models import Bid
from market.db import Sessions
from market.desk import dealings
from market.desk.figures import YEAR
from market.needs.models import Invitation, Need
from market.notifications.models import Notice
from market.values import local_day, utc_now
from market.viewer import Viewer
from tests import factories as make

Enter = Callable[..., TestClient]
DAY = timedelta(days=1)


def over(session: Session, now: datetime, buyer: Organisation, **fields: object) -> Need:
    """A need whose deadline was yesterday."""
    return make.need(session, now, buyer, **({"stage": "closed", "bids_until": now - DAY} | fields))


def decided(session: Session, now: datetime, bid: Bid, outcome: str, told: bool = True) -> None:
    bid.state, bid.need.stage = "opened", "awarded"
    told_at = now if told else None
    session.add(Decision(need=bid.need, bid=bid, outcome=outcome, reason="best", at=now, told_at=told_at))


def of(session: Session, firm: Organisation, now: datetime, **more: object) -> dealings.Dealings:
    session.flush()
    viewer = Viewer("tester", "person", 1, organisation_id=firm.id, **more)  # type: ignore[arg-type]
    return dealings.of_firm(session, viewer, now - YEAR, now)


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("submitted", True),
        ("needs_confirmation", True),
        ("opened", True),
        ("unreadable", True),
        ("lapsed", True),
        ("void", True),
        ("replaced", False),
        ("withdrawn", False),
    ],
)
def test_a_bid_counts_where_it_stood_when_the_deadline_passed(
    session: Session, now: datetime, state: str, counts: bool
) -> None:
    buyer, firm = make.organisation(session, now, is_partner=True), make.organisation(session, now)
    make.bid(session, now, over(session, now, buyer), organisation=firm, state=state)
    assert of(session, firm, now).bids == [local_day(now - DAY)] * counts


def test_a_bid_does_not_count_before_the_deadline_nor_where_the_need_was_cancelled_before(
    session: Session, now: datetime
) -> None:
    buyer, firm = make.organisation(session, now, is_partner=True), make.organisation(session, now)
    running = make.need(session, now, buyer, bids_until=now + DAY)
    make.bid(session, now, running, organisation=firm)
    early = over(session, now, buyer)
    early.stage, early.cancelled_at = "cancelled", now - 2 * DAY
    make.bid(session, now, early, organisation=firm, state="void")
    make.bid(session, now, over(session, now, buyer, bids_until=now - YEAR - DAY), organisation=firm)
    assert of(session, firm, now).bids == []
    running.stage, running.closed_at = "closed", now  # a list closed it before its day
    assert of(session, firm, now).bids == [local_day(now)]
    assert of(session, firm, now + DAY).bids == [local_day(now)], "by the end that came first"


def test_decisions_count_once_they_are_told_and_a_part_is_won_too(session: Session, now: datetime) -> None:
    buyer, firm = make.organisation(session, now, is_partner=True), make.organisation(session, now)
    for outcome, told in (("won", True), ("partly", True), ("lost", True), ("cancelled", True), ("won", False)):
        decided(session, now, make.bid(session, now, over(session, now, buyer), organisation=firm), outcome, told)
    found = of(session, firm, now)
    assert (len(found.bids), len(found.won), len(found.lost)) == (5, 2, 1)
    other = of(session, make.organisation(session, now), now)
    assert not any((other.invited, other.bids, other.won, other.lost))
    served = of(session, firm, now, behalf_of=firm.ref)
    assert not any((served.bids, served.won, served.lost)), "who acts for a firm does not read its bids either"


def test_an_invitation_counts_from_its_letter_on_while_the_firm_can_look_at_the_need(
    session: Session, now: datetime
) -> None:
    buyer, firm = make.organisation(session, now, is_partner=True), make.organisation(session, now)
    need = make.need(session, now, buyer, visibility="invited")
    invitation = Invitation(need=need, organisation=firm, at=now - 40 * DAY)
    session.add(invitation)
    assert of(session, firm, now).invited == []
    invitation.told_at, invitation.declined_at = now - 40 * DAY, now
    assert of(session, firm, now).invited == [local_day(now - 40 * DAY)]
    need.stage = "draft"
    assert of(session, firm, now).invited == []


def test_the_figures_agree_with_the_lists_of_the_firm(sessions: Sessions, enter: Enter) -> None:
    now = utc_now()
    window = enter("ada@probe.example", "reader")
    stranger = enter("eva@andere.example", "admin", firm="Andere GmbH")
    with sessions.begin() as session:
        firm = session.query(Organisation).filter_by(name="Probe GmbH").one()
        buyer = make.organisation(session, now, is_partner=True, name="Werk Probe SE")
        for outcome in ("won", "partly", "lost", "lost", "lost"):
            need = over(session, now, buyer, title=f"Gerüst {outcome}")
            session.add(Invitation(need=need, organisation=firm, at=now, told_at=now))
            session.add(Notice(organisation_id=firm.id, need=need, created_at=now, stage="preparing", before="new"))
            make.bid(session, now, need, organisation=firm, state="replaced")
            decided(session, now, make.bid(session, now, need, organisation=firm), outcome)
    page = window.get("/me/figures").text
    assert numbers(page, "invitations")[-1] == ["5"]
    assert sum(int(row[0]) for row in numbers(page, "bids")) == 5 == window.get("/me/bids").text.count("Gerüst")
    assert numbers(page, "decisions")[-1] == ["2", "3"]
    for stage, count in (("won", 2), ("lost", 3)):
        assert window.get(f"/me/inbox?stage={stage}").text.count(">Gerüst ") == count
    assert "2 von 5, das sind 40\u00a0%" in page
    empty = stranger.get("/me/figures").text
    assert {tuple(row) for key in ("invitations", "bids") for row in numbers(empty, key)} == {("0",)}
    assert "wurde über kein Gebot von Ihnen entschieden" in empty


def numbers(page: str, key: str) -> list[list[str]]:
    """Rows of the table below a chart, without their months."""
    table = page[page.index(f'id="h-{key}"') :].partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.findall(r'<td class="n">(\d+)</td>', row) for row in table.split("</tr>")[:-1]]
