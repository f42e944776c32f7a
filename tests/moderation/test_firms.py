"""The operator's first page and the firms that wait for a check."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.values import local_day, utc_now
from tests import factories as make
from tests.certificates.conftest import held, letters, operator

__all__ = ["held", "letters", "operator"]
Letters = Callable[[str], list[Letter]]


@pytest.fixture
def new_firm(sessions: Sessions) -> Callable[..., Organisation]:
    def make_one(**fields: object) -> Organisation:
        given = {"name": "Neue Probe GmbH", "verified_on": None, "email": "buero@neue.example"}
        registers = [{"scheme": "DE-HRB", "number": "4711 FF", "court": "Frankfurt (Oder)"}]
        with sessions.begin() as session:
            return make.organisation(session, utc_now(), **(given | {"registers": registers} | fields))

    return make_one


def test_the_first_page_counts_what_waits(
    operator: TestClient, new_firm: Callable[..., Organisation], sessions: Sessions
) -> None:
    assert "Nichts wartet." in operator.get("/operator").text
    firm = new_firm()
    with sessions.begin() as session:
        owner = session.get_one(Organisation, firm.id)
        past = utc_now() - timedelta(days=3)
        make.certificate(session, utc_now(), owner, state="uploaded", submitted_at=past)
        make.certificate(session, utc_now(), owner, type="scc", valid_until=local_day(utc_now()) + timedelta(days=9))
    page = operator.get("/operator").text
    assert "Prüfung: 2 warten" in page
    assert "3 Tage" in page
    for name, number in (("Firmen zu prüfen", 1), ("Nachweise zu prüfen", 1), ("Nachweise, die ablaufen", 1)):
        figure = page.split(f"<dt>{name}</dt>")[1].split("</dd>")[0]
        assert f">{number}<" in f"{figure}<"
    assert page.index("ISO 9001") < page.index("Neue Firma")


def test_a_firm_is_checked_with_its_source(
    operator: TestClient,
    new_firm: Callable[..., Organisation],
    window: Callable[[], TestClient],
    letters: Letters,
    sessions: Sessions,
) -> None:
    firm = new_firm()
    assert "HRB 4711 FF" in operator.get("/operator/organisations").text
    page = operator.get(f"/operator/organisations/{firm.ref}").text
    assert "4711 FF, Frankfurt (Oder)" in page
    address = f"/operator/organisations/{firm.ref}/verify"
    assert operator.post(address, data={}).status_code == 422
    assert operator.post(address, data={"source": "Hörensagen"}).status_code == 422
    form = {"source": "Handelsregister", "detail": "HRB 4711 FF"}
    assert operator.post(address, data=form).headers["location"] == "/operator/organisations"
    with sessions() as session:
        checked = session.get_one(Organisation, firm.id)
        assert checked.verified_on == local_day(utc_now())
        assert checked.verified_source == "Handelsregister, HRB 4711 FF"
        assert checked.verified_by.startswith("person:")
    assert "(Handelsregister, HRB 4711 FF)" in window().get(f"/providers/{firm.ref}/{firm.slug}").text
    assert [letter.to for letter in letters("moderation/verified")] == ["buero@neue.example"]
    assert operator.post(address, data=form).status_code == 409
    assert "Es wartet keine Firma" in operator.get("/operator/organisations").text


def test_a_firm_is_asked_back_in_its_own_language(
    operator: TestClient, new_firm: Callable[..., Organisation], letters: Letters, sessions: Sessions
) -> None:
    firm = new_firm(country="PL", name="Nowa Probe sp. z o.o.")
    address = f"/operator/organisations/{firm.ref}/ask"
    assert operator.post(address, data={"question": "other"}).status_code == 422
    form = {"question": "register", "note_de": "Auch die USt-IdNr. fehlt."}
    assert operator.post(address, data=form).status_code == 303
    letter = letters("moderation/asked")[0]
    assert (letter.to, letter.language) == ("buero@neue.example", "pl")
    assert "Proszę uzupełnić numer w rejestrze" in letter.text
    assert "Auch die USt-IdNr. fehlt." in letter.text
    page = operator.get(f"/operator/organisations/{firm.ref}").text
    assert "Zuletzt gefragt am" in page
    with sessions() as session:
        assert (
            session.scalars(select(Entry).where(Entry.verb == "moderation.asked")).one().data["question"] == "register"
        )
        assert session.get_one(Organisation, firm.id).verified_on is None


def test_a_firm_nobody_can_write_to_is_called(
    operator: TestClient, new_firm: Callable[..., Organisation], letters: Letters
) -> None:
    firm = new_firm(email="")
    answer = operator.post(f"/operator/organisations/{firm.ref}/ask", data={"question": "name"})
    assert answer.status_code == 409
    assert "Bitte anrufen" in answer.text
    assert letters("moderation/asked") == []
