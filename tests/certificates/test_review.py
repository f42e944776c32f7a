"""From the upload to the seal, or to the letter that says why not."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market import clock
from market.accounts.models import Organisation
from market.certificates.models import Certificate
from market.db import Sessions
from market.exchange import exporting
from market.journal import Entry
from market.mail.models import Letter
from market.relay import Relay
from market.values import local_day, utc_now
from search import write
from tests import factories as make
from tests.certificates.conftest import Enter, facts, paper

Held = Callable[[], list[Certificate]]
HandIn = Callable[..., Certificate]
Letters = Callable[[str], list[Letter]]


def decide(operator: TestClient, certificate: Certificate, verb: str, **form: str) -> Any:
    data = {"seen": certificate.updated_at.isoformat()} | form
    return operator.post(f"/operator/certificates/{certificate.ref}/{verb}", data=data)


def provider_documents(relay: Relay) -> str:
    assert relay.admin is not None
    return json.dumps(list(write.all_documents(relay.admin, "providers")))


def public_page(client: TestClient, sessions: Sessions, firm: str = "Probe GmbH") -> str:
    with sessions() as session:
        owner = session.scalars(select(Organisation).where(Organisation.name == firm)).one()
    answer = client.get(f"/providers/{owner.ref}/{owner.slug}")
    assert answer.status_code == 200
    return answer.text


def test_the_whole_way_from_upload_to_seal_and_search(
    firm: TestClient,
    operator: TestClient,
    window: Callable[[], TestClient],
    sessions: Sessions,
    relay: Relay,
    deliver: Callable[[], int],
    letters: Letters,
    held: Held,
) -> None:
    anybody = window()
    with sessions.begin() as session:
        make.offering(session, utc_now(), session.scalars(select(Organisation)).one())
    firm.post("/me/certificates/new", data=facts(), files=paper())
    deliver()
    assert "QM-1" not in public_page(anybody, sessions)
    assert "iso-9001" not in provider_documents(relay)
    queue = operator.get("/operator/certificates").text
    assert "Probe GmbH" in queue
    assert "iso.pdf" in queue
    certificate = held()[0]
    page = operator.get(f"/operator/certificates/{certificate.ref}").text
    assert "adm@probe.example" in page
    assert operator.get(f"/files/{_file(sessions)}/iso.pdf").status_code == 200
    assert decide(operator, certificate, "verify").headers["location"] == "/operator/certificates"
    deliver()
    page = public_page(anybody, sessions)
    assert "Nr. QM-1" in page
    assert "von uns angesehen" in page
    assert "iso-9001" in provider_documents(relay)
    assert [letter.to for letter in letters("certificates/verified")] == ["adm@probe.example"]
    assert held()[0].decided_by.startswith("person:")
    assert "Es wartet kein Nachweis" in operator.get("/operator/certificates").text


def _file(sessions: Sessions) -> str:
    with sessions() as session:
        certificate = session.scalars(select(Certificate)).one()
        assert certificate.file is not None
        return certificate.file.ref


def test_a_declined_one_comes_back_with_a_letter_in_the_readers_language(
    firm: TestClient, enter: Enter, operator: TestClient, handed_in: HandIn, letters: Letters, held: Held
) -> None:
    enter("ela@probe.example", "editor", language="pl")
    enter("les@probe.example", "reader")
    certificate = handed_in()
    form = {"reason": "incomplete", "note_de": "Seite 2 fehlt.", "note_pl": "Brakuje strony 2."}
    assert decide(operator, certificate, "decline", **form).status_code == 303
    german, polish = letters("certificates/declined")
    assert (german.to, german.language) == ("adm@probe.example", "de")
    assert "Es fehlen Seiten." in german.text
    assert "Seite 2 fehlt." in german.text
    assert (polish.to, polish.language) == ("ela@probe.example", "pl")
    assert "Brakuje stron." in polish.text
    assert "Brakuje strony 2." in polish.text
    assert f"http://testserver/pl/me/certificates/{certificate.ref}" in polish.text
    page = firm.get(f"/me/certificates/{certificate.ref}").text
    assert "Es fehlen Seiten." in page
    assert "Seite 2 fehlt." in page
    firm.post(f"/me/certificates/{certificate.ref}/edit", data=facts(number="QM-2"))
    assert (held()[0].state, held()[0].reason) == ("uploaded", "")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Bitte füllen Sie"),
        ({"reason": "nonsense"}, "Möglichkeiten"),
        ({"reason": "other"}, "Schreiben Sie, warum"),
        ({"reason": "other", "note_de": "x" * 601}, "höchstens 600"),
    ],
)
def test_nobody_is_declined_without_a_reason(
    operator: TestClient, handed_in: HandIn, held: Held, form: dict[str, str], sentence: str
) -> None:
    answer = decide(operator, handed_in(), "decline", **form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert held()[0].state == "uploaded"


def test_what_has_changed_meanwhile_is_looked_at_again(
    firm: TestClient, operator: TestClient, handed_in: HandIn, held: Held, letters: Letters
) -> None:
    seen = handed_in()
    firm.post(f"/me/certificates/{seen.ref}/edit", data=facts(number="QM-9"))
    for verb in ("verify", "decline"):
        answer = decide(operator, seen, verb, reason="unreadable")
        assert answer.status_code == 409
        assert "inzwischen geändert" in answer.text
    assert held()[0].state == "uploaded"
    assert decide(operator, held()[0], "verify").status_code == 303
    assert decide(operator, held()[0], "verify").status_code == 409
    assert len(letters("certificates/verified")) == 1


def test_the_oldest_comes_first_and_leads_to_the_next(
    operator: TestClient, handed_in: HandIn, held: Held, sessions: Sessions
) -> None:
    first, second = handed_in(number="A-1"), handed_in(type="iso-14001", number="A-2")
    with sessions.begin() as session:
        session.get_one(Certificate, second.id).submitted_at = utc_now() - timedelta(days=3)
    queue = operator.get("/operator/certificates").text
    assert queue.index(second.ref) < queue.index(first.ref)
    assert "1 wartet länger als zwei Tage" in queue
    assert decide(operator, held()[1], "verify").headers["location"].endswith(first.ref)


def test_one_bound_to_a_person_is_public_only_as_a_number(
    operator: TestClient,
    client: TestClient,
    handed_in: HandIn,
    sessions: Sessions,
    relay: Relay,
    deliver: Callable[[], int],
) -> None:
    secret = {"holder": "Petra Muster", "number": "SECRET-1", "scope": "Petra Muster, PF", "issuer": "Geheime Stelle"}
    certificate = handed_in(type="iso-9606-1", **secret)
    assert decide(operator, certificate, "verify").status_code == 303
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        offering = make.offering(session, utc_now(), owner)
    deliver()
    page = public_page(client, sessions)
    assert "Schweißerprüfung" in page
    assert relay.admin is not None
    documents = json.dumps([list(write.all_documents(relay.admin, index)) for index in ("offerings", "providers")])
    answers = [client.get(f"/offerings/{offering.ref}/{offering.slug}"), client.get("/search?tab=providers&q=Probe")]
    answers += [client.get(f"/api/v1/search/{tab}?q=Probe") for tab in ("offerings", "providers")]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert all("Probe GmbH" in answer.text for answer in answers)
    with sessions() as session:
        exports = [list(read(session, "")) for read in (exporting.offerings, exporting.listed_providers)]
        journal = [f"{entry.verb} {entry.data}" for entry in session.scalars(select(Entry))]
    assert all("Probe GmbH" in str(export) for export in exports)
    for text in (page, documents, str(exports), *(answer.text for answer in answers)):
        assert not [word for word in ("Petra", "SECRET-1", "Geheime") if word in text]
    assert "9606" not in documents + str(exports)
    assert "Petra" not in " ".join(journal)


def test_the_firm_is_told_90_30_and_7_days_before_once_each(
    enter: Enter, sessions: Sessions, letters: Letters, now: datetime
) -> None:
    enter("adm@probe.example", "admin")
    enter("ela@probe.example", "editor", language="pl")
    enter("les@probe.example", "reader")
    today = local_day(now)
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation)).one()
        make.certificate(session, now, owner, valid_until=today + timedelta(days=100), number="WARN")
        make.certificate(session, now, owner, type="scc", valid_until=None)
        make.certificate(session, now, owner, type="iso-14001", state="declined", valid_until=today)
    counts = {}
    for day in (0, 9, 10, 11, 69, 70, 92, 93, 93, 100, 101, 150):
        with sessions.begin() as session:
            clock.tick(session, now + timedelta(days=day), "http://testserver")
        counts[day] = len(letters("certificates/ending"))
    assert counts == {0: 0, 9: 0, 10: 2, 11: 2, 69: 2, 70: 4, 92: 4, 93: 6, 100: 6, 101: 6, 150: 6}
    subjects = [(letter.to, letter.subject) for letter in letters("certificates/ending")]
    assert ("adm@probe.example", "Noch 90 Tage gültig: ISO 9001") in subjects
    assert ("ela@probe.example", "Ważny jeszcze 7 dni: ISO 9001") in subjects
    assert "http://testserver/pl/me/certificates/" in letters("certificates/ending")[-1].text


def test_days_nothing_ran_are_made_up_by_one_letter_not_three(
    enter: Enter, sessions: Sessions, letters: Letters, now: datetime
) -> None:
    enter("adm@probe.example", "admin")
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation)).one()
        make.certificate(session, now, owner, valid_until=local_day(now) + timedelta(days=5))
        clock.tick(session, now, "http://testserver")
        clock.tick(session, now, "http://testserver")
    assert [letter.subject for letter in letters("certificates/ending")] == ["Noch 5 Tage gültig: ISO 9001"]


def test_no_warning_while_the_new_one_is_being_checked(
    firm: TestClient, sessions: Sessions, letters: Letters, held: Held
) -> None:
    now = utc_now()
    with sessions.begin() as session:
        owner = session.scalars(select(Organisation)).one()
        make.certificate(session, now, owner, valid_until=local_day(now) + timedelta(days=5))
    old = held()[0]
    assert firm.post(f"/me/certificates/{old.ref}/replace", data=facts(), files=paper()).status_code == 303
    with sessions.begin() as session:
        clock.tick(session, now, "http://testserver")
    assert letters("certificates/ending") == []


def test_an_expired_one_leaves_the_index_with_the_day(
    sessions: Sessions, relay: Relay, deliver: Callable[[], int], now: datetime
) -> None:
    today = local_day(utc_now())
    with sessions.begin() as session:
        owner = make.organisation(session, utc_now(), name="Probe GmbH")
        make.offering(session, utc_now(), owner)
        certificate = make.certificate(session, utc_now(), owner, valid_until=today)
        clock.tick(session, utc_now() - timedelta(days=1))
    deliver()
    assert '"certificates": ["iso-9001"]' in provider_documents(relay)
    with sessions.begin() as session:
        session.get_one(Certificate, certificate.id).valid_until = today - timedelta(days=1)
        assert clock.tick(session, utc_now()) >= 1
    deliver()
    assert '"certificates": []' in provider_documents(relay)


def test_what_lists_bring_counts_and_says_so(sessions: Sessions, window: Callable[[], TestClient]) -> None:
    with sessions.begin() as session:
        owner = make.organisation(session, utc_now(), name="Probe GmbH")
        make.offering(session, utc_now(), owner)
        make.certificate(session, utc_now(), owner, source="import")
    page = public_page(window(), sessions)
    assert "aus einer Liste übernommen" in page
    assert "von uns angesehen" not in page
    with sessions() as session:
        assert session.scalar(select(func.count(Certificate.id))) == 1
