"""The pages, in several people's windows: who declares, scores, proposes, approves and reads what became of it."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from pypdf import PdfReader
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import sessions as door
from market.accounts.models import Person
from market.bids.models import Bid
from market.db import Sessions
from market.mail.models import Letter
from market.needs import release
from market.needs.models import Need
from market.values import utc_now
from market.viewer import OPERATOR
from tests.awards.conftest import Scene, build

Window = Callable[[], TestClient]


class House:
    """A scene that is committed, and a window for each of its people."""

    def __init__(self, sessions: Sessions, window: Window, **more: Any) -> None:
        self.sessions, self.window, self.open = sessions, window, dict[str, TestClient]()
        with sessions.begin() as session:
            session.info["base_url"] = "http://testserver"
            scene: Scene = build(session, utc_now(), **more)
            release.set_threshold(session, OPERATOR, scene.buyer, 1000_00, utc_now())
            self.ref = scene.need.ref
            self.bids = [bid.ref for bid in scene.bids]
            self.people = {name: person.id for name, person in scene.people.items()}

    def __getitem__(self, name: str) -> TestClient:
        if name not in self.open:
            self.open[name] = self.window()
            with self.sessions.begin() as session:
                person = session.get_one(Person, self.people[name])
                self.open[name].cookies.set("session", door.start(session, person, "link", utc_now())[0])
        return self.open[name]

    def page(self, name: str, path: str) -> str:
        return self[name].get(f"/me/needs/{self.ref}/{path}").text

    def post(self, name: str, path: str, **data: str) -> int:
        return self[name].post(f"/me/needs/{self.ref}/{path}", data=data).status_code

    def pdf(self, name: str) -> bytes:
        return self[name].get(f"/me/needs/{self.ref}/award-record.pdf").content

    def declare(self, *names: str) -> None:
        for name in names:
            assert self.post(name, "declaration", conflict="no") == 303

    @property
    def stage(self) -> str:
        with self.sessions() as session:
            return session.scalars(select(Need.stage).where(Need.ref == self.ref)).one()

    def fields(self, name: str, path: str) -> list[str]:
        return re.findall(r'name="(score-[^"]+)"', self.page(name, path))


def test_a_need_is_decided_from_the_first_look_to_the_letters(sessions: Sessions, window: Window) -> None:
    house = House(sessions, window)
    assert house["bea"].get(f"/me/needs/{house.ref}/bids").headers["location"].endswith("/declaration")
    assert house.post("bea", "evaluation") == 303
    house.declare("bea", "eva", "egon", "ada")
    assert "Gebote vergleichen" in house["bea"].get(f"/me/needs/{house.ref}").text
    grid = house.page("bea", "bids")
    assert 'class="best">8,00' in grid
    assert "1 Lücke, nicht vergleichbar" in grid
    fields = house.fields("eva", "scores")
    assert len(fields) == 3
    wrong = house["eva"].post(f"/me/needs/{house.ref}/scores", data={fields[0]: "7,3", "do": "hand-in"})
    assert wrong.status_code == 422
    assert 'value="7,3"' in wrong.text
    for name, first in (("eva", "9"), ("egon", "5")):
        marks = dict(zip(fields, (first, "5,5", "6"), strict=True))
        assert house.post(name, "scores", **marks, do="hand-in") == 303
        if name == "eva":
            assert house.page("egon", "consensus").count("einzeln:") == 0
            assert house.page("eva", "consensus").count("einzeln:") == 3
    agreed = dict(zip(fields, ("8", "5,5", "6"), strict=True))
    assert house.post("bea", "consensus", **agreed) == 422
    agreed[fields[0].replace("score", "reason")] = "Nach Aussprache"
    assert house.post("bea", "consensus", **agreed) == 303
    assert "84,5" in house.page("bea", "consensus")

    assert house.post("bea", "award", form="whole", reason="Meiste Punkte") == 422
    note = {f"note-{house.bids[1]}": "Das Konzept nennt keine zweite Schicht."}
    assert house.post("bea", "award", form="whole", winner=house.bids[0], reason="Meiste Punkte", **note) == 303
    assert house.stage == "evaluation"
    assert house.post("bea", "award/decision", do="approve") == 403
    assert house.post("ada", "award/decision", do="return") == 422
    assert house.post("ada", "award/decision", do="return", reason="Bitte prüfen") == 303
    assert "Bitte prüfen" in house.page("bea", "award")
    assert house.post("bea", "award", form="whole", winner=house.bids[0], reason="Geprüft", **note) == 303
    assert "1 Zuschlag wartet auf Ihre Freigabe" in house["ada"].get("/me").text
    assert house.post("ada", "award/decision", do="approve") == 303
    assert house.stage == "awarded"
    with sessions() as session:
        letters = session.scalars(select(Letter).where(Letter.event == "awards/decision").order_by(Letter.id)).all()
    assert [letter.subject.partition(":")[0] for letter in letters] == ["Sie haben gewonnen", *["Kein Zuschlag"] * 2]
    assert "keine zweite Schicht" in letters[1].text
    assert "Jeder Bieter hat eine Antwort" in house.page("bea", "award")
    assert house.post("bea", "completion") == 303
    assert house.stage == "completed"

    won, lost = (house[f"bidder{place}"].get(f"/needs/{house.ref}/outcome").text for place in (0, 1))
    assert "Sie haben gewonnen" in won
    assert "keine zweite Schicht" in lost
    for foreign in ("84,5", "Bieter 1", "Bieter 3", "Meiste Punkte", "Nach Aussprache"):
        assert foreign not in lost


def test_whoever_has_an_interest_sees_no_page_with_a_bid(sessions: Sessions, window: Window) -> None:
    house = House(sessions, window)
    assert house.post("eva", "declaration", conflict="yes", note="Schwager bietet mit") == 303
    for path in ("bids", f"bids/{house.bids[0]}", "bids.xlsx", "scores", "consensus", "award"):
        answer = house["eva"].get(f"/me/needs/{house.ref}/{path}")
        assert (answer.status_code, answer.headers["location"].rpartition("/")[2]) == (303, "declaration")
    assert "Bieter 1" not in house.page("eva", "declaration")
    assert house.post("eva", "declaration", conflict="no") == 409


def test_what_two_people_need_not_open_is_read_from_the_button_on(sessions: Sessions, window: Window) -> None:
    house = House(sessions, window, stage="closed", criteria=False)
    house.declare("bea")
    assert "Bieter 1" not in house.page("bea", "bids")
    assert "Bewertung beginnen" in house["bea"].get(f"/me/needs/{house.ref}").text
    assert house.post("bea", "evaluation") == 303
    assert "Bieter 1 GmbH: Es wurde nach der letzten" in house.page("bea", "bids")
    assert house.post("bea", "evaluation") == 409


def test_the_table_holds_what_the_page_shows_and_no_formula(sessions: Sessions, window: Window) -> None:
    house = House(sessions, window)
    house.declare("bea")
    with sessions.begin() as session:
        bid = session.scalars(select(Bid).where(Bid.ref == house.bids[0])).one()
        bid.organisation.name = '=HYPERLINK("http://evil.example")'
    answer = house["bea"].get(f"/me/needs/{house.ref}/bids.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "1 Lücke" in strings
    assert "HYPERLINK" in strings
    assert "<f>" not in sheet


def test_an_award_is_handed_over_with_suppliers_lines_and_prices_and_recorded_in_one_pdf(
    sessions: Sessions, window: Window
) -> None:
    house = House(sessions, window, criteria=False)
    house.declare("bea", "ada")
    house.post("bea", "evaluation")
    assert house["bea"].get(f"/me/needs/{house.ref}/award.json").status_code == 404
    house.post("bea", "award", form="whole", winner=house.bids[1], reason="Niedrigste Summe")
    house.post("ada", "award/decision", do="approve")
    order = house["bea"].get(f"/me/needs/{house.ref}/award.json").json()
    (one,) = order["orders"]
    assert (order["value"], order["decided_by"], one["supplier"]["name"]) == ("1050.00", "Ada", "Bieter 2 GmbH")
    assert [(line["quantity"], line["price"], line["amount"]) for line in one["lines"]] == [
        ("100", "8.00", "800.00"),
        ("10", "25.00", "250.00"),
    ]
    table = house["bea"].get(f"/me/needs/{house.ref}/award.csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 3
    assert "Bieter 2 GmbH" in table[1]
    assert house["bea"].get(f"/me/needs/{house.ref}/award.xml").status_code == 404
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(house.pdf("bea"))).pages)
    for said in ("Niedrigste Summe", "Bieter 3 GmbH", "kein Interesse", "1.050", "Entschieden von: Ada"):
        assert said in text, said


def test_a_person_rules_on_a_requirement_and_the_page_says_who_did(sessions: Sessions, window: Window) -> None:
    asked = {"title": "Gerüstschein", "type": "bool", "knock_out": True}
    house = House(sessions, window, requirement=asked, answers=(True, False, True))
    house.declare("bea")
    house.post("bea", "evaluation")
    path = f"bids/{house.bids[1]}"
    page = house.page("bea", path)
    ref = re.search(r'name="requirement" value="([^"]+)"', page)
    assert ref
    assert house.post("bea", path, requirement=ref[1], met="yes") == 422
    assert house.post("bea", path, requirement=ref[1], met="yes", reason="Schein liegt vor") == 303
    assert "Schein liegt vor" in house.page("bea", path)


def test_who_does_not_get_to_it_is_no_longer_waited_for_with_a_reason(sessions: Sessions, window: Window) -> None:
    house = House(sessions, window)
    house.declare("bea", "eva")
    house.post("bea", "evaluation")
    marks = dict.fromkeys(house.fields("eva", "scores"), "7")
    house.post("eva", "scores", **marks, do="hand-in")
    assert "Ohne Egon weitermachen" in house.page("bea", "consensus")
    egon, eva = str(house.people["egon"]), str(house.people["eva"])
    assert house.post("bea", "consensus/release", person=egon) == 422
    assert house.post("eva", "consensus/release", person=egon, reason="Urlaub") == 403
    assert house.post("bea", "consensus/release", person=eva, reason="Urlaub") == 409
    assert house.post("bea", "consensus/release", person=egon, reason="Im Urlaub bis Januar") == 303
    assert house.post("bea", "consensus", **marks) == 303
    record = PdfReader(io.BytesIO(house.pdf("bea"))).pages
    said = " ".join(" ".join(page.extract_text() for page in record).split())
    assert "Egon bewertet nicht mehr mit: Im Urlaub bis Januar (Bea" in said
