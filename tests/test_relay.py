"""From the outbox to the index: nothing lost, nothing blocked, and the index a function of the database."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from market import clock
from market import relay as relay_module
from market.accounts import service as accounts
from market.certificates import service as certificates
from market.db import Busy, Sessions, asking, exclusive
from market.journal import RETRY, Entry, Errand, promise, settle
from market.offerings import service as offerings
from market.relay import NEW, Relay
from market.sources import SOURCES
from market.values import local_day
from search import write
from search.documents import INDEXES
from search.errors import SearchUnavailable
from search.words import enrich
from tests import factories as make
from tests.factories import TESTER


def difference(relay: Relay, sessions: Sessions, now: datetime) -> list[str]:
    """Every document of the index compared with the one the database makes now; empty where both are equal."""
    assert relay.admin is not None
    found = []
    for name in INDEXES:
        stored = {d["id"]: d for d in write.all_documents(relay.admin, name)}
        with sessions() as session:
            made = {d["id"]: enrich(d) for d in SOURCES[name].all_documents(session, local_day(now))}
        for id_ in stored.keys() | made.keys():
            if stored.get(id_) != made.get(id_):
                found.append(f"{name} {id_}: index {stored.get(id_)}, database {made.get(id_)}")
    return found


@pytest.fixture
def same(relay: Relay, sessions: Sessions) -> Callable[[], None]:
    def check() -> None:
        assert difference(relay, sessions, datetime.now(UTC)) == []

    return check


def fresh(session: Session, record: Any) -> Any:
    """The record as it stands now, in this session."""
    return session.get_one(type(record), record.id)


def titles(relay: Relay, index: str = "offerings") -> set[str]:
    assert relay.admin is not None
    return {d["title"] for d in write.all_documents(relay.admin, index)}


@pytest.fixture
def change(sessions: Sessions) -> Callable[[Callable[[Session], Any]], Any]:
    """Run one change in a transaction of its own."""

    def run(work: Callable[[Session], Any]) -> Any:
        with sessions.begin() as session:
            return work(session)

    return run


def test_every_change_of_an_offering_arrives(
    change: Callable[..., Any], deliver: Callable[[], int], relay: Relay, same: Callable[[], None], now: datetime
) -> None:
    made = change(lambda s: make.offering(s, now, title="Rohrbau"))
    deliver()
    assert titles(relay) == {"Rohrbau"}
    change(lambda s: offerings.change(s, TESTER, fresh(s, made), now, title="Rohrbau neu"))
    deliver()
    assert titles(relay) == {"Rohrbau neu"}
    change(lambda s: offerings.move(s, TESTER, fresh(s, made), "pause", now))
    deliver()
    assert titles(relay) == set()
    change(lambda s: offerings.move(s, TESTER, fresh(s, made), "publish", now))
    deliver()
    assert titles(relay) == {"Rohrbau neu"}
    same()


def test_a_suspended_firm_vanishes_with_all_it_published(
    change: Callable[..., Any], deliver: Callable[[], int], relay: Relay, same: Callable[[], None], now: datetime
) -> None:
    def start(session: Session) -> Any:
        firm = make.organisation(session, now)
        make.offering(session, now, firm)
        make.offering(session, now, firm)
        make.need(session, now, firm)
        return firm

    firm = change(start)
    deliver()
    assert len(titles(relay)) == 2
    change(lambda s: accounts.suspend(s, TESTER, fresh(s, firm), "Prüfung", now))
    deliver()
    assert titles(relay) == titles(relay, "providers") == titles(relay, "needs") == set()
    change(lambda s: accounts.reinstate(s, TESTER, fresh(s, firm), now))
    deliver()
    assert len(titles(relay)) == 2
    same()


def test_a_certificate_changes_all_documents_of_its_firm(
    change: Callable[..., Any], deliver: Callable[[], int], same: Callable[[], None], now: datetime
) -> None:
    def start(session: Session) -> Any:
        firm = make.organisation(session, now)
        make.offering(session, now, firm)
        return make.certificate(session, now, firm)

    held = change(start)
    deliver()
    same()
    change(lambda s: certificates.change(s, TESTER, fresh(s, held), now, state="declined"))
    deliver()
    same()


def test_person_bound_certificates_and_anonymous_firms_stay_out(
    change: Callable[..., Any], deliver: Callable[[], int], relay: Relay, now: datetime
) -> None:
    def start(session: Session) -> Any:
        firm = make.organisation(session, now, name="Geheim GmbH")
        make.certificate(session, now, firm, type="iso-9606-1", scope="Petra Muster")
        details = make.DETAILS["residual"] | {"anonymous": True}
        make.offering(session, now, firm, kind="residual", details=details)

    change(start)
    deliver()
    assert relay.admin is not None
    stored = str(list(write.all_documents(relay.admin, "offerings")))
    assert "Petra" not in stored
    assert "9606" not in stored
    assert "Geheim" not in stored


def test_many_changes_are_one_errand(change: Callable[..., Any], sessions: Sessions, now: datetime) -> None:
    made = change(lambda s: make.offering(s, now))
    for n in range(5):
        change(lambda s, n=n: offerings.change(s, TESTER, fresh(s, made), now, summary=str(n)))
    with sessions() as session:
        rows = list(session.scalars(select(Errand).where(Errand.channel == "search", Errand.subject == "offerings")))
        assert [row.version for row in rows] == [6]
        verbs = session.scalars(select(Entry.verb).where(Entry.subject == "offerings").order_by(Entry.id)).all()
        assert verbs == ["offerings.created"] + ["offerings.changed"] * 5


def test_a_promise_made_again_while_it_is_kept_stays(
    change: Callable[..., Any], relay: Relay, sessions: Sessions, now: datetime, same: Callable[[], None]
) -> None:
    """The record changes between reading and deleting: its row must survive this round."""
    made = change(lambda s: make.offering(s, now, title="alt"))
    write_index = relay._write

    def change_meanwhile(name: Any, batch: Any) -> dict[str, str]:
        relay._write = write_index  # type: ignore[method-assign]
        done = write_index(name, batch)
        change(lambda s: offerings.change(s, TESTER, fresh(s, made), now, title="neu"))
        return done

    relay._write = change_meanwhile  # type: ignore[method-assign]
    relay.deliver(datetime.now(UTC))
    with sessions() as session:
        waiting = select(Errand.subject).where(Errand.channel == "search", Errand.subject == "offerings")
        assert session.scalars(waiting).all() == ["offerings"]
    while relay.deliver(datetime.now(UTC)):
        pass
    assert titles(relay) == {"neu"}
    same()


def test_one_bad_record_waits_and_blocks_nobody(
    change: Callable[..., Any], deliver: Callable[[], int], relay: Relay, sessions: Sessions, now: datetime
) -> None:
    """A reference Meilisearch refuses: the others arrive, the bad row stays with its error and a later date."""
    change(lambda s: make.offering(s, now, title="gut", ref="good1"))
    bad = change(lambda s: make.offering(s, now, title="schlecht", ref="böse Nummer!"))
    began = datetime.now(UTC)
    deliver()
    assert titles(relay) == {"gut"}
    with sessions() as session:
        row = session.scalars(select(Errand).where(Errand.channel == "search", Errand.subject == "offerings")).one()
        assert row.subject_id == bad.id
        assert row.attempts >= 1
        assert "identifier" in row.error
        assert row.not_before > began + timedelta(seconds=RETRY[0])


def test_without_a_server_everything_waits(
    change: Callable[..., Any], engine: Engine, sessions: Sessions, now: datetime
) -> None:
    change(lambda s: make.offering(s, now))
    away = Relay(engine, "http://127.0.0.1:9", "key")
    assert away.deliver(now) == 0
    with sessions() as session:
        errands = session.scalars(select(Errand).where(Errand.channel == "search")).all()
        assert errands
        assert {row.attempts for row in errands} == {1}
    with pytest.raises(SearchUnavailable):
        away.rebuild(now)


def test_a_lost_index_is_built_anew(
    change: Callable[..., Any], deliver: Callable[[], int], relay: Relay, same: Callable[[], None], now: datetime
) -> None:
    change(lambda s: make.offering(s, now))
    deliver()
    assert relay.admin is not None
    assert relay.heal(now) is False
    for spoil in (
        lambda a: a.delete_index("offerings"),
        lambda a: a.index("providers").delete_all_documents(),
        lambda a: a.index("needs").add_documents([{"id": "stranger"}]),
    ):
        relay.admin.wait_for_task(spoil(relay.admin).task_uid)
        assert relay.heal(datetime.now(UTC)) is True
        same()
    assert relay.heal(now) is False


def test_the_lock_is_held_by_one_process_at_a_time(engine: Engine) -> None:
    with exclusive(engine, "probe"):
        caught: list[BaseException] = []

        def second() -> None:
            try:
                with exclusive(engine, "probe", wait=False):
                    pass
            except Busy as error:
                caught.append(error)

        other = threading.Thread(target=second)
        other.start()
        other.join()
    assert caught
    with exclusive(engine, "probe", wait=False):
        pass


@pytest.fixture
def dated(change: Callable[..., Any], now: datetime) -> Any:
    def start(session: Session) -> Any:
        firm = make.organisation(session, now)
        make.offering(session, now, firm)
        make.certificate(session, now, firm, valid_until=local_day(now) + timedelta(days=2))
        clock.tick(session, now)
        return firm

    return change(start)


def test_the_clock_has_expired_certificates_told_on_the_day(
    dated: Any, change: Callable[..., Any], sessions: Sessions, now: datetime
) -> None:
    """Valid on its last day; on the next day the firm's documents are made anew, even if the clock slept for a week."""

    def told(days: int) -> list[int]:
        def tick(session: Session) -> list[int]:
            session.execute(Errand.__table__.delete())
            clock.tick(session, now + timedelta(days=days))
            return list(session.scalars(select(Errand.subject_id).where(Errand.subject == "organisations")))

        found: list[int] = change(tick)
        return found

    assert told(1) == []
    assert told(2) == []
    assert told(3) == [dated.id]
    assert told(3) == []
    assert told(10) == []


