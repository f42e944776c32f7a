"""A bid of two firms: sealed with both names and roles, proved by both wallets, and none without the consent."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from market.accounts import service as accounts
from market.accounts.models import Organisation, Person
from market.accounts.people import Reader
from market.awards.models import Decision
from market.bids import admissions, contents, links, opening, tenders
from market.bids.contents import Content, Joint, Line, Party
from market.bids.joint import who_counts
from market.bids.labels import is_late
from market.bids.late_models import Admission
from market.bids.models import Bid, OpeningRecord
from market.config import Settings
from market.db import Sessions
from market.desk import dealings
from market.errors import Conflict
from market.mail.models import Letter
from market.needs import contents as parts
from market.needs import release
from market.needs.models import Invitation, Need
from market.needs.parts import Item, Lot, Requirement
from market.notifications import own_bids
from market.notifications import service as inbox
from market.teams.models import Pair
from market.values import local_day, utc_now
from market.viewer import OPERATOR, Viewer
from tests import factories as make
from tests.bids.stand import Stand
from tests.support.keyroom import key_process

ROLE = "Schweißnähte-4711"
Enter = Callable[..., TestClient]


def firm_of(session: Session, name: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.name == name)).one()


class Ahead:
    """The clock of the key process, which the opening puts behind the deadline."""

    by = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.by


@pytest.fixture(autouse=True)
def ahead(settings: Settings, cheap: None) -> Iterator[Ahead]:
    clock = Ahead()
    with key_process(settings.var, clock):
        yield clock


class Two:
    """A need with two lots; Bo leads and does the pipes of the first, Eva the seams of it."""

    def __init__(
        self, sessions: Sessions, settings: Settings, enter: Enter, ahead: Ahead, procedure: str = "tender"
    ) -> None:
        self.stand, self.sessions, self.ahead = Stand(sessions, settings).post(procedure), sessions, ahead
        checked = local_day(utc_now())
        self.bo, self.eva = (
            enter(f"{name.lower()}@firma.example", "bidder", firm=f"{name} GmbH", verified_on=checked)
            for name in ("Bo", "Eva")
        )
        self.page = f"/needs/{self.stand.ref}/partners"
        for window, part in ((self.bo, 0), (self.eva, 1)):
            wanted = {"parts": self.stand.items[part], "contact": "x", "email": "x@firma.example", "agreed": "yes"}
            assert window.post(self.page, data=wanted).status_code == 303

    def agree(self) -> None:
        assert self.propose().status_code == 303
        assert self.does(self.eva, "consent") == 303

    def propose(self, window: TestClient | None = None, **more: str) -> Any:
        window = window or self.bo
        other = re.search(r"partners\?with=([^\"]+)", window.get(self.page).text)
        given = {"mine": self.stand.items[0], "theirs": self.stand.items[1], "my_role": "Rohre", "their_role": ROLE}
        given |= {"with": other[1] if other else "", "do": "propose", "lead": "own"}
        return window.post(f"{self.page}/joint-bid", data=given | more)

    def does(self, window: TestClient, do: str) -> int:
        found = re.search(r'name="pair" value="([^"]+)"', window.get(self.page).text)
        return window.post(f"{self.page}/joint-bid", data={"do": do, "pair": found[1] if found else ""}).status_code

    def stands(self, name: str) -> str | None:
        """Where a firm stands with the need, in its own list."""
        with self.sessions() as session:
            firm, need = firm_of(session, name), session.scalars(select(Need).where(Need.ref == self.stand.ref)).one()
            return own_bids.states(session, firm.id, [need.id]).get(need.id)

    @property
    def pair(self) -> str:
        with self.sessions() as session:
            return session.scalars(select(Pair.ref).order_by(Pair.id.desc())).first() or ""

    def write(self, window: TestClient, *, lot: int = 0, **more: Any) -> Any:
        typed = self.stand.typed(**{"lots": self.stand.lots[lot], f"value.{self.stand.requirement}": "yes"} | more)
        typed["seen"] = re.findall(r'name="seen" value="(\d+)"', window.get(f"{self.stand.page}?edit=1").text)[0]
        return window.post(self.stand.page, data=typed)

    def hand_in(self) -> Any:
        assert self.write(self.bo, pair=["", self.pair]).status_code == 303
        return self.stand.hand_in(self.bo)

    def told(self, to: str) -> list[str]:
        with self.sessions() as session:
            found = session.scalars(select(Letter).where(Letter.to == to).order_by(Letter.id))
            return [one.subject.partition(":")[0] for one in found]

    def refused(self, window: TestClient) -> str:
        """What stands there when it is handed in all the same."""
        (seen,) = re.findall(r'name="seen" value="(\d+)"', window.get(f"{self.stand.page}?edit=1").text)
        answer = window.post(f"{self.stand.page}/check", data={"version": "1", "draft": seen, "binding": "yes"})
        assert answer.status_code == 422
        return answer.text

    def admit(self, *names: str) -> None:
        """The deadline is over, and these firms have followed a link for a late bid."""
        now = utc_now()
        self.stand.deadline(now - timedelta(minutes=1))
        with self.sessions.begin() as session:
            need = session.scalars(select(Need).where(Need.ref == self.stand.ref)).one()
            need.late_policy = "link"
            said = {"reason": "Stau", "hours": 4, "state": "redeemed", "until": now + timedelta(hours=4)}
            said |= {"proposed_at": now, "proposed_by": "Ada", "decided_at": now, "decided_by": "Ben"}
            for name in names:
                session.add(Admission(need=need, organisation=firm_of(session, name), **said))

    def is_let_in(self, name: str) -> bool:
        with self.sessions() as session:
            need = session.scalars(select(Need).where(Need.ref == self.stand.ref)).one()
            return admissions.lets_in(session, need, firm_of(session, name).id, utc_now()) is not None

    def open(self) -> None:
        self.ahead.by = timedelta(days=10)
        with self.sessions.begin() as session:
            need = session.scalars(select(Need).where(Need.ref == self.stand.ref)).one()
            seal = tenders.seal_of(session, need)
            assert seal is not None
            for name in ("ada", "ben"):
                person = session.scalars(select(Person).where(Person.email == f"{name}@werk.example")).one()
                viewer = Viewer(f"person:{person.ref}", "person", person.id, organisation_id=need.organisation_id)
                opening.confirm(session, viewer, seal, f"{name} opens bids", seal.deadline + timedelta(hours=1))


@pytest.fixture
def two(sessions: Sessions, settings: Settings, enter: Enter, ahead: Ahead) -> Two:
    return Two(sessions, settings, enter, ahead)


def test_the_lead_hands_in_and_the_partner_learns_when_and_nothing_more(two: Two) -> None:
    two.agree()
    form = two.bo.get(two.stand.page).text
    assert "Wir bieten gemeinsam mit Eva GmbH" in form
    assert ROLE in form
    assert 'name="teaming"' not in form
    assert two.write(two.bo, pair=["", two.pair], teaming="yes").status_code == 303
    check = two.bo.get(f"{two.stand.page}/check").text
    assert "gemeinsam mit einer anderen Firma" not in check
    assert "Ich gebe dieses Gebot für Bo GmbH und Eva GmbH verbindlich ab" in check
    assert two.stand.hand_in(two.bo).status_code == 303
    (bid,) = two.stand.bids()
    assert two.stands("Eva GmbH") == two.stands("Bo GmbH") == "submitted"
    for window in (two.bo, two.eva):
        page = window.get(two.page).text
        assert bid.sha256 in page
        assert "412" not in page
    assert two.eva.get(two.stand.page).text.count(bid.sha256) == 0
    assert two.told("eva@firma.example")[-1] == "Ihr gemeinsames Gebot ist abgegeben"
    assert two.bo.post(f"{two.stand.page}/withdraw").status_code == 303
    assert "Zurückgezogen" in two.eva.get(two.page).text
    assert two.stands("Eva GmbH") == "withdrawn"
    assert two.told("eva@firma.example")[-1] == "Ihr gemeinsames Gebot ist zurückgezogen"


def test_the_lead_is_offered_what_it_can_do_with_the_bid_as_it_stands(two: Two) -> None:
    two.agree()
    write, replace, confirm = "Gemeinsames Gebot schreiben", "Gemeinsames Gebot ersetzen", "/confirm"
    assert write in two.bo.get(two.page).text
    two.hand_in()
    page = two.bo.get(two.page).text
    assert [said for said in (write, replace, confirm) if said in page] == [replace]
    assert replace not in two.eva.get(two.page).text
    with two.sessions.begin() as session:
        tenders.told(session, OPERATOR, session.scalars(select(Need)).one(), "amend", utc_now())
    page = two.bo.get(two.page).text
    assert [said for said in (write, replace, confirm) if said in page] == [replace, confirm]
    assert two.bo.post(f"{two.stand.page}/withdraw").status_code == 303
    assert write in two.bo.get(two.page).text


def test_after_the_deadline_the_two_reach_each_other_and_have_nothing_to_take_back(two: Two) -> None:
    two.agree()
    two.hand_in()
    two.stand.deadline(utc_now() - timedelta(minutes=1))
    for window, other in ((two.bo, "Eva GmbH"), (two.eva, "Bo GmbH")):
        page = window.get(two.page).text
        assert "So erreichen Sie Ihren Partner" in page
        assert f"{other}</a>" in page
        for said in ("Keinen Partner mehr suchen", "Zustimmung zurücknehmen", "Gemeinsames Gebot ersetzen"):
            assert said not in page
        assert window.post(two.page, data={"do": "withdraw"}).status_code == 409
        assert two.does(window, "end") in (404, 409)


def test_the_page_of_the_need_tells_the_partner_of_the_joint_bid_and_offers_what_is_left(two: Two) -> None:
    need = two.bo.get(f"/needs/{two.stand.ref}").headers["location"]
    assert "Nur einen Teil? Partner finden" in two.eva.get(need).text
    two.agree()
    for state in ("Noch nicht abgegeben", "Abgegeben"):
        page = two.eva.get(need).text
        assert f"Gemeinsames Gebot, federführend Bo GmbH. {state}." in page
        assert f'href="{two.page}"' in page
        assert "Gebot schreiben" in page  # for the other lot
        assert "Nur einen Teil?" not in page
        if state != "Abgegeben":
            assert two.hand_in().status_code == 303
    lead = two.bo.get(need).text
    assert "federführend" not in lead
    assert "Ihr Gebot: Abgegeben" in lead
    with two.sessions.begin() as session:
        made = session.scalars(select(Need).where(Need.ref == two.stand.ref)).one()
        kept = [{"ref": ref, "title": "Noch da"} for ref in two.stand.items[:2]]
        parts.write(session, OPERATOR, made, Item, kept, utc_now())
        parts.write(session, OPERATOR, made, Lot, [{"ref": two.stand.lots[0], "title": "Nur noch eines"}], utc_now())
    left = two.eva.get(need).text
    assert "federführend Bo GmbH" in left
    assert "Gebot schreiben" not in left


def test_the_opening_shows_both_firms_and_what_each_does(two: Two) -> None:
    two.agree()
    two.hand_in()
    two.open()
    (bid,) = two.stand.bids()
    assert bid.content["joint"]["partner"] == {
        "firm": bid.content["joint"]["partner"]["firm"],
        "name": "Eva GmbH",
        "role": ROLE,
        "parts": [two.stand.items[1]],
    }
    with two.sessions() as session:
        (row,) = session.scalars(select(OpeningRecord)).one().bids
        later = utc_now() + timedelta(days=10)
        for name in ("Bo GmbH", "Eva GmbH"):
            viewer = Viewer("person:x", "person", 1, organisation_id=firm_of(session, name).id)
            assert len(dealings.of_firm(session, viewer, utc_now(), later).bids) == 1
    assert two.stands("Eva GmbH") == "opened"
    assert row["bidder"] == "Bo GmbH + Eva GmbH"
    assert row["parties"] == [{"name": "Bo GmbH", "role": "Rohre"}, {"name": "Eva GmbH", "role": ROLE}]
    assert two.told("eva@firma.example")[-1] == "Die Gebote sind geöffnet"
    assert "412,50" not in two.eva.get(two.page).text
    assert two.does(two.eva, "show") == 404  # her page has no such button
    with two.sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        need.bids_until = utc_now() - timedelta(minutes=1)
    data = {"do": "show", "pair": two.pair}
    assert two.eva.post(f"{two.page}/joint-bid", data=data).status_code == 409
    assert "412,50" not in two.eva.get(two.page).text
    assert two.bo.post(f"{two.page}/joint-bid", data=data).status_code == 303
    assert "412,50" in two.eva.get(two.page).text
    assert two.told("eva@firma.example")[-1] == "Ihr gemeinsames Gebot wird Ihnen gezeigt"
    with two.sessions.begin() as session:
        told = {"outcome": "lost", "reason": "points", "at": utc_now(), "told_at": utc_now()}
        session.add(Decision(need=need, bid=session.merge(bid), **told))
    page = two.eva.get(two.page).text
    assert "Kein Zuschlag" in page
    assert "die Entscheidung steht noch aus" not in page
    assert two.eva.get(f"/needs/{two.stand.ref}/outcome?joint=1").status_code == 200
    assert f"/needs/{two.stand.ref}/outcome?joint=1" in page


def test_without_the_partners_consent_nothing_is_handed_in_and_what_is_in_does_not_count(two: Two) -> None:
    two.agree()
    two.hand_in()
    pair = two.pair
    assert two.does(two.eva, "end") == 303
    assert [bid.state for bid in two.stand.bids()] == ["needs_confirmation"]
    assert two.told("bo@firma.example")[-2:] == [
        "Ihr gemeinsames Gebot ist hinfällig",
        "Bitte geben Sie Ihr Gebot neu ab",
    ]
    assert "Eva GmbH ist an Ihrem gemeinsamen Gebot nicht mehr beteiligt" in two.bo.get(two.stand.page).text
    assert two.bo.post(f"{two.stand.page}/confirm", data={"version": "1"}).status_code == 409
    assert two.write(two.bo, pair=["", pair]).status_code == 303
    refused = two.write(two.bo, pair=["", pair], do="check")
    assert refused.status_code == 422
    assert "Eva GmbH hat die Zustimmung zurückgenommen" in refused.text
    assert 'href="#pair"' in refused.text
    assert "Eva GmbH hat die Zustimmung zurückgenommen" in two.refused(two.bo)
    assert two.write(two.bo, pair="").status_code == 303
    assert two.stand.hand_in(two.bo).status_code == 303
    two.open()
    assert [bid.state for bid in two.stand.bids()] == ["replaced", "opened"]
    assert "joint" not in two.stand.bids()[1].content


def test_a_joint_bid_that_was_left_without_consent_is_not_opened(two: Two) -> None:
    two.agree()
    two.hand_in()
    two.does(two.bo, "end")
    two.open()
    (bid,) = two.stand.bids()
    assert (bid.state, bid.content) == ("lapsed", {})
    assert two.told("eva@firma.example")[-1] != "Die Gebote sind geöffnet"


def test_both_hear_once_that_a_need_is_cancelled(two: Two) -> None:
    two.agree()
    two.hand_in()
    with two.sessions.begin() as session:
        session.info["base_url"] = "http://testserver"
        release.cancel(session, OPERATOR, session.scalars(select(Need)).one(), "Werk steht still", utc_now())
    assert [bid.state for bid in two.stand.bids()] == ["void"]
    for name in ("bo", "eva"):
        assert two.told(f"{name}@firma.example").count("Abgesagt") == 1


def test_who_is_part_of_a_joint_bid_that_is_in_does_not_decline_the_invitation(two: Two) -> None:
    two.agree()
    two.hand_in()
    with two.sessions() as session:
        eva, need = firm_of(session, "Eva GmbH"), session.scalars(select(Need)).one()
        invitation = Invitation(need=need, organisation_id=eva.id, at=utc_now(), declined_at=utc_now())
        with pytest.raises(Conflict, match="joint bid"):
            inbox.declined(session, OPERATOR, invitation, utc_now())


def test_a_suspended_partner_is_as_good_as_none(two: Two) -> None:
    two.agree()
    two.hand_in()
    with two.sessions.begin() as session:
        eva = session.scalars(select(Organisation).where(Organisation.name == "Eva GmbH")).one()
        session.info["base_url"] = "http://testserver"
        accounts.suspend(session, OPERATOR, eva, "Prüfung", utc_now())
    assert [bid.state for bid in two.stand.bids()] == ["needs_confirmation"]
    answer = two.write(two.bo, pair=["", two.pair], do="check")
    assert answer.status_code == 422
    assert "Eva GmbH ist zurzeit nicht geprüft" in answer.text


def test_nobody_bids_alone_and_together_for_the_same_lot(two: Two) -> None:
    two.agree()
    assert two.write(two.eva).status_code == 303
    assert "Niemand bietet zweimal für dasselbe" in two.refused(two.eva)
    assert two.write(two.eva, lot=1, **{f"price.{two.stand.items[2]}": "7,50"}).status_code == 303
    assert two.stand.hand_in(two.eva).status_code == 303
    alone = two.write(two.bo, pair="", do="check")
    assert alone.status_code == 422
    assert "Sie haben vereinbart, dafür gemeinsam mit Eva GmbH zu bieten" in alone.text
    other_lot = two.write(two.bo, lot=1, pair=["", two.pair], do="check")
    assert "macht eine der beiden Firmen nichts" in other_lot.text


def test_who_has_bid_alone_withdraws_that_before_consenting(two: Two) -> None:
    assert two.write(two.eva, lot=1, **{f"price.{two.stand.items[2]}": "7,50"}).status_code == 303
    assert two.stand.hand_in(two.eva).status_code == 303
    own = two.propose(two.eva, lead="other", mine=two.stand.items[1], theirs=two.stand.items[0])
    assert own.status_code == 409
    assert "Sie haben ein eigenes Gebot abgegeben" in own.text
    assert two.propose().status_code == 303  # whoever proposes does not learn of it
    answer = two.eva.post(f"{two.page}/joint-bid", data={"do": "consent", "pair": two.pair})
    assert answer.status_code == 409
    assert "Sie haben ein eigenes Gebot abgegeben" in answer.text
    assert two.eva.post(f"{two.stand.page}/withdraw").status_code == 303
    assert two.does(two.eva, "consent") == 303


def test_the_link_of_a_letter_is_no_way_round_the_agreement(
    sessions: Sessions, settings: Settings, enter: Enter, ahead: Ahead, window: Callable[[], TestClient]
) -> None:
    two = Two(sessions, settings, enter, ahead, "quotation")
    two.agree()
    for name, said in (("Bo", "Sie haben vereinbart"), ("Eva", "Niemand bietet zweimal")):
        with sessions.begin() as session:
            firm = session.scalars(select(Organisation).where(Organisation.name == f"{name} GmbH")).one()
            need = session.scalars(select(Need)).one()
            person = session.scalars(select(Person).where(Person.email == f"{name.lower()}@firma.example")).one()
            way = links.path(session, links.new(session, need, firm, Reader.of(person), utc_now()))
        typed = {"version": "1", "name": "Petra", f"price.{two.stand.items[0]}": "12"}
        answer = window().post(way, data=typed | {f"value.{two.stand.requirement}": "yes"})
        assert answer.status_code == 422
        assert said in answer.text
    assert two.stand.bids() == []


def test_a_late_link_of_the_lead_is_for_both_and_the_partners_word_stays(two: Two) -> None:
    two.agree()
    two.admit("Bo GmbH")
    assert "Zustimmung zurücknehmen" not in two.eva.get(two.page).text  # that would tell whose the link is
    assert two.does(two.eva, "end") == 404
    assert two.eva.post(f"{two.page}/joint-bid", data={"do": "end", "pair": two.pair}).status_code == 409
    assert two.hand_in().status_code == 303
    with two.sessions() as session:
        bid = session.scalars(select(Bid)).one()
        assert (bid.state, is_late(bid), bid.pair is not None) == ("submitted", True, True)
    assert two.told("eva@firma.example")[-1] == "Ihr gemeinsames Gebot ist abgegeben"
    two.admit("Eva GmbH")
    assert not two.is_let_in("Eva GmbH")


def test_a_partner_that_is_let_in_late_bids_alone_once_it_has_taken_its_word_back(two: Two) -> None:
    two.agree()
    two.admit("Bo GmbH", "Eva GmbH")
    assert two.write(two.eva).status_code == 303
    assert "Niemand bietet zweimal für dasselbe" in two.refused(two.eva)
    assert two.does(two.eva, "end") == 303
    assert two.stand.hand_in(two.eva).status_code == 303
    with two.sessions() as session:
        bid = session.scalars(select(Bid)).one()
        assert (bid.organisation.name, bid.pair) == ("Eva GmbH", None)
    assert two.write(two.bo, pair=["", two.pair]).status_code == 303
    assert "Eva GmbH hat die Zustimmung zurückgenommen" in two.refused(two.bo)


def test_a_joint_bid_that_came_in_time_counts_for_both_whoever_gets_a_late_link(two: Two) -> None:
    two.agree()
    two.hand_in()
    two.admit("Bo GmbH", "Eva GmbH")
    assert not two.is_let_in("Bo GmbH")
    assert not two.is_let_in("Eva GmbH")
    assert two.eva.post(f"{two.page}/joint-bid", data={"do": "end", "pair": two.pair}).status_code == 409
    assert [bid.state for bid in two.stand.bids()] == ["submitted"]


def requirement(lot: str = "", number: int = 1) -> Any:
    return SimpleNamespace(lot=SimpleNamespace(ref=lot) if lot else None, lot_id=number if lot else None)


def test_a_certificate_counts_of_whoever_does_something_of_its_lot_and_for_the_whole_of_either() -> None:
    items: Any = [
        SimpleNamespace(ref="a", lot_id=1),
        SimpleNamespace(ref="b", lot_id=1),
        SimpleNamespace(ref="c", lot_id=2),
    ]
    joint = Joint(Party("bo", "Bo", "", ("a",)), Party("eva", "Eva", "", ("b", "three")), "")
    assert who_counts(joint, requirement(), items) == ["bo", "eva"]
    assert who_counts(joint, requirement("one", 1), items) == ["bo", "eva"]
    assert who_counts(joint, requirement("two", 2), items) == ["bo"]  # nobody's in the agreement: the lead alone
    assert who_counts(joint, requirement("three", 3), items) == ["eva"]


def test_the_partners_certificate_is_looked_at_with_its_consent_only(two: Two) -> None:
    with two.sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        asked = [{"title": "ISO 9001", "type": "certificate", "limits": {"type": "iso-9001"}, "knock_out": True}]
        kept = [{"ref": two.stand.requirement, "title": "Tariflohn", "type": "bool", "limits": {}, "knock_out": True}]
        parts.write(session, OPERATOR, need, Requirement, kept + asked, utc_now())
        eva = session.scalars(select(Organisation).where(Organisation.name == "Eva GmbH")).one()
        make.certificate(session, utc_now(), eva)
    assert "Bei den Nachweisen von Eva GmbH" not in two.bo.get(two.stand.page).text
    two.agree()
    two.write(two.bo, pair=["", two.pair])
    form = two.bo.get(two.stand.page).text
    assert "Bei den Nachweisen von Eva GmbH, geprüft" in form
    assert "beide Firmen zusammen" in form
    two.write(two.bo, pair="")
    assert "Bei den Nachweisen von Eva GmbH" not in two.bo.get(two.stand.page).text


def test_what_is_sealed_reads_back_as_it_was() -> None:
    joint = Joint(Party("bo", "Bo", "Rohre", ("a",)), Party("eva", "Eva", ROLE, ("b",)), "2026-11-30T12:00:00+00:00")
    said = Content(lines={"a": Line(Decimal("1.00"))}, joint=joint)
    assert contents.of(json.loads(json.dumps(contents.written(said)))) == said
    assert "joint" not in contents.written(Content())
