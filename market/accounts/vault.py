"""Keeps other people's secrets (of identity providers) unreadable in the database and its backups."""

import base64

from cryptography.fernet import Fernet, InvalidToken

from market.errors import Unavailable
from market.locker import derived


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived(secret, "secrets of identity providers")))


def lock_away(secret: str, text: str) -> str:
    """The text, readable only with `MARKET_SECRET`."""
    return _key(secret).encrypt(text.encode()).decode()


def take_out(secret: str, kept: str) -> str:
    """Raises Unavailable where `MARKET_SECRET` is not the one it was locked away with."""
    try:
        return _key(secret).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise Unavailable("MARKET_SECRET has changed; enter the provider's secret again.") from error
