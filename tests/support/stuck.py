"""A marketplace on a real port of which one part hangs, and requests that are stuck in it."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

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
        # Over plain http nobody's certificate is looked at, and reading the list of authorities takes long.
        return httpx2.Client(base_url=self.base, headers=OWN, cookies=cookies, timeout=60, verify=False)

    def stick(self, count: int) -> None:
        """Send as many requests into the part that hangs."""

        def run() -> None:
            with self.client(signed_in=True) as client:
                self.over.append(self.lead_in(client).status_code)

        made = [threading.Thread(target=run, daemon=True) for _ in range(count)]
        self.threads += made
        for thread in made:
            thread.start()

    def keep_stuck(self, count: int) -> None:
        """Have as many requests in the part that hangs until the end: who is let go comes again."""

        def run() -> None:
            with self.client(signed_in=True) as client:
                while not self.part.is_awake:
                    self.over.append(self.lead_in(client).status_code)

        self.threads += [threading.Thread(target=run, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.part.wake()
        for thread in self.threads:
            thread.join(60)


@contextmanager
def place(settings: Settings, factory: Sessions, part: str) -> Iterator[Place]:
    """The application on a port, one of PARTS of it deaf."""
    with deaf() as ear, pytest.MonkeyPatch.context() as patch:
        given = environment(part, ear)
        for name, value in given.items():
            patch.setenv(name, value)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        token, ref = people_of(factory, settings, ear)
        changed = replace(
            settings,
            base_url=base,
            scan_url=given.get("MARKET_SCAN_URL", ""),
            files_url=given.get("MARKET_FILES_URL", settings.files_url),
        )
        with on_a_port(create_app(changed), port):
            one = Place(base, token, ways(ref)[part], ear)
            yield one
            one.end()


def environment(part: str, ear: Deaf) -> dict[str, str]:
    """Settings with which a part is the deaf server."""
    return {
        "scanner": {"MARKET_SCAN_URL": f"clamd://{ear.address}"},
        "store": {
            "MARKET_FILES_URL": "s3://werkplatz/files",
            "AWS_ENDPOINT_URL": f"http://{ear.address}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-central-1",
        },
        "mail": {"MARKET_MAIL_URL": f"smtp://{ear.address}"},
    }.get(part, {})


def people_of(factory: Sessions, settings: Settings, ear: Deaf) -> tuple[str, str]:
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


def ways(logo: str) -> dict[str, Callable[[httpx2.Client], httpx2.Response]]:
    """What leads into each part."""
    fields = {"type": "iso-9001", "issuer": "Prüfstelle Beispiel", "endless": "yes"}
    paper = {"file": ("iso.pdf", PDF, "application/pdf")}
    return {
        "scanner": lambda client: client.post("/me/certificates/new", data=fields, files=paper),
        "store": lambda client: client.get(f"/files/{logo}/logo.png"),
        "provider": lambda client: client.get("/sign-in/taub"),
        "mail": lambda client: client.post("/sign-in", data={"email": "adm@haenger.example"}),
    }
