"""Everything private stands in one database under marker words; then all that others can read is searched for them.

Owners see the words first: a marker that was never kept would prove nothing.
"""

import argparse
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import meilisearch
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.commands import export
from market.commands import journal as journal_command
from market.config import Settings
from market.db import Sessions
from market.deliveries import service as deliveries
from market.deliveries.models import Delivery
from market.enquiries.models import Thread
from market.exchange.files import FORMATS, Format
from market.files.models import File
from market.movements.models import Movement
from market.samples.models import SampleOrder
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from search.documents import INDEXES
from tests import factories as make
from tests.bookings.conftest import course, rows_of, written
from tests.certificates.conftest import paper
from tests.deliveries.conftest import monthly, permit, stream
from tests.movements.support import ask, far, railway, slot_on, slots_of
from tests.samples.test_views import KEYS, METHODS

Enter = Callable[..., TestClient]
OWNER = "Flunderstolz Stoffe GmbH"
MARKERS = {
    "participant": "Quendelina",
    "report": "Xylophonbefund",
    "name of the report": "Krakenbericht",
    "sample": "Krokusprobe",
    "anonymous owner": "Flunderstolz",
    "permit": "QZ-7731-X",
    "delivery": "Dachsbaunotiz",
    "movement": "Gleisgnom",
    "enquiry": "Wolpertingerfrage",
    "answer": "Schnurrbartantwort",
    "contact": "Murmelspecht",
    "telephone": "03366 4711",
    "address of a person": "@zunderpfad.example",
    "name of a person": "Zaunkönigin",
    "holder of a certificate": "Haubentaucherin",
}
PDF = b"%PDF-1.7\nXylophonbefund 512 MPa\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class House:
    """The filled database: windows of those concerned, and the addresses of what is theirs."""

    def __init__(self, enter: Enter, sessions: Sessions) -> None:
        self.sessions = sessions
        self.buyer = enter("a@zunderpfad.example", "admin", firm="Werk Kauf SE", is_partner=True)
        self.seller = enter("b@zunderpfad.example", "admin", firm="Vielkönner GmbH")
        self.owner = enter("c@zunderpfad.example", "admin", firm=OWNER)
        self.private: list[str] = []
        self._plant()
        self._live()

    def _plant(self) -> None:
        now, today = utc_now(), local_day(utc_now())
        with self.sessions.begin() as session:
            firms = {one.name: one for one in session.scalars(select(Organisation))}
            seller, owner, buyer = firms["Vielkönner GmbH"], firms[OWNER], firms["Werk Kauf SE"]
            dates = course(session, today, written(today, seats_min=1, seats_max=3))
            self.session = rows_of(session, dates)[0].ref
            lab = make.offering(session, now, seller, kind="lab_test", title="Labor", details={"methods": METHODS})
            track = railway(session, now, slot_on(far(7)), firm=seller)
            more = {"origin": MARKERS["movement"], "note": MARKERS["movement"]}
            ask(session, slots_of(session, track)[0], buyer, now, **more)
            permit(session, now, buyer, number=MARKERS["permit"], authority=f"Amt {MARKERS['permit']}")
            waste = stream(session, now, owner, anonymous=True)
            material = stream(session, now, seller, title="Offener Gips")
            made = deliveries.propose(
                session, OPERATOR, material, buyer, monthly(5), now, by_holder=True, note=MARKERS["delivery"]
            )
            deliveries.agree(session, OPERATOR, made, now)
            make.certificate(
                session, now, seller, type="iso-9606-1", holder=MARKERS["holder of a certificate"], number="P-1"
            )
            session.flush()
            self.lab, self.waste, self.service = lab.ref, waste.ref, make.offering(session, now, seller).ref
            make.need(session, now, buyer, title="Gesuch")
            self.public = [f"/offerings/{one.ref}/{one.slug}" for one in (lab, track, waste, material, dates)]
            self.public += [f"/providers/{one.ref}/{one.slug}" for one in (seller, buyer)]
            self.feeds = [f"/sessions/{self.session}.ics", "/me/movements.ics", "/me/bookings.ics"]
            self.feeds += [f"/providers/{one.ref}/statement.pdf" for one in (seller, owner, buyer)]

    def _live(self) -> None:
        """What people do through pages, so that letters, logs and journal are those of the house."""
        name = MARKERS["participant"]
        self._sent(self.buyer, f"/sessions/{self.session}/book", seats="1", names=name, once="abcdefghjk")
        order = {"methods": KEYS, "description": MARKERS["sample"], "count": "1", "wanted_on": ""}
        place = self._sent(self.buyer, f"/me/samples/new/{self.lab}", **order)
        for move in ("receive", "begin"):
            self._sent(self.seller, f"{place}/{move}")
        report = paper(f"{MARKERS['name of the report']}.pdf", PDF)
        assert self.seller.post(f"{place}/report", files=report).status_code == 303
        words = {"what": MARKERS["enquiry"], "contact": MARKERS["contact"], "phone": MARKERS["telephone"]}
        more = {"place": "Guben", "period": "", "item": [f"o{self.service}", f"o{self.waste}"]}
        self._sent(self.buyer, "/enquiries/new", **words, **more)
        with self.sessions() as session:
            threads = {one.organisation.name: one.ref for one in session.scalars(select(Thread))}
            others = [session.scalars(select(model)).one() for model in (Movement, Delivery, SampleOrder)]
            movement, delivery, sample = (one.ref for one in others)
            file = session.scalars(select(File)).one()
            self.file = f"/files/{file.ref}/bericht.pdf"
        for firm, window in (("Vielkönner GmbH", self.seller), (OWNER, self.owner)):
            self._sent(window, f"/me/enquiries/threads/{threads[firm]}", text=MARKERS["answer"], kind="message")
            self.private.append(f"/me/enquiries/threads/{threads[firm]}")
        self._sent(self.buyer, "/me/account", name=MARKERS["name of a person"], language="de")
        booking = re.findall(r"/me/bookings/[\w-]{10,}", self.buyer.get("/me/bookings").text)[0]
        self.private += [booking, f"/me/movements/{movement}", f"/me/deliveries/{delivery}", f"/me/samples/{sample}"]
        self.private += [f"/me/sessions/{self.session}", self.file]

    def _sent(self, window: TestClient, path: str, **form: Any) -> str:
        answer = window.post(path, data=form)
        assert answer.status_code == 303, (path, answer.text)
        return str(answer.headers["location"])

    def seen_by_owners(self) -> str:
        """What the sides concerned read on their own pages."""
        own = (*self.private, "/me/permits", "/me/certificates", "/me/team", "/me/profile", "/me/enquiries")
        return "".join(window.get(path).text for window in (self.buyer, self.seller, self.owner) for path in own)


