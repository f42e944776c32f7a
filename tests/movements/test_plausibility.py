"""The check between train and track: it names the figure and the limit, and more train never fits better."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from market.i18n import words
from market.movements import labels
from market.movements.plausibility import (
    CRITERIA,
    Finding,
    Track,
    Train,
    check,
    fits,
    most_wagons,
    refusals,
    room_for,
    shortened,
    track_of,
    within,
)
from market.offerings.kinds.rail import Facility

GUBEN = Track(380, 22.5, 1600, 1435, electrified=False, dangerous=frozenset({"8", "9"}))
GOOD = Train(23, 376, 15, 1380, 1435, electric=False, rid_class="")

figures = st.one_of(st.none(), st.integers(1, 2000).map(float))
classes = st.sampled_from(["", "2", "3", "8", "9"])
trains = st.builds(
    Train,
    st.integers(1, 60),
    figures,
    st.one_of(st.none(), st.floats(5, 35)),
    figures,
    st.one_of(st.none(), st.sampled_from([1435, 1520])),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), classes),
)
tracks = st.builds(
    Track,
    figures,
    st.one_of(st.none(), st.floats(10, 30)),
    figures,
    st.one_of(st.none(), st.sampled_from([1435, 1520])),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.frozensets(st.sampled_from(["2", "3", "8", "9"]))),
)


def finding(train: Train, track: Track, criterion: str) -> Finding:
    return next(one for one in check(train, track) if one.criterion == criterion)


def test_a_train_that_fits_passes_everywhere() -> None:
    assert [one.verdict for one in check(GOOD, within(GUBEN, 24, None, None))] == ["passed"] * len(CRITERIA)
    assert [one.criterion for one in check(GOOD, GUBEN)] == list(CRITERIA[1:]), "a track counts no wagons"


def test_each_refusal_names_the_figure_the_limit_and_the_difference() -> None:
    w = words("en")
    cases = [
        ({"length_m": 420}, "Train 420 m, useful length 380 m: 40 m too long"),
        ({"axle_load_t": 25}, "Axle load 25 t, the track bears 22.5 t: 2.5 t too much"),
        ({"gross_mass_t": 1840}, "Train 1,840 t, at most 1,600 t are moved: 240 t too heavy"),
        ({"gauge_mm": 1520}, "Wagons of 1,520 mm, track of 1,435 mm: 85 mm apart"),
        ({"electric": True}, "Electric traction is needed, the track has no overhead line"),
        ({"rid_class": "3"}, "Class 3, taken are classes 8, 9"),
    ]
    for changed, sentence in cases:
        refused = refusals(check(replace(GOOD, **changed), GUBEN))
        assert [labels.sentence(w, one) for one in refused] == [sentence]


def test_the_sentence_is_written_as_each_language_writes_it() -> None:
    (one,) = refusals(check(replace(GOOD, length_m=392.5), GUBEN))
    assert labels.sentence(words("de"), one) == "Zug 392,5 m, nutzbare Länge 380 m: 12,5 m zu lang"
    assert labels.sentence(words("pl"), one) == "Pociąg 392,5 m, długość użyteczna 380 m: o 12,5 m za długi"


def test_the_mean_axle_load_warns_and_only_a_stated_one_refuses() -> None:
    heavy = replace(GOOD, axle_load_t=None, wagons=10, gross_mass_t=1000)
    assert finding(heavy, GUBEN, "axle_load") == Finding("axle_load", "warned", "mean_over", 25.0, 22.5, 2.5)
    assert finding(replace(heavy, axle_load_t=20), GUBEN, "axle_load").verdict == "passed"


def test_a_facility_that_states_nothing_refuses_nothing() -> None:
    assert track_of(None) == Track()
    assert fits(replace(GOOD, length_m=5000, gross_mass_t=20000), Track())
    assert track_of(Facility(dangerous_goods=[])).dangerous == frozenset()


def test_fewer_wagons_are_advised_where_they_help() -> None:
    long = replace(GOOD, wagons=24, length_m=14 + 24 * 15.74, gross_mass_t=1440)
    assert most_wagons(long, GUBEN) == 23
    assert most_wagons(replace(long, gauge_mm=1520), GUBEN) == 0
    assert room_for(380, 15.74) == 23


@settings(max_examples=60, deadline=None)
@given(trains, tracks, st.integers(0, 500))
def test_a_longer_train_never_turns_a_refusal_into_a_pass(train: Train, track: Track, more: int) -> None:
    if train.length_m is None or finding(train, track, "length").verdict != "refused":
        return
    assert finding(replace(train, length_m=train.length_m + more), track, "length").verdict == "refused"


@settings(max_examples=60, deadline=None)
@given(trains, tracks, st.floats(0, 500), st.floats(0, 10))
def test_a_heavier_train_never_fits_better(train: Train, track: Track, mass: float, load: float) -> None:
    heavier = replace(
        train,
        gross_mass_t=None if train.gross_mass_t is None else train.gross_mass_t + mass,
        axle_load_t=None if train.axle_load_t is None else train.axle_load_t + load,
    )
    assert len(refusals(check(heavier, track))) >= len(refusals(check(train, track)))


@settings(max_examples=60, deadline=None)
@given(trains, tracks, st.integers(0, 500))
def test_a_better_track_never_refuses_what_a_worse_one_takes(train: Train, track: Track, more: int) -> None:
    better = replace(
        track,
        useful_length_m=None if track.useful_length_m is None else track.useful_length_m + more,
        gross_mass_t=None if track.gross_mass_t is None else track.gross_mass_t + more,
        electrified=True,
        dangerous=None if track.dangerous is None else track.dangerous | {"2", "3", "8", "9"},
    )
    assert len(refusals(check(train, better))) <= len(refusals(check(train, track)))


@settings(max_examples=60, deadline=None)
@given(trains, tracks, st.integers(1, 60), figures, figures)
def test_an_empty_run_never_takes_what_its_track_or_its_own_limits_refuse(
    train: Train, track: Track, wagons: int, length: float | None, mass: float | None
) -> None:
    if fits(train, within(track, wagons, length, mass)):
        assert fits(train, track)
        assert train.wagons <= wagons
        assert not (length and train.length_m and train.length_m > length)
        assert not (mass and train.gross_mass_t and train.gross_mass_t > mass)


@settings(max_examples=60, deadline=None)
@given(trains, tracks)
def test_every_finding_has_a_sentence_and_refusals_of_figures_say_by_how_much(train: Train, track: Track) -> None:
    for one in check(train, track):
        assert labels.sentence(words("pl"), one)
        if one.why == "over":
            assert isinstance(one.wanted, float | int)
            assert isinstance(one.limit, float | int)
            assert one.over == round(one.wanted - one.limit, 3)
            assert one.over >= 0


@settings(max_examples=40, deadline=None)
@given(trains, tracks)
def test_what_is_advised_fits(train: Train, track: Track) -> None:
    if wagons := most_wagons(train, track):
        assert wagons < train.wagons
        assert fits(shortened(train, wagons), track)
