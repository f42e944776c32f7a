"""A need is published: who hears of it, in which words, how often, and who never does."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts import service as accounts
from market.accounts.models import Organisation, Person
from market.db import Sessions
from market.journal import Errand
from market.mail.models import Letter
from market.needs import service as needs
from market.needs.letters import to_invited
from market.needs.models import Invitation, Need
from market.notifications import orders
from market.notifications.models import Alert, Notice
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.factories import TESTER
from tests.notifications.conftest import TITLE, Round, fitting, member, wanted

Change = Callable[[Callable[[Session], Any]], Any]
Deliver = Callable[[], int]


@pytest.fixture
def letters(sessions: Sessions) -> Callable[[], list[Letter]]:
    def read() -> list[Letter]:
        with sessions() as session:
            query = select(Letter).where(Letter.event == "notifications/needs").order_by(Letter.to)
            return list(session.scalars(query))

    return read


def test_firms_that_fit_hear_of_a_need_with_reasons_deadline_and_effort_in_their_language(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]], sessions: Sessions
) -> None:
    day = local_day(utc_now()) + timedelta(days=30)

    def start(session: Session) -> None:
        firm = fitting(session, "Musterrohr GmbH")
        make.certificate(session, utc_now(), firm, valid_until=day + timedelta(days=90))
        make.certificate(session, utc_now(), firm, type="iso-9606-1", valid_until=day + timedelta(days=90))
        make.certificate(session, utc_now(), firm, type="iso-14001", valid_until=day + timedelta(days=90))
        member(session, firm, "admin")
        member(session, firm, "bidder", language="pl")
        member(session, firm, "reader")

    change(start)
    deliver()
    proofs = ("iso-9001", "iso-14001", "iso-9606-1", "iso-9606-1:141")
    need = change(lambda s: wanted(s, execution_from=day, certificates=proofs))
    deliver()
    cry()
    admin, bidder = letters()
    assert admin.subject == "Passt zu Ihnen: Rohrleitungen schweißen"
    assert "Sie haben 3 von 4 Nachweisen" in admin.text
    assert "Gleiches Gewerk" in admin.text
    assert "Gebote bis" in admin.text
    assert "noch 20 Tage" in admin.text
    assert f"http://testserver/needs/{need.ref}/" in admin.text
    assert bidder.language == "pl"
    assert "Ta sama branża" in bidder.text
    assert f"http://testserver/pl/needs/{need.ref}/" in bidder.text
    assert admin.unsubscribe.startswith("http://testserver/api/alerts/")
    assert admin.unsubscribe != bidder.unsubscribe
    with sessions() as session:
        notice = session.scalars(select(Notice)).one()
        assert notice.need_id == need.id
        assert notice.stage == "new"
        assert set(notice.reasons) == {"de", "en", "pl"}
        assert session.scalar(select(func.count()).select_from(Errand).where(Errand.channel == "news")) == 0


def test_nobody_is_told_who_does_not_fit_may_not_see_it_or_is_suspended(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]], sessions: Sessions
) -> None:
    day = local_day(utc_now())

    def start(session: Session) -> dict[str, Organisation]:
        now = utc_now()
        firms = {"good": fitting(session, "Gut GmbH"), "suspended": fitting(session, "Gesperrt GmbH")}
        firms["far"] = make.organisation(session, now, name="Fern GmbH", verified_on=day, lat=48.1, lon=11.6)
        text = "Rohrleitungen schweißen"
        make.offering(session, now, firms["far"], title=text, lat=48.1, lon=11.6, radius_km=50)
        firms["unverified"] = make.organisation(session, now, name="Ungeprüft GmbH")
        make.offering(session, now, firms["unverified"], title=text, radius_km=100)
        firms["other"] = make.organisation(session, now, name="Kantine GmbH", verified_on=day)
        make.offering(session, now, firms["other"], title="Kantine", trades=("catering",), cpv=("55500000",))
        for firm in firms.values():
            member(session, firm, "admin")
        return firms

    firms = change(start)
    deliver()
    change(lambda s: accounts.suspend(s, TESTER, s.get_one(Organisation, firms["suspended"].id), "Prüfung", utc_now()))

    def publish(session: Session) -> None:
        buyer = fitting(session, "Käufer GmbH", is_partner=True)
        member(session, buyer, "admin")
        make.need(session, utc_now(), buyer, title="Rohrleitungen schweißen", description="Rohrleitungsbau")
        make.need(session, utc_now(), buyer, title="Rohrleitungen schweißen geheim", stage="draft")

    change(publish)
    deliver()
    cry()
    assert [letter.to for letter in letters()] == [f"p{firms['good'].id}-admin@firm.example"]
    with sessions() as session:
        assert [notice.organisation_id for notice in session.scalars(select(Notice))] == [firms["good"].id]


def test_a_need_for_those_invited_or_verified_is_told_to_nobody_else(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]]
) -> None:
    def start(session: Session) -> dict[str, int]:
        firms = {name: fitting(session, f"{name} GmbH") for name in ("Gast", "Andere")}
        for firm in firms.values():
            member(session, firm, "admin")
        return {name: firm.id for name, firm in firms.items()}

    firms = change(start)
    deliver()

    def publish(session: Session, visibility: str) -> None:
        need = wanted(session, title=f"Rohrleitungen schweißen, {visibility}", visibility=visibility)
        session.add(Invitation(need=need, organisation_id=firms["Gast"], at=utc_now()))

    change(lambda s: publish(s, "invited"))
    deliver()
    cry()
    assert [letter.to for letter in letters()] == [f"p{firms['Gast']}-admin@firm.example"]
    change(lambda s: publish(s, "verified"))
    deliver()
    cry()
    assert sorted(letter.to for letter in letters() if "verified" in letter.text) == sorted(
        f"p{id_}-admin@firm.example" for id_ in firms.values()
    )


def test_the_same_need_is_told_once_however_often_it_changes_or_the_round_is_killed(
    change: Change,
    deliver: Deliver,
    cry: Round,
    letters: Callable[[], list[Letter]],
    sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start(session: Session) -> None:
        for name in ("Eins GmbH", "Zwei GmbH", "Drei GmbH"):
            member(session, fitting(session, name), "admin")

    change(start)
    deliver()
    need = change(wanted)
    deliver()
    monkeypatch.setattr("market.notifications.telling.FIRMS", 1)
    killed = cry.fresh(cry.settings.search_url)
    begin, left = killed.sessions.begin, [2]

    class Killed(BaseException):
        """Stands for the process being gone between two transactions."""

    def dying() -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return begin()

    monkeypatch.setattr(killed.sessions, "begin", dying)
    with pytest.raises(Killed):
        cry(killed)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 2
    assert letters() == []
    cry()
    assert len(letters()) == 3

    def rename(title: str) -> None:
        change(lambda s: needs.change(s, TESTER, s.get_one(Need, need.id), utc_now(), title=title))

    for title in ("Rohrleitungen schweißen, Halle 2", "Rohrleitungen schweißen, Halle 3"):
        rename(title)
        deliver()
        cry()
    change(lambda s: needs.move(s, TESTER, s.get_one(Need, need.id), "withdraw", utc_now()))
    change(lambda s: needs.move(s, TESTER, s.get_one(Need, need.id), "publish", utc_now()))
    deliver()
    cry()
    assert len(letters()) == 3


def test_without_the_search_server_nothing_is_lost_and_nothing_is_told_by_half(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]], sessions: Sessions
) -> None:
    change(lambda s: member(s, fitting(s, "Musterrohr GmbH"), "admin"))
    deliver()
    change(wanted)
    deliver()
    cry(cry.fresh("http://127.0.0.1:9"), rounds=3)
    assert letters() == []
    with sessions() as session:
        errand = session.scalars(select(Errand).where(Errand.channel == "news", Errand.subject == "needs")).one()
        assert errand.attempts >= 1
        assert errand.error
    cry.ahead = timedelta(minutes=30)
    cry()
    assert len(letters()) == 1


def test_letters_come_as_often_as_somebody_chose_and_what_is_over_is_left_out(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]], sessions: Sessions
) -> None:
    def start(session: Session) -> None:
        firm = fitting(session, "Musterrohr GmbH")
        for frequency in ("daily", "weekly", "off"):
            person = member(session, firm, "editor", email=f"{frequency}@firm.example")
            orders.choose(session, TESTER, orders.wish_of(session, person, utc_now()), frequency, utc_now())

    change(start)
    deliver()
    cry.ahead = tuesday = noon_of_tuesday() - utc_now()
    change(wanted)
    withdrawn = change(lambda s: wanted(s, title="Rohrleitungen schweißen, zweiter Abschnitt"))
    change(lambda s: wanted(s, title="Rohrleitungen schweißen, dritter Abschnitt"))
    deliver()
    cry()
    assert letters() == []
    change(lambda s: needs.move(s, TESTER, s.get_one(Need, withdrawn.id), "withdraw", utc_now()))
    cry.ahead = tuesday + timedelta(days=1)
    cry()
    (daily,) = letters()
    assert daily.to == "daily@firm.example"
    assert daily.subject == "2 Bedarfe, die zu Musterrohr GmbH passen"
    assert "zweiter Abschnitt" not in daily.text
    cry.ahead = tuesday + timedelta(days=6)
    cry()
    assert [letter.to for letter in letters()] == ["daily@firm.example", "weekly@firm.example"]


def noon_of_tuesday() -> datetime:
    """The next one, when the letters of the morning and of Monday are both still to come; today's noon may be past."""
    day = local_day(utc_now())
    return datetime.combine(day + timedelta(days=(1 - day.weekday()) % 7 or 7), time(12), UTC)


