"""`make run` as its user meets it: comes up with hits, leaves no trace, keeps its data, names faults."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from market.processes import TRIES, Child, Family, GivenUp
from market.run import free_port
from tests.support.town import until

ROOT = Path(__file__).parents[1]
SUPERVISOR = [sys.executable, "-m", "market.run"]
HITS = "hits.json"
UNWANTED = ("MARKET_", "MEILI_", "MAKE", "MFLAGS", "PORT")
"""What the surrounding `make test` or a developer's shell must not bring in."""


def processes(var: Path) -> dict[int, str]:
    """Every living process that was started for this folder, with its command."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"MARKET_VAR={var}".encode() in environ and command:
            found[int(folder.name)] = command
    return found


class Run:
    """One `make run` in the background."""

    def __init__(self, var: Path, command: list[str] = SUPERVISOR, cwd: Path = ROOT, **settings: str) -> None:
        self.var, self.port = var, free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
        environ |= {"MARKET_VAR": str(var), "PORT": str(self.port)} | settings
        self.output = var.parent / f"output-{self.port}.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=cwd, env=environ, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> "Run":
        until(lambda: f"http://127.0.0.1:{self.port}" in self.said or self.ended, 90, "a served marketplace")
        assert not self.ended, self.said
        return self

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def get(self, path: str) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        assert answer.status == 200, text
        return text

    def search(self, words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(f"/api/v1/search/offerings?q={words}"))
        return found

    def all_well(self) -> bool:
        try:
            found = self.search("schweisser")
        except (OSError, AssertionError):
            return False
        return bool(found["total"]) and not found["limited"]

    def stop(self, sign: signal.Signals = signal.SIGINT) -> int:
        """As Ctrl-C does in a terminal: the signal goes to the whole foreground group."""
        if not self.ended:
            os.killpg(self.process.pid, sign)
        return self.process.wait(30)

    def pid_of(self, what: str) -> int:
        return next(pid for pid, command in processes(self.var).items() if what in command)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for this module, so that only the first start has to plant the demo data."""
    return tmp_path_factory.mktemp("run") / "var"


@pytest.fixture(autouse=True)
def no_leftovers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """One failing test must not make the others fail."""
    yield
    for name in ("var", "tmp_path"):
        if name in request.fixturenames:
            folder = request.getfixturevalue(name)
            for pid in processes(folder if name == "var" else folder / "var"):
                os.kill(pid, signal.SIGKILL)


def nothing_left(var: Path) -> None:
    until(lambda: not processes(var), 15, f"an end of {processes(var)}")


def noted(run: Run) -> dict[str, Any]:
    """What a first start finds, written down for the second."""
    found = run.search("schweisser")
    (run.var.parent / HITS).write_text(json.dumps([hit["ref"] for hit in found["hits"]]))
    return found


def test_it_serves_hits_with_secrets_of_its_own_in_a_folder_of_its_own_and_ends_with_ctrl_c(var: Path) -> None:
    run = Run(var, ["make", "run"]).ready()
    found = noted(run)
    assert found["total"]
    assert not found["limited"]
    assert "/offerings/" in run.get("/search?q=schweisser")

    key = (var / "meili_key").read_text()
    for name in ("meili_key", "market_secret", "market_sealing_key"):
        assert (var / name).stat().st_mode & 0o777 == 0o600
    assert not any(key in log.read_text(errors="replace") for log in (var / "log").glob("*.log"))
    assert not any(key in command for command in processes(var).values())
    assert sum("make" not in command for command in processes(var).values()) == 6

    second = Run(var)
    assert second.process.wait(30) == 1
    assert second.said.strip() == (
        f"{var} is in use by another `make run` (process {run.pid_of('market.run')}); "
        "stop it, or set MARKET_VAR to another folder."
    )
    assert run.all_well()
    run.stop()
    nothing_left(var)


def test_a_second_start_keeps_the_data_and_whatever_dies_is_started_again(var: Path) -> None:
    if not (var.parent / HITS).exists():
        first = Run(var).ready()
        noted(first)
        first.stop()
    run = Run(var).ready()
    assert [hit["ref"] for hit in run.search("schweisser")["hits"]] == json.loads((var.parent / HITS).read_text())
    for name, command in (
        ("serve", "market serve"),
        ("relay", "market relay"),
        ("keys", "market keys"),
        ("meilisearch", "--db-path"),
    ):
        os.kill(run.pid_of(command), signal.SIGKILL)
        until(lambda name=name: f"{name} ended (signal 9)" in run.said, 5, f"{name} missed")
        until(lambda command=command: any(command in c for c in processes(var).values()), 10, f"{name} again")
        until(run.all_well, 20, f"searching after {name} died")
    assert run.stop(signal.SIGTERM) == 0
    nothing_left(var)


