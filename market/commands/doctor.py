"""`market doctor`: a line for each part, exit code 1 when one is at fault. Looks, writes nothing but one probe file."""

import argparse
import base64
import json
import os
import smtplib
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import meilisearch
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from market import uptime
from market.bids.keys import Keys
from market.bids.receipts import key_id
from market.commands.migrate import MIGRATIONS
from market.config import Settings
from market.db import connect, read_only, sessions
from market.errors import Unavailable
from market.files.scan import Clamd
from market.health import LAG_SECONDS, STUCK_ATTEMPTS, outbox
from market.sources import SOURCES
from market.values import local_day, utc_now
from search import indexes, write
from search.client import admin
from search.errors import FAULTS, SearchError

SELFTEST = Path(__file__).parents[2] / "tools" / "selftest.py"
Finding = tuple[bool, str]
"""Whether it is well, and the line."""
OLD_MINUTES = 3
PATIENCE = 5
"""Seconds for a mail server to answer."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(settings: Settings, given: argparse.Namespace) -> int:
    engine = connect(settings.database_url)
    faults = 0
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("settings", lambda: check_settings(settings)),
        ("python", check_python),
        ("database", lambda: check_database(engine)),
        ("outbox", lambda: check_outbox(engine)),
        ("uptime", lambda: check_log(engine)),
        ("search", lambda: check_search(settings, engine)),
        ("mail", lambda: check_mail(settings.mail_url)),
        ("files", lambda: check_files(settings.files_url)),
        ("scanner", lambda: check_scanner(settings.scan_url)),
        ("keys", lambda: check_keys(settings.keys_socket)),
    ]
    for name, check in checks:
        for well, line in check():
            faults += not well
            print(f"{'ok   ' if well else 'FAULT'} {name:9} {line}")
    engine.dispose()
    return 1 if faults else 0


def check_settings(settings: Settings) -> Iterator[Finding]:
    """They were read and checked at the start; what they mean is said here."""
    yield True, f"{settings.env}, {settings.base_url}, files and keys in {settings.var}"


def check_python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    tested = subprocess.run([sys.executable, SELFTEST], capture_output=True, text=True, timeout=60, check=False)
    flaws = tested.stdout.strip() or tested.stderr.strip()[-200:]
    if tested.returncode in (0, 3):
        yield True, f"{version}, safe"
    else:
        yield False, f"{version}: {flaws}; take a newer patch release"


def check_database(engine: Engine) -> Iterator[Finding]:
    from alembic.config import Config  # here, for the page of the parts' health needs the other checks only
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    try:
        with engine.connect().execution_options(market_read_only=True) as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    except SQLAlchemyError as error:
        yield False, f"does not answer: {_first_line(error)}"
        return
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    wanted = ScriptDirectory.from_config(config).get_heads()
    if set(found) == set(wanted):
        yield True, f"{engine.dialect.name}, revision {', '.join(wanted)}"
    else:
        yield False, f"revision {', '.join(found) or 'none'}, not {', '.join(wanted)}: run `market migrate`"


def check_outbox(engine: Engine) -> Iterator[Finding]:
    try:
        with read_only(sessions(engine)) as session:
            found = outbox(session, utc_now())
    except SQLAlchemyError as error:
        yield False, f"cannot be read: {_first_line(error)}"
        return
    waiting = f"{found['waiting']:.0f} changes wait, the oldest for {found['lag_seconds']:.0f} s"
    if found["stuck"]:
        yield False, f"{found['stuck']:.0f} changes failed {STUCK_ATTEMPTS} times or more (table outbox, column error)"
    elif found["lag_seconds"] > LAG_SECONDS:
        yield False, f"{waiting}: is `market relay` running?"
    else:
        yield True, waiting


def check_log(engine: Engine) -> Iterator[Finding]:
    """A relay writes a line a minute, and more time for all depends on it."""
    try:
        with read_only(sessions(engine)) as session:
            last = uptime.last(session)
    except SQLAlchemyError as error:
        yield False, f"cannot be read: {_first_line(error)}"
        return
    if last is None:
        yield True, "has no line yet; `market relay` writes one a minute"
        return
    age = round((utc_now() - last) / uptime.MINUTE)
    yield (
        age <= OLD_MINUTES,
        f"the last line is {age} minutes old" + ("" if age <= OLD_MINUTES else ": is `market relay` running?"),
    )


def check_search(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Reachable, settings as the code wants them, and as many documents as there are public records."""
    if settings.search_url is None:
        yield False, "no server is set (MARKET_SEARCH_URL): searches are answered from the database"
        return
    try:
        client = admin(settings.search_url, settings.search_key)
        yield from _check_indexes(client, engine)
    except (SearchError, *FAULTS) as error:
        yield False, f"{settings.search_url} does not answer: {_first_line(error)}"
    except SQLAlchemyError as error:
        yield False, f"the records cannot be counted: {_first_line(error)}"


