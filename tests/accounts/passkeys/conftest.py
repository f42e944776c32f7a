"""The application at an address with a name, and somebody with a passkey."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from starlette.testclient import TestClient

from market.config import Settings
from tests.support.authenticator import ORIGIN, Authenticator

Enter = Callable[..., TestClient]
OPTIONS = "/me/account/passkeys/options"


@dataclass
class Holder:
    """A signed-in window and the device with the passkey added there."""

    client: TestClient
    device: Authenticator


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, base_url=ORIGIN)


@pytest.fixture
def holder(enter: Enter) -> Callable[..., Holder]:
    """Somebody who has added a passkey."""

    def make(email: str = "ada@probe.example", *roles: str, **fields: object) -> Holder:
        client, device = enter(email, *roles, **fields), Authenticator()
        answer = device.create(client.post(OPTIONS).json())
        added = client.post("/me/account/passkeys", data={"credential": answer})
        assert (added.status_code, added.headers["location"]) == (303, "/me/account#passkeys"), added.text
        return Holder(client, device)

    return make
