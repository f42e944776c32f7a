"""What a draft of a bid is encrypted with, wherever a part of it lies (docs/sealing.md)."""

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from market.bids.sealing import derived
from market.errors import Unavailable


def _box(secret: str, draft: str) -> SecretBox:
    return SecretBox(derived(secret, f"drafts of bids|{draft}"))


def locked(secret: str, draft: str, content: bytes) -> bytes:
    """For the draft of this reference."""
    return bytes(_box(secret, draft).encrypt(content))


def unlocked(secret: str, draft: str, kept: bytes) -> bytes:
    """Raises Unavailable where it was locked with another secret."""
    try:
        return _box(secret, draft).decrypt(kept)
    except CryptoError:
        raise Unavailable("MARKET_SECRET has changed: drafts made before cannot be read.") from None
