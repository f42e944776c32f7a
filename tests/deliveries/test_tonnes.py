"""Permits and tonnage: sums are exact, nothing is ever overdrawn, every refusal names the figure and the limit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.db import Sessions
from market.deliveries import permits, service
from market.deliveries.models import Delivery, Permit
from market.deliveries.refusals import Refusal
from market.deliveries.tonnes import TONNE, Amount, kilograms, months, stream_of, years
from market.errors import Conflict
from market.i18n import words
from market.matching.service import with_private
from market.offerings.documents import offering_documents
from tests import factories as make
from tests.deliveries.conftest import GYPSUM, monthly, once, permit, stream

DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))


@given(DAYS, DAYS, st.integers(1, 10**9))
def test_years_of_a_monthly_delivery_are_the_sum_of_its_months(one: date, other: date, kg: int) -> None:
    amount = Amount(kg, "month", min(one, other), max(one, other))
    count = (amount.ends_on.year - amount.starts_on.year) * 12 + amount.ends_on.month - amount.starts_on.month + 1
    assert len(list(months(amount.starts_on, amount.ends_on))) == count
    assert sum(amount.by_year().values()) == count * kg
    assert set(amount.by_year()) == set(range(amount.starts_on.year, amount.ends_on.year + 1))


@given(st.integers(1, 1_999_999_000))
def test_tonnes_are_read_as_they_are_written(kg: int) -> None:
    exact = f"{kg // TONNE},{kg % TONNE:03}"
    assert kilograms(exact) == kg
    assert kilograms(f" {exact} t") == kg


@pytest.mark.parametrize("text", ["1.200", "-3", "viel", "1,2345", "1e3", "", "99999999", "1.2.3", "0x10", "3000000"])
def test_what_is_no_tonnage_is_asked_for_again(text: str) -> None:
    with pytest.raises(ValueError, match="Write tonnes"):
        kilograms(text)


def test_streams_are_counted_over_what_they_are_stated_for() -> None:
    assert stream_of(50, "TNE", "month") == (50_000, "month")
    assert stream_of(3, "TNE", "week") == (13_000, "month")
    assert stream_of(800, "KGM", "once") == (800, "once")
    assert stream_of(5, "MTQ", "month") is None


def refused(text: str, refusal: pytest.ExceptionInfo[Refusal]) -> None:
    assert refusal.value.said(words("en")) == text
    assert refusal.value.said(words("de")) != text


def test_a_permit_counts_down_by_what_is_agreed_and_delivered(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    held, offering = permit(session, now, firm, 400), stream(session, now)
    first = service.propose(session, make.TESTER, offering, firm, monthly(24), now)
    assert service.left(session, held, 2027) == 400_000  # proposed holds nothing
    service.agree(session, make.TESTER, first, now)
    assert service.left(session, held, 2027) == 112_000
    with pytest.raises(Refusal) as refusal:
        service.propose(session, make.TESTER, offering, firm, monthly(14), now)
    refused("Permit BI-7 leaves 112 t for 2027; this delivery needs 168 t.", refusal)
    service.deliver(session, make.TESTER, first, now)
    assert service.left(session, held, 2027) == 112_000
    assert service.left(session, held, 2028) == 400_000


def test_cancelling_frees_what_has_not_begun(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    held, offering = permit(session, now, firm, 600), stream(session, now)
    running = service.propose(session, make.TESTER, offering, firm, monthly(10, date(2026, 10, 1)), now)
    coming = service.propose(session, make.TESTER, offering, firm, monthly(20), now)
    for one in (running, coming):
        service.agree(session, make.TESTER, one, now)
        service.cancel(session, make.TESTER, one, "Anlage steht", now, by_holder=True)
    assert service.left(session, held, 2026) == 580_000  # October and November had begun
    assert service.left(session, held, 2027) == 600_000
    with pytest.raises(Conflict):
        service.agree(session, make.TESTER, running, now)


@pytest.mark.parametrize(
    ("held", "amount", "sentence"),
    [
        ({"codes": ("10 01 05",)}, monthly(1), "No checked permit covers 06 03 14. Covered are: 10 01 05."),
        (
            {"valid_until": date(2027, 6, 30)},
            monthly(1),
            "Permit BI-7 holds until 30 June 2027; the delivery runs until 31 December 2027.",
        ),
        (
            {"valid_from": date(2027, 6, 1)},
            monthly(1),
            "Permit BI-7 holds from 1 June 2027; the delivery begins on 1 January 2027.",
        ),
        ({"kg_elsewhere": 990_000}, once(11), "Permit BI-7 leaves 10 t for 2027; this delivery needs 11 t."),
        ({}, monthly(51), "The stream has 50 t free in Jan 2027; this delivery needs 51 t."),
    ],
)
def test_a_refusal_names_the_figure_and_the_limit(
    session: Session, now: datetime, held: dict[str, Any], amount: Amount, sentence: str
) -> None:
    firm = make.organisation(session, now)
    permit(session, now, firm, **held)
    with pytest.raises(Refusal) as refusal:
        service.propose(session, make.TESTER, stream(session, now), firm, amount, now)
    refused(sentence, refusal)


def test_what_nobody_has_looked_at_is_no_permit(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    facts: dict[str, Any] = {"number": "A", "authority": "B", "codes": (GYPSUM,), "kg_per_year": 10**9}
    permits.submit(session, make.TESTER, firm, now, **facts)
    with pytest.raises(Refusal) as refusal:
        service.propose(session, make.TESTER, stream(session, now), firm, once(1), now)
    assert refusal.value.why == "no_permit"
    by_product = stream(session, now, legal_status="by_product")
    assert service.propose(session, make.TESTER, by_product, firm, once(1), now).permit is None


def test_of_several_permits_the_one_that_bears_it_is_taken(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    permit(session, now, firm, 10, number="klein")
    large = permit(session, now, firm, 300, number="groß")
    made = service.propose(session, make.TESTER, stream(session, now), firm, once(30), now)
    assert made.permit is large


def test_a_permit_does_not_become_smaller_than_what_is_agreed(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    held = permit(session, now, firm, 400)
    made = service.propose(session, make.TESTER, stream(session, now), firm, monthly(24), now)
    service.agree(session, make.TESTER, made, now)
    for facts, sentence in (
        ({"kg_per_year": 200_000}, "Deliveries agreed for 2027 come to 288 t; the permit would leave 200 t."),
        ({"codes": ("10 01 05",)}, "An agreed delivery needs the code 06 03 14. Cancel it first."),
        (
            {"valid_until": date(2027, 5, 1)},
            "An agreed delivery runs from 1 January 2027 to 31 December 2027. Cancel it first.",
        ),
    ):
        with pytest.raises(Refusal) as refusal:
            permits.correct(session, make.TESTER, held, now, **facts)
        refused(sentence, refusal)
        session.expire(held)
    with pytest.raises(Refusal):
        permits.withdraw(session, make.TESTER, held, now)
    assert permits.correct(session, make.TESTER, held, now, kg_per_year=500_000)
    assert held.state == "uploaded"


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["propose", "agree", "cancel", "deliver"]),
        st.integers(0, 5),
        st.integers(1, 60),
        st.booleans(),
        st.integers(1, 12),
    ),
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVES)
def test_whatever_is_done_neither_permit_nor_stream_is_overdrawn(
    sessions: Sessions, now: datetime, moves: list[Any]
) -> None:
    with sessions() as session:
        firm = make.organisation(session, now)
        held, offering = permit(session, now, firm, 300), stream(session, now)
        made: list[Delivery] = []
        for verb, which, tonnes, repeated, month in moves:
            amount = monthly(tonnes, date(2027, month, 1)) if repeated else once(tonnes, date(2027, month, 3))
            try:
                if verb == "propose":
                    made.append(service.propose(session, make.TESTER, offering, firm, amount, now))
                elif made:
                    one = made[which % len(made)]
                    if verb == "agree":
                        service.agree(session, make.TESTER, one, now)
                    elif verb == "cancel":
                        service.cancel(session, make.TESTER, one, "", now, by_holder=False)
                    else:
                        service.deliver(session, make.TESTER, one, now)
            except Conflict:
                pass
            used = service.counted_on(session, held)
            assert years(used).get(2027, 0) + service.left(session, held, 2027) == 300_000
            assert all(kg <= 50_000 for kg in service.counted_of(session, offering).values())
        session.rollback()


def test_parallel_agreements_never_overdraw_a_permit(sessions: Sessions, now: datetime) -> None:
    """Twelve at once over one permit of 100 t, each for 30 t of a stream of its own: exactly three hold."""
    with sessions.begin() as session:
        firm = make.organisation(session, now)
        held = permit(session, now, firm, 100)
        made = [service.propose(session, make.TESTER, stream(session, now), firm, once(30), now) for _ in range(12)]
        session.flush()
        ids, permit_id = [one.id for one in made], held.id
    together = threading.Barrier(6)

    def agree(id_: int) -> str:
        together.wait(20)
        try:
            with sessions.begin() as session:
                service.agree(session, make.TESTER, session.get_one(Delivery, id_), now)
        except Refusal as refusal:
            return refusal.why
        return "agreed"

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(agree, ids)) == ["agreed"] * 3 + ["tonnage_theirs"] * 9
    with sessions() as session:
        assert service.left(session, session.get_one(Permit, permit_id), 2027) == 10_000
        assert len(session.scalars(select(Delivery).where(Delivery.state == "agreed")).all()) == 3


def test_the_fullest_month_says_how_much_of_a_stream_is_matched(session: Session, now: datetime) -> None:
    offering = stream(session, now)
    for tonnes in (24, 14):
        firm = make.organisation(session, now)
        permit(session, now, firm)
        service.agree(
            session, make.TESTER, service.propose(session, make.TESTER, offering, firm, monthly(tonnes), now), now
        )
    assert service.coverage(session, offering, date(2026, 11, 24)) == (38_000, 50_000, "month")
    assert service.coverage(session, offering, date(2028, 1, 1)) == (0, 50_000, "month")


def test_matching_reads_what_a_permit_leaves_where_there_are_rows(session: Session, now: datetime) -> None:
    firm = make.organisation(session, now)
    stated = {"codes": [GYPSUM, "10 01 05"], "tonnes_per_year": 30_000, "tonnes_used": 0}
    wanted = stream(session, now, firm, direction="wanted", permit=stated)
    today = date(2027, 2, 1)
    document = next(d for _, d in offering_documents(session, [wanted.id], today) if d)
    assert [one.tonnes_left for one in with_private(session, [document], today)[0].permits] == [30_000]
    permit(session, now, firm, 400)
    service.agree(
        session, make.TESTER, service.propose(session, make.TESTER, stream(session, now), firm, monthly(24), now), now
    )
    found = with_private(session, [document], today)[0].permits
    assert [(one.codes, one.tonnes_left) for one in found] == [([GYPSUM], 112)]
    assert next(d for _, d in offering_documents(session, [wanted.id], today) if d) == document
