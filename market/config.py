"""Settings from the environment: read once, checked at the start, never guessed later (docs/operations.md)."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from market.errors import SettingsError

SCHEMES = {
    "MARKET_DATABASE_URL": ("sqlite", "postgresql+psycopg"),
    "MARKET_SEARCH_URL": ("http", "https"),
    "MARKET_BASE_URL": ("http", "https"),
    "MARKET_MAIL_URL": ("outbox", "smtp", "smtps"),
    "MARKET_FILES_URL": ("file", "s3"),
    "MARKET_SCAN_URL": ("clamd", "clamd+unix"),
}


@dataclass(frozen=True)
class Settings:
    """The settings of one process; names and defaults are those of docs/operations.md."""

    database_url: str
    search_url: str | None
    search_key: str
    base_url: str
    secret: str
    keys_socket: Path
    mail_url: str
    files_url: str
    scan_url: str
    env: str
    var: Path
    port: int

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def host(self) -> str:
        """Host name of the public address, for the host check."""
        return urlsplit(self.base_url).hostname or "localhost"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises SettingsError with one clear line naming the variable at fault.
    """
    env = os.environ if environ is None else environ
    mode = env.get("MARKET_ENV", "local")
    if mode not in ("local", "production"):
        raise SettingsError(f"MARKET_ENV is {mode!r}; it takes 'local' or 'production'.")
    port = _port(env.get("PORT", "8000"))
    var = Path(env.get("MARKET_VAR", "var")).resolve()
    found = {
        "MARKET_DATABASE_URL": env.get("MARKET_DATABASE_URL") or f"sqlite:///{var / 'market.db'}",
        "MARKET_SEARCH_URL": env.get("MARKET_SEARCH_URL") or "",
        "MARKET_BASE_URL": (env.get("MARKET_BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        "MARKET_MAIL_URL": env.get("MARKET_MAIL_URL") or "outbox:",
        "MARKET_FILES_URL": env.get("MARKET_FILES_URL") or f"file:{var / 'files'}",
        "MARKET_SCAN_URL": env.get("MARKET_SCAN_URL") or "",
    }
    for name, url in found.items():
        _check_url(name, url)
    if mode == "production":
        _check_production(env, found)
    return Settings(
        database_url=found["MARKET_DATABASE_URL"],
        search_url=found["MARKET_SEARCH_URL"].rstrip("/") or None,
        search_key=env.get("MARKET_SEARCH_KEY", ""),
        base_url=found["MARKET_BASE_URL"],
        secret=_secret(env, "MARKET_SECRET", mode, var),
        keys_socket=Path(env.get("MARKET_KEYS_SOCKET") or var / "keys.sock"),
        mail_url=found["MARKET_MAIL_URL"],
        files_url=found["MARKET_FILES_URL"],
        scan_url=found["MARKET_SCAN_URL"],
        env=mode,
        var=var,
        port=port,
    )


def sealing_key(environ: Mapping[str, str] | None = None) -> str:
    """What only the key process asks for; `Settings` has no place for it, so that no other can come by it."""
    env = os.environ if environ is None else environ
    var = Path(env.get("MARKET_VAR", "var")).resolve()
    return _secret(env, "MARKET_SEALING_KEY", env.get("MARKET_ENV", "local"), var)


def refuse_sealing_key(environ: Mapping[str, str] | None = None) -> None:
    """For the web process. Raises SettingsError where the sealing key is within its reach."""
    if (os.environ if environ is None else environ).get("MARKET_SEALING_KEY"):
        raise SettingsError(
            "MARKET_SEALING_KEY belongs to the key process alone: start with `market keys -- market serve ...`."
        )


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise SettingsError(f"PORT is {text!r}; it takes a number from 1 to 65535.")
    return int(text)


def _check_url(name: str, url: str) -> None:
    if name in ("MARKET_SEARCH_URL", "MARKET_SCAN_URL") and not url:
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"{name} is {url!r}, which is no address: {error}.") from error
    if parts.scheme not in SCHEMES[name]:
        choices = " or ".join(SCHEMES[name])
        raise SettingsError(f"{name} is {url!r}; it has to begin with {choices}.")
    if name in ("MARKET_SEARCH_URL", "MARKET_BASE_URL") and not parts.hostname:
        raise SettingsError(f"{name} is {url!r}; a host is missing.")
    if name == "MARKET_SCAN_URL" and not (parts.path if parts.scheme == "clamd+unix" else parts.hostname):
        raise SettingsError(f"{name} is {url!r}; it takes clamd://host:3310 or clamd+unix:/path.")


def _check_production(env: Mapping[str, str], found: Mapping[str, str]) -> None:
    for name in ("MARKET_DATABASE_URL", "MARKET_BASE_URL", "MARKET_SEARCH_URL", "MARKET_SEARCH_KEY"):
        if not env.get(name):
            raise SettingsError(f"{name} is missing; MARKET_ENV=production has no default for it.")
    if not found["MARKET_BASE_URL"].startswith("https://"):
        raise SettingsError("MARKET_BASE_URL has to begin with https:// in production.")
    if found["MARKET_MAIL_URL"] == "outbox:":
        raise SettingsError("MARKET_MAIL_URL is missing; letters are not kept back in production.")


def _secret(env: Mapping[str, str], name: str, mode: str, var: Path) -> str:
    """The secret given, or for a local run one generated once and kept in `var`, readable by its owner only."""
    given = env.get(name, "")
    if given:
        if len(given) < 32:
            raise SettingsError(f"{name} is too short; it needs at least 32 characters.")
        return given
    if mode == "production":
        raise SettingsError(f"{name} is missing; MARKET_ENV=production has no default for it.")
    path = var / name.lower()
    try:
        var.mkdir(parents=True, exist_ok=True)
        return kept_secret(path)
    except OSError as error:
        raise SettingsError(f"{var} cannot be written ({error.strerror}); set MARKET_VAR to another folder.") from error


def kept_secret(path: Path) -> str:
    """A random text, made once and readable by its owner only; there whole or not at all, whenever we are killed."""
    if not path.exists() or not path.stat().st_size:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            if path.exists() and not path.stat().st_size:
                path.unlink()
            os.link(part, path)
        except FileExistsError:
            pass  # another process was first
        finally:
            part.unlink(missing_ok=True)
    return path.read_text()
