"""Planned work from the first draft to its end, the pledges of firms, and who reads what."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market import clock
from market.accounts.models import Organisation, Person
from market.db import Sessions
from market.journal import Entry
from market.lookaheads import personal
from market.lookaheads.models import Lookahead, Pledge
from market.mail.models import Letter
from market.needs.models import Invitation, Need
from market.values import local_day, utc_now
from tests import factories as make

SECRET = "Mit eigenem Autokran"


def day(after: int) -> str:
    return (local_day(utc_now()) + timedelta(days=after)).isoformat()


def form(**more: Any) -> dict[str, Any]:
    given = {"kind": "shutdown", "confidence": "likely", "lang": "de", "title": "Sommerstillstand", "place": "03172"}
    given |= {"site": "Tor 3", "first_on": day(120), "last_on": day(140), "headcount": "40"}
    return given | {"trades": ["piping-construction", "welding"], "cpv": "45231100", "expected": "Rohre."} | more


def offer(**more: Any) -> dict[str, Any]:
    given = {"people-piping-construction": "6", "people-welding": "", "first_on": day(120), "last_on": day(130)}
    return given | {"remark": SECRET} | more


@pytest.fixture
def bea(enter: Callable[..., TestClient]) -> TestClient:
    return enter("bea@werk.example", "buyer", firm="Werk SE", is_partner=True)


@pytest.fixture
def firm(enter: Callable[..., TestClient], sessions: Sessions) -> TestClient:
    """Checked, with an offering the planned work fits."""
    window = enter("fia@rohr.example", "bidder", firm="Rohr GmbH", verified_on=local_day(utc_now()))
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation).where(Organisation.name == "Rohr GmbH")).one()
        make.offering(session, utc_now(), owner, title="Rohrleitungsbau", radius_km=60)
    return window


@pytest.fixture
def place(bea: TestClient) -> str:
    """Its address among the partner's pages; it is out."""
    answer = bea.post("/me/look-ahead/new", data=form())
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    assert bea.post(address, data={"do": "publish"}).status_code == 303
    return address


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def letters(sessions: Sessions, to: str) -> list[str]:
    with sessions() as session:
        return [one.subject for one in session.scalars(select(Letter).where(Letter.to == to).order_by(Letter.id))]


def test_a_draft_is_its_partners_and_published_it_is_everybodys(
    bea: TestClient, window: Callable[[], TestClient], firm: TestClient
) -> None:
    address = bea.post("/me/look-ahead/new", data=form()).headers["location"]
    ref = address.rpartition("/")[2]
    public = f"/look-ahead/{ref}/sommerstillstand"
    nobody = window()
    assert bea.get(public).status_code == 200
    assert [who.get(public).status_code for who in (nobody, firm)] == [404, 404]
    assert "stillstand</a>" not in nobody.get("/look-ahead").text
    assert bea.post(address, data={"do": "publish"}).status_code == 303
    assert "wahrscheinlich" in nobody.get(public).text
    for prefix, label in {"": "", "/en": "in German", "/pl": "po niemiecku"}.items():
        listed = nobody.get(f"{prefix}/look-ahead").text
        assert (f"<span>{label}</span>" in listed) == bool(label), "a text in another language says so"
        assert (' lang="de">Sommer\u00adstillstand</a>' in listed) == bool(label)
        assert f"<title>Sommerstillstand{f' ({label})' if label else ''}, " in nobody.get(f"{prefix}{public}").text
    assert nobody.get(f"/look-ahead/{ref}").headers["location"] == public
    for listed in ("/look-ahead", "/look-ahead?kind=shutdown&page=9", "/look-ahead.atom", "/look-ahead.ics"):
        assert "Sommerstillstand" in nobody.get(listed).text.replace("\u00ad", ""), listed
    assert "stillstand</a>" not in nobody.get("/look-ahead?kind=framework").text
    assert "STATUS:TENTATIVE" in nobody.get("/look-ahead.ics").text
    again = nobody.get("/look-ahead.ics", headers={"if-none-match": nobody.get("/look-ahead.ics").headers["etag"]})
    assert again.status_code == 304


