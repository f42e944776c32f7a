"""Items x bidders: best prices, gaps, sums."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from market.awards.grid import Offer, Part, Row, build

LOTS = (Part("l1", 1, "Rohre"), Part("l2", 2, "Abbau"))
ROWS = (
    Row("a", "Leitung", Decimal(180), "MTR", "l1"),
    Row("b", "Klappe", Decimal(12), "H87", "l1"),
    Row("c", "Ausheben", Decimal(210), "MTR", "l2"),
    Row("d", "Reserve", Decimal(1), "LS", "l2", optional=True),
)


def offer(name: str, lots: str = "12", **prices: str) -> Offer:
    return Offer(
        name, name, {ref: Decimal(price) for ref, price in prices.items()}, frozenset(f"l{one}" for one in lots)
    )


GRID = build(
    LOTS,
    ROWS,
    (
        offer("rohr", a="412.00", b="640.00", c="74", d="9"),
        offer("inst", a="368.00", b="655.00", c="71"),
        offer("sand", lots="1", a="405.00", b="600"),
        offer("beek", a="421", c="69.5"),
    ),
)


def test_the_best_price_of_an_item_is_marked_and_gaps_are_told_from_what_is_not_bid_for() -> None:
    def seen(item: str) -> list[tuple[str, bool]]:
        return [(cell.state, cell.best) for cell in (GRID.cell(item, one.bid) for one in GRID.offers)]

    assert seen("a") == [("priced", False), ("priced", True), ("priced", False), ("priced", False)]
    assert seen("b") == [("priced", False), ("priced", False), ("priced", True), ("gap", False)]
    assert seen("c") == [("priced", False), ("priced", False), ("aside", False), ("priced", True)]


def test_sums_are_by_lot_and_a_gap_makes_one_incomparable() -> None:
    first, second = GRID.sections
    assert [(one.amount, one.gaps, one.best) for one in first.sums] == [
        (Decimal("81840.00"), 0, False),
        (Decimal("74100.00"), 0, True),
        (Decimal("80100.00"), 0, False),
        (Decimal("75780.00"), 1, False),
    ]
    assert [one.above for one in first.sums] == [Decimal("10.4"), None, Decimal("8.1"), None]
    assert [(one.bids, one.comparable) for one in second.sums] == [
        (True, Decimal("15540.00")),
        (True, Decimal("14910.00")),
        (False, None),
        (True, Decimal("14595.00")),
    ]
    assert GRID.bidders_of("l2") == {"rohr", "inst", "beek"}


def test_for_the_whole_a_lot_that_is_not_bid_for_is_a_gap_and_what_is_optional_counts_nowhere() -> None:
    assert GRID.sums_of(None) == {"rohr": Decimal("97380.00"), "inst": Decimal("89010.00"), "sand": None, "beek": None}
    assert [one.gaps for one in GRID.totals] == [0, 0, 1, 1]


def test_a_need_without_lots_has_one_section() -> None:
    rows = [Row("a", "Leitung", Decimal("2.5"), "MTR")]
    grid = build((), rows, (Offer("x", "x", {"a": Decimal("0.125")}),))
    assert [section.lot for section in grid.sections] == [None]
    assert grid.totals[0].amount == Decimal("0.31")


@given(some.lists(some.lists(some.none() | some.decimals(0, 10**6, places=2), min_size=4, max_size=4), max_size=6))
def test_sums_of_lots_make_the_whole_and_the_best_is_the_lowest(table: list[list[Decimal | None]]) -> None:
    offers = [
        Offer(
            str(n),
            "",
            {row.ref: price for row, price in zip(ROWS, prices, strict=True) if price is not None},
            frozenset(("l1", "l2")),
        )
        for n, prices in enumerate(table)
    ]
    grid = build(LOTS, ROWS, offers)
    for place, total in enumerate(grid.totals):
        assert total.amount == sum((section.sums[place].amount for section in grid.sections), Decimal(0))
        assert total.gaps == sum(section.sums[place].gaps for section in grid.sections)
    comparable = [one.comparable for one in grid.totals if one.comparable is not None]
    assert {one.amount for one in grid.totals if one.best} == ({min(comparable)} if comparable else set())
