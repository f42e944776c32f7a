"""How fast what is written can be found: imports in bulk, single changes one by one, through the real relay."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from market.accounts import people
from market.accounts import service as accounts
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions, connect, sessions
from market.offerings import service
from market.offerings.models import Offering
from market.viewer import OPERATOR
from search.client import admin
from tests import factories
from tests.bench.reading import pid
from tests.bench.report import Report, memory, p50, share
from tests.factories import DETAILS
from tests.search.corpus import offerings
from tests.support.town import KEY, Town, town, until

GOAL = 2.0
CHANGES = ("published", "by the wizard", "sealed", "changed", "paused", "suspended")
SAME = "title summary kind trades cpv keywords languages postcode country district lat certificates radius_km".split()


def records(count: int) -> Iterator[dict[str, Any]]:
    """The offerings of the corpus as an import takes them."""
    for d in offerings(count):
        yield {
            **{name: d[name] for name in SAME},
            "external_id": d["id"],
            "provider": d["organisation"],
            "place": d["town"],
            "lon": d["lng"],
            "description": d["text"],
            "price": d["price_cents"] and d["price_cents"] / 100,
            "details": DETAILS[d["kind"]],
        }


def writing(report: Report, folder: Path, databases: dict[str, str], count: int, rounds: int) -> None:
    """Imports and single changes on each database."""
    speeds: list[tuple[object, ...]] = []
    waits: list[tuple[object, ...]] = []
    for name, url in databases.items():
        with town(folder / name, url) as built:
            built.start("meilisearch", "relay")
            built.start("serve")
            speeds.append((name, f"{count:,}", *imported(built, folder / f"{name}.jsonl", count)))
            for what, times in freshness(built, url, rounds).items():
                times.sort()
                waits.append((name, what, f"{p50(times):.2f}", f"{share(times, 0.95):.2f}", f"{times[-1]:.2f}"))
                report.goal(f"{what} offering seen in search, {name}: p95", share(times, 0.95), GOAL, "s")
            told = [
                (one, *(f"{mb:.0f}" for mb in memory(pid(built, one))))
                for one, child in built.children.items()
                if child.process
            ]
            report.table(f"Memory while writing, {name}", "process | RSS MB | PSS MB", told)
    heads = "database | offerings | command s | offerings/s in the database | searchable s | offerings/s searchable"
    report.table("Import", heads, speeds)
    report.table("Until a change is seen in search", "database | change | p50 s | p95 s | longest s", waits)


def imported(built: Town, file: Path, count: int) -> tuple[str, ...]:
    """`market import offerings` beside the running relay, until the last one is found."""
    with file.open("w", encoding="utf-8") as out:
        for record in records(count):
            print(json.dumps(record, ensure_ascii=False), file=out)
    began = time.perf_counter()
    command = [*built.children["serve"].command[:-1], "import", "offerings", str(file)]
    done = subprocess.run(command, env=built.env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"import: {done.stdout} {done.stderr[:2000]}")
    written = time.perf_counter() - began
    until(lambda: indexed(built) == count, 900, f"{count} offerings in the index")
    found = time.perf_counter() - began
    return f"{written:.1f}", f"{count / written:,.0f}", f"{found:.1f}", f"{count / found:,.0f}"


def indexed(built: Town) -> int:
    """Offerings in the index; 0 before there is one."""
    stats = admin(built.search_url, KEY).get_all_stats()
    return int(stats["indexes"].get("offerings", {}).get("numberOfDocuments", 0))


def answer(built: Town, q: str, **more: str) -> dict[str, Any]:
    got = built.ask(f"/api/v1/search/offerings?{urlencode({'q': q} | more)}")
    if got is None or got[0] != 200:
        raise RuntimeError(f"search: {got}")
    found: dict[str, Any] = json.loads(got[1])
    return found


def freshness(built: Town, url: str, rounds: int) -> dict[str, list[float]]:
    """Change -> seconds from its commit until search shows it, round by round."""
    engine = connect(url)
    spent: dict[str, list[float]] = {change: [] for change in CHANGES}
    for number in range(rounds):
        for what, seconds in changes(built, sessions(engine), number):
            spent[what].append(seconds)
    engine.dispose()
    return spent


def changes(built: Town, factory: Sessions, number: int) -> Iterator[tuple[str, float]]:
    """The life of an offering, and the end of its firm, which has a second one."""
    before, after, other = (f"{word} {number}" for word in ("Probelauf", "Neulauf", "Dauerlauf"))
    now = datetime.now(UTC)
    with factory.begin() as session:
        firm = factories.organisation(session, now, name=f"Frischwerk {number}")
        kept = factories.offering(session, now, firm, title=other)
        made = factories.offering(session, now, firm, title=before)
    yield "published", seconds_until(lambda: made.ref in refs(built, before))
    yield "by the wizard", pressed(built, factory, firm.id, number)
    yield "sealed", sealed(built, factory, firm.id, made.ref, before)
    with factory.begin() as session:
        service.change(session, OPERATOR, session.get_one(Offering, made.id), now, title=after)
    yield "changed", seconds_until(lambda: refs(built, after).get(made.ref) == after)
    with factory.begin() as session:
        service.move(session, OPERATOR, session.get_one(Offering, made.id), "pause", now)
    yield "paused", seconds_until(lambda: made.ref not in refs(built, after))
    if kept.ref not in refs(built, other):
        raise RuntimeError(f"{other} is not found, though nobody suspended its firm yet")
    with factory.begin() as session:
        accounts.suspend(session, OPERATOR, session.get_one(Organisation, firm.id), "Probe", now)
    yield "suspended", seconds_until(lambda: kept.ref not in refs(built, other))


def pressed(built: Town, factory: Sessions, firm_id: int, number: int) -> float:
    """A draft of the firm's editor, from the press on "Publish" until search shows it."""
    now, word = datetime.now(UTC), f"Knopfdruck {number}"
    with factory.begin() as session:
        firm = session.get_one(Organisation, firm_id)
        person = people.create(session, OPERATOR, now, f"bench{number}@probe.example", name="Ute Probe")
        people.join(session, OPERATOR, person, firm, ("editor",), now)
        token, _ = door.start(session, person, "link", now)
        draft = factories.offering(session, now, firm, title=word, status="draft")
    began = time.perf_counter()
    press(built, token, f"/me/offerings/{draft.ref}/publish")
    until(lambda: draft.ref in refs(built, word), 30, "what was published to be found")
    return time.perf_counter() - began