def test_a_bulk_import_of_the_operator_writes_to_nobody_a_page_and_a_firms_own_list_do(
    change: Change, sessions: Sessions
) -> None:
    def errands(session: Session) -> list[str]:
        session.flush()
        return sorted(session.scalars(select(Errand.channel).where(Errand.subject == "needs")))

    def by_hand(session: Session) -> list[str]:
        session.query(Errand).delete()
        wanted(session)
        return errands(session)

    def in_bulk(session: Session) -> list[str]:
        session.query(Errand).delete()
        firm = make.organisation(session, utc_now())
        needs.create(session, OPERATOR, firm, utc_now(), stage="published", title="Aus der Liste", kind="service")
        return errands(session)

    assert change(by_hand) == ["news", "search"]
    assert change(in_bulk) == ["search"]


def test_a_new_offering_brings_the_open_needs_it_fits_into_the_inbox_without_a_letter(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]], sessions: Sessions
) -> None:
    need = change(wanted)
    deliver()
    cry()
    change(lambda s: member(s, fitting(s, "Spät GmbH"), "admin"))
    deliver()
    cry()
    with sessions() as session:
        notice = session.scalars(select(Notice)).one()
        assert notice.need_id == need.id
        assert notice.reasons["pl"]
        assert session.scalar(select(func.count()).select_from(Alert)) == 0
    assert letters() == []