def test_firms_it_fits_find_it_and_others_do_not(
    firm: TestClient, place: str, enter: Callable[..., TestClient], sessions: Sessions
) -> None:
    page = firm.get("/me/look-ahead").text
    assert "Passt zu Ihrem Angebot: Rohrleitungsbau" in page
    assert "Geplante Arbeiten, die zu Ihnen passen" in firm.get("/me").text
    far = enter("ola@fern.example", "admin", firm="Fern GmbH", verified_on=local_day(utc_now()))
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation).where(Organisation.name == "Fern GmbH")).one()
        make.offering(session, utc_now(), owner, lat=53.5, lon=10.0, radius_km=60)
        make.offering(session, utc_now(), owner, trades=("scaffolding",), cpv=("90500000",))
        make.offering(session, utc_now(), owner, areas=("DE402",))
    assert "Sommerstillstand" not in far.get("/me/look-ahead").text


def test_a_pledge_is_given_changed_withdrawn_and_given_again(
    firm: TestClient, bea: TestClient, place: str, sessions: Sessions
) -> None:
    mine = f"{place}/pledge"
    assert firm.post(mine, data=offer()).status_code == 303
    assert firm.post(mine, data=offer(**{"people-welding": "2"})).status_code == 303
    page = bea.get(place).text
    assert "Rohr GmbH" in page
    assert SECRET in page
    assert "Zugesagtes Personal: 8" in page
    assert "Zugesagt: 8 Personen, Firmen: 1" in bea.get("/me/look-ahead").text
    assert firm.post(mine, data={"do": "withdraw"}).status_code == 303
    assert "Rohr GmbH" not in bea.get(place).text
    assert firm.post(mine, data={"do": "withdraw"}).status_code == 409
    assert firm.post(mine, data=offer()).status_code == 303
    assert letters(sessions, "bea@werk.example") == [
        "Neue Zusage: Sommerstillstand",
        "Zusage geändert: Sommerstillstand",
        "Zusage zurückgezogen: Sommerstillstand",
        "Neue Zusage: Sommerstillstand",
    ]
    with sessions() as session:
        told = session.scalars(select(Entry).where(Entry.subject == "capacity_pledges").order_by(Entry.id))
        assert [(one.verb, one.data) for one in told] == [
            ("lookaheads.pledged", {}),
            ("lookaheads.pledge_changed", {}),
            ("lookaheads.pledge_withdrawn", {}),
            ("lookaheads.pledged", {}),
        ]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"people-piping-construction": ""}, "people-piping-construction"),
        ({"people-piping-construction": "0"}, "people-piping-construction"),
        ({"people-piping-construction": "sechs"}, "people-piping-construction"),
        ({"people-welding": "-3"}, "people-welding"),
        ({"people-welding": "1000"}, "people-welding"),
        ({"first_on": ""}, "first_on"),
        ({"first_on": day(119)}, "first_on"),
        ({"last_on": day(141)}, "last_on"),
        ({"first_on": day(130), "last_on": day(125)}, "last_on"),
        ({"remark": "x" * 1001}, "remark"),
    ],
)
def test_a_pledge_that_cannot_be_meant_comes_back_as_typed(
    firm: TestClient, place: str, sessions: Sessions, typed: dict[str, str], field: str
) -> None:
    answer = firm.post(f"{place}/pledge", data=offer() | typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if "remark" not in typed:
        assert SECRET in answer.text
    with sessions() as session:
        assert session.scalar(select(Pledge)) is None


def test_an_older_window_is_asked_before_it_overwrites_the_pledge(
    firm: TestClient, place: str, sessions: Sessions
) -> None:
    mine = f"{place}/pledge"
    seen = {"seen": seen_in(firm.get(mine).text)}
    assert firm.post(mine, data=offer() | seen).status_code == 303
    asked = firm.post(mine, data=offer(**{"people-welding": "2"}) | seen)
    assert asked.status_code == 409
    assert 'id="stale"' in asked.text
    assert 'value="2"' in asked.text
    with sessions() as session:
        assert "welding" not in session.scalars(select(Pledge)).one().people
    answer = offer(**{"people-welding": "2"}) | {"seen": seen_in(asked.text)}
    assert firm.post(mine, data=answer).status_code == 303
    with sessions() as session:
        assert session.scalars(select(Pledge)).one().people["welding"] == 2


def test_no_other_firm_and_no_other_partner_learns_of_a_pledge(
    firm: TestClient, place: str, enter: Callable[..., TestClient], window: Callable[[], TestClient], sessions: Sessions
) -> None:
    firm.post(f"{place}/pledge", data=offer())
    rival = enter("rob@rival.example", "admin", firm="Rival GmbH", verified_on=local_day(utc_now()))
    other = enter("ole@hafen.example", "admin", firm="Hafen AG", is_partner=True)
    public = f"/look-ahead/{place.rpartition('/')[2]}/sommerstillstand"
    for who in (rival, other, window()):
        for path in (public, "/look-ahead", "/look-ahead.atom", "/look-ahead.ics", "/me/look-ahead", f"{place}/pledge"):
            answer = who.get(path).text
            assert "Rohr GmbH" not in answer, path
            assert SECRET not in answer, path
    assert other.get(place).status_code == 404
    assert other.post(place, data={"do": "cancel", "reason": "Aus Neugier"}).status_code == 404
    assert [other.get(f"{place}/pledge").status_code, rival.get(place).status_code] == [403, 404]
    with sessions() as session:
        said = [f"{one.subject}{one.text}" for one in session.scalars(select(Letter))]
        assert not [one for one in said if SECRET in one]


def test_a_firm_that_is_not_checked_or_only_reads_does_not_pledge(place: str, enter: Callable[..., TestClient]) -> None:
    new = enter("neu@neu.example", "admin", firm="Neu GmbH")
    assert new.post(f"{place}/pledge", data=offer()).status_code == 403
    public = f"/look-ahead/{place.rpartition('/')[2]}/sommerstillstand"
    assert "sobald der Betreiber Ihre Firma geprüft hat" in new.get(public).text
    reader = enter("rita@alt.example", "reader", firm="Alt GmbH", verified_on=local_day(utc_now()))
    assert reader.get(f"{place}/pledge").status_code == 403


def test_moved_work_asks_for_the_pledge_anew(firm: TestClient, bea: TestClient, place: str, sessions: Sessions) -> None:
    mine = f"{place}/pledge"
    firm.post(mine, data=offer())
    assert bea.post(f"{place}/edit", data=form()).status_code == 303
    assert letters(sessions, "fia@rohr.example") == []
    assert bea.post(f"{place}/edit", data=form(confidence="fixed")).status_code == 303
    assert bea.post(f"{place}/edit", data=form(first_on=day(150), last_on=day(170))).status_code == 303
    assert letters(sessions, "fia@rohr.example") == ["Geändert: Sommerstillstand", "Verschoben: Sommerstillstand"]
    assert "für den früheren Zeitraum" in bea.get(place).text
    assert "Geplante Arbeiten wurden verschoben" in firm.get("/me").text
    page = firm.get(mine).text
    assert "für einen anderen Zeitraum" in page
    assert f'value="{day(150)}"' in page
    assert firm.post(mine, data=offer(first_on=day(150), last_on=day(160))).status_code == 303
    assert "für den früheren Zeitraum" not in bea.get(place).text


def test_cancelled_work_is_told_with_its_reason_and_takes_nothing_any_more(
    firm: TestClient, bea: TestClient, place: str, sessions: Sessions, last_letter: Callable[[], Letter]
) -> None:
    firm.post(f"{place}/pledge", data=offer())
    assert bea.post(place, data={"do": "cancel", "reason": "nö"}).status_code == 422
    assert bea.post(place, data={"do": "cancel", "reason": "Der Ofen läuft weiter."}).status_code == 303
    assert letters(sessions, "fia@rohr.example") == ["Abgesagt: Sommerstillstand"]
    assert "Der Ofen läuft weiter." in last_letter().text
    assert firm.post(f"{place}/pledge", data=offer()).status_code == 409
    for what in ("publish", "call", "cancel"):
        form_ = {"do": what, "procedure": "tender", "reason": "Noch einmal"}
        assert bea.post(place, data=form_).status_code == 409
    assert bea.post(f"{place}/edit", data=form(title="Anders")).status_code == 409
    public = firm.get(f"/look-ahead/{place.rpartition('/')[2]}/sommerstillstand").text
    assert "Der Ofen läuft weiter." in public


def test_a_need_made_of_it_invites_the_firms_that_pledged(
    firm: TestClient, bea: TestClient, place: str, sessions: Sessions, window: Callable[[], TestClient]
) -> None:
    firm.post(f"{place}/pledge", data=offer())
    assert bea.post(place, data={"do": "call", "procedure": "luck"}).status_code == 422
    drafted = bea.post(place, data={"do": "call", "procedure": "tender"})
    assert drafted.status_code == 303
    with sessions() as session:
        need = session.scalars(select(Need)).one()
        assert (need.stage, need.title, need.site, need.town) == ("draft", "Sommerstillstand", "Tor 3", "Guben")
        assert (str(need.execution_from), str(need.execution_until)) == (day(120), day(140))
        assert need.trades == ("piping-construction", "welding")
        invitation = session.scalars(select(Invitation)).one()
        assert (invitation.organisation.name, invitation.told_at) == ("Rohr GmbH", None)
        title = need.slug
    assert letters(sessions, "fia@rohr.example") == ["Wird zum Bedarf: Sommerstillstand"]
    public = window().get(f"/look-ahead/{place.rpartition('/')[2]}/sommerstillstand").text
    assert "Hieraus wird ein Bedarf" in public
    assert f"/{title}</a>" not in public
    assert f"/needs/{drafted.headers['location'].rpartition('/')[2]}" not in public


def test_what_is_over_lapses_and_cannot_be_published(
    firm: TestClient, bea: TestClient, place: str, sessions: Sessions, window: Callable[[], TestClient]
) -> None:
    with sessions.begin() as session:
        entry = session.scalars(select(Lookahead)).one()
        entry.first_on = entry.last_on = local_day(utc_now()) - timedelta(days=1)
    assert "Sommerstillstand" not in window().get("/look-ahead").text
    assert firm.post(f"{place}/pledge", data=offer(first_on=day(-1), last_on=day(-1))).status_code == 409
    with sessions.begin() as session:
        clock.tick(session, utc_now())
    with sessions.begin() as session:
        entry = session.scalars(select(Lookahead)).one()
        assert entry.state == "lapsed"
        assert session.scalars(select(Entry).where(Entry.verb == "lookaheads.lapsed")).one().actor == "system"
    assert bea.post(place, data={"do": "call", "procedure": "tender"}).status_code == 409
    late = bea.post("/me/look-ahead/new", data=form()).headers["location"]
    with sessions.begin() as session:
        entry = session.scalars(select(Lookahead).where(Lookahead.state == "draft")).one()
        entry.first_on = entry.last_on = local_day(utc_now()) - timedelta(days=1)
    assert bea.post(late, data={"do": "publish"}).status_code == 409


def test_what_is_wrong_in_an_entry_stands_at_its_field(bea: TestClient, enter: Callable[..., TestClient]) -> None:
    wrong = form(place="Nirgendwohausen", first_on=day(9), last_on=day(2), trades=["no-such"], cpv="", headcount="0")
    answer = bea.post("/me/look-ahead/new", data=wrong)
    assert answer.status_code == 422
    assert 'id="headcount-error"' in answer.text
    answer = bea.post("/me/look-ahead/new", data=wrong | {"headcount": ""})
    for field in ("place", "last_on", "trades"):
        assert f'id="{field}-error"' in answer.text, field
    assert "Nirgendwohausen" in answer.text
    reader = enter("rita@werk.example", "reader", firm="Werk SE")
    assert reader.post("/me/look-ahead/new", data=form()).status_code == 403


def test_who_pledged_is_told_of_and_forgotten(firm: TestClient, place: str, sessions: Sessions) -> None:
    firm.post(f"{place}/pledge", data=offer())
    with sessions.begin() as session:
        person = session.scalars(select(Person).where(Person.email == "fia@rohr.example")).one()
        assert personal.about(session, person)["capacity_pledges"][0]["state"] == "pledged"
        personal.forget(session, person)
        session.expire_all()
        assert session.scalars(select(Pledge)).one().person_id is None