def test_the_clock_closes_needs_at_their_deadline(
    change: Callable[..., Any], sessions: Sessions, now: datetime
) -> None:
    made = change(lambda s: make.need(s, now, bids_until=now + timedelta(seconds=1)))
    assert change(lambda s: clock.tick(s, now)) == 0
    assert change(lambda s: clock.tick(s, now + timedelta(seconds=1))) == 1
    with sessions() as session:
        closed = session.get(type(made), made.id)
        assert closed is not None
        assert closed.stage == "closed"
        assert closed.closed_at == now + timedelta(seconds=1)
        assert "needs.closed" in session.scalars(select(Entry.verb)).all()


def test_a_failed_change_leaves_neither_entry_nor_errand(sessions: Sessions, now: datetime) -> None:
    def fail() -> None:
        with sessions.begin() as session:
            make.need(session, now)
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with sessions() as session:
        assert session.scalars(select(Entry)).all() == []
        assert session.scalars(select(Errand)).all() == []


def test_promises_are_renewed_not_doubled(session: Session, now: datetime) -> None:
    for _ in range(3):
        promise(session, "search", "needs", 7, now)
    assert session.scalars(select(Errand.version)).all() == [3]


def test_a_promise_wakes_a_relay_that_rests(
    change: Callable[..., Any], relay: Relay, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "IDLE_SECONDS", 600)
    resting = threading.Thread(target=relay._rest, args=(lambda: False,), daemon=True)
    resting.start()
    change(lambda s: make.offering(s, now, title="Eiltransport"))
    resting.join(60)
    assert not resting.is_alive()


def test_what_waits_for_the_search_server_wakes_nobody(
    change: Callable[..., Any], relay: Relay, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "IDLE_SECONDS", 0.3)
    change(lambda s: make.offering(s, now, title="Eiltransport"))
    relay._retry_at = float("inf")
    began = time.monotonic()
    relay._rest(lambda: False)
    assert time.monotonic() - began >= 0.3


def test_what_has_failed_once_waits_for_its_round_and_wakes_nobody(
    change: Callable[..., Any], engine: Engine, sessions: Sessions, now: datetime
) -> None:
    with asking(engine, NEW) as promised:
        assert not promised()
        change(lambda s: make.offering(s, now, title="Eiltransport"))
        assert promised()
        with sessions.begin() as session:
            for errand in session.scalars(select(Errand)):
                settle(session, errand, "no luck", now)
        assert not promised()
