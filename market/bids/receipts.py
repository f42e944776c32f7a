"""Receipts: what the platform signs when a bid has come, and how anybody checks it without us (docs/sealing.md)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from market.bids.sealing import canonical, digest

FIELDS: Final = (
    "kind",
    "receipt",
    "tender",
    "version",
    "bidder",
    "received_at",
    "deadline",
    "bytes",
    "sha256",
    "commitment",
    "log_place",
    "log_head",
)
"""What a receipt says; `key` and `signature` are added by whoever signs."""


def key_id(public: bytes) -> str:
    """A short name of a public key."""
    return digest(public)[:16]


def signed(key: SigningKey, said: Mapping[str, Any]) -> dict[str, Any]:
    """The receipt: what is said, the key's name and the signature over both."""
    body = {name: said[name] for name in FIELDS} | {"key": key_id(bytes(key.verify_key))}
    signature = base64.b64encode(key.sign(canonical(body)).signature).decode()
    return body | {"signature": signature}


def fault(receipt: object, keys: Mapping[str, str]) -> str:
    """What is wrong with a receipt, in a sentence; empty where it holds. `keys` maps names to base64 public keys."""
    if not isinstance(receipt, dict) or set(receipt) != {*FIELDS, "key", "signature"}:
        return "This is no receipt of a bid: fields are missing or too many."
    public = keys.get(str(receipt["key"]))
    if public is None:
        return f"The receipt was signed with key {receipt['key']}, which is not among the keys given."
    body = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        VerifyKey(base64.b64decode(public)).verify(canonical(body), base64.b64decode(receipt["signature"]))
    except (BadSignatureError, binascii.Error, ValueError, TypeError):
        return "The signature does not fit: the receipt was changed, or never signed by the platform."
    return ""