def sealed(built: Town, factory: Sessions, firm_id: int, ref: str, word: str) -> float:
    """A certificate of the firm, from the operator's press on "it counts" until search finds the offering by it."""
    now = datetime.now(UTC)
    with factory.begin() as session:
        firm = session.get_one(Organisation, firm_id)
        waiting = factories.certificate(session, now, firm, state="uploaded", submitted_at=now)
        who = people.make_operator(session, OPERATOR, "amt@probe.example", "Ada Amt", now)
        token, _ = door.start(session, who, "link", now)
    if ref in refs(built, word, certificate=waiting.type):
        raise RuntimeError("found by a certificate nobody has looked at")
    began = time.perf_counter()
    seen = urlencode({"seen": waiting.updated_at.isoformat()})
    press(built, token, f"/operator/certificates/{waiting.ref}/verify", seen)
    until(lambda: ref in refs(built, word, certificate=waiting.type), 30, "the certificate to be found")
    return time.perf_counter() - began


def press(built: Town, token: str, path: str, form: str = "") -> None:
    headers = {"cookie": f"session={token}", "sec-fetch-site": "same-origin"}
    headers["content-type"] = "application/x-www-form-urlencoded"
    answered = built.ask(path, form, headers)
    if answered is None or answered[0] != 303:
        raise RuntimeError(f"{path}: {answered}")


def refs(built: Town, q: str, **more: str) -> dict[str, str]:
    """Reference -> title of the first hits in the index. A busy machine may let one question wait too long for it."""
    end = time.perf_counter() + 10
    while (found := answer(built, q, **more))["limited"]:
        if time.perf_counter() > end:
            raise RuntimeError("the database answers instead of the search")
    return {hit["ref"]: hit["title"] for hit in found["hits"]}


def seconds_until(true: Callable[[], bool]) -> float:
    began = time.perf_counter()
    until(true, 30, "a change to be seen")
    return time.perf_counter() - began
