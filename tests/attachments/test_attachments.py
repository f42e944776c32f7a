"""Pictures and documents of an offering: drawn anew, in order, and closed ones only after an agreement."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market.accounts.models import Organisation, Person
from market.attachments.models import Acceptance, Attachment
from market.db import Sessions
from market.files.models import File
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.files.test_checks import PDF, picture

Enter = Callable[..., TestClient]
TEXT = "Wer diese Unterlagen öffnet, gibt sie nicht weiter und nutzt sie nur für diese Anfrage."


def offered(sessions: Sessions, **fields: Any) -> Offering:
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        return make.offering(session, utc_now(), firm, title="Rohre biegen", **fields)


def held(sessions: Sessions, kind: str) -> list[Attachment]:
    with sessions() as session:
        query = select(Attachment).where(Attachment.kind == kind).order_by(Attachment.place)
        return list(session.scalars(query))


def add(client: TestClient, offering: Offering, kind: str, name: str, raw: bytes, **data: str) -> Any:
    files = {"file": (name, raw)}
    return client.post(f"/me/offerings/{offering.ref}/files", data={"kind": kind, **data}, files=files)


def paths(one: Attachment) -> list[str]:
    return [f"/files/{file.ref}/{file.name}" for file in (one.file, one.small) if file is not None]


def test_pictures_are_small_described_and_in_order(enter: Enter, sessions: Sessions, window: Any) -> None:
    client = enter("adm@probe.example", "editor")
    offering = offered(sessions)
    refused = add(client, offering, "picture", "halle.jpg", picture("JPEG"))
    assert refused.status_code == 422
    assert "zeigt" in refused.text
    for name, text in (("halle.jpg", "Die Halle"), ("kran.jpg", "Der Kran"), ("rohr.png", "Ein Rohr")):
        form = "PNG" if name.endswith("png") else "JPEG"
        assert add(client, offering, "picture", name, picture(form), text=text).status_code == 303
    first, second, third = held(sessions, "picture")
    assert client.post(f"/me/offerings/{offering.ref}/files/{third.ref}", data={"do": "up"}).status_code == 303
    assert [one.text for one in held(sessions, "picture")] == ["Die Halle", "Ein Rohr", "Der Kran"]
    stranger = window()
    page = stranger.get(f"/offerings/{offering.ref}/{offering.slug}").text
    assert page.index("Die Halle") < page.index("Ein Rohr") < page.index("Der Kran")
    assert 'loading="lazy"' in page
    assert "Bilder und Dateien" not in page, "only its firm is led to them"
    assert "Bilder und Dateien" in client.get(f"/offerings/{offering.ref}/{offering.slug}").text
    for path in paths(first):
        answer = stranger.get(path)
        assert answer.headers["content-type"] == "image/webp"
        with Image.open(io.BytesIO(answer.content)) as image:
            assert max(image.size) <= 1200
            assert not image.getexif()
    assert client.post(f"/me/offerings/{offering.ref}/files/{second.ref}", data={"do": "remove"}).status_code == 303
    assert stranger.get(paths(second)[0]).status_code == 404
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 4


def test_files_of_a_draft_are_nobodys_but_the_firms(enter: Enter, sessions: Sessions, window: Any) -> None:
    client = enter("adm@probe.example", "admin")
    offering = offered(sessions, status="draft")
    add(client, offering, "picture", "a.png", picture("PNG"), text="Die Halle")
    add(client, offering, "document", "a.pdf", PDF)
    path = [path for kind in ("picture", "document") for path in paths(held(sessions, kind)[0])]
    assert len(path) == 3
    reader = enter("les@probe.example", "reader")
    stranger = enter("fre@fremd.example", "admin", firm="Fremde AG")
    assert [client.get(one).status_code for one in path] == [200, 200, 200]
    assert [reader.get(one).status_code for one in path] == [200, 200, 200]
    assert [stranger.get(one).status_code for one in path] == [404, 404, 404]
    assert [window().get(one).status_code for one in path] == [404, 404, 404]
    with sessions.begin() as session:
        offerings.move(session, OPERATOR, session.get_one(Offering, offering.id), "publish", utc_now())
    assert [window().get(one).status_code for one in path] == [200, 200, 200]
    with sessions.begin() as session:
        offerings.move(session, OPERATOR, session.get_one(Offering, offering.id), "pause", utc_now())
    assert [window().get(one).status_code for one in path] == [404, 404, 404]


def test_what_is_confidential_opens_by_an_agreement_and_closes_again(enter: Enter, sessions: Sessions) -> None:
    client = enter("adm@probe.example", "admin")
    offering = offered(sessions)
    assert add(client, offering, "document", "plan.pdf", PDF, gated="yes").status_code == 422
    assert client.post("/me/confidentiality", data={"text": "zu kurz"}).status_code == 422
    assert client.post("/me/confidentiality", data={"text": TEXT}).status_code == 303
    assert add(client, offering, "document", "geheimplan.pdf", PDF, gated="yes").status_code == 303
    path = paths(held(sessions, "document")[0])[0]
    buyer = enter("kau@werk.example", "buyer", firm="Werk SE", is_partner=True)
    reader = enter("les@werk.example", "reader", firm="Werk SE")
    other = enter("fre@fremd.example", "bidder", firm="Fremde AG")
    public = f"/offerings/{offering.ref}/{offering.slug}"
    door = f"/confidentiality/{offering.ref}"
    assert "geheimplan" not in buyer.get(public).text
    assert door in buyer.get(public).text
    assert buyer.get(path).status_code == 404
    assert TEXT in buyer.get(door).text
    assert reader.post(door, data={"version": "1"}).status_code == 403
    assert buyer.post(door, data={"version": "7"}).status_code == 409
    assert buyer.post(door, data={"version": "1"}).status_code == 303
    assert [one.get(path).status_code for one in (buyer, reader, other)] == [200, 200, 404]
    page = client.get("/me/confidentiality").text
    assert "Werk SE" in page
    assert "kau" in page
    # a new text closes the door until it is accepted, too
    client.post("/me/confidentiality", data={"text": TEXT + " Auch nicht intern."})
    assert buyer.get(path).status_code == 404
    assert buyer.post(door, data={"version": "2"}).status_code == 303
    assert buyer.get(path).status_code == 200
    with sessions() as session:
        ref = session.scalars(select(Acceptance.ref).order_by(Acceptance.id.desc())).first()
    decide = f"/me/confidentiality/{ref}"
    assert buyer.post(decide).status_code == 404, "only the firm itself takes it back"
    assert client.post(decide, data={"do": "revoke"}).status_code == 303
    assert buyer.get(path).status_code == 404
    assert buyer.post(door, data={"version": "2"}).status_code == 409, "who was shut out does not let themselves in"
    assert client.post(decide, data={"do": "readmit"}).status_code == 303
    assert buyer.get(path).status_code == 200
    with sessions.begin() as session:
        person = session.scalars(select(Person).where(Person.email == "kau@werk.example")).one()
        person.name = person.email = ""
    assert "nicht mehr bekannte Person" in client.get("/me/confidentiality").text


def report_of(author: str) -> bytes:
    """A PDF as a laboratory's program writes it, with its maker in every place we know of."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": author, "/Producer": author})
    about = StreamObject()
    about.set_data(author.encode())
    about[NameObject("/Type")] = NameObject("/Metadata")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(about)
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Maker"): TextStringObject(author)})
    writer.add_annotation(0, Text(rect=(1, 1, 9, 9), text="Fe 71 %", title_bar=author))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_analysis_of_an_anonymous_material_says_nothing_of_its_owner(
    enter: Enter, sessions: Sessions, window: Any
) -> None:
    client = enter("adm@probe.example", "admin")
    details = make.DETAILS["residual"] | {"anonymous": True}
    offering = offered(sessions, kind="residual", details=details)
    name = "Probe GmbH Zunder.pdf"
    assert add(client, offering, "analysis", name, report_of("Probe GmbH")).status_code == 303
    assert add(client, offering, "document", "Probe GmbH.xlsx", table_of("Probe GmbH")).status_code == 303
    assert add(client, offering, "picture", "Probe GmbH.png", picture("PNG"), text="Der Haufen").status_code == 303
    assert add(client, offering, "analysis", name, PDF).status_code == 422, "what cannot be read is not let in"
    stranger = window()
    page = stranger.get(f"/offerings/{offering.ref}/{offering.slug}").text
    assert "Analyse des Materials" in page
    assert "Probe GmbH" not in page
    for path in re.findall(r"/files/[^\s\"]+", page):
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert "Probe" not in answer.headers["content-disposition"]
        assert b"Probe" not in answer.content
        if path.endswith("xlsx"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
                assert not [entry for entry in packed.namelist() if b"Probe" in packed.read(entry)]
            assert load_workbook(io.BytesIO(answer.content)).worksheets[0]["A1"].value == "Fe"
        if path.endswith("pdf"):
            assert answer.headers["content-disposition"].startswith("attachment")
            assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1


def test_what_was_added_before_a_listing_became_anonymous_is_not_shown(
    enter: Enter, sessions: Sessions, window: Any
) -> None:
    client = enter("adm@probe.example", "admin")
    offering = offered(sessions)
    assert add(client, offering, "analysis", "a.pdf", report_of("x")).status_code == 409, "services have no analysis"
    add(client, offering, "document", "Probe GmbH.pdf", PDF)
    with sessions.begin() as session:
        details = make.DETAILS["residual"] | {"anonymous": True}
        offerings.change(
            session, OPERATOR, session.get_one(Offering, offering.id), utc_now(), kind="residual", details=details
        )
    page = window().get(f"/offerings/{offering.ref}/{offering.slug}").text
    assert "/files/" not in page
    assert window().get(paths(held(sessions, "document")[0])[0]).status_code == 404
    assert client.get(paths(held(sessions, "document")[0])[0]).status_code == 200


def table_of(author: str) -> bytes:
    book = Workbook()
    book.properties.creator = author
    sheet = book.worksheets[0]
    sheet["A1"] = "Fe"
    sheet["A1"].comment = Comment("gemessen", author)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
