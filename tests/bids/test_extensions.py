"""More time for all, where the marketplace was away before a deadline: proposed by the log, decided by the buyer."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market import clock, uptime
from market.accounts.models import Organisation
from market.awards import evaluating
from market.bids import extensions, log, opening, service
from market.bids.late_models import Extension
from market.bids.models import Receipt
from market.db import Sessions
from market.errors import Conflict
from market.journal import Entry
from market.mail.models import Letter
from market.needs import service as needs
from market.needs.models import Need, Watch
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.bids.conftest import DEADLINE, Scene

MINUTE = uptime.MINUTE
AFTER = DEADLINE + timedelta(seconds=30)
MONDAY = DEADLINE + timedelta(days=3)
"""The deadline is a Friday: at the same time of day on the first working day that leaves 24 hours."""
BASE = "http://testserver"
Enter = Callable[..., TestClient]


def logged(scene: Scene, away: int, *, before: timedelta = timedelta(minutes=30)) -> None:
    """A log of the last five hours, with so many minutes in which the pages did not answer."""
    at = DEADLINE - timedelta(hours=5)
    while at <= DEADLINE:
        down = DEADLINE - before <= at < DEADLINE - before + away * MINUTE
        scene.session.add(uptime.Minute(at=at, away=("web",) if down else ()))
        at += MINUTE
    scene.session.flush()


@pytest.fixture
def fair(scene: Scene) -> Scene:
    """A tender that promises more time, with a bid, a buyer, and a firm that watches."""
    scene.need.late_policy, scene.need.decision_by = "extend", local_day(DEADLINE + timedelta(days=20))
    scene.people["bea"] = scene.person("bea", scene.buyer, "buyer")
    watching = make.organisation(scene.session, scene.start, name="Zuschauer Probe GmbH")
    scene.people["wim"] = scene.person("wim", watching, "admin")
    scene.session.add(Watch(need=scene.need, organisation_id=watching.id, at=scene.start))
    scene.hand_in()
    return scene


def tick(scene: Scene, at: datetime = AFTER) -> Extension | None:
    """The clock comes by; what it has proposed."""
    scene.clock.now = at
    clock.tick(scene.session, at, BASE)
    return extensions.of_deadline(scene.session, scene.need)


def letters(scene: Scene, subject: str) -> set[str]:
    found = scene.session.scalars(select(Letter).where(Letter.subject.startswith(subject)))
    return {letter.to.partition("@")[0] for letter in found}


def granted(scene: Scene, one: Extension, at: datetime = AFTER) -> datetime:
    viewer = scene.viewer(scene.people["bea"], scene.buyer, "buyer")
    return extensions.grant(scene.session, viewer, one, at, BASE)


def test_an_outage_before_the_deadline_is_proposed_and_the_buyer_moves_it_for_everybody(fair: Scene) -> None:
    logged(fair, 12)
    one = tick(fair)
    assert one is not None
    assert (one.minutes, one.state, fair.need.stage) == (12, "proposed", "closed")
    assert letters(fair, "Bitte über mehr Zeit entscheiden") == {"bea"}
    until, before = granted(fair, one), fair.need.decision_by
    assert until == MONDAY
    assert (fair.need.stage, fair.need.bids_until, fair.seal.deadline) == ("published", until, until)
    assert before == local_day(DEADLINE + timedelta(days=23))
    assert letters(fair, "Mehr Zeit für alle") == {"bid", "wim"}
    said = log.entries(fair.session, fair.seal.ref)[-1].said
    assert (said["what"], said["minutes"], said["outages"][0]["away"]) == ("extension granted", 12, ["web"])
    entry = fair.session.scalars(select(Entry).where(Entry.verb == "bids.extension_granted")).one()
    assert (entry.actor, entry.data["minutes"]) == (f"person:{fair.people['bea'].ref}", 12)


def test_after_the_extension_bids_come_in_and_are_opened_at_the_new_deadline_only(fair: Scene) -> None:
    logged(fair, 5)
    assert isinstance(fair.hand_in("zu spät", DEADLINE), service.Late)
    one = tick(fair)
    assert one is not None
    until = granted(fair, one)
    for minutes in range(5 * 60):
        uptime.note(fair.session, until - minutes * MINUTE, ())
    other = make.organisation(fair.session, fair.start, name="Stahlbau Probe GmbH")
    assert isinstance(fair.hand_in("nun doch", until - timedelta(milliseconds=1), firm=other), Receipt)
    assert isinstance(fair.hand_in("zu spät", until), service.Late)
    with pytest.raises(Conflict, match="after the deadline"):
        opened_by(fair, "ada", until)
    fair.clock.now = at = until + opening.SETTLING
    assert opened_by(fair, "ada", at) is None
    record = opened_by(fair, "ben", at)
    assert record is not None
    assert [row["state"] for row in record.bids] == ["opened", "opened"]


def opened_by(scene: Scene, name: str, at: datetime) -> object:
    scene.clock.now = at
    return opening.confirm(scene.session, scene.opener(name), scene.seal, f"{name} opens bids", at)


@pytest.mark.parametrize(
    ("policy", "away", "before"),
    [("refuse", 60, 60), ("extend", 4, 30), ("extend", 60, 300)],
    ids=["none is promised", "too short to matter", "long before the deadline"],
)
def test_nothing_is_proposed_where_nothing_is_promised_or_time_was_left(
    fair: Scene, policy: str, away: int, before: int
) -> None:
    fair.need.late_policy = policy
    logged(fair, away, before=timedelta(minutes=before))
    assert tick(fair) is None
    assert extensions.shown(fair.session, fair.need, AFTER) == []
    assert opened_by(fair, "ada", DEADLINE + opening.SETTLING) is None


def test_nothing_is_opened_before_it_is_decided_even_where_the_clock_has_not_come_by(fair: Scene) -> None:
    logged(fair, 6)
    with pytest.raises(Conflict, match="First decide"):
        opened_by(fair, "ada", DEADLINE + opening.SETTLING)
    one = tick(fair)
    assert one is not None
    with pytest.raises(Conflict, match="First decide"):
        opened_by(fair, "ada", DEADLINE + opening.SETTLING)
    viewer = fair.viewer(fair.people["bea"], fair.buyer, "buyer")
    extensions.decline(fair.session, viewer, one, "Alle hatten schon geboten.", AFTER, BASE)
    assert letters(fair, "Die Frist bleibt") == {"bid", "wim"}
    text = fair.session.scalars(select(Letter.text).where(Letter.subject.startswith("Die Frist bleibt"))).first()
    assert text is not None
    assert "Alle hatten schon geboten." in text
    assert fair.need.bids_until == DEADLINE
    assert opened_by(fair, "ada", DEADLINE + opening.SETTLING) is None
    with pytest.raises(Conflict, match="decided already"):
        granted(fair, one)


def test_once_something_is_open_the_deadline_no_longer_moves(fair: Scene) -> None:
    for name in ("ada", "ben"):
        opened_by(fair, name, DEADLINE + opening.SETTLING)
    logged(fair, 30)
    assert tick(fair) is None
    one = Extension(need=fair.need, deadline=DEADLINE, minutes=30, outages=[], proposed_at=AFTER, state="proposed")
    fair.session.add(one)
    with pytest.raises(Conflict, match="no longer"):
        granted(fair, one)
    assert fair.need.bids_until == DEADLINE


def test_the_clock_waits_until_the_log_goes_on_and_proposes_once(fair: Scene) -> None:
    """Off over the deadline itself: the minutes without a line are known once there is one again."""
    at = DEADLINE - timedelta(hours=5)
    while at < DEADLINE - timedelta(minutes=20):
        fair.session.add(uptime.Minute(at=at, away=()))
        at += MINUTE
    back = DEADLINE + timedelta(hours=9)
    assert tick(fair, back) is None
    uptime.note(fair.session, back, ())
    one = tick(fair, back)
    assert one is not None
    assert (one.minutes, one.outages[0]["away"]) == (20, [uptime.NOTHING])
    assert tick(fair, back + MINUTE) is one
    assert letters(fair, "Bitte über mehr Zeit entscheiden") == {"bea"}
    granted(fair, one, back)
    assert fair.need.bids_until == MONDAY


def test_what_is_not_sealed_is_not_evaluated_before_it_is_decided(fair: Scene) -> None:
    need = make.need(fair.session, fair.start, fair.buyer, late_policy="extend", bids_until=DEADLINE)
    logged(fair, 10)
    needs.move(fair.session, OPERATOR, need, "close", AFTER)
    viewer = fair.viewer(fair.people["bea"], fair.buyer, "buyer")
    with pytest.raises(Conflict, match="First decide"):
        evaluating.begin(fair.session, viewer, need, AFTER)
    one = extensions.propose(fair.session, need, AFTER, BASE)
    assert one is not None
    granted(fair, one)
    assert (need.stage, need.bids_until) == ("published", MONDAY)


@pytest.fixture
def over(enter: Enter, sessions: Sessions) -> str:
    """The reference of a request whose deadline was a minute ago, after seven minutes without a file store."""
    enter("bea@werk.example", "buyer", firm="Werk SE", is_partner=True)
    now = utc_now().replace(second=0, microsecond=0)
    with sessions.begin() as session:
        werk = session.scalars(select(Organisation).where(Organisation.name == "Werk SE")).one()
        need = make.need(session, now, werk, bids_until=now - MINUTE, late_policy="extend", stage="closed")
        for minutes in range(300, -1, -1):
            uptime.note(session, now - minutes * MINUTE, ("files",) if 10 < minutes <= 17 else ())
        session.flush()
        return need.ref


def test_the_buyer_decides_on_a_page_and_firms_read_it(over: str, enter: Enter, sessions: Sessions) -> None:
    bea, rita = enter("bea@werk.example", "buyer", firm="Werk SE"), enter("rita@werk.example", "reader", firm="Werk SE")
    fred = enter("fred@firma.example", "admin", firm="Firma GmbH")
    path = f"/me/needs/{over}/extension"
    assert (fred.get(path).status_code, fred.post(path, data={"do": "grant"}).status_code) == (404, 404)
    assert (rita.get(path).status_code, rita.post(path, data={"do": "grant"}).status_code) == (200, 403)
    assert "keine Antwort (die Dateiablage)" in bea.get(path).text
    assert "Mehr Zeit für alle" in bea.get(f"/me/needs/{over}").text
    begun = bea.post(f"/me/needs/{over}/evaluation")
    assert begun.headers["location"] == path
    short = bea.post(path, data={"do": "decline", "reason": "ja"})
    assert (short.status_code, ">ja</textarea>" in short.text) == (422, True)
    assert bea.post(path, data={"do": "else"}).status_code == 400
    assert bea.post(path, data={"do": "grant"}).status_code == 303
    assert bea.post(path, data={"do": "grant"}).status_code == 409
    assert "verlängert" in bea.get(path).text
    with sessions() as session:
        need = session.scalars(select(Need)).one()
        assert need.stage == "published"
    page = fred.get(f"/needs/{over}/{need.slug}").text
    assert "war der Marktplatz 7 Minuten lang nicht erreichbar" in page
    assert "wurde die Frist für alle verlängert" in page
    assert "wurde die Frist für alle verlängert" in fred.get(f"/needs/{over}/bid").text


def test_where_nothing_is_promised_there_is_no_such_page_and_firms_read_so(
    over: str, enter: Enter, sessions: Sessions
) -> None:
    bea, fred = enter("bea@werk.example", "buyer", firm="Werk SE"), enter("fred@f.example", "admin", firm="Firma GmbH")
    with sessions.begin() as session:
        need = session.scalars(select(Need)).one()
        assert "Nur wenn der Marktplatz" in fred.get(f"/needs/{over}/{need.slug}").text
        need.late_policy = "refuse"
    assert bea.get(f"/me/needs/{over}/extension").status_code == 404
    assert "Kein Gebot nach der Frist" in fred.get(f"/needs/{over}/{need.slug}").text
