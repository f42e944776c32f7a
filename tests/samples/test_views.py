"""A sample order from both sides; the report is open to buyer and laboratory alone."""

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
from market.files.models import File
from market.journal import Entry
from market.mail.models import Letter
from market.samples import days
from market.samples.models import SampleOrder
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.certificates.conftest import paper

SECRET = (
    b"%PDF-1.7\nSTRENGGEHEIM Zugfestigkeit 512 MPa\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
METHODS: list[dict[str, Any]] = [
    {"parameter": "Zugversuch", "matrix": "Stahl", "standard": "DIN EN ISO 6892-1", "accredited": True}
    | {"scope_line": "2.1", "turnaround_days": 3, "price": 85.5},
    {"parameter": "Härte", "matrix": "Stahl", "standard": "DIN EN ISO 6506-1", "turnaround_days": 5, "price": 20},
]
KEYS = [f"{one['parameter']}|{one['matrix']}|{one['standard']}" for one in METHODS]


@pytest.fixture
def bench(enter: Callable[..., TestClient], sessions: Sessions) -> dict[str, Any]:
    """A laboratory with two methods, its window and a buyer's."""
    lab = enter("labor@pruef.example", "admin", firm="Prüf GmbH")
    buyer = enter("einkauf@kauf.example", "admin", firm="Kauf GmbH")
    now = utc_now()
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Prüf GmbH")).one()
        details = {"methods": METHODS, "accreditation_number": "EX-D-PL-1"}
        made = make.offering(session, now, firm, kind="lab_test", title="Metalllabor", details=details)
        session.flush()
        path = f"/offerings/{made.ref}/{made.slug}"
    return {"lab": lab, "buyer": buyer, "ref": made.ref, "path": path}


def form(**more: Any) -> dict[str, Any]:
    return {"methods": KEYS, "description": "Bleche aus Charge 7", "count": "4", "wanted_on": ""} | more


def placed(bench: dict[str, Any]) -> str:
    answer = bench["buyer"].post(f"/me/samples/new/{bench['ref']}", data=form())
    assert answer.status_code == 303, answer.text
    place: str = answer.headers["location"]
    return place


def written(sessions: Sessions, to: str) -> list[Letter]:
    with sessions() as session:
        return list(session.scalars(select(Letter).where(Letter.to == to).order_by(Letter.id)))


def test_an_order_goes_from_step_to_step_with_letters(bench: dict[str, Any], sessions: Sessions) -> None:
    lab, buyer = bench["lab"], bench["buyer"]
    page = buyer.get(bench["path"]).text
    assert f"/me/samples/new/{bench['ref']}" in page
    assert "EX-D-PL-1, Zeile 2.1" in page
    place = placed(bench)
    shown = buyer.get(place).text
    assert "5 Arbeitstage nach Eingang" in shown
    assert "422\u00a0€" in shown  # (85.50 + 20) x 4
    assert buyer.post(f"{place}/receive").status_code == 403
    assert lab.post(f"{place}/begin").status_code == 409
    assert lab.post(f"{place}/receive").status_code == 303
    promised = days.after(local_day(utc_now()), 5)
    with sessions() as session:
        order = session.scalars(select(SampleOrder)).one()
        assert order.promised_on == promised
    assert buyer.post(f"{place}/cancel", data={"reason": "zu spät"}).status_code == 403
    assert lab.post(f"{place}/begin").status_code == 303
    assert lab.post(f"{place}/report").status_code == 422
    assert lab.post(f"{place}/report", files=paper("Ergebnis Kauf.pdf", SECRET)).status_code == 303
    assert lab.post(f"{place}/cancel", data={"reason": "zu spät"}).status_code == 409
    subjects = [letter.subject.partition(":")[0] for letter in written(sessions, "einkauf@kauf.example")]
    assert subjects == ["Prüfung beauftragt", "Proben eingegangen", "Proben in Prüfung", "Der Bericht ist da"]
    assert [one.subject.partition(":")[0] for one in written(sessions, "labor@pruef.example")] == [
        "Neuer Probenauftrag"
    ]
    with sessions() as session:
        file = session.scalars(select(File)).one()
    assert buyer.get(f"/files/{file.ref}/x.pdf").content == SECRET
    assert lab.get(f"/files/{file.ref}/x.pdf").content == SECRET


def test_the_report_is_open_to_buyer_and_laboratory_alone(
    bench: dict[str, Any],
    enter: Callable[..., TestClient],
    window: Callable[[], TestClient],
    sessions: Sessions,
    client: TestClient,
    deliver: Callable[[], int],
) -> None:
    place = placed(bench)
    for move in ("receive", "begin"):
        bench["lab"].post(f"{place}/{move}")
    bench["lab"].post(f"{place}/report", files=paper("Rissbefund Kauf GmbH.pdf", SECRET))
    with sessions.begin() as session:
        file = session.scalars(select(File)).one()
        person = people.make_operator(session, OPERATOR, "amt@werkplatz.example", "Birgit Beispiel", utc_now())
        token, _ = door.start(session, person, "link", utc_now())
        firms = {one.name: one.ref for one in session.scalars(select(Organisation))}
    operator, stranger = window(), enter("x@fremd.example", "admin", firm="Fremd AG")
    operator.cookies.set("session", token)
    path = f"/files/{file.ref}/{file.name}"
    assert [one.get(path).status_code for one in (window(), stranger, operator)] == [404, 404, 404]
    assert operator.post(f"/operator/firms/{firms['Kauf GmbH']}/act").status_code == 303
    assert operator.get(path).status_code == 404  # not in a firm's name either
    deliver()
    everywhere = [
        client.get("/search", params={"q": "Metalllabor"}).text,
        client.get("/api/v1/search/offerings", params={"q": "Charge"}).text,
        *(one.get(bench["path"]).text for one in (stranger, operator)),
        *(stranger.get(page).text for page in ("/me", "/me/samples", "/me/account/export")),
        *(operator.get(page).text for page in ("/operator", "/operator/journal", "/operator/health")),
        *(one.text + one.html for to in ("einkauf@kauf", "labor@pruef") for one in written(sessions, f"{to}.example")),
    ]
    with sessions() as session:
        everywhere += [str(entry.data) for entry in session.scalars(select(Entry))]
    for secret in ("STRENGGEHEIM", "Rissbefund", "Charge 7", file.key):
        assert not [text for text in everywhere if secret in text], secret


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"methods": []}, "mindestens ein Verfahren"),
        ({"methods": ["erfunden"]}, "seine Verfahren geändert"),
        ({"count": "0"}, "mindestens 1"),
        ({"wanted_on": "2020-01-01"}, "Dieser Tag ist vorbei"),
        ({"description": ""}, "Bitte füllen"),
    ],
)
def test_an_order_that_cannot_be_is_given_back(bench: dict[str, Any], wrong: dict[str, Any], sentence: str) -> None:
    answer = bench["buyer"].post(f"/me/samples/new/{bench['ref']}", data=form(**wrong))
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_buyer_may_cancel_until_the_samples_have_come(bench: dict[str, Any], sessions: Sessions) -> None:
    place = placed(bench)
    assert bench["buyer"].post(f"{place}/cancel", data={"reason": "Doch nicht nötig"}).status_code == 303
    assert "Doch nicht nötig" in written(sessions, "labor@pruef.example")[-1].text


def test_an_order_keeps_the_methods_of_its_day(bench: dict[str, Any], sessions: Sessions) -> None:
    from market.offerings import service as offerings
    from market.offerings.models import Offering

    place = placed(bench)
    with sessions.begin() as session:
        offering = session.scalars(select(Offering)).one()
        changed = {"methods": [METHODS[0] | {"price": 900, "turnaround_days": 30}]}
        offerings.change(session, OPERATOR, offering, utc_now() + timedelta(hours=1), details=changed)
    shown = bench["buyer"].get(place).text
    assert "5 Arbeitstage nach Eingang" in shown
    assert "422\u00a0€" in shown