def found(text: str) -> set[str]:
    """Markers in a text."""
    low = text.casefold()
    return {name for name, word in MARKERS.items() if word.casefold() in low}


def test_nothing_private_is_read_by_anybody_else(
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    settings: Settings,
    deliver: Callable[[], int],
    enter: Enter,
    window: Callable[[], TestClient],
    sessions: Sessions,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG, logger="market")
    house = House(enter, sessions)
    served = {"name of the report"}  # the report goes out under a name of ours
    assert found(house.seen_by_owners()) == set(MARKERS) - served
    deliver()
    capsys.readouterr()
    read = {
        "index": indexed(settings),
        "log": caplog.text,
        "journal": journal_of(settings, capsys),
        **dict(exports(settings, tmp_path)),
    }
    others = {
        "stranger": window(),
        "another firm": enter("fremd@anders.example", "admin", firm="Andere Firma AG"),
        "another partner": enter("einkauf@zweites.example", "admin", firm="Zweites Werk SE", is_partner=True),
    }
    for name, visitor in others.items():
        read[f"matches of {name}"] = matched(visitor)
        read[f"list of {name}"] = listed(visitor, f"o{house.waste}", f"o{house.lab}")
        read[name] = "".join(walk(visitor, [*house.public, *house.private, *house.feeds]))
    leaks = {place: found(text) for place, text in read.items()}
    assert {place: words for place, words in leaks.items() if words} == {}
    for name, text in read.items():
        assert name == "log" or len(text) > 200, f"{name} was not read at all"


