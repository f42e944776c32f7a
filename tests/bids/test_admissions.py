"""A late bid by a link: let in by two people of the buyer, told to all, once, and never past the opening."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market import clock
from market.accounts.models import Organisation
from market.bids import admissions, admitting, labels, lifecycle, log, opening, service
from market.bids.late_models import Admission
from market.bids.models import Bid, LogEntry, OpeningRecord, Receipt
from market.bids.rules import may_admit, may_confirm_late
from market.config import Settings
from market.db import Sessions
from market.errors import Conflict
from market.i18n import words
from market.journal import Entry
from market.mail.models import Letter
from market.needs.models import Need, Watch
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.bids.conftest import DEADLINE, Scene
from tests.bids.stand import Stand
from tests.support.keyroom import key_process

MS = timedelta(milliseconds=1)
AFTER = DEADLINE + timedelta(minutes=2)
REASON = "Die Brücke nach Guben war gesperrt."
BASE = "http://testserver"
Enter = Callable[..., TestClient]


@pytest.fixture
def shut(scene: Scene) -> Scene:
    """A tender that says so, its deadline over, with a bid in time, one who watches, and a firm that is late."""
    scene.need.late_policy = "link"
    scene.people["bea"] = scene.person("bea", scene.buyer, "buyer")
    scene.people["adam"] = scene.person("adam", scene.buyer, "approver")
    for name in ("wim", "sia"):
        firm = make.organisation(scene.session, scene.start, name=f"Firma {name} GmbH", verified_on=scene.start.date())
        scene.people[name] = scene.person(name, firm, "admin")
    scene.session.add(Watch(need=scene.need, organisation_id=firm_of(scene, "wim").id, at=scene.start))
    scene.hand_in()
    scene.clock.now = AFTER
    return scene


def firm_of(scene: Scene, name: str) -> Organisation:
    query = select(Organisation).where(Organisation.name == f"Firma {name} GmbH")
    return scene.session.scalars(query).one()


def proposed(scene: Scene, name: str = "sia") -> Admission:
    bea = scene.viewer(scene.people["bea"], scene.buyer, "buyer")
    firm = firm_of(scene, name)
    return admitting.propose(scene.session, bea, scene.need, firm, REASON, 4, scene.clock.now, BASE)


def confirmed(scene: Scene, one: Admission) -> str:
    adam = scene.viewer(scene.people["adam"], scene.buyer, "approver")
    return admitting.confirm(scene.session, adam, one, scene.clock.now, BASE)


def redeemed(scene: Scene, one: Admission) -> None:
    sia = scene.viewer(scene.people["sia"], one.organisation)
    admissions.redeem(scene.session, sia, one, scene.clock.now)


def admitted(scene: Scene) -> Admission:
    one = proposed(scene)
    confirmed(scene, one)
    redeemed(scene, one)
    return one


def opened_by(scene: Scene, name: str) -> OpeningRecord | None:
    return opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", scene.clock.now)


def letters(scene: Scene, subject: str) -> set[str]:
    found = scene.session.scalars(select(Letter).where(Letter.subject.startswith(subject)))
    return {letter.to.partition("@")[0] for letter in found}


def test_an_admission_has_a_way_out_of_every_state_but_the_last_ones() -> None:
    table = lifecycle.ADMISSIONS
    assert {state for state, moves in table.items() if not moves} == {
        "used",
        "declined",
        "revoked",
        "expired",
        "lapsed",
    }
    assert {there for moves in table.values() for there in moves.values()} | {"proposed"} == set(table)


def test_two_people_let_one_firm_in_all_others_hear_of_it_and_its_bid_stays_marked(shut: Scene) -> None:
    one = proposed(shut)
    assert letters(shut, "Bitte ein verspätetes Gebot bestätigen") == {"adam"}
    assert admissions.running(shut.session, shut.need, AFTER) is None  # a proposal alone holds nothing up
    token = confirmed(shut, one)
    assert letters(shut, "Sie können noch ein Gebot abgeben") == {"sia"}
    assert letters(shut, "Ein verspätetes Gebot ist zugelassen") == {"bid", "wim"}
    told = shut.session.scalars(select(Letter.text).where(Letter.subject.startswith("Ein verspätetes"))).all()
    assert all(REASON in text and "sia" not in text for text in told)
    assert one.token_sha256 == sha256(token.encode()).hexdigest()
    with pytest.raises(Conflict, match="Nothing is opened"):
        opened_by(shut, "ada")
    redeemed(shut, one)
    with pytest.raises(Conflict, match="no way to redeem"):
        redeemed(shut, one)
    assert isinstance(shut.hand_in("nun doch", firm=one.organisation), Receipt)
    assert isinstance(shut.hand_in("noch einmal", firm=one.organisation), service.Late)
    assert one.state == "used"
    assert opened_by(shut, "ada") is None
    record = opened_by(shut, "ben")
    assert record is not None
    assert [row.get("late") for row in record.bids] == [None, {"reason": REASON, "first": "Bea", "second": "Adam"}]
    assert [labels.is_late(bid) for bid in shut.session.scalars(select(Bid).order_by(Bid.id))] == [False, True]
    assert log.broken_at(shut.session, shut.seal) == 0
    said = [entry.said for entry in shut.session.scalars(select(LogEntry).order_by(LogEntry.id))]
    (used,) = [one for one in said if one["what"] == "late bid: used"]
    assert (used["reason"], len(used["people"]), bool(used["bid"])) == (REASON, 2, True)
    verbs = set(shut.session.scalars(select(Entry.verb)))
    assert {"bids.late_proposed", "bids.late_admitted", "bids.late_link_followed", "bids.late_used"} <= verbs
    public, full = labels.late_told(words("de"), one), labels.late_in_full(words("de"), one)
    assert REASON in public
    assert "sia" not in public
    assert all(part in full for part in ("Firma sia GmbH", "Bea", "Adam", REASON))


@pytest.mark.parametrize(("edge", "counts"), [(-MS, True), (0 * MS, False), (MS, False)], ids=["-1ms", "0", "+1ms"])
def test_the_link_ends_to_the_millisecond(shut: Scene, edge: timedelta, counts: bool) -> None:
    one = admitted(shut)
    assert one.until == AFTER + timedelta(hours=4)
    taken = shut.hand_in("spät", one.until + edge, firm=one.organisation)
    assert isinstance(taken, Receipt) == counts
    assert one.state == ("used" if counts else "redeemed")


def test_what_came_before_the_end_counts_though_the_clock_has_come_by_and_opening_waits_for_it(shut: Scene) -> None:
    one = admitted(shut)
    assert one.until is not None
    shut.clock.now = one.until + timedelta(seconds=59)
    clock.tick(shut.session, shut.clock.now, BASE)
    with pytest.raises(Conflict, match="Nothing is opened"):
        opened_by(shut, "ada")
    assert isinstance(shut.hand_in("eben noch", one.until - MS, firm=one.organisation), Receipt)


def test_a_link_nobody_used_is_over_and_noted_and_nothing_waits_for_it(shut: Scene) -> None:
    one = proposed(shut)
    confirmed(shut, one)
    assert one.until is not None
    shut.clock.now = one.until
    with pytest.raises(Conflict, match="link is over"):
        redeemed(shut, one)
    shut.clock.now = one.until + opening.SETTLING
    clock.tick(shut.session, shut.clock.now, BASE)
    assert one.state == "expired"
    assert opened_by(shut, "ada") is None
    for late in (lambda: proposed(shut, "wim"), lambda: redeemed(shut, one)):
        with pytest.raises(Conflict, match="has begun"):
            late()
    assert opened_by(shut, "ben") is not None


def test_a_proposal_lapses_with_the_opening_and_is_not_confirmed_once_it_has_begun(shut: Scene) -> None:
    one = proposed(shut)
    opened_by(shut, "ada")
    with pytest.raises(Conflict, match="has begun"):
        confirmed(shut, one)
    opened_by(shut, "ben")
    assert (one.state, one.until) == ("lapsed", None)
    assert admissions.known(shut.session, shut.need) == []


def test_a_link_taken_back_lets_nobody_in_and_the_bids_are_opened_at_once(shut: Scene) -> None:
    one = admitted(shut)
    bea = shut.viewer(shut.people["bea"], shut.buyer, "buyer")
    admitting.revoke(shut.session, bea, one, "Doch kein Grund.", AFTER, BASE)
    assert letters(shut, "Der Link ist zurückgenommen") == {"sia"}
    assert "Doch kein Grund." in labels.late_told(words("de"), one)
    assert isinstance(shut.hand_in("spät", firm=one.organisation), service.Late)
    opened_by(shut, "ada")
    assert opened_by(shut, "ben") is not None
    with pytest.raises(Conflict):
        admitting.revoke(shut.session, bea, one, "Noch einmal", AFTER, BASE)


def test_whose_bid_came_in_time_gains_nothing_by_a_link_and_the_buyer_does_not_learn_of_it(shut: Scene) -> None:
    shut.firm.verified_on = local_day(shut.start)
    bea = shut.viewer(shut.people["bea"], shut.buyer, "buyer")
    one = admitting.propose(shut.session, bea, shut.need, shut.firm, REASON, 4, AFTER, BASE)
    confirmed(shut, one)
    with pytest.raises(Conflict, match="came in time"):
        admissions.redeem(shut.session, shut.viewer(shut.bidder, shut.firm), one, AFTER)
    one.state = "redeemed"
    assert isinstance(shut.hand_in("besser", firm=shut.firm), service.Late)
    assert [bid.state for bid in shut.session.scalars(select(Bid))] == ["submitted"]


def test_the_second_person_is_another_of_the_buyer_who_may_approve(shut: Scene) -> None:
    one = proposed(shut)
    adam = shut.viewer(shut.people["adam"], shut.buyer, "approver")
    bea = shut.viewer(shut.people["bea"], shut.buyer, "buyer")
    assert (may_admit(bea, shut.need), may_admit(adam, shut.need)) == (True, False)
    assert may_confirm_late(shut.session, adam, one)
    both = shut.viewer(shut.people["bea"], shut.buyer, "admin")
    stranger = shut.viewer(shut.people["wim"], firm_of(shut, "wim"), "admin")
    assert not [who for who in (bea, both, stranger, OPERATOR) if may_confirm_late(shut.session, who, one)]
    confirmed(shut, one)
    with pytest.raises(Conflict, match="decided already"):
        confirmed(shut, one)


def test_nobody_is_admitted_where_it_was_not_said_before_or_too_early_or_twice(shut: Scene) -> None:
    proposed(shut)
    with pytest.raises(Conflict, match="named already"):
        proposed(shut)
    firm_of(shut, "wim").verified_on = None
    with pytest.raises(Conflict, match="verified"):
        proposed(shut, "wim")
    firm_of(shut, "wim").verified_on = local_day(shut.start)
    shut.need.visibility = "invited"
    with pytest.raises(Conflict, match="not let in"):
        proposed(shut, "wim")
    shut.need.visibility, shut.clock.now = "public", DEADLINE - MS
    with pytest.raises(Conflict, match="not over"):
        proposed(shut, "wim")
    shut.need.late_policy, shut.clock.now = "refuse", AFTER
    with pytest.raises(Conflict):
        proposed(shut, "wim")


@pytest.mark.parametrize("seed", range(2))
def test_whatever_people_do_nothing_is_opened_beside_a_link_and_every_admission_ends(shut: Scene, seed: int) -> None:
    dice, session = random.Random(seed), shut.session
    bea = shut.viewer(shut.people["bea"], shut.buyer, "buyer")

    def late(*states: str) -> Admission:
        found = [one for one in admissions.of_need(session, shut.need) if one.state in states]
        if not found:
            raise Conflict("there is none")
        return dice.choice(found)

    moves: list[Callable[[], object]] = [
        lambda: proposed(shut, dice.choice(("sia", "wim"))),
        lambda: confirmed(shut, late("proposed", "open", "lapsed")),
        lambda: redeemed(shut, late("open", "redeemed", "expired")),
        lambda: shut.hand_in("spät", firm=firm_of(shut, dice.choice(("sia", "wim")))),
        lambda: admitting.revoke(session, bea, late("open", "redeemed", "used"), "Doch nicht", shut.clock.now, BASE),
        lambda: clock.tick(session, shut.clock.now, BASE),
        lambda: opened_by(shut, "ada") if dice.random() < 0.2 else None,
    ]
    for _ in range(30):
        shut.clock.now += timedelta(minutes=dice.choice((0, 10, 100)))
        try:
            with session.begin_nested():
                dice.choice(moves)()
        except Conflict:
            session.expire_all()
        held = admissions.of_need(session, shut.need)
        assert not (admissions.running(session, shut.need, shut.clock.now) and shut.seal.giver_id)
        assert [one.bid is not None for one in held] == [one.state == "used" for one in held]
        bids = session.scalars(select(Bid)).all()
        assert sum(labels.is_late(bid) for bid in bids) == sum(one.state == "used" for one in held)
    shut.clock.now += timedelta(days=1)
    opened_by(shut, "ada")
    assert opened_by(shut, "ben") is not None
    assert all(not lifecycle.ADMISSIONS[one.state] for one in admissions.of_need(session, shut.need))
    assert log.broken_at(session, shut.seal) == 0


@pytest.fixture
def over(sessions: Sessions, settings: Settings, cheap: None) -> Iterator[Stand]:
    """A tender whose deadline was five minutes ago; the key process lives in the present from then on."""
    began = utc_now() - timedelta(days=9, minutes=5)
    past = [began]
    with key_process(settings.var, lambda: past[0] if past else utc_now()):
        stand = Stand(sessions, settings)
        stand.now = began
        stand.post()
        past.clear()
        with sessions.begin() as session:
            session.scalars(select(Need)).one().late_policy = "link"
            clock.tick(session, utc_now(), BASE)
        yield stand


def test_the_whole_way_on_the_pages(over: Stand, enter: Enter, sessions: Sessions) -> None:
    stand = over
    bea, adam = (
        enter(f"{n}@werk.example", role, firm="Werk Probe SE") for n, role in (("bea", "buyer"), ("adam", "approver"))
    )
    sia = enter("sia@spaet.example", "admin", firm="Spät GmbH", verified_on=local_day(utc_now()))
    eve, rea = (
        enter("eve@fremd.example", "admin", firm="Fremd GmbH"),
        enter("rea@spaet.example", "reader", firm="Spät GmbH"),
    )
    page = f"/me/needs/{stand.ref}/late"
    told = {"do": "propose", "firm": "Spät GmbH", "hours": "4", "reason": REASON}
    assert (eve.get(page).status_code, eve.post(page, data=told).status_code) == (404, 404)
    assert adam.post(page, data=told).status_code == 403
    assert bea.get(f"/me/needs/{stand.ref}/audience").status_code == 409  # what was promised stays
    for wrong in ({"firm": "Gibt es nicht"}, {"reason": "ja"}, {"reason": "Spät GmbH war spät"}, {"hours": "72"}):
        refused = bea.post(page, data=told | wrong)
        assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True), wrong
    assert bea.post(page, data=told).status_code == 303
    with sessions() as session:
        ref = session.scalars(select(Admission.ref)).one()
    assert bea.post(page, data={"do": "confirm", "one": ref}).status_code == 403
    assert "Verspätetes Gebot zu bestätigen" in adam.get("/me").text
    assert adam.post(page, data={"do": "confirm", "one": ref}).status_code == 303
    assert adam.post(page, data={"do": "confirm", "one": ref}).status_code == 409
    with sessions() as session:
        text = session.scalars(select(Letter.text).where(Letter.to == "sia@spaet.example")).all()
        (link,) = {found for one in text for found in re.findall(r"http://testserver(/late/\S+)", one)}
        slug = session.scalars(select(Need)).one().slug
    assert REASON in eve.get(f"/needs/{stand.ref}/{slug}").text
    assert (eve.get(link).status_code, sia.get("/late/forged").status_code) == (404, 404)
    assert (rea.get(link).status_code, sia.get(link).status_code) == (403, 200)
    assert 'name="seen"' not in sia.get(stand.page).text
    assert sia.post(link).headers["location"] == stand.page
    assert 'name="seen"' in sia.get(stand.page).text
    assert (sia.get(link).status_code, sia.post(link).status_code) == (410, 410)
    answer = {f"value.{stand.requirement}": "yes"}
    assert sia.post(stand.page, data=stand.typed(**answer) | {"do": "check"}).status_code == 303
    check = sia.get(f"{stand.page}/check").text
    assert "ist ein verspätetes Gebot Ihrer Firma zugelassen" in check
    handed = stand.hand_in(sia)
    assert (handed.status_code, "/receipts/" in handed.headers["location"]) == (303, True)
    receipt = sia.get(handed.headers["location"]).text
    assert ("verspätet, per Link zugelassen" in receipt, "rechtzeitig eingegangen" in receipt) == (True, False)
    assert "verspätet" in bea.get(page).text
    assert "Gebot ist da" in bea.get(page).text
    assert "Ihr Gebot ist darüber gekommen" in sia.get(link).text
    for name in ("ada", "ben"):
        opener = enter(f"{name}@werk.example", "opener", firm="Werk Probe SE")
        path = f"/me/needs/{stand.ref}/opening"
        assert "verspätet, per Link zugelassen" in opener.get(path).text
        assert opener.post(path, data={"passphrase": f"{name} opens bids"}).status_code == 303
    bea.post(f"/me/needs/{stand.ref}/declaration", data={"conflict": "no"})
    marked = bea.get(f"/me/needs/{stand.ref}/bids").text
    assert all(said in marked for said in ("verspätet, per Link zugelassen", REASON, "(bea, ada)"))
