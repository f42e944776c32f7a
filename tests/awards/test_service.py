"""From the declaration to the letters, on both databases: who may, what counts, who is told what."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.awards import cases, deciding, evaluating, personal, proposing, rules
from market.awards.figures import Answered, answered_in_time
from market.awards.models import Decision
from market.awards.proposing import Wanted
from market.bids.models import BidFile
from market.errors import Conflict
from market.files import rules as files
from market.files.models import File
from market.mail.models import Letter
from market.needs import letters as need_letters
from market.needs import release
from market.needs import service as needs
from market.notifications import outcomes as _outcomes  # noqa: F401 - hears of decisions
from market.notifications import own_bids
from market.notifications.models import Notice
from market.values import local_day
from market.viewer import OPERATOR
from tests import factories as make
from tests.awards.conftest import Scene, build, join


def letters(scene: Scene, event: str = "awards/decision") -> list[Letter]:
    return list(scene.session.scalars(select(Letter).where(Letter.event == event).order_by(Letter.id)))


def propose(scene: Scene, place: int = 0, by: str = "bea", **more: str) -> proposing.Proposal:
    wanted = [Wanted(scene.bids[place])]
    return proposing.propose(
        scene.session, scene.viewer(by), scene.need, "whole", wanted, "Bestes Gebot", more and {"": more}, scene.now
    )


def outcomes(scene: Scene) -> list[tuple[str, str]]:
    found = deciding.of_need(scene.session, scene.need)
    return [(found[bid.id].outcome, found[bid.id].reason) for bid in scene.bids if bid.id in found]


# -- who may


def test_bids_are_read_after_the_declaration_only_and_an_interest_shuts_out(scene: Scene) -> None:
    session, need, bea = scene.session, scene.need, scene.viewer("bea")
    assert not rules.may_read(session, bea, need)
    scene.declare("bea")
    assert rules.may_read(session, bea, need)
    evaluating.declare(session, bea, need, True, "Schwager", scene.now)
    session.flush()
    assert not rules.may_read(session, bea, need)
    with pytest.raises(Conflict):
        evaluating.declare(session, bea, need, False, "", scene.now)


def test_a_reader_without_a_part_the_operator_and_other_firms_never_come_to_the_bids(
    scene: Scene, session: Session, now: datetime
) -> None:
    other = make.organisation(session, now, is_partner=True)
    session.flush()
    stranger = join(session, other, "sam", "buyer", now)
    outside = type(scene.viewer("bea"))(
        "x", "person", stranger.id, organisation_id=other.id, roles=frozenset({"buyer"})
    )
    helper = type(outside)("x", "operator", None, organisation_id=scene.buyer.id, roles=frozenset({"admin"}))
    for viewer, seen in (
        (scene.viewer("bea"), True),
        (scene.viewer("eva"), True),
        (scene.viewer("ada"), True),
        (outside, False),
        (scene.bidder(0), False),
        (helper, False),
        (OPERATOR, False),
    ):
        assert rules.may_declare(session, viewer, scene.need) is seen
    session.execute(evaluating.delete(evaluating.Role).where(evaluating.Role.person_id == scene.people["eva"].id))
    assert not rules.may_declare(session, scene.viewer("eva"), scene.need)


# -- scores


def test_everybody_scores_alone_first_and_then_one_score_is_agreed(scene: Scene) -> None:
    session, need = scene.session, scene.need
    scene.declare("bea", "eva", "egon")
    evaluating.begin(session, scene.viewer("bea"), need, scene.now)
    evaluating.hand_in(session, scene.viewer("eva"), need, scene.marks(9, 5, 6), scene.now)
    with pytest.raises(Conflict, match="everybody"):
        evaluating.agree(session, scene.viewer("bea"), need, scene.marks(9, 5, 6), {}, scene.now)
    with pytest.raises(Conflict, match="handed in"):
        evaluating.save(session, scene.viewer("eva"), need, scene.marks(1, 1, 1), scene.now)
    evaluating.hand_in(session, scene.viewer("egon"), need, scene.marks(5, 5, 6), scene.now)
    with pytest.raises(Conflict, match="4 or more"):
        evaluating.agree(session, scene.viewer("bea"), need, scene.marks(8, 5, 6), {}, scene.now)
    reasons = {next(iter(scene.marks(8, 5, 6))): "Nach Aussprache"}
    evaluating.agree(session, scene.viewer("bea"), need, scene.marks(8, 5, 6), reasons, scene.now)
    assert [scene.standing(place).total for place in range(3)] == [Decimal("84.50"), Decimal(80), Decimal(24)]


def test_scores_are_handed_in_whole_only(scene: Scene) -> None:
    scene.declare("eva", "bea")
    evaluating.begin(scene.session, scene.viewer("bea"), scene.need, scene.now)
    marks = scene.marks(9, 5, 6)
    marks.popitem()
    evaluating.save(scene.session, scene.viewer("eva"), scene.need, marks, scene.now)
    with pytest.raises(Conflict, match="every bid"):
        evaluating.hand_in(scene.session, scene.viewer("eva"), scene.need, marks, scene.now)


def test_an_evaluator_who_declares_an_interest_is_no_longer_waited_for_and_leaves_no_scores(scene: Scene) -> None:
    session, need = scene.session, scene.need
    scene.declare("bea", "eva", "egon")
    evaluating.begin(session, scene.viewer("bea"), need, scene.now)
    for name in ("eva", "egon"):
        evaluating.hand_in(session, scene.viewer(name), need, scene.marks(9, 5, 6), scene.now)
    evaluating.declare(session, scene.viewer("egon"), need, True, "", scene.now)
    assert [one.name for one in evaluating.evaluators(session, need)] == ["Eva"]
    assert all(len(given) == 1 for given in evaluating.individual(session, need).values())


def test_a_missed_knock_out_excludes_until_a_person_says_it_is_met(session: Session, now: datetime) -> None:
    asked = {"title": "SCC", "type": "bool", "knock_out": True}
    scene = build(session, now, requirement=asked, answers=(True, False))
    first, second, third = scene.bids
    case = cases.collect(session, scene.need)
    assert case.out() == {second.ref, third.ref}  # no answer counts as not met
    assert [bid.ref for bid in case.to_score] == [first.ref]
    evaluating.begin(session, scene.viewer("bea"), scene.need, now)
    evaluating.rule(session, scene.viewer("bea"), third, case.requirements[0], True, "Nachweis gesehen", now)
    session.flush()
    assert cases.collect(session, scene.need).out() == {second.ref}


def test_a_certificate_is_met_by_the_wallet_on_the_day_of_the_work_and_not_by_a_claim(
    session: Session, now: datetime
) -> None:
    asked = {"title": "ISO 9001", "type": "certificate", "limits": {"type": "iso-9001"}, "knock_out": True}
    scene = build(session, now, requirement=asked, answers=(True, True, True))
    day = cases.day_of(scene.need)
    make.certificate(session, now, scene.firms[0], valid_until=day)
    make.certificate(session, now, scene.firms[1], valid_until=day - timedelta(days=1))
    session.flush()
    case = cases.collect(session, scene.need)
    assert [verdict.state for verdict in case.verdicts.values()] == ["met", "unknown", "unknown"]
    assert case.out() == {scene.bids[1].ref, scene.bids[2].ref}


# -- the award


def test_a_small_award_is_told_to_every_bidder_at_once_each_with_their_own_points(scene: Scene) -> None:
    scene.people["bidder1"].language = "pl"
    scene.scored(8, 5, 6)
    propose(scene)
    assert scene.need.stage == "awarded"
    assert scene.need.decided_at == scene.now
    assert outcomes(scene) == [("won", "best"), ("lost", "points"), ("lost", "points")]
    first, second, third = letters(scene)
    assert first.subject.startswith("Sie haben gewonnen")
    assert second.language == "pl"
    assert "84,5" in first.text
    assert "80" in second.text
    for text in (second.text, third.text):
        assert "84,5" not in text
        assert "Bieter 1" not in text
    for letter in (first, second, third):
        assert f"/needs/{scene.need.ref}/outcome" in letter.text
        assert "bea@" in letter.text
    needs.move(scene.session, OPERATOR, scene.need, "complete", scene.now)
    assert scene.need.stage == "completed"


def test_from_the_threshold_on_a_second_person_approves_and_nobody_their_own(scene: Scene) -> None:
    session = scene.session
    release.set_threshold(session, OPERATOR, scene.buyer, 1000_00, scene.now)
    scene.scored(8, 5, 6)
    scene.declare("adam")
    proposal = propose(scene)
    assert (scene.need.stage, proposal.state, letters(scene)) == ("evaluation", "proposed", [])
    assert len(letters(scene, "needs/news")) == 1
    assert not rules.may_approve(session, scene.viewer("bea"), proposal)
    assert not rules.may_approve(session, scene.viewer("eva"), proposal)
    assert rules.may_approve(session, scene.viewer("ada"), proposal)
    with pytest.raises(Conflict, match="waits"):
        propose(scene)
    proposing.give_back(session, scene.viewer("ada"), proposal, "Preis prüfen", scene.now)
    again = propose(scene)
    proposing.approve(session, scene.viewer("ada"), again, scene.now)
    assert (scene.need.stage, again.decided_by, len(letters(scene))) == ("awarded", "Ada", 3)
    with pytest.raises(Conflict):
        proposing.give_back(session, scene.viewer("ada"), again, "zu spät", scene.now)


def test_where_nobody_is_named_whoever_may_approve_is_asked_and_nobody_waits_for_nobody(scene: Scene) -> None:
    """As when bids are dearer than was thought on the day of publication."""
    session = scene.session
    release.set_threshold(session, OPERATOR, scene.buyer, 1000_00, scene.now)
    scene.scored(8, 5, 6)
    session.execute(evaluating.delete(evaluating.Role).where(evaluating.Role.role == "approver"))
    proposal = propose(scene)
    assert {letter.to for letter in letters(scene, "needs/news")} == {
        scene.people[name].email for name in ("ada", "adam")
    }
    assert rules.may_approve(session, scene.viewer("ada"), proposal)
    proposing.give_back(session, scene.viewer("ada"), proposal, "Preis prüfen", scene.now)
    ada = people.member_of(session, scene.people["ada"], scene.buyer)
    assert ada is not None
    people.leave(session, OPERATOR, ada, scene.now)
    with pytest.raises(Conflict, match="nobody but you"):
        propose(scene, by="adam")


def test_an_admin_who_proposed_does_not_approve_and_one_with_an_interest_neither(scene: Scene) -> None:
    session = scene.session
    release.set_threshold(session, OPERATOR, scene.buyer, 0, scene.now)
    scene.scored(8, 5, 6)
    scene.declare("adam")
    wanted = [Wanted(scene.bids[0])]
    proposal = proposing.propose(session, scene.viewer("adam"), scene.need, "whole", wanted, "", {}, scene.now)
    assert not rules.may_approve(session, scene.viewer("adam"), proposal)
    evaluating.declare(session, scene.viewer("ada"), scene.need, True, "", scene.now)
    session.flush()
    assert not rules.may_approve(session, scene.viewer("ada"), proposal)


@pytest.mark.parametrize(
    ("cents", "estimate", "procedure", "second"),
    [
        (99_99, None, "tender", False),
        (100_00, None, "tender", True),
        (10_00, 100_00, "tender", True),
        (None, 10_00, "tender", True),
        (None, None, "quotation", True),
        (None, None, "information", False),
    ],
)
def test_who_is_asked_follows_from_the_higher_value(
    scene: Scene, cents: int | None, estimate: int | None, procedure: str, second: bool
) -> None:
    release.set_threshold(scene.session, OPERATOR, scene.buyer, 100_00, scene.now)
    scene.need.estimate_cents, scene.need.procedure = estimate, procedure
    assert proposing.needs_second(scene.session, scene.need, cents) is second


def test_who_misses_a_knock_out_cannot_win_and_scores_come_first(session: Session, now: datetime) -> None:
    asked = {"title": "SCC", "type": "bool", "knock_out": True}
    scene = build(session, now, requirement=asked, answers=(True, False, True))
    scene.declare("bea")
    evaluating.begin(session, scene.viewer("bea"), scene.need, now)
    with pytest.raises(Conflict, match="agree"):
        propose(scene)
    scene.need.stage = "opened"
    scene.session.execute(evaluating.delete(evaluating.Declaration))
    scene.scored(8, 6)
    with pytest.raises(Conflict, match="knock-out"):
        propose(scene, 1)
    propose(scene)
    assert outcomes(scene) == [("won", "best"), ("lost", "knock_out"), ("lost", "points")]


def test_lots_go_to_different_bidders_and_a_part_is_a_part(session: Session, now: datetime) -> None:
    scene = build(session, now, (("10", "20"), ("8", "25"), (None, "30")), lots=2, criteria=False)
    scene.declare("bea")
    evaluating.begin(session, scene.viewer("bea"), scene.need, now)
    first, second, third = scene.bids
    lots = cases.collect(session, scene.need).lots
    give = proposing.propose
    viewer = scene.viewer("bea")
    with pytest.raises(Conflict, match="has bid for it"):
        give(session, viewer, scene.need, "lots", [Wanted(third, lots[0].ref)], "", {}, now)
    wanted = [Wanted(second, lots[0].ref), Wanted(first, lots[1].ref)]
    made = give(session, viewer, scene.need, "lots", wanted, "Je Los das beste", {third.ref: {"reason": "price"}}, now)
    assert made.value_cents == 1000_00
    assert outcomes(scene) == [("partly", "best"), ("partly", "best"), ("lost", "price")]
    (told,) = [one.result for one in session.scalars(select(Decision).where(Decision.bid_id == third.id))]
    assert [(one["lot"], one["total"], one["band"]) for one in told] == [(2, "66.67", "")]


def test_lines_go_to_different_bidders_and_only_where_a_price_stands(session: Session, now: datetime) -> None:
    scene = build(session, now, criteria=False)
    scene.declare("bea")
    evaluating.begin(session, scene.viewer("bea"), scene.need, now)
    case = cases.collect(session, scene.need)
    first, second, third = scene.bids
    pipe, valve = case.items
    with pytest.raises(Conflict, match="stated a price"):
        proposing.propose(
            session, scene.viewer("bea"), scene.need, "lines", [Wanted(third, item=valve.ref)], "", {}, now
        )
    wanted = [Wanted(second, item=pipe.ref), Wanted(first, item=valve.ref)]
    made = proposing.propose(session, scene.viewer("bea"), scene.need, "lines", wanted, "", {}, now)
    assert made.value_cents == 1000_00
    assert outcomes(scene) == [("partly", "chosen"), ("partly", "chosen"), ("lost", "price")]


def test_nobody_gets_it_and_everybody_hears_so(scene: Scene) -> None:
    scene.declare("bea")
    evaluating.begin(scene.session, scene.viewer("bea"), scene.need, scene.now)
    bids = scene.bids
    bids[2].state = "unreadable"
    proposing.propose(scene.session, scene.viewer("bea"), scene.need, "none", [], "Zu teuer", {}, scene.now)
    assert scene.need.stage == "unsuccessful"
    assert outcomes(scene) == [("lost", "nobody"), ("lost", "nobody"), ("lost", "unreadable")]
    assert len(letters(scene)) == 3


def test_rank_bands_are_told_from_four_bidders_on(session: Session, now: datetime) -> None:
    scene = build(session, now, tuple((str(n), "1") for n in (10, 11, 12, 13)), criteria=False)
    scene.declare("bea")
    evaluating.begin(session, scene.viewer("bea"), scene.need, now)
    propose(scene)
    told = [deciding.of_need(session, scene.need)[bid.id].result[0]["band"] for bid in scene.bids]
    assert told == ["upper", "middle", "lower", "lower"]
    assert "oberen Drittel" in letters(scene)[0].text


def test_a_need_is_neither_awarded_nor_completed_past_an_unanswered_bidder(scene: Scene) -> None:
    scene.scored(8, 5, 6)
    for move in ("award", "fail"):
        with pytest.raises(Conflict, match="no answer"), scene.session.begin_nested():
            needs.move(scene.session, OPERATOR, scene.need, move, scene.now)
        scene.session.refresh(scene.need)
    propose(scene)
    deciding.of_need(scene.session, scene.need)[scene.bids[1].id].told_at = None
    with pytest.raises(Conflict, match="no answer"):
        needs.move(scene.session, OPERATOR, scene.need, "complete", scene.now)


def test_a_cancelled_need_answers_its_bidders_too(scene: Scene) -> None:
    release.cancel(scene.session, OPERATOR, scene.need, "Werk steht still", scene.now)
    assert outcomes(scene) == [("cancelled", "cancelled")] * 3
    assert {bid.state for bid in scene.bids} == {"void"}
    answers = letters(scene)
    assert all("Werk steht still" in letter.text for letter in answers)
    need_letters.to_firms(scene.session, scene.need, "cancelled", scene.firms, scene.now, "", "Werk steht still")
    assert letters(scene, "needs/news") == [], "the answer to the bid is the letter"


# -- what others see of it


def test_answered_in_time_counts_bidders_by_the_day_that_was_promised(session: Session, now: datetime) -> None:
    today = local_day(now)
    scene = build(session, now, criteria=False, decision_by=today)
    firm = scene.buyer.id
    assert answered_in_time(session, firm, today) == Answered(0, 0)
    assert answered_in_time(session, firm, today + timedelta(days=1)) == Answered(0, 3)
    scene.declare("bea")
    evaluating.begin(session, scene.viewer("bea"), scene.need, now)
    propose(scene, 1)
    assert answered_in_time(session, firm, today) == Answered(3, 3)
    deciding.of_need(session, scene.need)[scene.bids[0].id].told_at = now + timedelta(days=1)
    session.flush()
    assert answered_in_time(session, firm, today + timedelta(days=1)) == Answered(2, 3)


def test_the_inbox_of_every_bidder_says_won_or_not_won(scene: Scene) -> None:
    scene.scored(8, 5, 6)
    propose(scene)
    need = scene.need.id
    stages = [own_bids.states(scene.session, firm.id, [need])[need] for firm in scene.firms]
    assert stages == ["won", "lost", "lost"]
    notices = scene.session.scalars(select(Notice.organisation_id).where(Notice.need_id == need))
    assert set(notices) == {firm.id for firm in scene.firms}


def test_what_a_person_said_and_did_is_in_the_personal_export_and_the_name_stays_in_the_record(scene: Scene) -> None:
    scene.scored(8, 5, 6)
    propose(scene)
    bea, eva = scene.people["bea"], scene.people["eva"]
    assert personal.about(scene.session, bea)["awards_proposed"][0]["need"] == scene.need.ref
    assert len(personal.about(scene.session, eva)["scores_given"]) == 1
    personal.forget(scene.session, eva)
    scene.session.expire_all()
    assert personal.about(scene.session, eva)["scores_given"] == []
    assert {one.name for one in evaluating.evaluators(scene.session, scene.need)} >= {"Eva"}


def test_attachments_of_a_bid_are_read_after_the_declaration_and_by_the_bidder_at_any_time(scene: Scene) -> None:
    session, bid = scene.session, scene.bids[0]
    file = File(organisation=bid.organisation, purpose="bid", name="Konzept.pdf", media_type="application/pdf", size=1)
    file.sha256, file.created_at, file.created_by = "0" * 64, scene.now, "tester"
    session.add(file)
    session.flush()
    session.add(BidFile(bid_id=bid.id, file_id=file.id, place=0))
    session.flush()

    def readers() -> list[bool]:
        viewers = (scene.viewer("bea"), scene.bidder(0), scene.bidder(1), OPERATOR)
        return [files.may_read(session, viewer, file) for viewer in viewers]

    assert readers() == [False, True, False, False]
    scene.declare("bea")
    assert readers() == [True, True, False, False]


def test_who_is_passed_over_hears_why_and_nobody_is_called_the_best_who_was_not(scene: Scene) -> None:
    scene.scored(8, 5, 6)
    first, second, _ = scene.bids
    give = (scene.session, scene.viewer("bea"), scene.need, "whole", [Wanted(second)], "Liefert früher")
    with pytest.raises(Conflict, match="stands before"):
        proposing.propose(*give, {}, scene.now)
    proposing.propose(*give, {first.ref: {"note": "Das andere Gebot beginnt im Januar."}}, scene.now)
    assert outcomes(scene) == [("lost", "otherwise"), ("won", "chosen"), ("lost", "points")]
    assert "beginnt im Januar" in letters(scene)[0].text
