"""Material by rail: suggested where the tonnes fill wagons and both ends have a siding near, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.db import Sessions
from market.deliveries import service, sidings
from market.deliveries.by_rail import AXLES, LEAST_T, REACH_KM, TARE_T, WAGON_T, Siding, suggested
from market.offerings.models import Offering
from market.values import utc_now
from tests import factories as make
from tests.deliveries.conftest import GUBEN, HUETTE, monthly, permit, siding, stream

Enter = Callable[..., TestClient]
tonnes = st.floats(0, 20000)
apart = st.floats(0, 80)
tracks = st.lists(
    st.builds(
        Siding,
        st.integers(1, 9),
        st.floats(0, 15),
        st.sampled_from([1435, 1520]),
        st.one_of(st.none(), st.floats(5, 25)),
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(tonnes, st.floats(0, 20000), apart, tracks, tracks)
def test_more_tonnes_never_take_the_suggestion_away(
    amount: float, more: float, km: float, here: list[Siding], there: list[Siding]
) -> None:
    way, with_more = (suggested(each, km, here, there) for each in (amount, amount + more))
    if way is not None:
        assert with_more is not None
        assert (with_more.here, with_more.there) == (way.here, way.there)
        assert with_more.wagons >= way.wagons


@settings(max_examples=150, deadline=None)
@given(tonnes, apart, tracks, tracks, st.lists(st.floats(0, 20), min_size=8, max_size=8))
def test_sidings_farther_off_never_bring_it(
    amount: float, km: float, here: list[Siding], there: list[Siding], off: list[float]
) -> None:
    moved = [[replace(one, km=one.km + by) for one, by in zip(side, off, strict=False)] for side in (here, there)]
    if suggested(amount, km, here, there) is None:
        assert suggested(amount, km, *moved) is None


@settings(max_examples=150, deadline=None)
@given(tonnes, apart, tracks, tracks)
def test_what_is_suggested_holds_what_it_says(
    amount: float, km: float, here: list[Siding], there: list[Siding]
) -> None:
    if (way := suggested(amount, km, here, there)) is None:
        return
    assert amount >= LEAST_T
    assert way.wagons * way.load_t >= amount > (way.wagons - 1) * way.load_t
    assert way.here.gauge_mm == way.there.gauge_mm
    for one in (way.here, way.there):
        assert one.km <= REACH_KM
        assert km - one.km > one.km, "nearer to its own end than to the other"
        assert one.axle_load_t is None or way.load_t + TARE_T <= AXLES * one.axle_load_t + 1e-9


def test_the_limits_are_thirteen_hundred_tonnes_a_month_and_ten_kilometres() -> None:
    near = [Siding(1, 10.0)], [Siding(2, 10.0)]
    way = suggested(1300, 25, *near)
    assert way is not None
    assert (way.wagons, way.load_t) == (22, WAGON_T)
    assert suggested(1299.9, 25, *near) is None
    assert suggested(1300, 20, *near) is None, "lorries go as far to the sidings"
    assert suggested(1300, 25, near[0], [Siding(2, 10.1)]) is None
    assert suggested(1300, 25, [Siding(1, 1, 1520)], near[1]) is None
    lighter = suggested(1300, 25, [Siding(1, 1, axle_load_t=20)], near[1])
    assert lighter is not None
    assert (lighter.wagons, lighter.load_t) == (24, 55.0)


def carrier(session: Session, now: datetime, **more: Any) -> Offering:
    given = {"title": "Traktion an der Neiße", "details": {"services": ["traction"]}, "areas": ("DE40",)}
    return make.offering(session, now, kind="rail", **(given | more))


def test_a_delivery_names_the_nearest_public_sidings_and_who_serves_both_ends(session: Session, now: datetime) -> None:
    taker = make.organisation(session, now, **HUETTE)
    permit(session, now, taker, 50_000)
    material = stream(session, now, make.organisation(session, now, **GUBEN), quantity=3000)
    delivery = service.propose(session, make.TESTER, material, taker, monthly(1500), now)
    session.flush()
    assert sidings.of_delivery(session, delivery) is None
    near = siding(session, now, GUBEN, "Süd")
    assert sidings.of_delivery(session, delivery) is None, "the other end has none"
    other = siding(session, now, HUETTE, "Kanal")
    siding(session, now, HUETTE | {"lat": 52.2}, "Weiter weg")
    siding(session, now, HUETTE, "Entwurf", status="draft")
    siding(session, now, HUETTE, "Beratung", details={"services": ["siding"]})
    siding(session, now, HUETTE, "Unlesbar").details_json = {"services": "none"}
    runs, _ = carrier(session, now), carrier(session, now, areas=("DE40G",))
    lets = {"trades": ("wagon-hire",), "title": "A Wagen zu vermieten"}
    carrier(session, now, details={"services": ["transport"]}, **lets)
    hauls = carrier(session, now, details={"services": ["transport"]}, **lets | {"trades": ("wagon-hire", "traction")})
    found = sidings.of_delivery(session, delivery)
    assert found is not None
    assert (found.here, found.there, found.carriers) == (near, other, [hauls, runs])
    assert (found.way.wagons, found.once) == (25, False)
    delivery.kg //= 2
    assert sidings.of_delivery(session, delivery) is None


@pytest.mark.parametrize(("fields", "wagons"), [({"per": "year", "quantity": 18000}, 25), ({"quantity": 1299}, None)])
def test_a_listing_is_compared_with_the_firm_that_reads_it(
    session: Session, now: datetime, fields: dict[str, Any], wagons: int | None
) -> None:
    siding(session, now, GUBEN, "Süd")
    siding(session, now, HUETTE, "Kanal")
    firm = make.organisation(session, now, **HUETTE)
    for direction in ("available", "wanted"):
        listing = stream(session, now, direction=direction, **fields)
        cover = service.coverage(session, listing, now.date())
        found = sidings.of_listing(session, listing, firm, cover)
        assert (found.way.wagons if found else None) == wagons


def test_the_pages_say_it_in_each_language_and_never_of_a_listing_without_a_name(
    enter: Enter, window: Callable[[], TestClient], sessions: Sessions
) -> None:
    taker = enter("annahme@nehmer.example", "admin", firm="Nehmer GmbH", **HUETTE)
    now = utc_now()
    with sessions.begin() as session:
        permit(session, now, session.scalars(select(Organisation)).one(), 50_000)
        for at, name in ((GUBEN, "Süd"), (HUETTE, "Kanal")):
            siding(session, now, at, name)
        named, hidden = (stream(session, now, quantity=3000, anonymous=anonymous) for anonymous in (False, True))
        paths = [f"/offerings/{one.ref}/{one.slug}" for one in (named, hidden)]
        refs = [named.ref, hidden.ref]
    for page in (paths[0], f"/me/deliveries/new/{refs[0]}"):
        said = taker.get(page).text
        assert "50 Wagen im Monat, je 60 t." in said, page
        assert "Süd</a>, Guben" in said
        assert "Kanal</a>, Eisenhüttenstadt" in said
        assert "Noch hat hier keine Firma angegeben" in said
        assert "50 wagonów miesięcznie" in taker.get(f"/pl{page}").text
    for page in (paths[1], f"/me/deliveries/new/{refs[1]}"):
        assert "Mit der Bahn" not in taker.get(page).text, "a siding near by says where it is"
    assert "Mit der Bahn" not in window().get(paths[0]).text, "nobody reads it who is no counterpart"
    year = now.year + 1
    form = {"tonnes": "1500", "per": "month", "starts_on": f"{year}-01-01", "ends_on": f"{year}-06-30"}
    for ref, known in zip(refs, (True, False), strict=True):
        place = taker.post(f"/me/deliveries/new/{ref}", data=form).headers["location"]
        assert ("25 Wagen im Monat" in taker.get(place).text) is known
