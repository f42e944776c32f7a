"""A firm's table by way of its pages, through the real web process and relay: upload, check, import, and once more."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from sqlalchemy import delete, select

from market.accounts import people
from market.accounts import sessions as door
from market.accounts.models import Organisation
from market.db import Sessions, connect, read_only, sessions
from market.intake.models import Import
from market.viewer import OPERATOR
from tests import factories
from tests.bench.report import Report
from tests.intake.tables import rows, xlsx
from tests.support.town import town, until

LONGEST = 900
"""Seconds we wait for one step."""


def intake(report: Report, folder: Path, databases: dict[str, str], count: int) -> None:
    """A workbook of so many rows, forty of them faulty, on each database."""
    lines, wrong = rows(count)
    book, found = xlsx(lines), []
    for name, url in databases.items():
        with town(folder / f"{name}-intake", url, warm=True) as built:
            built.start("relay")
            built.start("serve")
            engine = connect(url)
            factory = sessions(engine)
            head = {"sec-fetch-site": "same-origin"}
            cookies = {"session": _member(factory)}
            base = f"http://127.0.0.1:{built.port}"
            with httpx2.Client(base_url=base, headers=head, cookies=cookies, timeout=60) as client:
                spent = _brought(client, factory, book, (count - len(wrong), 0, len(wrong)))
                again = _brought(client, factory, book, (0, count - len(wrong), len(wrong)))
            found.append((name, f"{count:,}", *(f"{seconds:.1f}" for seconds in (*spent, *again[:2]))))
            with factory.begin() as session:
                session.execute(delete(Organisation).where(Organisation.name == "Tabellen GmbH"))
            engine.dispose()
    heads = "database | rows | upload s | check s | import s | again: upload s | check s"
    report.table("A firm's workbook in the browser", heads, found)


def _member(factory: Sessions) -> str:
    """The cookie of somebody who may import."""
    now = datetime.now(UTC)
    with factory.begin() as session:
        firm = factories.organisation(session, now, name="Tabellen GmbH")
        person = people.create(session, OPERATOR, now, f"t{now.timestamp()}@tabellen.example", name="Tea Tabelle")
        people.join(session, OPERATOR, person, firm, ("editor",), now)
        token, _ = door.start(session, person, "link", now)
    return token


def _brought(client: httpx2.Client, factory: Sessions, book: bytes, expected: tuple[int, int, int]) -> list[float]:
    """Seconds of upload, check and import; RuntimeError where the counts are others than expected."""
    began = time.perf_counter()
    answer = client.post("/me/import", files={"file": ("tabelle.xlsx", book)})
    where = answer.headers["location"]
    spent = [time.perf_counter() - began]
    page = client.get(where).text
    columns = re.findall(r'name="(c\d+)".*?</select>', page)
    chosen = {name: _chosen(page, name) for name in columns}
    spent.append(_timed(lambda: client.post(f"{where}/columns", data=chosen | {"kind": "service"}), factory, where))
    one = _kept(factory, where)
    if (one.created, one.unchanged, one.faulty) != expected:
        raise RuntimeError(f"import: {one.created} new, {one.unchanged} unchanged, {one.faulty} faulty")
    if one.created:
        spent.append(_timed(lambda: client.post(f"{where}/confirm"), factory, where))
    return spent


def _chosen(page: str, name: str) -> str:
    select_ = re.search(rf'name="{name}">(.*?)</select>', page, re.S)
    found = re.search(r'value="([^"]*)" selected', select_[1]) if select_ else None
    return found[1] if found else ""


def _timed(ask: Callable[[], httpx2.Response], factory: Sessions, where: str) -> float:
    began = time.perf_counter()
    if ask().status_code != 303:
        raise RuntimeError(f"{where} refuses")
    until(lambda: not _kept(factory, where).is_working, LONGEST, "the import")
    return time.perf_counter() - began


def _kept(factory: Sessions, where: str) -> Import:
    with read_only(factory) as session:
        return session.scalars(select(Import).where(Import.ref == where.rpartition("/")[2])).one()
