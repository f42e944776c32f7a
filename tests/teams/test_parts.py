"""Whether two parts make a whole; the rule is pure."""

from market.teams.parts import Part, fit_together


def part(*refs: str) -> Part:
    return frozenset(refs)


WHOLE = [part("a", "b", "c", "d"), part("a", "b"), part("c", "d")]
"""A need of two lots with two items each."""


def test_two_parts_fit_that_cover_a_lot_together() -> None:
    assert fit_together(part("a"), part("b"), WHOLE)
    assert fit_together(part("a", "b"), part("c", "d"), WHOLE)
    assert fit_together(part("a"), part("b", "c"), WHOLE)


def test_parts_that_leave_something_over_do_not_fit() -> None:
    assert not fit_together(part("a"), part("c"), WHOLE)
    assert not fit_together(part("a", "b"), part("c"), WHOLE)


def test_who_wants_the_same_competes_and_is_not_shown() -> None:
    assert not fit_together(part("a", "c"), part("b", "c", "d"), WHOLE)
    assert not fit_together(part("a", "b"), part("a", "b"), WHOLE)


def test_who_can_do_it_alone_needs_nobody() -> None:
    assert not fit_together(part("a", "b"), part(), WHOLE)
    assert not fit_together(part("a", "b", "c", "d"), part(), WHOLE)