def matched(visitor: TestClient) -> str:
    """What a program is told of every kind, by words that fit all there is and by the markers themselves."""
    texts = ["Gips aus der Neutralisation abgeben", "Zugversuch Stahl Labor", "Schweißerprüfung", "Rangierdienst Guben"]
    said = []
    for kind in ("residual", "lab_test", "training", "rail", "service"):
        for title in [*texts, " ".join(MARKERS.values())]:
            need = {"external_id": "1", "title": title, "kind": kind, "cpv": ["45231100"]}
            answer = visitor.post("/api/v1/match", json=need)
            assert answer.status_code == 200, answer.text
            said.append(answer.text)
    assert any('"url"' in text for text in said), "nothing was matched at all"
    return "".join(said)


def listed(visitor: TestClient, *codes: str) -> str:
    """A shortlist with these things, its comparison and all its files; only who is signed in has files."""
    for code in codes:
        assert visitor.post("/shortlists/keep", data={"item": code}).status_code == 303
    pages = [visitor.get("/shortlists").text]
    for ref in sorted(set(re.findall(r"/shortlists/([\w-]{10,})", pages[0]))):
        pages += [visitor.get(f"/shortlists/{ref}{more}").text for more in ("", "/compare", "/list.csv")]
        with zipfile.ZipFile(io.BytesIO(visitor.get(f"/shortlists/{ref}/list.xlsx").content)) as book:
            pages += [book.read(name).decode() for name in book.namelist()]
    assert "Gips" in "".join(pages)
    return "".join(pages)


def indexed(settings: Settings) -> str:
    """Every document of every index with all its fields."""
    client = meilisearch.Client(settings.search_url or "", settings.search_key)
    documents = [client.index(name).get_documents({"limit": 1000}).results for name in INDEXES]
    assert all(documents)
    return json.dumps([dict(one) for batch in documents for one in batch], default=str, ensure_ascii=False)


def exports(settings: Settings, folder: Path) -> Iterator[tuple[str, str]]:
    for what in export.SOURCES:
        for form in FORMATS:
            yield f"export of {what} as {form}", exported(settings, what, form, folder)


def exported(settings: Settings, what: str, form: Format, folder: Path) -> str:
    body = io.BytesIO()
    assert export.write(settings, what, form, body)
    if form != "xlsx":
        return body.getvalue().decode()
    with zipfile.ZipFile(body) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def journal_of(settings: Settings, capsys: pytest.CaptureFixture[str]) -> str:
    given = argparse.Namespace(action="export", verb="", since=None)
    assert journal_command.run(settings, given) == 0
    return capsys.readouterr().out


def walk(visitor: TestClient, first: list[str], most: int = 90) -> Iterator[str]:
    """Pages by address and then by their links, as far as they lead; every answer counts, refusals too."""
    programs = [f"/api/v1/search/{tab}" for tab in INDEXES] + ["/sitemap.xml"]
    programs += [f"/sitemap/{name}.xml" for name in ("pages", *INDEXES)]
    lists = ["/", "/search", "/rail", "/tenders", "/me", "/me/account/data.json", "/me/enquiries", "/me/bookings.ics"]
    waiting, seen = [*first, *programs, *lists], set[str]()
    while waiting and len(seen) < most:
        path = waiting.pop(0).partition("#")[0].replace("&amp;", "&")
        if path in seen:
            continue
        seen.add(path)
        answer = visitor.get(path)
        yield answer.text
        if answer.headers.get("content-type", "").startswith("text/html"):
            links = re.findall(r'href="(/(?!static|en/|pl/|dev)[^"]*)"', answer.text)
            waiting += [link for link in links if link not in seen]
