"""What a draft of a bid is encrypted with, wherever a part of it lies (docs/sealing.md)."""

from market import locker


def _purpose(draft: str) -> str:
    return f"drafts of bids|{draft}"


def locked(secret: str, draft: str, content: bytes) -> bytes:
    """For the draft of this reference."""
    return locker.locked(secret, _purpose(draft), content)


def unlocked(secret: str, draft: str, kept: bytes) -> bytes:
    """Raises Unavailable where it was locked with another secret."""
    return locker.unlocked(secret, _purpose(draft), kept)
