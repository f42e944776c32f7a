"""A tender from the first click to the market, in two people's windows; and what others find there."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.db import Sessions
from market.mail.models import Letter
from market.needs.models import Need
from market.needs.parts import Question
from market.values import local_day, utc_now

Enter = Callable[..., TestClient]
Keyed = Callable[[], None]
WORKS = {"firm": "Werk SE", "is_partner": True}


def day(days: int) -> str:
    """A working day so far from now."""
    found = local_day(utc_now()) + timedelta(days=days)
    while found.weekday() > 4:
        found += timedelta(days=1)
    return found.isoformat()


def only_need(sessions: Sessions) -> Need:
    with sessions() as session:
        return session.scalars(select(Need)).one()


def people_of(client: TestClient, ref: str, field: str) -> list[str]:
    page = client.get(f"/me/needs/{ref}/people").text
    return re.findall(rf'name="{field}" value="(\d+)"', page)


def draft(bea: TestClient, procedure: str = "tender") -> str:
    """Through the tasks, as people go; returns the reference."""
    begun = bea.post("/me/needs/new", data={"procedure": procedure, "title": "Gerüst für die Rohrbrücke"})
    assert begun.status_code == 303, begun.text
    ref = begun.headers["location"].split("/")[3]
    tasks = {
        "basics": {"lang": "de", "title_de": "Gerüst für die Rohrbrücke", "description_de": "Gerüst, 120 m²."},
        "codes": {"kind": "service", "cpv": ["45262100"], "languages": ["de", "pl"]},
        "place": {"place": "Guben", "site": "Tor 2", "execution_from": day(60), "execution_until": day(80)},
        "items": {
            "lot-rows": "2",
            "lot-title-0": "Nord",
            "lot-title-1": "Süd",
            "item-rows": "3",
            "item-title-0": "Gerüst stellen",
            "item-quantity-0": "1.234,5",
            "item-unit-0": "MTK",
            "item-lot-0": "1",
            "item-title-2": "Gerüst stellen",
            "item-quantity-2": "80",
            "item-unit-2": "MTK",
            "item-lot-2": "2",
        },
        "requirements": {
            "req-rows": "2",
            "req-type-0": "certificate",
            "req-certificate-0": "scc",
            "req-knock_out-0": "yes",
            "req-title-1": "Monteure",
            "req-type-1": "number",
            "req-least-1": "4",
        },
        "criteria": {
            "crit-rows": "3",
            "crit-title-0": "Preis",
            "crit-weight-0": "60",
            "crit-is_price-0": "yes",
            "crit-title-1": "Konzept",
            "crit-weight-1": "40",
        },
        "papers": {},
        "periods": {
            "questions_day": day(10),
            "questions_time": "12:00",
            "bids_day": day(20),
            "bids_time": "12:00",
            "decision_by": day(40),
        },
        "people": {
            "contact": re.findall(r'<option value="(\d+)"', bea.get(f"/me/needs/{ref}/people").text)[0],
            "approver": people_of(bea, ref, "approver"),
            "opener": people_of(bea, ref, "opener"),
        },
        "audience": {"visibility": "public", "late_policy": "refuse"},
    }
    page = bea.get(f"/me/needs/{ref}").text
    for task, given in tasks.items():
        if f"/me/needs/{ref}/{task}" not in page:
            continue
        assert bea.get(f"/me/needs/{ref}/{task}").status_code == 200
        saved = bea.post(f"/me/needs/{ref}/{task}", data=given)
        assert saved.status_code == 303, (task, saved.text)
    return ref


def staff(enter: Enter) -> tuple[TestClient, TestClient]:
    bea, ada = enter("bea@werk.example", "buyer", **WORKS), enter("ada@werk.example", "approver", **WORKS)
    for name in ("olga", "otto", "oskar"):
        enter(f"{name}@werk.example", "opener", **WORKS)
    return bea, ada


def test_a_tender_goes_through_its_tasks_and_four_eyes_to_the_market(
    enter: Enter, sessions: Sessions, keyed: Keyed
) -> None:
    bea, ada = staff(enter)
    ref = draft(bea)
    assert "fehlt noch der Öffnungsschlüssel" in bea.get(f"/me/needs/{ref}").text
    keyed()
    assert "1.234,5" in bea.get(f"/me/needs/{ref}/preview").text
    assert ada.get(f"/needs/{ref}").status_code == 404
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 409
    assert bea.post(f"/me/needs/{ref}", data={"do": "submit"}).status_code == 303
    assert bea.post(f"/me/needs/{ref}/basics", data={"lang": "de", "title_de": "Anders"}).status_code == 409
    assert bea.post(f"/me/needs/{ref}", data={"do": "approve"}).status_code == 403
    assert ada.post(f"/me/needs/{ref}", data={"do": "refuse"}).status_code == 422
    assert ada.post(f"/me/needs/{ref}", data={"do": "refuse", "reason": "Bitte mehr Zeit."}).status_code == 303
    assert "Bitte mehr Zeit." in bea.get(f"/me/needs/{ref}").text
    bea.post(f"/me/needs/{ref}", data={"do": "submit"})
    assert "wartet auf Ihre Freigabe" in ada.get("/me").text
    assert ada.post(f"/me/needs/{ref}", data={"do": "approve"}).status_code == 303
    need = only_need(sessions)
    assert (need.stage, need.certificates, need.sealed) == ("published", ("scc",), True)
    page = TestClient(bea.app).get(f"/needs/{ref}/{need.slug}").text
    for said in ("Gerüst stellen", "Nord", "Monteure", "60 %", "K.-o.-Kriterium"):
        assert said in page, said
    with sessions() as session:
        subjects = session.scalars(select(Letter.subject).order_by(Letter.id)).all()
    assert [subject.partition(":")[0] for subject in subjects] == ["Zur Freigabe", "Zurückgegeben", "Zur Freigabe"]


def test_what_is_wrong_comes_back_with_what_was_typed(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea)
    wrong = {"bids_day": "2027-03-28", "bids_time": "02:30", "decision_by": day(200)}
    answer = bea.post(f"/me/needs/{ref}/periods", data=wrong)
    assert answer.status_code == 422
    assert "Uhren vorgestellt" in answer.text
    assert 'value="02:30"' in answer.text
    row = {"item-rows": "1", "item-title-0": "Rohr", "item-quantity-0": "viel"}
    answer = bea.post(f"/me/needs/{ref}/items", data=row)
    assert (answer.status_code, 'value="viel"' in answer.text) == (422, True)
    row |= {"item-quantity-0": "2", "item-lot-0": "4", "lot-rows": "1", "lot-title-0": "Rohre"}
    assert "Ein Los 4 steht oben nicht" in bea.post(f"/me/needs/{ref}/items", data=row).text
    late = {"questions_day": day(21), "bids_day": day(20), "questions_time": "12:00", "bids_time": "12:00"}
    assert "muss vor der Frist für Gebote liegen" in bea.post(f"/me/needs/{ref}/periods", data=late).text
    answer = bea.post(
        f"/me/needs/{ref}/requirements", data={"req-rows": "1", "req-title-0": "x", "req-type-0": "range"}
    )
    assert answer.status_code == 422
    bea.post(f"/me/needs/{ref}/criteria", data={"crit-rows": "1", "crit-title-0": "Preis", "crit-weight-0": "95"})
    assert "ergeben 95" in bea.get(f"/me/needs/{ref}").text


def test_a_proposed_weight_is_not_called_missing_beside_it(enter: Enter) -> None:
    bea, _ = staff(enter)
    began = bea.post("/me/needs/new", data={"procedure": "tender", "title": "Rohre"}).headers["location"]
    work = began.rpartition("/")[0]
    page = bea.get(f"{work}/criteria").text
    assert "Speichern Sie, wie gewertet wird" in page
    assert "ergeben 0" not in page
    assert "Ohne geschätzten Wert muss" in bea.get(f"{work}/people").text


def test_an_information_request_has_neither_items_nor_openers(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea, "information")
    assert bea.get(f"/me/needs/{ref}/items").status_code == 404
    assert bea.get(f"/me/needs/{ref}/criteria").status_code == 404
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 303
    assert only_need(sessions).stage == "published"


def test_another_partner_and_a_firm_find_nothing_of_a_draft(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea)
    for other in (
        enter("zoe@rivale.example", "admin", firm="Rivale SE", is_partner=True),
        enter("fred@firma.example", "admin", firm="Firma GmbH"),
    ):
        for path in ("", "/basics", "/preview", "/questions", "/firms"):
            assert other.get(f"/me/needs/{ref}{path}").status_code == 404, path
        assert other.post(f"/me/needs/{ref}", data={"do": "cancel", "reason": "Weil ich es will"}).status_code == 404
        assert other.post(f"/me/needs/{ref}/basics", data={"title_de": "Meins"}).status_code == 404
        assert other.get(f"/needs/{ref}").status_code == 404
    assert only_need(sessions).title == "Gerüst für die Rohrbrücke"


def test_a_question_is_answered_to_all_and_nobody_reads_who_asked(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea, "information")
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    fred = enter("fred@firma.example", "admin", firm="Fragende Firma GmbH")
    gina = enter("gina@andere.example", "admin", firm="Andere AG")
    assert gina.post(f"/needs/{ref}/watch").status_code == 303
    assert fred.post(f"/needs/{ref}/questions", data={"text": "kurz"}).status_code == 422
    assert fred.post(f"/needs/{ref}/questions", data={"text": "Ist der Abbau enthalten?"}).status_code == 303
    slug = only_need(sessions).slug
    assert "Ist der Abbau enthalten?" in fred.get(f"/needs/{ref}/{slug}").text
    assert "Ist der Abbau enthalten?" not in gina.get(f"/needs/{ref}/{slug}").text
    assert f'href="/me/needs/{ref}/questions"' in bea.get("/me").text
    desk = bea.get(f"/me/needs/{ref}/questions").text
    assert "Ist der Abbau enthalten?" in desk
    assert "Fragende" not in desk + bea.get(f"/me/needs/{ref}").text + bea.get("/me").text
    with sessions() as session:
        question = session.scalars(select(Question.ref)).one()
    assert gina.get(f"/needs/{ref}/addendum.pdf").status_code == 404
    empty = bea.post(f"/me/needs/{ref}/questions/{question}", data={"answer": " "})
    assert empty.status_code == 422
    given = {"answer": "Ja, der Abbau gehört dazu."}
    assert bea.post(f"/me/needs/{ref}/questions/{question}", data=given).status_code == 303
    page = gina.get(f"/needs/{ref}/{slug}").text
    assert "Ja, der Abbau gehört dazu." in page
    assert "Fragende" not in page
    pdf = gina.get(f"/needs/{ref}/addendum.pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    with sessions() as session:
        letters = session.scalars(select(Letter).where(Letter.event == "needs/news").order_by(Letter.id)).all()
    assert sorted(letter.to for letter in letters) == ["fred@firma.example", "gina@andere.example"]
    assert "Fragende" not in next(one.text + one.html for one in letters if one.to.startswith("gina"))


def test_a_change_after_publication_needs_a_reason_and_is_shown_with_its_difference(
    enter: Enter, sessions: Sessions
) -> None:
    bea, _ = staff(enter)
    ref = draft(bea, "information")
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    gina = enter("gina@andere.example", "admin", firm="Andere AG")
    gina.post(f"/needs/{ref}/watch")
    given = {"place": "Guben", "site": "Tor 7", "execution_from": day(60), "execution_until": day(80)}
    answer = bea.post(f"/me/needs/{ref}/place", data=given)
    assert (answer.status_code, 'value="Tor 7"' in answer.text) == (422, True)
    assert (only_need(sessions).site, only_need(sessions).version) == ("Tor 2", 1)
    answer = bea.post(f"/me/needs/{ref}/place", data=given | {"reason": "Tor 2 ist gesperrt."})
    assert answer.status_code == 303
    need = only_need(sessions)
    assert (need.site, need.version) == ("Tor 7", 2)
    page = gina.get(f"/needs/{ref}/{need.slug}").text
    assert "Tor 2 ist gesperrt." in page
    assert "<del>Tor 2</del>" in page
    sooner = {"bids_day": day(15), "bids_time": "12:00", "decision_by": day(40), "reason": "Es eilt doch sehr."}
    assert bea.post(f"/me/needs/{ref}/periods", data=sooner).status_code == 422
    assert bea.post(f"/me/needs/{ref}/people", data={}).status_code == 409
    assert bea.post(f"/me/needs/{ref}", data={"do": "cancel", "reason": "Das Vorhaben entfällt."}).status_code == 303
    assert "Das Vorhaben entfällt." in gina.get(f"/needs/{ref}/{need.slug}").text
    with sessions() as session:
        letters = select(Letter.subject).where(Letter.to == "gina@andere.example").order_by(Letter.id)
        subjects = session.scalars(letters).all()
    assert [subject.partition(":")[0] for subject in subjects] == ["Geändert", "Abgesagt"]


def test_invited_firms_hear_of_it_when_it_is_out_and_alone_see_it(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea, "information")
    bea.post(f"/me/needs/{ref}/audience", data={"visibility": "invited"})
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 409
    gina = enter("gina@andere.example", "admin", firm="Andere AG")
    fred = enter("fred@firma.example", "admin", firm="Firma GmbH")
    with sessions() as session:
        key = session.scalars(select(Organisation.ref).where(Organisation.name == "Andere AG")).one()
    assert bea.get(f"/me/needs/{ref}/firms").status_code == 200
    assert bea.post(f"/me/needs/{ref}/firms", data={"firm": [key]}).status_code == 303
    with sessions() as session:
        assert session.scalar(select(Letter)) is None
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 303
    with sessions() as session:
        assert session.scalars(select(Letter.to)).one() == "gina@andere.example"
    assert "Andere AG" in bea.get(f"/me/needs/{ref}/firms").text
    slug = only_need(sessions).slug
    assert gina.get(f"/needs/{ref}/{slug}").status_code == 200
    assert "Gerüst für die Rohrbrücke" in gina.get("/tenders").text
    nobody = TestClient(bea.app)
    for other in (fred, nobody):
        assert other.get(f"/needs/{ref}/{slug}").status_code == 404
        assert "Gerüst für die Rohrbrücke" not in other.get("/tenders").text + other.get("/sitemap/needs-0.xml").text


def test_a_copy_and_a_template_are_new_drafts(enter: Enter, sessions: Sessions) -> None:
    bea, _ = staff(enter)
    ref = draft(bea)
    copied = bea.post(f"/me/needs/{ref}", data={"do": "copy"})
    assert copied.status_code == 303
    assert copied.headers["location"] != f"/me/needs/{ref}"
    assert bea.get(copied.headers["location"]).status_code == 200
    assert bea.post(f"/me/needs/{ref}", data={"do": "template"}).status_code == 303
    assert "Vorlagen" in bea.get("/me/needs").text
