"""What is kept so that the database alone says nothing of it: encrypted with keys made of `MARKET_SECRET`."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from market.errors import Unavailable

if TYPE_CHECKING:  # the key process, which derives keys as well, has no database
    from sqlalchemy.orm import Session


def secret_of(session: "Session") -> str:
    """`MARKET_SECRET`, which the edge lent to this session. Raises Unavailable where it lent none."""
    secret: str = session.info.get("secret", "")
    if not secret:
        raise Unavailable("There is no secret here.")
    return secret


def derived(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes of its own for each purpose, from one secret."""
    return HKDF(SHA256(), 32, salt=None, info=f"market: {purpose}".encode()).derive(secret.encode())


def locked(secret: str, purpose: str, content: bytes) -> bytes:
    return bytes(SecretBox(derived(secret, purpose)).encrypt(content))


def unlocked(secret: str, purpose: str, kept: bytes) -> bytes:
    """Raises Unavailable where it was locked with another secret."""
    try:
        return SecretBox(derived(secret, purpose)).decrypt(kept)
    except CryptoError:
        raise Unavailable("MARKET_SECRET has changed: what was locked with it before cannot be read.") from None