def test_what_a_crash_left_broken_is_made_anew_and_all_ends_with_make(var: Path) -> None:
    """An index that cannot be opened, and secrets that were made and not filled."""
    if not (var / "meili").exists():
        Run(var).ready().stop()
    kept = list((var / "meili").rglob("data.mdb"))
    assert kept
    for path in kept:
        path.write_bytes(os.urandom(path.stat().st_size))
    for name in ("meili_key", "market_secret"):
        (var / name).write_text("")
    run = Run(var, ["make", "run"]).ready()
    assert "Meilisearch cannot use what it kept (" in run.said
    until(run.all_well, 30, "the index built from the database, with the new key")
    run.process.kill()
    run.process.wait()
    nothing_left(var)
    for name in ("meili_key", "market_secret"):
        assert len((var / name).read_text()) == 64
        assert (var / name).stat().st_mode & 0o777 == 0o600
    assert not [*var.glob(".*_key.*"), *var.glob(".*_secret.*")]


def test_without_a_meilisearch_it_runs_and_says_so_and_a_killed_supervisor_leaves_no_child(tmp_path: Path) -> None:
    """In a copy of the checkout that has no node_modules."""
    checkout = tmp_path / "checkout"
    for folder in ("market", "search", "seeds", "templates"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    run = Run(tmp_path / "var", cwd=checkout, PYTHONPATH=str(checkout), PATH="/usr/bin:/bin").ready()
    assert "limited to the database" in run.said
    found = run.search("spawacz")
    assert found["limited"]
    assert found["total"]
    run.process.kill()
    run.process.wait()
    nothing_left(run.var)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"PORT": "http"}, "PORT is 'http'; it takes a number from 1 to 65535."),
        ({"MARKET_ENV": "prod"}, "MARKET_ENV is 'prod'; it takes 'local' or 'production'."),
        (
            {"MARKET_DATABASE_URL": "mysql://x/y"},
            "MARKET_DATABASE_URL is 'mysql://x/y'; it has to begin with",
        ),
        ({"MARKET_ENV": "production"}, "MARKET_DATABASE_URL is missing"),
        ({"MARKET_VAR": "/proc/var"}, "/proc/var cannot be written (No such file or directory)"),
        (
            {"MARKET_VAR": "/proc/var", "MARKET_SECRET": "x" * 32, "MARKET_SEALING_KEY": "x" * 32},
            "/proc/var cannot be",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_one_clear_line(tmp_path: Path, settings: dict[str, str], line: str) -> None:
    run = Run(tmp_path / "var", **settings)
    assert run.process.wait(30) == 1
    assert run.said.startswith(line)
    assert run.said.count("\n") == 1


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = Run(tmp_path / "var", PORT=str(port))
        assert run.process.wait(30) == 1
    assert run.said == (
        f"Port {port} cannot be used (Address already in use); take another: make run PORT={port + 1}\n"
    )


def test_a_failing_step_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    run = Run(tmp_path / "var", MARKET_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert run.process.wait(60) == 1
    assert "migrate failed: " in run.said
    assert "Traceback" not in run.said
    nothing_left(run.var)


def test_a_child_that_keeps_dying_ends_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("market.processes.LONGEST_PAUSE", 0.2)
    family = Family()
    command = [sys.executable, "-c", "print('no luck today'); raise SystemExit(3)"]
    family.add(Child("unlucky", command, dict(os.environ), tmp_path / "unlucky.log"))
    with pytest.raises(GivenUp, match=f"unlucky died {TRIES} times in a row: no luck today"):
        family.wait(lambda: False, 60)
    assert capsys.readouterr().out.count("unlucky ended (exit code 3); starting it again") == TRIES - 1


def test_a_child_the_run_can_do_without_is_tried_again_for_ever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("market.processes.LONGEST_PAUSE", 0.2)
    family = Family()
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    child = Child("lesser", command, dict(os.environ), tmp_path / "lesser.log", vital=False)
    family.add(child)
    assert family.wait(lambda: child.early_deaths > TRIES + 1, 60)
    family.drop(child)
    assert family.children == []
    assert capsys.readouterr().out.count("lesser ended (exit code 3); starting it again") > TRIES


def test_a_child_deaf_to_the_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("market.processes.PATIENCE", 0.5)
    family = Family()
    deaf = "from signal import *; signal(SIGTERM, SIG_IGN); print('deaf', flush=True); pause()"
    child = Child("deaf", [sys.executable, "-c", deaf], dict(os.environ), tmp_path / "deaf.log")
    family.add(child)
    until(lambda: "deaf" in child.log.read_text(), 10, "a deaf child")
    family.stop()
    assert child.ended() == -signal.SIGKILL