def test_an_invited_firm_gets_one_letter_with_the_words_of_the_invitation(
    change: Change, deliver: Deliver, cry: Round, sessions: Sessions
) -> None:
    def firms(session: Session) -> list[int]:
        made = [fitting(session, name) for name in ("Geladen GmbH", "Passend GmbH")]
        for place, firm in enumerate(made):
            member(session, firm, "bidder", email=f"b{place}@firm.example")
        return [firm.id for firm in made]

    invited, _ = change(firms)
    deliver()

    def publish(session: Session) -> None:
        need = wanted(session, stage="draft")
        session.flush()
        session.add(Invitation(need=need, organisation_id=invited, at=utc_now()))
        needs.move(session, TESTER, need, "publish", utc_now())
        to_invited(session, need, utc_now(), "http://testserver")

    change(publish)
    deliver()
    cry()
    with sessions() as session:
        told = [(one.to, one.event) for one in session.scalars(select(Letter).order_by(Letter.to))]
        assert told == [("b0@firm.example", "needs/news"), ("b1@firm.example", "notifications/needs")]
        assert session.scalar(select(func.count()).select_from(Notice)) == 2


def test_a_later_offering_hears_of_needs_that_are_not_public_exactly_where_its_firm_may_see_them(
    change: Change, deliver: Deliver, cry: Round, sessions: Sessions
) -> None:
    def needs_first(session: Session) -> list[int]:
        some, few = wanted(session, visibility="verified"), wanted(session, visibility="invited")
        names = ("Geprüft GmbH", "Geladen GmbH", "Ungeprüft GmbH")
        firms = [make.organisation(session, utc_now(), name=name, verified_on=None) for name in names]
        for firm in firms[:2]:
            firm.verified_on = local_day(utc_now())
        session.flush()
        session.add(Invitation(need=few, organisation=firms[1], at=utc_now(), told_at=utc_now()))
        return [*(firm.id for firm in firms), some.id, few.id]

    checked, invited, unchecked, some, few = change(needs_first)
    deliver()
    cry()
    for firm_id in (checked, invited, unchecked):
        change(
            lambda s, f=firm_id: make.offering(
                s, utc_now(), s.get_one(Organisation, f), title="Rohrleitungen schweißen", radius_km=100
            )
        )
    deliver()
    cry()
    with sessions() as session:
        told = {(one.organisation_id, one.need_id) for one in session.scalars(select(Notice))}
    assert told == {(checked, some), (invited, some), (invited, few)}


