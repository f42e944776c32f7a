"""SIGKILL in the middle of everything: the index becomes the database again, and nothing acknowledged is lost.

Real processes on each database: one import after the other, changes beside it, people asking for sign-in links, a
firm that bids, and a hand that kills web, relay, Meilisearch, some of them together, and now and then the import.
"""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from market.accounts import service as accounts
from market.accounts.links import OVERALL, SignInLink
from market.accounts.models import Organisation
from market.db import Busy, Sessions, exclusive, read_only
from market.journal import Errand
from market.needs.models import Need
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.relay import LOCK, Relay
from tests import factories as make
from tests.bids.under_fire import Bidder
from tests.conftest import settings_for
from tests.factories import TESTER
from tests.support.town import KEY, Town, town, until
from tests.test_relay import difference

ALONE, PAIRS = (("relay",), ("meilisearch",), ("serve",)), (("relay", "serve"), ("meilisearch", "relay"))
ALL = ("serve", "meilisearch", "relay")
KILLS = (*ALONE, ("import",), *PAIRS, ("meilisearch", "serve"), ALL) * 2 + (ALL, ALL)
"""Who dies together: ten times each of the three processes, alone, in pairs and all at once, and the import twice."""
RECORDS = 450
IMPORTER = """
import sys
import time
from pathlib import Path
from market.db import connect, sessions
from market.exchange import importing
from market.values import utc_now
from market.viewer import OPERATOR
importing.CHUNK = 30
with Path(sys.argv[2]).open("rb") as file:
    def tell(rows):
        print(rows, flush=True)
        time.sleep(0.3)  # leaves the processes that start again a part of the machine
    report = importing.import_offerings(
        sessions(connect(sys.argv[1])), file, "jsonl", now=utc_now(), viewer=OPERATOR, progress=tell)
assert not report.refused, report.refused[:3]
"""


class Importer(threading.Thread):
    """Imports one edition of the same records after the other; `promised` is what it was told is in."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(daemon=True)
        self.url, self.folder = url, folder
        self.promised: dict[str, int] = {}
        self.process: subprocess.Popen[str] | None = None
        self.stopping = False
        self.faults: list[str] = []
        self.killed = self.editions = 0

    def run(self) -> None:
        while not self.stopping:
            self.editions += 1
            path = self.folder / f"edition-{self.editions}.jsonl"
            path.write_text("\n".join(json.dumps(record(n, self.editions)) for n in range(RECORDS)), "utf-8")
            command = [sys.executable, "-c", IMPORTER, self.url, str(path)]
            with (self.folder / "import.log").open("a") as log:
                self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
            assert self.process.stdout is not None
            done = 0
            for line in self.process.stdout:
                self.promised |= {f"r-{n}": self.editions for n in range(done, done + int(line))}
                done += int(line)
            if self.process.wait() == -9:
                self.killed += 1
            elif self.process.returncode:
                self.faults.append(f"import ended with {self.process.returncode}")

    def kill(self) -> None:
        """In the middle of a file: some of it is in, some is not."""
        before = self.killed
        until(self._is_in_the_middle, 90, "an import at work")
        assert self.process is not None
        self.process.kill()
        until(lambda: self.killed > before, 30, "the end of the import")

    def _is_in_the_middle(self) -> bool:
        edition = self.editions
        return self.promised.get("r-29") == edition and self.promised.get(f"r-{RECORDS // 2}", 0) < edition


def record(number: int, edition: int) -> dict[str, Any]:
    firm = f"Kesselbau Probe {number % 30}"
    return {
        "external_id": f"r-{number}",
        "provider": firm,
        "title": f"Rohrleitung {number} Auflage {edition}",
        "cpv": ["45231100"],
        "place": "Guben",
        "price": edition,
        "price_mode": "fixed",
    }


class Changes(threading.Thread):
    """Publishes, pauses, renames and suspends; `promised` is the state after the last commit."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(daemon=True)
        self.sessions = sessions
        self.promised: dict[int, tuple[str, str]] = {}
        self.suspended: dict[int, bool] = {}
        self.stopping = False
        self.faults: list[str] = []
        self.refused: list[str] = []
        self.count = 0
        now = datetime.now(UTC)
        with sessions.begin() as session:
            firms = [make.organisation(session, now) for _ in range(4)]
            made = [make.offering(session, now, firm) for firm in firms for _ in range(5)]
            for firm in firms:
                make.need(session, now, firm)
            self.offerings = [one.id for one in made]
            self.firms = [one.id for one in firms]

    def run(self) -> None:
        chance = random.Random(7)
        while not self.stopping:
            try:
                self.change(chance)
            except OperationalError as error:  # SQLite had no turn for us in 15 seconds: said, so nothing was promised
                self.refused.append(repr(error))
            except Exception as error:
                self.faults.append(repr(error))
            time.sleep(0.05)

    def change(self, chance: random.Random) -> None:
        now = datetime.now(UTC)
        with self.sessions.begin() as session:
            if chance.random() < 0.1:
                firm = session.get_one(Organisation, chance.choice(self.firms))
                if firm.suspended_at is None:
                    accounts.suspend(session, TESTER, firm, "probe", now)
                else:
                    accounts.reinstate(session, TESTER, firm, now)

                def told() -> None:
                    self.suspended[firm.id] = firm.suspended_at is not None
            else:
                one = session.get_one(Offering, chance.choice(self.offerings))
                offerings.move(session, TESTER, one, "pause" if one.status == "published" else "publish", now)
                offerings.change(session, TESTER, one, now, title=f"Schweißen {chance.random()}")

                def told() -> None:
                    self.promised[one.id] = (one.title, one.status)

        told()
        self.count += 1


