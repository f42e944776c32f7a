"""Enquiries: asked of several, answered by a link without an account, and nothing leaks to anybody."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Member, Organisation, Person
from market.db import Sessions, connect
from market.enquiries import pace, service
from market.enquiries.models import AnswerLink, Draft, Enquiry, Message, Thread
from market.journal import Entry
from market.mail.models import Letter
from market.mail.post import Post
from market.offerings.models import Offering
from market.values import local_day, utc_now
from market.viewer import OPERATOR, Viewer
from tests import factories as make

Enter = Callable[..., TestClient]
Window = Callable[[], TestClient]
ASKED = {
    "what": "Dampfleitung DN 200 verlegen\n40 m, PN 16, Nachtschicht",
    "place": "15890 Eisenhüttenstadt",
    "period": "ab 8. Februar",
    "contact": "Jana Petrow",
    "phone": "030 23125-014",
}
BUYER, OFFICE = "jana@werk.example", "buero@rohr.example"


@pytest.fixture
def firms(sessions: Sessions) -> list[str]:
    """An offering of a firm known by its address alone, a firm without any, and an anonymous listing."""
    now = utc_now()
    with sessions.begin() as session:
        imported = make.organisation(session, now, name="Rohr Nowak", email=OFFICE, country="PL")
        mute = make.organisation(session, now, name="Stumme GmbH", verified_on=local_day(now))
        secret = make.organisation(session, now, name="Geheime Hütte GmbH", email="stoff@huette.example")
        offering = make.offering(session, now, imported, title="Rohre verlegen")
        details = make.DETAILS["residual"] | {"anonymous": True}
        residual = make.offering(session, now, secret, kind="residual", title="Hüttensand", details=details)
        session.flush()
        return [f"o{offering.ref}", f"p{mute.ref}", f"o{residual.ref}"]


def buyer_of(enter: Enter, **more: object) -> TestClient:
    return enter(BUYER, "buyer", firm="Werk SE", is_partner=True, **more)


def ask(client: TestClient, *codes: str, **more: str) -> str:
    answer = client.post("/enquiries/new", data=ASKED | more | {"item": list(codes)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def letters(sessions: Sessions, to: str) -> list[Letter]:
    with sessions() as session:
        return list(session.scalars(select(Letter).where(Letter.to == to).order_by(Letter.id)))


def link_in(letter: Letter) -> str:
    found = re.search(r"http://testserver(/\S*answer/\S+)", letter.text)
    assert found, letter.text
    return found[1]


def thread_of(sessions: Sessions, firm: str) -> Thread:
    with sessions() as session:
        return session.scalars(select(Thread).join(Thread.organisation).where(Organisation.name == firm)).one()


def test_asked_and_answered_without_an_account(
    enter: Enter, window: Window, sessions: Sessions, firms: list[str]
) -> None:
    buyer = buyer_of(enter)
    form = buyer.get(f"/enquiries/new?item={firms[0]}&item={firms[1]}").text
    assert "Rohre verlegen" in form
    assert "Bitte rufen Sie die Firma an" in form
    page = ask(buyer, *firms[:2])
    (letter,) = letters(sessions, OFFICE)
    assert letter.language == "pl"
    assert letter.subject == "Zapytanie od Werk SE: Dampfleitung DN 200 verlegen"
    assert letter.secret
    path = link_in(letter)
    phone = window()
    seen = phone.get(path)
    assert seen.status_code == 200
    assert "PN 16, Nachtschicht" in seen.text
    assert "no-store" in seen.headers["cache-control"]
    quote = {"kind": "quote", "price": "4.800", "unit": "", "valid_until": "2099-12-31", "text": "Mit Prüfung."}
    assert phone.post(path, data=quote).status_code == 303
    answered = letters(sessions, BUYER)[-1]
    assert "4.800" in answered.text
    assert answered.subject == "Preisangebot zu: Dampfleitung DN 200 verlegen"
    overview = buyer.get(page).text
    assert "4.800" in overview
    assert "Preisangebot erhalten" in overview
    thread = f"/me/enquiries/threads/{thread_of(sessions, 'Rohr Nowak').ref}"
    assert "Mit Prüfung." in buyer.get(thread).text
    assert buyer.post(thread, data={"text": "Wann kommen Sie?"}).status_code == 303
    again = letters(sessions, OFFICE)[-1]
    assert "Wann kommen Sie?" in again.text
    assert link_in(again) != path
    assert "Wann kommen Sie?" in phone.get(path).text


def test_no_address_of_one_side_reaches_the_other(
    enter: Enter, window: Window, sessions: Sessions, firms: list[str], database_url: str
) -> None:
    buyer = buyer_of(enter)
    page = ask(buyer, firms[0], firms[2])
    path = link_in(letters(sessions, OFFICE)[0])
    window().post(path, data={"text": "Ja"})
    thread = f"/me/enquiries/threads/{thread_of(sessions, 'Rohr Nowak').ref}"
    post = Post(connect(database_url), "outbox:", "http://testserver")
    with sessions() as session:
        for letter in session.scalars(select(Letter)):
            raw = post.message(letter).as_bytes()
            head = str(message_from_bytes(raw))
            for address in {BUYER, OFFICE, "stoff@huette.example"} - {letter.to}:
                assert address not in letter.text + letter.html + head, letter.event
    for client, own, seen in ((buyer, BUYER, (page, thread)), (window(), OFFICE, (path,))):
        for place in seen:
            text = client.get(place).text
            assert not {BUYER, OFFICE, "stoff@huette.example"} - {own} & set(re.findall(r"[\w.]+@[\w.]+", text))
            assert (OFFICE if own == BUYER else BUYER) not in text


def test_an_anonymous_firm_stays_so_until_it_names_itself(
    enter: Enter, window: Window, sessions: Sessions, firms: list[str]
) -> None:
    buyer = buyer_of(enter)
    page = ask(buyer, firms[2])
    thread = f"/me/enquiries/threads/{thread_of(sessions, 'Geheime Hütte GmbH').ref}"
    path = link_in(letters(sessions, "stoff@huette.example")[0])
    window().post(path, data={"text": "Wieviel brauchen Sie?"})
    shown = buyer.get(page).text + buyer.get(thread).text + buyer.get("/me").text + buyer.get("/me/enquiries").text
    shown += letters(sessions, BUYER)[-1].text + letters(sessions, BUYER)[-1].html
    assert "Wieviel brauchen Sie?" in shown
    assert "Geheime" not in shown
    window().post(path, data={"text": "Wir sind es.", "disclose": "1"})
    assert "Geheime Hütte GmbH" in buyer.get(thread).text
    assert "Geheime Hütte GmbH" in letters(sessions, BUYER)[-1].text


def test_a_link_opens_its_own_thread_only(enter: Enter, window: Window, sessions: Sessions, firms: list[str]) -> None:
    buyer = buyer_of(enter)
    ask(buyer, firms[0], firms[2])
    path = link_in(letters(sessions, OFFICE)[0])
    before = rows(sessions)
    for _ in range(2):
        assert window().get(path).status_code == 200
    assert rows(sessions) == before
    assert "Hüttensand" not in window().get(path).text
    assert window().post(path, data={}).status_code == 422  # a scanner that presses the button
    assert window().get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 410
    with sessions.begin() as session:
        session.execute(update(AnswerLink).values(expires_at=utc_now()))
    assert window().get(path).status_code == window().post(path, data={"text": "Ja"}).status_code == 410


def rows(sessions: Sessions) -> list[int]:
    models: list[Any] = [Entry, Message, Letter, AnswerLink]
    with sessions() as session:
        return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def test_members_get_a_link_each_that_ends_with_their_membership(
    enter: Enter, window: Window, sessions: Sessions
) -> None:
    owner = enter("ute@probe.example", "admin", firm="Probe GmbH", verified_on=local_day(utc_now()))
    enter("rea@probe.example", "reader", firm="Probe GmbH")
    with sessions.begin() as session:
        firm = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        firm.email, code = "info@probe.example", f"p{firm.ref}"
    ask(buyer_of(enter), code)
    assert not letters(sessions, "info@probe.example")
    assert not letters(sessions, "rea@probe.example")
    path = link_in(letters(sessions, "ute@probe.example")[0])
    assert "1 Anfrage wartet auf Ihre Antwort" in owner.get("/me").text
    thread = f"/me/enquiries/threads/{thread_of(sessions, 'Probe GmbH').ref}"
    assert owner.post(thread, data={"kind": "decline", "reason": ""}).status_code == 422
    assert owner.post(thread, data={"kind": "quote", "price": "viel"}).status_code == 422
    assert owner.post(thread, data={"kind": "decline", "reason": "capacity"}).status_code == 303
    assert letters(sessions, BUYER)[-1].subject.startswith("Absage")
    with sessions.begin() as session:
        member = session.scalars(select(Member).join(Person).where(Person.email == "ute@probe.example")).one()
        member.ended_at = utc_now()
    assert window().get(path).status_code == 410


def test_whoever_has_to_sign_in_finds_the_form_filled_in(
    enter: Enter, window: Window, sessions: Sessions, firms: list[str]
) -> None:
    visitor = window()
    sent = visitor.post("/enquiries/new", data=ASKED | {"item": firms[0]})
    assert sent.headers["location"].startswith("/sign-in?next=%2Fenquiries%2Fnew%3Fdraft%3D")
    token = sent.headers["location"].rpartition("%3D")[2]
    visitor.cookies.set("session", buyer_of(enter).cookies["session"])
    form = visitor.get(f"/enquiries/new?draft={token}").text
    for typed in ("40 m, PN 16, Nachtschicht", "ab 8. Februar", "Jana Petrow", "Rohre verlegen"):
        assert typed in form
    assert "PN 16" not in visitor.get("/enquiries/new?draft=" + "x" * 43).text
    for _ in range(service.DRAFTS_PER_CLIENT - 1):
        window().post("/enquiries/new", data=ASKED)
    refused = window().post("/enquiries/new", data=ASKED)
    assert refused.status_code == 429
    assert "PN 16" in refused.text
    with sessions() as session:
        assert session.scalar(select(func.count(Draft.id))) == service.DRAFTS_PER_CLIENT


def test_limits_and_what_is_sent_twice(enter: Enter, sessions: Sessions, firms: list[str]) -> None:
    buyer = buyer_of(enter)
    assert ask(buyer, firms[0]) == ask(buyer, firms[0])
    assert len(letters(sessions, OFFICE)) == 1
    for number in range(service.ENQUIRIES_AN_HOUR - 1):
        ask(buyer, firms[0], what=f"Eine andere Frage {number}")
    refused = buyer.post("/enquiries/new", data=ASKED | {"what": "Noch eine Frage", "item": firms[0]})
    assert refused.status_code == 429
    assert "Noch eine Frage" in refused.text


def test_at_most_ten_firms_and_never_oneself(enter: Enter, sessions: Sessions) -> None:
    buyer, now = buyer_of(enter), utc_now()
    with sessions.begin() as session:
        many = [make.organisation(session, now, email="a@firma.example", verified_on=local_day(now)) for _ in range(11)]
        own = session.scalars(select(Organisation).where(Organisation.name == "Werk SE")).one()
        twice = [make.offering(session, now, many[0]) for _ in range(2)]
        session.flush()
    codes = [f"p{firm.ref}" for firm in many]
    answer = buyer.post("/enquiries/new", data=ASKED | {"item": codes})
    assert answer.status_code == 422
    assert "Höchstens zehn Firmen" in answer.text
    assert buyer.post("/enquiries/new", data=ASKED | {"item": f"p{own.ref}"}).status_code == 422
    ask(buyer, f"o{twice[0].ref}", f"o{twice[1].ref}", codes[0])
    with sessions() as session:
        assert session.scalar(select(func.count(Thread.id))) == 1
    assert buyer.post("/enquiries/new", data=ASKED | {"contact": BUYER, "item": codes[0]}).status_code == 422


def test_nobody_else_sees_anything(enter: Enter, sessions: Sessions, firms: list[str]) -> None:
    page = ask(buyer_of(enter), firms[0])
    thread = f"/me/enquiries/threads/{thread_of(sessions, 'Rohr Nowak').ref}"
    stranger = enter("eve@fremd.example", "admin", firm="Fremde AG")
    for path in (page, thread):
        assert stranger.get(path).status_code == 404
    for verb, form in (("", {"text": "x"}), ("/close", {}), ("/report", {"report": "advertising"})):
        assert stranger.post(thread + verb, data=form).status_code == 404
    assert "Dampfleitung" not in stranger.get("/me/enquiries").text + stranger.get("/me").text
    reader = enter("rea@werk.example", "reader", firm="Werk SE")
    assert reader.get(thread).status_code == 200
    assert reader.post(thread, data={"text": "x"}).status_code == 403
    assert reader.post("/enquiries/new", data=ASKED | {"item": firms[0]}).status_code == 403
    with sessions() as session:
        for entry in session.scalars(select(Entry)):
            assert "Dampfleitung" not in str(entry.data)


def test_a_reported_sender_asks_this_firm_no_more(
    enter: Enter, window: Window, sessions: Sessions, firms: list[str]
) -> None:
    buyer = buyer_of(enter)
    ask(buyer, firms[0])
    path = link_in(letters(sessions, OFFICE)[0])
    assert window().post(f"{path}/report", data={}).status_code == 422
    assert window().post(f"{path}/report", data={"report": "advertising"}).status_code == 303
    assert window().post(path, data={"text": "doch"}).status_code == 409
    answer = buyer.post("/enquiries/new", data=ASKED | {"what": "Noch ein Versuch", "item": firms[0]})
    assert answer.status_code == 422
    assert "nimmt keine Anfrage von Ihnen" in answer.text


def test_the_person_takes_it_along_and_goes(enter: Enter, sessions: Sessions, firms: list[str]) -> None:
    buyer = buyer_of(enter)
    ask(buyer, firms[0])
    buyer.post("/shortlists/keep", data={"item": firms[0]})
    taken = buyer.get("/me/account/data.json").json()
    assert taken["enquiries"][0]["contact"] == ASKED["contact"]
    assert taken["kept"][0]["title"] == "Rohre verlegen"
    assert buyer.post("/me/account/erase").status_code == 303
    with sessions() as session:
        enquiry = session.scalars(select(Enquiry)).one()
        assert (enquiry.contact, enquiry.phone, enquiry.person_id) == ("", "", None)
        assert enquiry.what == ASKED["what"]


def test_the_pace_is_a_median_and_waiting_counts(sessions: Sessions) -> None:
    now = utc_now()
    with sessions.begin() as session:
        firm, other = make.organisation(session, now), make.organisation(session, now)
        offering = make.offering(session, now, firm)
        enquiry = Enquiry(organisation=other, what="Frage", language="de", created_at=now)
        session.add(enquiry)
        for minutes in (30, 600):
            session.add(answered(enquiry, firm, now, minutes))
        assert pace.measure(session, firm, now) is False
        session.add(answered(enquiry, firm, now, 240))
        assert pace.measure(session, firm, now) is True
        assert firm.answer_minutes == 240
        for _ in range(4):
            session.add(Thread(enquiry=enquiry, organisation=firm, asked_at=now - timedelta(days=30), updated_at=now))
        session.flush()
        assert pace.measure_waiting(session, now) == 1
        assert firm.answer_minutes > pace.LATE
        assert pace.measured(session, firm.id, now + timedelta(days=400)) is None
        assert session.get_one(Offering, offering.id).organisation.answer_minutes == firm.answer_minutes


def test_a_card_says_how_fast_the_firm_answers_but_not_of_an_anonymous_one(
    sessions: Sessions, client: TestClient, deliver: Callable[[], int]
) -> None:
    now = utc_now()
    with sessions.begin() as session:
        firm, other = make.organisation(session, now), make.organisation(session, now)
        make.offering(session, now, firm, title="Kesselbau im Takt")
        hidden = {"direction": "available", "material": "Zunder", "ewc_code": "10 02 10", "anonymous": True}
        make.offering(session, now, firm, kind="residual", title="Zunder im Takt", details=hidden)
        enquiry = Enquiry(organisation=other, what="Frage", language="de", created_at=now)
        session.add_all([enquiry, *(answered(enquiry, firm, now, 240) for _ in range(pace.FROM))])
        pace.measure(session, firm, now)
    deliver()
    page = client.get("/search", params={"q": "Kesselbau"}).text
    assert re.search(r'class="pace">.{0,200}antwortet in etwa 4 Stunden', page, re.DOTALL)
    assert 'class="pace"' not in client.get("/search", params={"q": "Zunder"}).text, "a pace would tell who it is"
    assert "antwortet in etwa 4 Stunden" in client.get("/search", params={"q": "Kesselbau", "tab": "providers"}).text


def answered(enquiry: Enquiry, firm: Organisation, now: object, minutes: int) -> Thread:
    return Thread(
        enquiry=enquiry, organisation=firm, asked_at=now, updated_at=now, answered_at=now, answer_minutes=minutes
    )


def test_a_firm_no_letter_reaches_has_no_button_but_says_what_is_possible(
    client: TestClient, sessions: Sessions, firms: list[str]
) -> None:
    with sessions.begin() as session:
        mute = session.scalars(select(Organisation).where(Organisation.name == "Stumme GmbH")).one()
        mute.phone = "03364 555-019"
        offering = make.offering(session, utc_now(), mute, title="Stilles Schweißen")
        session.flush()
        pages = [f"/offerings/{offering.ref}/{offering.slug}", f"/providers/{mute.ref}/{mute.slug}"]
    for page in pages:
        text = client.get(page).text
        assert "/enquiries/new" not in text, page
        assert "rufen Sie an: 03364 555-019" in text, page


def test_a_firm_lets_a_sender_it_reported_ask_again(enter: Enter, sessions: Sessions, firms: list[str]) -> None:
    buyer, code = buyer_of(enter), firms[0]
    ask(buyer, code)
    firm = enter(OFFICE, "admin", firm="Rohr Nowak")
    path = f"/me/enquiries/threads/{thread_of(sessions, 'Rohr Nowak').ref}"
    assert firm.post(f"{path}/release").status_code == 409, "nothing was reported"
    firm.post(f"{path}/report", data={"report": "advertising"})
    assert buyer.post("/enquiries/new", data=ASKED | {"what": "Noch etwas", "item": [code]}).status_code == 422
    assert f'action="{path}/release"' in firm.get(path).text
    assert buyer.post(f"{path}/release").status_code == 403
    assert firm.post(f"{path}/release").status_code == 303
    assert "darf Sie wieder anfragen" in firm.get(path).text
    ask(buyer, code, what="Noch etwas")


@pytest.mark.parametrize(
    ("verdict", "said", "answer"), [("warned", "Zu Ihrer", 303), ("blocked", "Keine Anfragen", 409)]
)
def test_a_report_is_decided_by_the_operator_and_its_sender_reads_so(
    enter: Enter, window: Window, sessions: Sessions, firms: list[str], verdict: str, said: str, answer: int
) -> None:
    buyer = buyer_of(enter)
    ask(buyer, firms[2])
    thread = thread_of(sessions, "Geheime Hütte GmbH")
    operator, now = window(), utc_now()
    with sessions.begin() as session:
        service.report(session, Viewer("link:x"), session.get_one(Thread, thread.id), "advertising", now)
        person = people.make_operator(session, OPERATOR, "olga@werkplatz.example", "Olga", now)
        token, _ = door.start(session, person, "operator", now)
    operator.cookies.set("session", token)
    assert "Unerwünschte Anfragen" in operator.get("/operator").text
    page = operator.get("/operator/reports").text
    assert "Dampfleitung DN 200" in page
    assert "Werk SE" in page
    assert buyer.get("/operator/reports").status_code == 404
    address = f"/operator/reports/{thread.ref}"
    assert operator.post(address, data={"verdict": "shot"}).status_code == 422
    assert operator.post(address, data={"verdict": verdict}).status_code == 303
    assert operator.post(address, data={"verdict": "blocked"}).status_code == 409
    letter = letters(sessions, BUYER)[-1]
    assert letter.subject.startswith(said)
    assert "Geheime" not in letter.text + letter.html
    assert "Dampfleitung" not in operator.get("/operator/reports").text
    second = buyer.post("/enquiries/new", data=ASKED | {"item": [firms[0]]})
    assert second.status_code == answer
    if verdict == "blocked":
        assert "Werk SE" in operator.get("/operator/reports").text
        assert buyer.post(f"{address}/lift").status_code == 404
        assert operator.post(f"{address}/lift").status_code == 303
        assert operator.post(f"{address}/lift").status_code == 404, "lifted already"
        assert letters(sessions, BUYER)[-1].subject == "Sie können wieder Anfragen senden"
        assert buyer.post("/enquiries/new", data=ASKED | {"item": [firms[0]]}).status_code == 303
