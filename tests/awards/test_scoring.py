"""Points, ranks and bands, by table and by property."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from market.awards.scoring import Measure, bands, needs_reason, price_points, ranked, stand

MEASURES = (Measure("p", "Preis", 60, is_price=True), Measure("k", "Konzept", 30), Measure("t", "Termin", 10))
AMOUNTS = some.decimals(min_value=Decimal("0.01"), max_value=Decimal(10**7), places=2)


@pytest.mark.parametrize(
    ("weight", "lowest", "own", "points"),
    [
        (60, "100", "100", "60"),
        (60, "100", "200", "30"),
        (50, "102782", "114230", "44.99"),
        (50, "3", "7", "21.43"),
        (100, "0", "0", "100"),
        (100, "0", "5", "0"),
    ],
)
def test_the_lowest_price_gets_the_whole_weight_and_twice_the_price_half_of_it(
    weight: int, lowest: str, own: str, points: str
) -> None:
    assert price_points(weight, Decimal(lowest), Decimal(own)) == Decimal(points)


def test_a_bid_is_the_weighted_sum_of_its_points() -> None:
    agreed = {"a": {"k": Decimal(8), "t": Decimal("7.5")}, "b": {"k": Decimal(10), "t": Decimal(10)}}
    first, second = stand(MEASURES, {"a": Decimal(100), "b": Decimal(150)}, agreed)
    assert (first.price, first.total, first.rank) == (Decimal(60), Decimal("91.5"), 1)
    assert first.quality == {"k": Decimal(24), "t": Decimal("7.5")}
    assert (second.price, second.total, second.rank) == (Decimal(40), Decimal(80), 2)


def test_a_gap_makes_no_points_for_the_price_and_is_never_the_lowest() -> None:
    agreed = {bid: {"k": Decimal(5), "t": Decimal(5)} for bid in "ab"}
    full, gap = stand(MEASURES, {"a": Decimal(900), "b": None}, agreed)
    assert (full.price, full.total) == (Decimal(60), Decimal(80))
    assert (gap.price, gap.total, gap.rank) == (None, Decimal(20), 2)


def test_who_is_out_has_no_total_and_does_not_set_the_lowest_price() -> None:
    agreed = {bid: {"k": Decimal(5), "t": Decimal(5)} for bid in "ab"}
    cheap, other = stand(MEASURES, {"a": Decimal(1), "b": Decimal(900)}, agreed, {"a"})
    assert (cheap.total, cheap.rank) == (None, None)
    assert (other.price, other.rank) == (Decimal(60), 1)


def test_nobody_has_a_total_before_every_score_is_agreed() -> None:
    (one,) = stand(MEASURES, {"a": Decimal(1)}, {"a": {"k": Decimal(5)}})
    assert (one.price, one.total, one.rank) == (Decimal(60), None, None)


@pytest.mark.parametrize(
    ("scores", "asked"), [((), False), ((3,), False), ((3, 6.5), False), ((3, 7), True), ((5, 9, 5), True)]
)
def test_scores_four_or_more_apart_need_a_reason(scores: tuple[float, ...], asked: bool) -> None:
    assert needs_reason([Decimal(str(one)) for one in scores]) is asked


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([1, 2, 3], ["", "", ""]),
        ([1, 2, 3, 4], ["upper", "middle", "lower", "lower"]),
        ([1, 2, 3, 4, 5, 6], ["upper", "upper", "middle", "middle", "lower", "lower"]),
        ([1, 1, 1, 1], ["upper", "upper", "upper", "upper"]),
    ],
)
def test_bands_are_thirds_and_hidden_below_four_bidders(ranks: list[int], expected: list[str]) -> None:
    found = bands({str(place): rank for place, rank in enumerate(ranks)})
    assert [found.get(str(place), "") for place in range(len(ranks))] == expected


@given(some.dictionaries(some.text(min_size=1, max_size=3), AMOUNTS, min_size=1, max_size=8))
def test_a_lower_price_never_scores_less_and_points_stay_within_the_weight(sums: dict[str, Decimal]) -> None:
    found = stand((Measure("p", "", 100, is_price=True),), dict(sums), {})
    for one in found:
        assert one.price is not None
        assert 0 <= one.price <= 100
        for other in found:
            assert other.price is not None
            if sums[one.bid] < sums[other.bid]:
                assert one.price >= other.price
    assert max(one.price or Decimal(0) for one in found) == 100


@given(some.dictionaries(some.text(min_size=1, max_size=3), AMOUNTS, min_size=4, max_size=12))
def test_a_better_total_is_never_in_a_lower_band(totals: dict[str, Decimal]) -> None:
    ranks = ranked(totals)
    found = bands(ranks)
    order = ("upper", "middle", "lower")
    assert set(found) == set(totals)
    for one in totals:
        for other in totals:
            if totals[one] > totals[other]:
                assert order.index(found[one]) <= order.index(found[other])
                assert ranks[one] < ranks[other]