def test_a_request_for_quotation_that_fits_is_answered_from_the_letter_as_long_as_one_speaks_for_the_firm(
    change: Change, deliver: Deliver, cry: Round, letters: Callable[[], list[Letter]], client: TestClient
) -> None:
    def start(session: Session) -> list[int]:
        firm, company = fitting(session, "Musterrohr GmbH"), fitting(session, "Konzernrohr AG")
        member(session, firm, "admin")
        boss = member(session, firm, "editor", email="weg@firm.example")
        make_of_company(session, company)
        return [firm.id, boss.id]

    firm_id, boss_id = change(start)
    deliver()
    change(lambda session: wanted(session, procedure="quotation"))
    change(lambda session: wanted(session, procedure="tender", title=f"{TITLE} 2"))
    deliver()
    cry()
    assert len(letters()) == 6, "three people, two needs"
    found = [(one.to, re.findall(r"http://testserver(/quote/\S+)", one.text)) for one in letters()]
    by_reader = {to: links[0] for to, links in found if links}
    ways = set(by_reader.values())
    assert sum(len(links) for _, links in found) == len(ways) == 2, "one each, and none for the tender"
    assert "p@konzern.example" not in by_reader, "who signs in at the company answers there"
    for way in ways:
        assert "Für Musterrohr GmbH" in client.get(way).text

    def leave(session: Session) -> None:
        member = people.member_of(session, session.get_one(Person, boss_id), session.get_one(Organisation, firm_id))
        assert member is not None
        people.leave(session, TESTER, member, utc_now())

    change(leave)
    assert client.get(by_reader["weg@firm.example"]).status_code == 404
    change(lambda session: setattr(session.get_one(Organisation, firm_id), "verified_on", None))
    assert {client.get(way).status_code for way in ways} == {404}


def make_of_company(session: Session, firm: Organisation) -> None:
    """Somebody who comes in by the company's own provider."""
    more = {"issuer": "https://login.konzern.example", "subject": "1"}
    person = people.create(session, TESTER, utc_now(), "p@konzern.example", name="Probe Person", language="de", **more)
    people.join(session, TESTER, person, firm, ["bidder"], utc_now())