class People(threading.Thread):
    """Ask for sign-in links and search all the time; `promised` are the addresses whose request was answered."""

    def __init__(self, place: Town) -> None:
        super().__init__(daemon=True)
        self.place = place
        self.promised: list[str] = []
        self.limited = self.whole = 0
        self.stopping = False
        self.faults: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.stopping:
            number += 1
            email = f"person-{number}@example.org"
            headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
            source = f"127.0.1.{number % 200 + 1}"  # the limit of links is one of each client
            asks = number < OVERALL[0][0]  # a slow machine would come to the limit of all clients together
            answer = self.place.ask("/sign-in", urlencode({"email": email}), headers, source) if asks else None
            if answer is not None:
                if answer[0] == 303:
                    self.promised.append(email)
                else:
                    self.faults.append(f"a link asked for: {answer[0]}")
            found = self.place.ask("/api/v1/search/offerings?q=rohrleitung&limit=5")
            if found is not None and found[0] != 200:
                self.faults.append(f"a search: {found[0]} {found[1][:200]!r}")
            elif found is not None:
                limited = json.loads(found[1])["limited"]
                self.limited, self.whole = self.limited + limited, self.whole + (not limited)
            time.sleep(0.3)


def kill(place: Town, importer: Importer, engine: Engine, victims: tuple[str, ...], chance: random.Random) -> None:
    """Kill these while the relay is in the middle of its work, and start them again."""

    def working() -> bool:
        try:
            with exclusive(engine, LOCK, wait=False):
                return False
        except Busy:
            return True

    if victims == ("import",):
        importer.kill()
        return
    until(working, 90, f"the relay at work (before {victims})")
    time.sleep(chance.random() * 0.25)
    place.kill(*victims)
    time.sleep(chance.random() * 0.4)
    place.start(*victims)


def test_thirty_kills_are_thirty() -> None:
    assert Counter(chain.from_iterable(KILLS)) == {"relay": 10, "meilisearch": 10, "serve": 10, "import": 2}


def test_after_many_kills_nothing_acknowledged_is_lost_and_the_index_is_the_database(
    engine: Engine, sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(2026)
    changes = Changes(sessions)
    with town(tmp_path / "var", database_url, warm=True) as place:
        place.start("meilisearch", "relay", "serve", "keys")
        importer, people = Importer(database_url, tmp_path), People(place)
        bidder = Bidder(place, sessions, datetime.now(UTC))
        threads: list[Importer | Changes | People | Bidder] = [importer, changes, people, bidder]
        for thread in threads:
            thread.start()
        for number, victims in enumerate(KILLS):
            bidder.awaited(number // 2)
            kill(place, importer, engine, victims, chance)
        for thread in threads:
            thread.stopping = True
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive()
            assert thread.faults == []
        until(lambda: waiting(sessions) == 0, 120, "an empty outbox")
        with Relay(engine, place.search_url, KEY) as relay, exclusive(engine, LOCK):
            assert difference(relay, sessions, datetime.now(UTC)) == []
        until(lambda: json.loads((place.ask("/readyz") or (0, b"{}"))[1]).get("status") == "ready", 60, "readiness")
    assert importer.killed == 2
    assert changes.count > 20
    assert all("database is locked" in error for error in changes.refused)
    assert len(changes.refused) < changes.count / 20
    assert people.whole > 5
    assert lost(sessions, importer, changes, people) == []
    assert bidder.answers > len(KILLS) // 2 - 1
    assert bidder.lost(sessions, settings_for(database_url, None, tmp_path / "var")) == []


def waiting(sessions: Sessions) -> int:
    with read_only(sessions) as session:
        return session.scalar(select(func.count()).select_from(Errand).where(Errand.channel == "search")) or 0


def lost(sessions: Sessions, importer: Importer, changes: Changes, people: People) -> list[str]:
    """Everything somebody was told is kept, and is not."""
    assert importer.promised
    assert changes.promised
    assert people.promised
    with read_only(sessions) as session:
        kept = {one.external_id: one for one in session.scalars(select(Offering))}
        found = [
            f"{id_} of edition {edition}"
            for id_, edition in importer.promised.items()
            if id_ not in kept or (kept[id_].price_cents or 0) < edition * 100
        ]
        for id_, state in changes.promised.items():
            one = session.get_one(Offering, id_)
            if (one.title, one.status) != state:
                found.append(f"offering {id_}: {state}")
        for id_, suspended in changes.suspended.items():
            if (session.get_one(Organisation, id_).suspended_at is not None) != suspended:
                found.append(f"organisation {id_}: suspended {suspended}")
        links = set(session.scalars(select(SignInLink.email)))
        found += [f"link of {email}" for email in people.promised if email not in links]
        assert session.scalar(select(func.count()).select_from(Need)) == 5
    return found
