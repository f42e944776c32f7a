"""Laws of matching, tried on all kinds of needs and offerings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from market.i18n import words
from market.matching import rules, service, signals
from market.matching.asked import Asked, number, train_in
from market.matching.reasons import Case, fault, missing, reasons
from market.matching.rules import Offered
from market.matching.signals import Texts
from market.matching.weights import HARD, POINTS, SIGNALS
from market.movements.plausibility import Train
from market.offerings.kinds.residual import Permit
from market.taxonomy import certificates, trades
from market.values import LANGUAGES
from tests.search.conftest import TODAY, document

PUBLIC = [id_ for id_, one in certificates.types().items() if not one.private]
PRIVATE = [id_ for id_, one in certificates.types().items() if one.private]
DAYS = st.sampled_from([20260101, 20261123, 20261124, 20261125, 20270601, 99991231])
TRADES = st.sampled_from(list(trades.by_id()))
CODES = st.sampled_from(["45231100", "45231300", "45262100", "90910000", "71631000", "50530000"])
TONGUES = st.lists(st.sampled_from(["de", "en", "pl", "cs"]), max_size=3, unique=True)
KINDS = st.sampled_from(["service", "training", "lab_test", "residual", "rail"])
SHARE = st.floats(0, 1)
TEXTS = st.builds(Texts, SHARE, SHARE, SHARE)


@st.composite
def offered(draw: st.DrawFn, **fixed: Any) -> Offered:
    held = draw(st.lists(st.sampled_from(PUBLIC), max_size=4, unique=True))
    until = {type_: draw(DAYS) for type_ in held}
    fields: dict[str, Any] = {
        "kind": draw(KINDS),
        "verified_on": draw(st.sampled_from([20260301, 20260301, None])),
        "certificate_until": until,
        "certificate_from": dict.fromkeys(held, 20250101),
        "certificates": [type_ for type_ in held if until[type_] >= TODAY],
        "lat": draw(st.floats(51, 53)),
        "lng": draw(st.floats(13.5, 15.5)),
        "radius_km": draw(st.one_of(st.none(), st.integers(5, 200))),
        "areas": [],
        "trades": draw(st.lists(TRADES, max_size=2, unique=True)),
        "cpv": draw(st.lists(CODES, max_size=2, unique=True)),
        "suggested": [],
        "languages": draw(TONGUES),
        "available_on": draw(st.sampled_from([0, 20261201, 20270801])),
        "price_mode": draw(st.sampled_from(["fixed", "from", "on_request"])),
        "price_cents": 5000,
    }
    return Offered(document("x", **fields | fixed))


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    stated = draw(st.lists(CODES, max_size=2, unique=True))
    return Asked(
        title="Rohrleitungen schweißen",
        kind=draw(st.one_of(st.none(), KINDS)),
        cpv=tuple(stated),
        codes=dict.fromkeys(stated, 1.0),
        likely=dict.fromkeys(draw(st.lists(TRADES, max_size=2, unique=True)), 1.0),
        lat=draw(st.one_of(st.none(), st.floats(51, 53))),
        lon=14.6,
        on_date=draw(st.one_of(st.none(), DAYS)),
        certificates=tuple(draw(st.lists(st.sampled_from(PUBLIC), max_size=3, unique=True))),
        languages=tuple(draw(TONGUES)),
    )


def score(need: Asked, one: Offered, texts: Texts) -> float:
    return signals.scored(need, one, texts, TODAY).score


@given(asked(), offered(), TEXTS)
def test_reasons_add_up_to_the_score_in_every_language(need: Asked, one: Offered, texts: Texts) -> None:
    scored = signals.scored(need, one, texts, TODAY)
    assert 0 <= scored.score <= 1
    for language in LANGUAGES:
        found = reasons(Case(words(language), need, one, TODAY, str), scored)
        assert abs(sum(reason.points for reason in found) - scored.score) < 1e-9
        assert all(reason.points > 0 and reason.text and reason.field for reason in found)
        assert [reason.points for reason in found] == sorted((reason.points for reason in found), reverse=True)


@given(asked(), offered(), TEXTS, st.sampled_from(["de", "en", "pl"]))
def test_asking_for_a_language_that_is_spoken_never_lowers(
    need: Asked, one: Offered, texts: Texts, language: str
) -> None:
    speaks = Offered(one.document | {"languages": [*one.document["languages"], language]})
    more = replace(need, languages=tuple(dict.fromkeys([*need.languages, language])))
    assert score(more, speaks, texts) >= score(need, speaks, texts)


@given(asked(), offered(), TEXTS, st.sampled_from(PUBLIC))
def test_asking_for_a_certificate_that_holds_never_lowers(need: Asked, one: Offered, texts: Texts, type_: str) -> None:
    d = one.document
    until = d["certificate_until"] | {type_: 99991231}
    holds = Offered(d | {"certificate_until": until, "certificate_from": d["certificate_from"] | {type_: 20250101}})
    more = replace(need, certificates=tuple(dict.fromkeys([*need.certificates, type_])))
    assert score(more, holds, texts) >= score(need, holds, texts)
    assert len(rules.faults(more, holds, TODAY)) == len(rules.faults(need, holds, TODAY))


@given(asked(), offered(available_on=0), TEXTS)
def test_naming_a_day_on_which_the_firm_is_free_never_lowers(need: Asked, one: Offered, texts: Texts) -> None:
    unnamed = replace(need, on_date=None, certificates=())
    assert score(replace(unnamed, on_date=20270301), one, texts) >= score(unnamed, one, texts)


@given(asked(), offered(), TEXTS, st.floats(0, 5))
def test_moving_the_site_away_never_raises(need: Asked, one: Offered, texts: Texts, degrees: float) -> None:
    here = replace(need, lat=one.document["lat"], lon=one.document["lng"])
    away = replace(here, lat=one.document["lat"] + degrees)
    farther = replace(here, lat=one.document["lat"] + 1.5 * degrees)
    assert score(here, one, texts) >= score(away, one, texts) >= score(farther, one, texts)
    count = [len(rules.faults(place, one, TODAY)) for place in (here, away, farther)]
    assert count == sorted(count)


@given(asked(), offered(), st.sampled_from(PUBLIC), st.sampled_from([20200101, 20261123]))
def test_an_expired_knock_out_certificate_always_excludes(need: Asked, one: Offered, type_: str, until: int) -> None:
    d = one.document
    expired = Offered(d | {"certificate_until": d["certificate_until"] | {type_: until}})
    wants = replace(need, certificates=(type_, *need.certificates), on_date=None)
    assert "certificate" in {fault.criterion for fault in rules.faults(wants, expired, TODAY)}
    good, _ = service.ranked(wants, [expired], TODAY)
    assert good == []


@given(asked(), st.lists(offered(), max_size=6))
def test_the_same_need_gives_the_same_order(need: Asked, some: list[Offered]) -> None:
    several = [Offered(one.document | {"id": f"r{place}"}) for place, one in enumerate(some)]
    order = [one.ref for one, _ in service.ranked(need, several, TODAY)[0]]
    assert order == [one.ref for one, _ in service.ranked(need, several[::-1], TODAY)[0]]


@given(asked(), offered())
def test_every_fault_and_everything_missing_reads_in_every_language(need: Asked, one: Offered) -> None:
    wants = replace(need, certificates=(*need.certificates, PRIVATE[0]), on_date=20270301)
    for language in LANGUAGES:
        case = Case(words(language), wants, one, TODAY, str)
        assert all(fault(case, found) for found in rules.faults(wants, one, TODAY))
        assert any(reason.criterion == "certificate" for reason in missing(case))


def test_who_holds_a_higher_level_answers_a_lower_demand() -> None:
    held: Mapping[str, Any] = document(
        "x",
        certificate_until={"en-1090": 20280101},
        certificate_from={"en-1090": 20250101},
        certificate_levels=["en-1090:EXC1", "en-1090:EXC2"],
    )
    assert rules.lacking("en-1090:EXC2", held, TODAY) == ""
    assert rules.lacking("en-1090:EXC3", held, TODAY) == "level"
    assert rules.lacking("en-1090", held, 20280102) == "expired"
    assert rules.lacking("iso-9001", held, TODAY) == "unknown"
    assert rules.lacking("en-1090", held, 20240101) == "begins"


def test_a_certificate_bound_to_a_person_excludes_nobody() -> None:
    assert rules.faults(Asked("x", certificates=(PRIVATE[0],)), Offered(document("x", verified_on=1)), TODAY) == []


def recipient(*codes: str, left: float = 100.0, **fields: Any) -> Offered:
    permit = Permit(codes=list(codes), tonnes_per_year=500, tonnes_used=500 - left)
    d = document("x", kind="residual", direction="wanted", verified_on=1, ewc=[], **fields)
    return Offered(d, [permit])


def test_a_recipient_needs_a_permit_for_the_code_and_the_tonnes() -> None:
    need = Asked("Walzzunder", kind="residual", ewc=("10 02 10",), tonnes=80)
    assert rules.faults(need, recipient("10 02 10"), TODAY) == []
    (code,) = rules.faults(need, recipient("10 02 01"), TODAY)
    (left,) = rules.faults(need, recipient("10 02 10", left=79), TODAY)
    (none,) = rules.faults(need, Offered(recipient("10 02 10").document), TODAY)
    assert [(one.criterion, one.detail) for one in (code, left, none)] == [
        ("permit", "code"),
        ("permit", "tonnes"),
        ("permit", "code"),
    ]


def train(length: float, load: float, mass: float | None) -> Train:
    return Train(length_m=length, axle_load_t=load, gross_mass_t=mass)


def test_a_train_has_to_fit_the_facility() -> None:
    facts = {"useful_length_m": 400, "axle_load_t": 22.5}
    siding = Offered(document("x", kind="rail", verified_on=1, facts=facts), gross_mass_t=2000)
    need = Asked("Rangieren", kind="rail")
    assert rules.faults(replace(need, train=train(400, 22.5, 2000)), siding, TODAY) == []
    told = rules.faults(replace(need, train=train(401, 25, 2400)), siding, TODAY)
    assert [(one.criterion, one.detail) for one in told] == [
        ("facility", "length"),
        ("facility", "axle_load"),
        ("facility", "mass"),
    ]


def test_the_figures_of_a_train_are_read_from_three_languages() -> None:
    assert train_in("Zuglänge bis 450 m, Achslast 22,5 t, Zugmasse rund 2.400 t") == Train(
        length_m=450, axle_load_t=22.5, gross_mass_t=2400
    )
    assert train_in("Train length: 620 m; axle load of 25 t") == train(620, 25, None)
    assert train_in("Długość składu do 380 m, nacisk osi 22,5 t") == Train(
        length_m=380, axle_load_t=22.5, gross_mass_t=None
    )
    assert train_in("Ein Zug am Tag") == Train()
    assert [number(text) for text in ("1.200", "22,5", "3 000", "7.5")] == [1200, 22.5, 3000, 7.5]


def test_districts_served_decide_before_the_radius() -> None:
    far = document("x", verified_on=1, radius_km=5, areas=["DE40C"])
    need = Asked("x", lat=52.15, lon=14.63, district="DE40C")
    assert rules.faults(need, Offered(far), TODAY) == []
    assert [one.detail for one in rules.faults(replace(need, district="DE300"), Offered(far), TODAY)] == ["districts"]


def test_the_weights_are_a_hundred_points_and_every_rule_is_explained() -> None:
    assert sum(POINTS.values()) == 100
    assert len(POINTS) == len(SIGNALS)
    every = {"kind", "verified", "area", "certificate", "permit", "facility"}
    assert [name for name, _ in HARD] == [name for name, _ in HARD if name in every]
    assert {name for name, _ in HARD} == every
