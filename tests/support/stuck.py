"""A marketplace on a real port of which one part hangs, and requests that are stuck in it."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx2
import pytest

from market.accounts import people, providers, vault
from market.accounts import sessions as door
from market.app import create_app
from market.config import Settings
from market.db import Sessions
from market.files import service as files
from market.files.checks import Fit
from market.files.stores import Folder
from market.values import utc_now
from market.viewer import OPERATOR
from tests import factories as make
from tests.flows.serving import free_port, on_a_port
from tests.support.deaf import Deaf, deaf
from tests.support.windows import OWN

MANY: Final = 40
"""As many as there are threads for pages."""
PARTS: Final = ("scanner", "store", "provider")
PDF: Final = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Place:
    """A marketplace one part of which hangs, a firm's member in it, and the requests stuck."""

    base: str
    token: str
    lead_in: Callable[[httpx2.Client], httpx2.Response]
    part: Deaf
    over: list[int] = field(default_factory=list)
    """Status of the requests that are not stuck any more."""
    threads: list[threading.Thread] = field(default_factory=list)

    def client(self, signed_in: bool = False) -> httpx2.Client:
        cookies = {"session": self.token} if signed_in else {}
        return httpx2.Client(base_url=self.base, headers=OWN, cookies=cookies, timeout=60)

    def stick(self, count: int) -> None:
        """Send as many requests into the part that hangs."""

        def run() -> None:
            with self.client(signed_in=True) as client:
                self.over.append(self.lead_in(client).status_code)

        made = [threading.Thread(target=run, daemon=True) for _ in range(count)]
        self.threads += made
        for thread in made:
            thread.start()

    def end(self) -> None:
        self.part.wake()
        for thread in self.threads:
            thread.join(60)


@contextmanager
def place(settings: Settings, factory: Sessions, part: str) -> Iterator[Place]:
    """The application on a port, one of PARTS of it deaf."""
    with deaf() as ear, pytest.MonkeyPatch.context() as patch:
        settings = _with(settings, part, ear, patch)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        token, ref = _people(factory, settings, ear)
        app: Any = create_app(replace(settings, base_url=base))
        with on_a_port(app, port):
            one = Place(base, token, _ways(ref)[part], ear)
            yield one
            one.end()


def _with(settings: Settings, part: str, ear: Deaf, patch: pytest.MonkeyPatch) -> Settings:
    if part == "scanner":
        return replace(settings, scan_url=f"clamd://{ear.address}")
    if part != "store":
        return settings
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{ear.address}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        patch.setenv(name, value)
    return replace(settings, files_url="s3://werkplatz/files")


def _people(factory: Sessions, settings: Settings, ear: Deaf) -> tuple[str, str]:
    """A session of a firm's admin, and the reference of the firm's logo; and a partner whose provider is deaf."""
    now = utc_now()
    with factory.begin() as session:
        firm = make.organisation(session, now, name="Hänger GmbH")
        make.offering(session, now, firm, title="Rohre biegen")
        person = people.create(session, OPERATOR, now, "adm@haenger.example", name="Adm")
        people.join(session, OPERATOR, person, firm, ("admin",), now)
        token, _ = door.start(session, person, "link", now)
        taken = files.take_fit(Folder(settings.var / "logo"), Fit("logo.png", "image/png", io.BytesIO(PDF), len(PDF)))
        logo = files.keep(session, OPERATOR, firm, taken, "logo", now)
        partner = make.organisation(session, now, name="Taub Werke", is_partner=True)
        secret = vault.lock_away(settings.secret, "secret")
        of = {"key": "taub", "issuer": f"http://{ear.address}", "client_id": "x", "client_secret": secret}
        providers.add(session, OPERATOR, partner, now, local=True, domains=(), **of)
        return token, logo.ref


def _ways(logo: str) -> dict[str, Callable[[httpx2.Client], httpx2.Response]]:
    """What leads into each part."""
    fields = {"type": "iso-9001", "issuer": "Prüfstelle Beispiel", "endless": "yes"}
    paper = {"file": ("iso.pdf", PDF, "application/pdf")}
    return {
        "scanner": lambda client: client.post("/me/certificates/new", data=fields, files=paper),
        "store": lambda client: client.get(f"/files/{logo}/logo.png"),
        "provider": lambda client: client.get("/sign-in/taub"),
    }
