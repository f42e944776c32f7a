"""Each verb as people call it: help, exit codes, what it prints, and what is in the database afterwards."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select

from market import cli
from market.accounts.models import Organisation
from market.bids.keyroom import Door, Keyroom, Ledger
from market.commands.migrate import migrate
from market.db import Sessions, connect, read_only
from market.models import Base
from market.needs.models import Need
from market.offerings.models import Offering
from market.relay import Relay
from market.values import utc_now
from search.client import Client
from search.query import Criteria, find
from tests import factories as make
from tests.conftest import NOW

DATA = Path(__file__).parents[3] / "shared" / "data"
Market = Callable[..., "Said"]
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where no database plays a part, or one of the test's own."""


class Said:
    """What a call answered."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def environ(
    monkeypatch: pytest.MonkeyPatch, database_url: str, meili: tuple[str, str], tmp_path: Path
) -> dict[str, str]:
    """The settings of a call on the test's servers."""
    for name in [name for name in os.environ if name.startswith("MARKET_") or name == "PORT"]:
        monkeypatch.delenv(name)
    given = {
        "MARKET_DATABASE_URL": database_url,
        "MARKET_SEARCH_URL": meili[0],
        "MARKET_SEARCH_KEY": meili[1],
        "MARKET_VAR": str(tmp_path / "var"),
        "MARKET_BASE_URL": "http://testserver",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


@pytest.fixture
def market(environ: dict[str, str], capfdbinary: pytest.CaptureFixture[bytes]) -> Market:
    """Calls `market VERB ...` in this process, as the command line does."""

    def run(*arguments: str) -> Said:
        capfdbinary.readouterr()
        try:
            code = cli.main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    return run


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_explains_itself_and_refuses_a_wrong_call(market: Market, verb: str) -> None:
    helped = market(verb, "--help")
    assert helped.code == 0
    assert helped.out.startswith(f"usage: market {verb}")
    wrong = market(verb, "--no-such-option")
    assert wrong.code == 2
    assert wrong.err.startswith("usage: market")
    assert "Traceback" not in wrong.err


def test_a_wrong_verb_is_a_wrong_call_and_help_names_all(market: Market) -> None:
    assert market("dance").code == 2
    assert market().code == 2
    told = market("--help").out
    assert all(verb in told for verb in cli.VERBS)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("PORT", "http", "PORT is 'http'"),
        ("MARKET_ENV", "prod", "MARKET_ENV is 'prod'"),
        ("MARKET_DATABASE_URL", "mysql://x", "MARKET_DATABASE_URL is 'mysql://x'"),
        ("MARKET_SEARCH_URL", "127.0.0.1:7700", "MARKET_SEARCH_URL is '127.0.0.1:7700'"),
        ("MARKET_SEARCH_URL", "http://", "MARKET_SEARCH_URL is 'http://'; a host is missing."),
        ("MARKET_SECRET", "short", "MARKET_SECRET is too short"),
        ("MARKET_VAR", "/proc/var", "/proc/var cannot be written"),
        ("MARKET_ENV", "production", "MARKET_"),
    ],
)
def test_a_wrong_setting_is_one_line_on_every_verb(
    market: Market, monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    monkeypatch.setenv(name, value)
    for verb in (["doctor"], ["migrate"], ["export", "needs"]):
        said = market(*verb)
        assert said.code == 1
        assert said.err.startswith(f"market {verb[0]}: {line}")
        assert said.err.count("\n") == 1


def test_a_database_that_is_away_is_one_line(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKET_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
    for verb in (["migrate"], ["seed"], ["export", "needs"], ["reindex"]):
        said = market(*verb)
        assert said.code == 1, verb
        assert said.err.startswith(f"market {verb[0]}: the database does not answer: "), said.err
        assert said.err.count("\n") == 1


def test_a_database_without_tables_asks_for_them(
    market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    if database_url.startswith("postgresql"):
        empty = database_url.replace("/market?", "/postgres?")
    monkeypatch.setenv("MARKET_DATABASE_URL", empty)
    for verb in (["seed"], ["export", "needs"], ["reindex"]):
        said = market(*verb)
        line = "the database is not of the present shape: run `market migrate`."
        assert (said.code, said.err) == (1, f"market {verb[0]}: {line}\n")


@ONE_DATABASE
def test_a_taken_port_is_one_line(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "market", "serve"],
            capture_output=True,
            text=True,
            env={**os.environ, **environ, "PORT": str(port)},
            check=False,
        )
    assert done.returncode == 1
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_migrations_make_what_the_models_say(engine: Engine, database_url: str) -> None:
    migrate(database_url)  # twice changes nothing
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_two_migrations_at_once_wait_for_one_another(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    environ = os.environ | {"MARKET_DATABASE_URL": url, "MARKET_VAR": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-m", "market", "migrate"], env=environ) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    engine = connect(url)
    with engine.connect().execution_options(market_read_only=True) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def sizes(sessions: Sessions) -> list[int]:
    with read_only(sessions) as session:
        tables = Base.metadata.sorted_tables
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_planting_twice_changes_nothing(market: Market, sessions: Sessions) -> None:
    assert market("seed").code == 0
    before = sizes(sessions)
    with read_only(sessions) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) or 0 > 40
    again = market("seed")
    assert again.code == 0
    assert sizes(sessions) == before


def test_production_has_no_invented_firms(market: Market, monkeypatch: pytest.MonkeyPatch, sessions: Sessions) -> None:
    settings = {
        "MARKET_ENV": "production",
        "MARKET_BASE_URL": "https://werkplatz.example",
        "MARKET_SECRET": "s" * 40,
        "MARKET_SEALING_KEY": "k" * 40,
        "MARKET_MAIL_URL": "smtp://mail.example",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    said = market("seed")
    assert (said.code, said.out) == (1, "")
    assert "--really" in said.err
    with read_only(sessions) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 0


RECORDS: list[dict[str, Any]] = [
    {"external_id": "1", "provider": "Oder Probe GmbH", "title": "Schweißen; Brennen", "cpv": ["45262670"]}
    | {"place": "Guben", "keywords": ["WIG", "E-Hand"], "price": 58.5, "unit": "HUR", "languages": ["de", "pl"]},
    {"external_id": "2", "provider": "Oder Probe GmbH", "title": "=Kranarbeiten", "kind": "rail"}
    | {"details": {"services": ["shunting"]}, "certificates": [{"type": "iso-9001", "valid_until": "2027-05-01"}]},
    {"external_id": "3", "provider": "Neiße Probe sp. z o.o.", "title": "Kurs\nzwei", "kind": "training"}
    | {"details": {"qualification": "Stapler"}, "lang": "de", "place": "Słubice"},
]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_out_and_in_again_is_the_same(market: Market, sessions: Sessions, tmp_path: Path, kind: str) -> None:
    first = tmp_path / "first.jsonl"
    first.write_text("\n".join(json.dumps(record) for record in RECORDS))
    said = market("import", "offerings", str(first))
    assert (said.code, said.out, said.err) == (0, "3 created, 0 changed, 0 unchanged, 0 refused\n", "")
    target = tmp_path / f"out.{kind}"
    assert market("export", "offerings", "--output", str(target)).code == 0
    said = market("import", "offerings", str(target))
    assert (said.code, said.out) == (0, "0 created, 0 changed, 3 unchanged, 0 refused\n"), said.err
    told = market("export", "offerings", "--format", "jsonl")
    assert told.code == 0
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["title"] for line in lines][:2] == ["Schweißen; Brennen", "=Kranarbeiten"]
    assert all(line["url"].startswith(f"http://testserver/offerings/{line['ref']}/") for line in lines)
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig")), delimiter=";"))
        assert rows[0]["keywords"] == "WIG; E-Hand"
        assert rows[1]["title"] == "'=Kranarbeiten", "nobody's spreadsheet computes what a firm wrote"
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(target).worksheets[0]
        assert sheet.max_row == 4
        assert not any(cell.data_type == "f" for row in sheet for cell in row)
    assert not list(tmp_path.glob(f".out.{kind}.*")), "no half file is left"


def test_bad_records_are_named_and_the_rest_is_there(market: Market, sessions: Sessions, tmp_path: Path) -> None:
    lines = [json.dumps(RECORDS[0]), "{not json", json.dumps({"title": "no id"}), json.dumps(RECORDS[2])]
    lines += [json.dumps(RECORDS[1] | {"kind": "magic"}), json.dumps({**RECORDS[1], "cpv": ["1234"]})]
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join(lines))
    dry = market("import", "offerings", str(path), "--dry-run")
    assert dry.code == 1
    assert dry.out == "2 created, 0 changed, 0 unchanged, 4 refused (dry run: nothing was kept)\n"
    with read_only(sessions) as session:
        assert session.scalar(select(func.count()).select_from(Offering)) == 0
    said = market("import", "offerings", str(path))
    assert said.code == 1
    assert said.out == "2 created, 0 changed, 0 unchanged, 4 refused\n"
    assert said.err == dry.err
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["line 2", "line 3", "line 5 (2)", "line 6 (2)"]
    assert all(word in said.err for word in ("external_id", "magic", "cpv"))
    with read_only(sessions) as session:
        assert set(session.scalars(select(Offering.external_id))) == {"1", "3"}


@ONE_DATABASE
def test_needs_are_read_from_a_pipe(environ: dict[str, str], engine: Engine, sessions: Sessions) -> None:
    """A real process; without a terminal there is no progress bar. Other tests import on both databases."""
    record = {"external_id": "n", "organisation": "Stahl Probe AG", "title": "Zwölf Schweißer", "place": "Guben"}
    done = subprocess.run(
        [sys.executable, "-m", "market", "import", "needs", "-"],
        input=json.dumps(record),
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 created, 0 changed, 0 unchanged, 0 refused\n", "")
    with read_only(sessions) as session:
        assert session.scalars(select(Need.title)).all() == ["Zwölf Schweißer"]


@pytest.mark.parametrize("path", ["missing.jsonl", "records.pdf", "."])
def test_a_file_that_is_none_is_one_line(market: Market, tmp_path: Path, path: str) -> None:
    (tmp_path / "records.pdf").write_bytes(b"%PDF")
    said = market("import", "needs", str(tmp_path / path))
    assert said.code == 1
    assert said.err.startswith("market import: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


def test_an_output_that_cannot_be_written_is_one_line(market: Market, engine: Engine) -> None:
    said = market("export", "providers", "--output", "/proc/providers.csv")
    assert said.code == 1
    assert said.err.startswith("market export: /proc/providers.csv cannot be written")


@ONE_DATABASE
def test_official_lists_are_read_as_published(monkeypatch: pytest.MonkeyPatch, market: Market, tmp_path: Path) -> None:
    monkeypatch.setenv("MARKET_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    assert market("migrate").code == 0
    for list_, file, least in (
        ("cpv", "cpv/cpv_2008_de_en_pl.csv", 9_000),
        ("ewc", "waste/avv_ewc_de_en.csv", 800),
        ("places", "geo/plz_brandenburg_geonames.csv", 200),
        ("places", "geo/plz_lubuskie_geonames.csv", 200),
    ):
        said = market("load-taxonomy", list_, str(DATA / file))
        assert said.code == 0, (file, said.err[-500:])
        assert int(said.out.split()[0]) >= least, file
        again = market("load-taxonomy", list_, str(DATA / file))
        assert " 0 new or changed, 0 refused" in again.out, file
        assert market("load-taxonomy", list_, str(tmp_path / "none.csv")).code == 1
    assert market("load-taxonomy", "colours", str(DATA / file)).code == 2


@pytest.fixture
def keyroom(environ: dict[str, str]) -> Iterator[None]:
    """The key process's inside, behind its socket."""
    var = Path(environ["MARKET_VAR"])
    ledger = Ledger(var / "keys.log")
    with Door(var / "keys.sock", Keyroom("k" * 40, ledger, utc_now)) as door:
        threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True).start()
        yield
        door.shutdown()
    ledger.close()


def test_the_doctor_finds_nothing_where_all_is_well(market: Market, relay: Relay, keyroom: None) -> None:
    said = market("doctor")
    assert said.code == 0, said.out
    assert not said.err
    assert {line.split()[1] for line in said.out.splitlines()} == {
        "settings",
        "python",
        "database",
        "outbox",
        "uptime",
        "search",
        "mail",
        "files",
        "scanner",
        "keys",
    }


def test_the_doctor_has_a_line_for_each_fault(market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARKET_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    monkeypatch.setenv("MARKET_SEARCH_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MARKET_MAIL_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("MARKET_FILES_URL", "file:/proc/files")
    monkeypatch.setenv("MARKET_SCAN_URL", "clamd://127.0.0.1:9")
    said = market("doctor")
    assert said.code == 1
    faults = {line.split()[1] for line in said.out.splitlines() if line.startswith("FAULT")}
    assert faults >= {"database", "outbox", "uptime", "search", "mail", "files", "scanner", "keys"}
    assert "run `market migrate`" in said.out
    assert "Traceback" not in said.out + said.err


def test_the_doctor_sees_an_index_that_differs(market: Market, relay: Relay, sessions: Sessions) -> None:
    with sessions.begin() as session:
        make.offering(session, NOW)
    said = market("doctor")
    assert said.code == 1
    assert "offerings: 0 documents, 1 public records; run `market reindex`" in said.out
    assert market("reindex").out.startswith("offerings: 1, ")
    assert "FAULT search" not in market("doctor").out


@ONE_DATABASE
def test_searches_find_something_at_every_moment_of_a_reindex(
    market: Market, relay: Relay, sessions: Sessions, meili: tuple[str, str]
) -> None:
    import asyncio

    with sessions.begin() as session:
        firm = make.organisation(session, NOW)
        for _ in range(60):
            make.offering(session, NOW, firm, title="Rohrleitungsbau")
    relay.rebuild(NOW)
    totals: list[int] = []
    stop = threading.Event()

    async def read() -> None:
        async with Client(*meili, timeout=5) as client:
            while not stop.is_set():
                hits, _ = await find(client, "offerings", Criteria(q="rohrleitungsbau"), 20_000)
                totals.append(hits.total)
                await asyncio.sleep(0.005)  # to leave the processor to what is watched

    reader = threading.Thread(target=lambda: asyncio.run(read()))
    reader.start()
    codes = [market("reindex").code for _ in range(3)]
    stop.set()
    reader.join(10)
    assert codes == [0, 0, 0]
    assert len(totals) > 20
    assert set(totals) == {60}


def test_a_reindex_without_a_server_is_one_line(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKET_SEARCH_URL", "http://127.0.0.1:9")
    said = market("reindex")
    assert said.code == 1
    assert said.err.startswith("market reindex: the search server does not answer")
    assert said.err.strip().count("\n") == 0


def test_a_reindex_if_needed_leaves_what_is_right(market: Market, relay: Relay) -> None:
    assert market("reindex", "--if-needed").out == "nothing to do\n"
    assert relay.admin is not None
    relay.admin.wait_for_task(relay.admin.delete_index("needs").task_uid)
    assert market("reindex", "--if-needed").out == "rebuilt\n"
