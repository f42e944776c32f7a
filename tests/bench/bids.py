"""The last minute of a tender: a hundred firms hand in five megabytes each, the files and the bid."""

import io
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
from sqlalchemy import func, select

from market.accounts import people
from market.accounts import sessions as door
from market.bids.keys import Keys
from market.bids.lifecycle import LIVE
from market.bids.models import Bid
from market.config import Settings, load
from market.db import Sessions, connect, sessions
from market.files.stores import store_at
from market.needs import service as needs
from market.needs.models import Need, Role
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.bench.report import Report, p50, share
from tests.files.test_checks import PDF
from tests.support.town import town, until

SIZE = 5 * 1024 * 1024
THREADS = 24
WARM = 8
"""Most bids before those that count: in a tender's last minute no web process answers for the first time."""
GOAL = 5.0


@dataclass
class Times:
    """Seconds of one bid: bringing the file, and from pressing the button to the receipt."""

    upload: float
    hand_in: float


def bids(report: Report, folder: Path, databases: dict[str, str], many: int, workers: int) -> None:
    told: list[tuple[object, ...]] = []
    for name, url in databases.items():
        engine = connect(url)
        factory = sessions(engine)
        with town(folder / f"bids-{name}", url) as built:
            built.children["serve"] = built.verb("serve", "--workers", str(workers))
            built.start("keys", "serve")
            settings = load(built.env)
            until(settings.keys_socket.exists, 60, "the key process")
            warm = min(WARM, many)
            ref, tokens = _tender(factory, settings, warm + many)
            for token in tokens[:warm]:
                _bid(f"http://127.0.0.1:{built.port}", ref, token)
            began = time.perf_counter()
            with ThreadPoolExecutor(THREADS) as pool:
                times = list(pool.map(partial(_bid, f"http://127.0.0.1:{built.port}", ref), tokens[warm:]))
            whole = time.perf_counter() - began
            with factory() as session:
                kept = session.scalar(select(func.count()).where(Bid.state.in_(LIVE), Bid.need.has(Need.ref == ref)))
        engine.dispose()
        uploads, handed = (sorted(getattr(one, what) for one in times) for what in ("upload", "hand_in"))
        figures = (p50(uploads), share(uploads, 0.95), p50(handed), share(handed, 0.95))
        told.append((name, many, (kept or 0) - warm, f"{whole:.0f}", *(f"{figure:.2f}" for figure in figures)))
        report.goal(f"bids of 5 MB that were lost, {name}", warm + many - (kept or 0), 0, "bids")
        report.goal(f"from the button to the receipt of a bid of 5 MB, p95, {name}", figures[3], GOAL, "s")
    heads = "database | bids | kept | s in all | upload p50 | p95 | hand in p50 | p95"
    report.table(f"{many} bids of 5 MB at once, {THREADS} threads", heads, told)


def _tender(factory: Sessions, settings: Settings, many: int) -> tuple[str, list[str]]:
    """A sealed tender and the cookies of firms that bid for it."""
    factory.configure(info={"keys": Keys(settings.keys_socket), "store": store_at(settings.files_url)})
    with factory.begin() as session:
        now, tokens = utc_now(), []
        buyer = make.organisation(session, now, name="Werk Andrang SE", is_partner=True)
        need = make.need(session, now, buyer, procedure="tender", stage="draft")
        session.flush()
        for number in range(3):
            person = people.create(session, OPERATOR, now, f"oeffner{number}@werk.example", name=f"Opener {number}")
            people.join(session, OPERATOR, person, buyer, ("opener",), now)
            make.opening_key(session, person, now)
            session.add(Role(need=need, person=person, role="opener"))
        session.flush()
        needs.move(session, OPERATOR, need, "publish", now)
        for number in range(many):
            firm = make.organisation(session, now, name=f"Bieter {number} GmbH")
            person = people.create(session, OPERATOR, now, f"bieter{number}@firma.example", name="Probe")
            people.join(session, OPERATOR, person, firm, ("bidder",), now)
            tokens.append(door.start(session, person, "link", now)[0])
        return need.ref, tokens


def _bid(base: str, ref: str, token: str) -> Times:
    """One firm: its file, its words, the button."""
    path, content = f"/needs/{ref}/bid", PDF + secrets.token_bytes(SIZE - len(PDF))
    headers = {"sec-fetch-site": "same-origin", "cookie": f"session={token}"}
    with httpx2.Client(base_url=base, headers=headers, timeout=120, verify=False) as client:  # plain http
        began = time.perf_counter()
        form = {"do": "attach", "remark": "Wir bieten."}
        sent = client.post(path, data=form, files={"files": ("Angebot.pdf", io.BytesIO(content), "application/pdf")})
        upload = time.perf_counter() - began
        assert sent.status_code == 303, sent.text[:300]
        page = client.get(f"{path}/check").text
        hidden = dict(re.findall(r'name="(version|draft)" value="(\d+)"', page))
        began = time.perf_counter()
        done = client.post(f"{path}/check", data=hidden | {"binding": "yes"})
        assert done.status_code == 303, done.text[:300]
        return Times(upload, time.perf_counter() - began)
