"""Permits and deliveries through forms, from both sides; a listing without a name keeps it until its firm agrees."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions
from market.deliveries import permits, service
from market.deliveries.models import Delivery, Permit
from market.files.models import File
from market.journal import Entry
from market.mail.models import Letter
from market.offerings.models import Offering
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.certificates.conftest import paper
from tests.deliveries.conftest import GYPSUM, permit, stream

Enter = Callable[..., TestClient]
HOLDER = {"town": "Geheimdorf", "postcode": "03999", "phone": "+49 30 23125-999"}
SECRETS = ("Verschwiegen", "Geheimdorf", "03999", "post@verschwiegen.example", "23125-999")


def form(**more: str) -> dict[str, str]:
    """24 t in every month of next year, as a recipient proposes it."""
    year = local_day(utc_now()).year + 1
    days = {"starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31"}
    return {"tonnes": "24", "per": "month", "note": "Zuschlag für Estrich"} | days | more


def facts(**more: str) -> dict[str, str]:
    until = (local_day(utc_now()) + timedelta(days=1000)).isoformat()
    given = {"number": "BI-7", "authority": "Musteramt", "codes": "06 03 14\n10 01 05, 170603*", "tonnes": "400"}
    return given | {"valid_until": until} | more


@pytest.fixture
def operator(window: Callable[[], TestClient], sessions: Sessions) -> TestClient:
    client, now = window(), utc_now()
    with sessions.begin() as session:
        person = people.make_operator(session, OPERATOR, "amt@werkplatz.example", "Birgit Beispiel", now)
        token, _ = door.start(session, person, "link", now)
    client.cookies.set("session", token)
    return client


@pytest.fixture
def listing(enter: Enter, sessions: Sessions) -> dict[str, Any]:
    """An anonymous stream, its holder's window, and a recipient's window with a permit of 400 t a year."""
    holder = enter("chef@verschwiegen.example", "admin", firm="Verschwiegen GmbH", **HOLDER)
    taker = enter("annahme@nehmer.example", "admin", firm="Nehmer GmbH")
    now = utc_now()
    with sessions.begin() as session:
        firms = {o.name: o for o in session.scalars(select(Organisation))}
        firms["Verschwiegen GmbH"].email = "post@verschwiegen.example"
        made = stream(session, now, firms["Verschwiegen GmbH"], anonymous=True)
        permit(session, now, firms["Nehmer GmbH"], 400)
        session.flush()
        return {"holder": holder, "taker": taker, "ref": made.ref, "path": f"/offerings/{made.ref}/{made.slug}"}


def letters(sessions: Sessions, to: str) -> list[Letter]:
    with sessions() as session:
        return list(session.scalars(select(Letter).where(Letter.to == to).order_by(Letter.id)))


def test_a_permit_is_handed_in_checked_and_counts(enter: Enter, operator: TestClient, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    assert firm.post("/me/permits/new", data=facts()).status_code == 422  # without the decision
    assert firm.post("/me/permits/new", data=facts(), files=paper("bescheid.pdf")).status_code == 303
    with sessions() as session:
        held = session.scalars(select(Permit)).one()
        assert held.codes == ("06 03 14", "10 01 05", "17 06 03*")
        assert (held.kg_per_year, held.state) == (400_000, "uploaded")
        file = session.scalars(select(File)).one()
        assert file.purpose == "permit"
    assert "in Prüfung" in firm.get("/me/permits").text
    assert firm.get(f"/files/{file.ref}/bescheid.pdf").status_code == 200
    assert enter("x@fremd.example", "admin", firm="Fremd AG").get(f"/files/{file.ref}/a.pdf").status_code == 404
    assert "BI-7" in operator.get("/operator/permits").text
    assert operator.post(f"/operator/permits/{held.ref}/decline", data={"reason": ""}).status_code == 422
    assert operator.post(f"/operator/permits/{held.ref}/verify").status_code == 303
    assert "400\u00a0t von 400\u00a0t frei" in firm.get("/me/permits").text
    (letter,) = letters(sessions, "adm@probe.example")
    assert letter.subject == "Genehmigung BI-7: geprüft"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"codes": "10 02"}, "sechs Ziffern"),
        ({"tonnes": "1.200"}, "ohne Tausenderpunkt"),
        ({"tonnes": "10", "elsewhere": "11"}, "nicht mehr sein"),
        ({"valid_until": "2020-01-01"}, "Dieser Tag ist vorbei"),
    ],
)
def test_a_permit_that_cannot_be_is_given_back(enter: Enter, wrong: dict[str, str], sentence: str) -> None:
    answer = enter("adm@probe.example", "admin").post("/me/permits/new", data=facts(**wrong), files=paper("b.pdf"))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "b.pdf" in answer.text  # the file is kept for the next try


def test_a_delivery_is_proposed_and_agreed_and_the_holder_named_only_then(
    listing: dict[str, Any], sessions: Sessions
) -> None:
    taker, holder = listing["taker"], listing["holder"]
    page = taker.get(listing["path"]).text
    assert "0 von 50 t je Monat vermittelt" in page
    assert "Genehmigung BI-7: 400\u00a0t frei" in page
    answer = taker.post(f"/me/deliveries/new/{listing['ref']}", data=form())
    assert answer.status_code == 303
    place = answer.headers["location"]
    seen = [taker.get(path).text for path in (place, "/me/deliveries", "/me", "/me/account/export", listing["path"])]
    assert not [secret for secret in SECRETS for text in seen if secret in text]
    (asked,) = letters(sessions, "chef@verschwiegen.example")
    assert "Nehmer GmbH" in asked.text  # whoever proposes names itself
    assert "24 t je Monat" in asked.text
    assert taker.post(f"{place}/agree").status_code == 403
    assert holder.post(f"{place}/agree").status_code == 303
    assert "Verschwiegen GmbH" in taker.get(place).text
    assert "24 von 50 t je Monat vermittelt" in taker.get(listing["path"]).text
    assert "Nehmer GmbH" not in taker.get(listing["path"]).text.split("<main")[1]
    assert "Nehmer GmbH" in holder.get(listing["path"]).text
    (told,) = letters(sessions, "annahme@nehmer.example")
    assert "Verschwiegen GmbH" in told.text
    assert "+49 30 23125-999" in told.text


def test_not_agreed_leaves_the_holder_unnamed(listing: dict[str, Any], sessions: Sessions) -> None:
    taker, holder = listing["taker"], listing["holder"]
    place = taker.post(f"/me/deliveries/new/{listing['ref']}", data=form()).headers["location"]
    assert holder.post(f"{place}/cancel", data={"reason": ""}).status_code == 422
    assert holder.post(f"{place}/cancel", data={"reason": "Menge ist vergeben"}).status_code == 303
    (told,) = letters(sessions, "annahme@nehmer.example")
    texts = [told.subject, told.text, told.html, taker.get(place).text, taker.get("/me/deliveries").text]
    assert "Menge ist vergeben" in told.text
    assert not [secret for secret in SECRETS for text in texts if secret in text]
    with sessions() as session:
        entries = session.scalars(select(Entry).where(Entry.subject.in_(("deliveries", "permits")))).all()
    assert entries
    assert not [secret for secret in SECRETS for entry in entries if secret in str(entry.data)]


def test_a_refusal_stands_at_its_field_with_figure_and_limit(listing: dict[str, Any]) -> None:
    year = local_day(utc_now()).year + 1
    answer = listing["taker"].post(f"/me/deliveries/new/{listing['ref']}", data=form(tonnes="40"))
    assert answer.status_code == 409
    said = f"Genehmigung BI-7 lässt für {year} noch 400 t, diese Lieferung braucht 480 t."
    assert answer.text.count(said) == 2  # in the summary and at the field
    crossing = form(per="once", ends_on=f"{year + 1}-02-01")
    answer = listing["taker"].post(f"/me/deliveries/new/{listing['ref']}", data=crossing)
    assert (answer.status_code, "in einem Kalenderjahr" in answer.text) == (422, True)


def test_the_holder_proposes_to_a_listing_that_wants_the_material(
    enter: Enter, listing: dict[str, Any], sessions: Sessions
) -> None:
    now = utc_now()
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Nehmer GmbH")).one()
        wanted = stream(session, now, firm, direction="wanted", anonymous=True, title="Gips gesucht")
        session.flush()
        ref = wanted.ref
    holder, taker = listing["holder"], listing["taker"]
    assert holder.post(f"/me/deliveries/new/{ref}", data=form()).status_code == 422
    answer = holder.post(f"/me/deliveries/new/{ref}", data=form(material=listing["ref"]))
    place = answer.headers["location"]
    assert "Nehmer" not in holder.get(place).text
    too_much = holder.post(f"/me/deliveries/new/{ref}", data=form(material=listing["ref"], tonnes="45"))
    assert "BI-7" not in too_much.text  # the permit is the recipient's own affair
    assert "lässt für" in too_much.text
    assert holder.post(f"{place}/agree").status_code == 403
    assert taker.post(f"{place}/agree").status_code == 303
    assert "Nehmer GmbH" in holder.get(place).text


def test_tonnes_gone_meanwhile_are_refused_to_whoever_agrees(listing: dict[str, Any], sessions: Sessions) -> None:
    taker, holder = listing["taker"], listing["holder"]
    places = [
        taker.post(f"/me/deliveries/new/{listing['ref']}", data=form(tonnes=tonnes)).headers["location"]
        for tonnes in ("20", "15")
    ]
    assert holder.post(f"{places[0]}/agree").status_code == 303
    answer = holder.post(f"{places[1]}/agree")
    assert answer.status_code == 409
    assert "noch 160 t, diese Lieferung braucht 180 t" in answer.text
    assert "BI-7" not in answer.text
    with sessions() as session:
        assert {one.state for one in session.scalars(select(Delivery))} == {"agreed", "proposed"}


def test_a_permit_on_which_something_is_agreed_is_not_withdrawn(listing: dict[str, Any], sessions: Sessions) -> None:
    taker, holder = listing["taker"], listing["holder"]
    place = taker.post(f"/me/deliveries/new/{listing['ref']}", data=form()).headers["location"]
    holder.post(f"{place}/agree")
    with sessions() as session:
        held = session.scalars(select(Permit)).one()
    assert taker.post(f"/me/permits/{held.ref}/withdraw").status_code == 409
    year = local_day(utc_now()).year + 1
    answer = taker.post(f"/me/permits/{held.ref}", data=facts(tonnes="200"), files=paper("neu.pdf"))
    assert answer.status_code == 409
    assert f"Für {year} sind Lieferungen über 288 t vereinbart, die Genehmigung ließe nur 200 t." in answer.text
    with sessions() as session:
        held = session.scalars(select(Permit)).one()
        assert (held.kg_per_year, held.state) == (400_000, "verified")
        assert service.left(session, held, year) == 112_000


def test_an_unnamed_holder_is_not_found_by_the_figure(
    client: TestClient, listing: dict[str, Any], deliver: Callable[[], int]
) -> None:
    deliver()
    found = client.get("/search", params={"q": "Gips"}).text + client.get(listing["path"]).text
    assert "Gips aus der Neutralisation" in found
    assert not [secret for secret in SECRETS if secret in found]


def test_permits_do_not_count_after_their_last_day(sessions: Sessions) -> None:
    now = utc_now()
    with sessions.begin() as session:
        firm = make.organisation(session, now)
        today = local_day(now)
        permit(session, now, firm, valid_until=today - timedelta(days=1))
        assert permits.has_rows(session, firm.id, [GYPSUM])
        assert permits.for_matching(session, firm.id, today) == []
        assert session.scalars(select(Offering)).all() == []
        assert GYPSUM in session.scalars(select(Permit)).one().codes
