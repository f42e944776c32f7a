"""What a bid says: prices however they are typed, sums by the server, gaps, and what the need asks for."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from market.bids import contents, terms
from market.bids.contents import Answer, Content, Line
from market.bids.terms import Terms
from market.needs.parts import Item, Lot, Requirement

TODAY = date(2026, 11, 30)
LOTS = [Lot(id=1, ref="L1", place=1, title="Pipes"), Lot(id=2, ref="L2", place=2, title="Insulation")]
ITEMS = [
    Item(ref="a", lot_id=1, place=1, title="DN 300", quantity=180, unit="MTR", optional=False),
    Item(ref="b", lot_id=1, place=2, title="Seams", quantity=2.5, unit="H87", optional=False),
    Item(ref="c", lot_id=2, place=3, title="Wool", quantity=10, unit="MTK", optional=False),
    Item(ref="d", lot_id=1, place=4, title="Spare", quantity=1, unit="H87", optional=True),
]
TERMS = Terms(LOTS, ITEMS, [Requirement(ref="r", lot_id=2, title="Trained", type="bool", limits={})])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("58,5", "58.5"),
        ("58.50", "58.50"),
        ("1.234,50", "1234.50"),
        ("1 234,5 €", "1234.5"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234,5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("12.345.678,90", "12345678.90"),
        ("1.234", "1234"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("412,- EUR", "412"),
        ("0", "0"),
    ],
)
def test_a_price_is_read_as_it_is_written_here_and_elsewhere(typed: str, read: str) -> None:
    assert contents.price(typed) == Decimal(read)


@pytest.mark.parametrize("typed", ["1.3.27", "01.03.2027", "1. 3. 2027", "2027-03-01"])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    content, faults = contents.read({"delivery_on": typed})
    assert (content.delivery_on, faults) == (date(2027, 3, 1), {})


@pytest.mark.parametrize("typed", ["1,234", "-5", "zwölf", "1.23,4", "12 34", "1e3", "NaN", "9" * 30])
def test_what_is_no_price_or_could_be_two_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="Write"):
        contents.price(typed)


def test_no_price_is_a_gap_and_no_fault() -> None:
    assert contents.price("  ") is None
    assert contents.read({"lines": {"a": {"price": "", "remark": ""}}}) == (Content(lines={"a": Line()}), {})


def test_sums_are_by_lot_and_whole_each_line_in_cents_and_gaps_are_named() -> None:
    content = contents.of(
        {"lots": ["L1"], "lines": {"a": {"price": "0,125"}, "b": {"price": "3,33"}, "d": {"price": "900"}}}
    )
    found = terms.sums(content, TERMS)
    assert (dict(found.lots), found.whole, list(found.gaps)) == ({"L1": Decimal("30.83")}, Decimal("30.83"), [])
    assert [item.ref for item in terms.sums(Content(lots=("L1", "L2")), TERMS).gaps] == ["a", "b", "c"]


def test_what_the_need_does_not_ask_of_the_chosen_lots_falls_away() -> None:
    kept = {
        "lots": ["L1", "gone"],
        "lines": {"a": {"price": "1"}, "c": {"price": "2"}, "gone": {"price": "3"}},
        "alternatives": [{"item": "c", "text": "foam", "price": "1"}, {"item": "", "text": "in May", "price": ""}, {}],
        "requirements": {"r": {"value": True}},
    }
    content = terms.within(contents.of(kept), TERMS)
    assert (content.lots, list(content.lines), dict(content.requirements)) == (("L1",), ["a"], {})
    assert [one.text for one in content.alternatives] == ["in May"]


def test_what_is_kept_reads_back_as_it_was() -> None:
    kept = {
        "lots": ["L1"],
        "lines": {"a": {"price": "1.234,5", "remark": "ab Werk"}},
        "alternatives": [{"item": "a", "text": "DN 250", "price": "0,125"}],
        "delivery_on": "24.12.2026",
        "valid_until": "2027-01-31",
        "payment_days": "30",
        "freight": "extra",
        "quote_number": "A-1",
        "remark": "Gruß",
        "requirements": {"r": {"value": False, "statement": "bald"}, "n": {"value": "12,5"}},
        "teaming": True,
    }
    content = contents.of(kept)
    again = contents.written(content)
    assert contents.of(again) == content
    assert (again["lines"]["a"]["price"], again["alternatives"][0]["price"]) == ("1234.50", "0.125")
    assert (again["delivery_on"], again["payment_days"]) == ("2026-12-24", 30)


@pytest.mark.parametrize(
    ("kept", "field"),
    [
        ({"lines": {"a": {"price": "x"}}}, "price.a"),
        ({"alternatives": [{"price": "x"}]}, "alternative.0.price"),
        ({"delivery_on": "bald"}, "delivery_on"),
        ({"delivery_on": "31.02.2027"}, "delivery_on"),
        ({"payment_days": "-1"}, "payment_days"),
        ({"payment_days": "400"}, "payment_days"),
        ({"remark": "x" * 4001}, "remark"),
        ({"requirements": {"r": {"statement": "x" * 1001}}}, "statement.r"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(kept: dict[str, Any], field: str) -> None:
    assert list(contents.read(kept)[1]) == [field]


@pytest.mark.parametrize(
    ("kept", "field"),
    [
        ({"lines": {"a": {"price": "1"}}}, "lots"),
        ({"lots": ["L1"]}, "price.a"),
        ({"lots": ["L1"], "lines": {"a": {"price": "1"}}, "delivery_on": "2026-11-29"}, "delivery_on"),
        ({"lots": ["L1"], "lines": {"a": {"price": "1"}}, "valid_until": "2026-12-09"}, "valid_until"),
        ({"lots": ["L1"], "lines": {"a": {"price": "1"}}, "alternatives": [{"price": "1"}]}, "alternative.0.text"),
        ({"lots": ["L2"], "lines": {"c": {"price": "1"}}, "requirements": {"r": {"value": "perhaps"}}}, "value.r"),
    ],
)
def test_what_keeps_a_bid_from_being_handed_in_is_said_at_its_field(kept: dict[str, Any], field: str) -> None:
    faults = terms.check(contents.of(kept), TERMS, TODAY, date(2026, 12, 10))
    assert next(iter(faults)) == field


def test_what_cannot_be_read_in_a_lot_that_is_not_bid_for_keeps_nothing_up() -> None:
    content, faults = contents.read({"lots": ["L1"], "lines": {"c": {"price": "x"}, "a": {"price": "y"}}, "remark": ""})
    assert list(terms.concerning(faults, content, TERMS)) == ["price.a"]


def test_a_bid_with_a_gap_may_be_handed_in_and_one_without_items_needs_words() -> None:
    assert terms.check(contents.of({"lots": ["L1"], "lines": {"a": {"price": "1"}}}), TERMS, TODAY, None) == {}
    assert list(terms.check(Content(), Terms(), TODAY, None)) == ["remark"]
    assert terms.check(Content(remark="Yes, we can."), Terms(), TODAY, None) == {}


@pytest.mark.parametrize(
    ("kind", "limits", "value", "met"),
    [
        ("bool", {}, True, True),
        ("bool", {}, False, False),
        ("bool", {}, None, None),
        ("certificate", {"type": "scc"}, True, True),
        ("number", {"min": 12}, "12", True),
        ("number", {"min": 12}, "11,9", False),
        ("number", {"max": 5}, "5.5", False),
        ("range", {"min": 1, "max": 3}, "2", True),
        ("range", {"min": 1, "max": 3}, "4", False),
        ("number", {"min": 1}, "viele", None),
        ("choice", {"options": ["A", "B"]}, "B", True),
        ("choice", {"options": ["A", "B"]}, "C", None),
        ("text", {}, "we do", True),
        ("text", {}, "", None),
    ],
)
def test_whether_an_answer_meets_what_is_asked(kind: str, limits: dict[str, Any], value: Any, met: bool | None) -> None:
    requirement = Requirement(ref="r", title="", type=kind, limits=limits)
    assert terms.meets(requirement, Answer(value)) is met