def _check_indexes(client: meilisearch.Client, engine: Engine) -> Iterator[Finding]:
    today = local_day(utc_now())
    yield True, f"Meilisearch {client.get_version()['pkgVersion']}"
    for name, source in SOURCES.items():
        with read_only(sessions(engine)) as session:
            wanted = sum(1 for _ in source.all_documents(session, today))
        found = write.count(client, name)
        if found is None:
            yield False, f"{name}: there is no index; run `market reindex`"
            continue
        differing = _differing(client.index(name).get_settings(), indexes.settings(name))
        if differing:
            yield False, f"{name}: settings differ ({', '.join(differing)}); restart `market relay`"
        if found != wanted:
            yield False, f"{name}: {found} documents, {wanted} public records; run `market reindex`"
        elif not differing:
            yield True, f"{name}: {found} documents"


def _differing(present: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """Names of the settings that are not as the code wants them."""

    def is_so(name: str) -> bool:
        there, asked = present.get(name), wanted[name]
        # The server takes accents apart and keeps the list in its own order.
        if name == "stopWords" and isinstance(there, list) and isinstance(asked, list):
            return sorted(unicodedata.normalize("NFC", word) for word in there) == sorted(asked)
        return json.dumps(there, sort_keys=True) == json.dumps(asked, sort_keys=True)

    return sorted(name for name in wanted if not is_so(name))


def check_mail(url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    if parts.scheme == "outbox":
        yield True, "letters are kept here, none is sent"
        return
    connect_to = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    port = parts.port or (465 if parts.scheme == "smtps" else 587)
    try:
        with connect_to(parts.hostname or "", port, timeout=PATIENCE) as server:
            server.ehlo()
            if parts.username:
                if parts.scheme == "smtp":
                    server.starttls()
                server.login(unquote(parts.username), unquote(parts.password or ""))
    except (OSError, smtplib.SMTPException) as error:
        yield False, f"{parts.hostname}:{port} does not take letters: {_first_line(error)}"
    else:
        yield True, f"{parts.hostname}:{port} answers"


def check_files(url: str) -> Iterator[Finding]:
    if not url.startswith("file:"):
        yield True, f"{urlsplit(url).netloc}: not looked at"
        return
    folder = Path(url.removeprefix("file://").removeprefix("file:"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"probe")
        free = os.statvfs(folder)
    except OSError as error:
        yield False, f"{folder} cannot be written: {error.strerror}"
        return
    gigabytes = free.f_bavail * free.f_frsize / 1e9
    yield gigabytes > 1, f"{folder}, {gigabytes:.0f} GB free" + ("" if gigabytes > 1 else ": too little")


def check_scanner(url: str) -> Iterator[Finding]:
    if not url:
        yield True, "none is set (MARKET_SCAN_URL): uploads are not looked at for viruses"
        return
    try:
        yield True, Clamd(url, PATIENCE).version()
    except Unavailable as error:
        yield False, f"{url}: {error}; no upload is taken"


def check_keys(path: Path) -> Iterator[Finding]:
    try:
        yield True, f"receipts are signed with key {key_id(base64.b64decode(Keys(path, 0).public()))}"
    except Unavailable as error:
        yield False, f"{path}: {error}; no bid is taken and none is opened (`market keys`)"


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
