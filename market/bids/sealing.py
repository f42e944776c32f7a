"""Seals and opens bids: envelopes, keys and the shares they are made of. Pure: no database, no clock, no network.

A tender has a key pair of its own. Its private half opens only with two things together: the platform's share, which
the key process gives out after the deadline, and the openers' share, which any two of at least three named people have
in halves. docs/sealing.md says what this protects against, and what not.
"""

import hashlib
import hmac
import json
import secrets
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, Final

import pyrage
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from pyrage import x25519

LEAST_OPENERS: Final = 3
"""So that one who loses a passphrase, or leaves, does not lock the bids in for ever."""
SHARE: Final = 32
LENGTH: Final = 8
"""Bytes that say how long the head of a packed bid is."""
_TURN: Final = threading.Lock()


class NotOpened(Exception):
    """A passphrase, share or envelope does not fit; which of them is all that is said."""


@dataclass(frozen=True)
class Cost:
    """What trying one passphrase costs: Argon2id, by default the second choice of RFC 9106."""

    passes: int = 3
    memory: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class OpenerKey:
    """The key pair of a person who opens bids; the private half only with the passphrase."""

    public: str
    salt: bytes
    wrapped: bytes
    cost: Cost


@dataclass(frozen=True)
class TenderKey:
    """What is kept of a tender's key pair. `halves` has two for each pair of openers, `a>b` being a's for the pair."""

    public: str
    wrapped: bytes
    halves: Mapping[str, bytes]


@dataclass(frozen=True)
class Envelope:
    """A sealed bid, and what the receipt says of it."""

    ciphertext: bytes
    commitment: str


def canonical(said: object) -> bytes:
    """The one way in which something is written before it is hashed or signed."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def moment(at: datetime) -> str:
    """A moment as it stands in receipts, shares and logs: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# People's keys


def new_opener_key(passphrase: str, cost: Cost | None = None) -> OpenerKey:
    return _wrapped_for(x25519.Identity.generate(), passphrase, cost or Cost())


def unlock(key: OpenerKey, passphrase: str) -> x25519.Identity:
    """Raises NotOpened for another passphrase."""
    box = SecretBox(_from_passphrase(passphrase, key.salt, key.cost))
    try:
        return x25519.Identity.from_str(box.decrypt(key.wrapped).decode())
    except CryptoError:
        raise NotOpened("passphrase") from None


def with_passphrase(key: OpenerKey, old: str, new: str) -> OpenerKey:
    """The same key under another passphrase: it opens what it opened. Raises NotOpened."""
    return _wrapped_for(unlock(key, old), new, key.cost)


def _wrapped_for(identity: x25519.Identity, passphrase: str, cost: Cost) -> OpenerKey:
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    wrapped = SecretBox(_from_passphrase(passphrase, salt, cost)).encrypt(str(identity).encode())
    return OpenerKey(str(identity.to_public()), salt, bytes(wrapped), cost)


def _from_passphrase(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """An ä is the same however a keyboard composes it. One at a time, since each takes the memory of `cost`."""
    typed = unicodedata.normalize("NFKC", passphrase).encode()
    with _TURN:
        return argon2id.kdf(SecretBox.KEY_SIZE, typed, salt, opslimit=cost.passes, memlimit=cost.memory)


# A tender's key


def new_tender_key(tender: str, openers: Mapping[str, str]) -> tuple[TenderKey, bytes]:
    """The key of a tender and the platform's share of it, for the key process to wrap and everybody else to forget.

    `openers` maps a person to the public half of theirs. Raises ValueError for fewer than three different ones.
    """
    if len(set(openers.values())) < max(LEAST_OPENERS, len(openers)):
        raise ValueError("a tender needs three openers, each with a key of their own")
    identity = x25519.Identity.generate()
    platform, human = secrets.token_bytes(SHARE), secrets.token_bytes(SHARE)
    halves: dict[str, bytes] = {}
    for one, other in combinations(sorted(openers), 2):
        half = secrets.token_bytes(SHARE)
        halves[f"{one}>{other}"] = _to(openers[one], half)
        halves[f"{other}>{one}"] = _to(openers[other], _xor(half, human))
    wrapped = SecretBox(_tender_box(tender, platform, human)).encrypt(str(identity).encode())
    return TenderKey(str(identity.to_public()), bytes(wrapped), halves), platform


def give(key: TenderKey, giver: str, identity: x25519.Identity, openers: Mapping[str, str]) -> dict[str, bytes]:
    """The first person's part: each half they hold, now readable only by the one it belongs together with.

    Raises NotOpened where the giver is not one of the openers.
    """
    given = {}
    for name, half in key.halves.items():
        holder, _, other = name.partition(">")
        if holder == giver and other in openers:  # somebody may have gone since
            given[other] = _to(openers[other], _read(identity, half, "half"))
    if not given:
        raise NotOpened("person")
    return given


def complete(
    key: TenderKey,
    tender: str,
    giver: str,
    given: Mapping[str, bytes],
    taker: str,
    identity: x25519.Identity,
    platform: bytes,
) -> x25519.Identity:
    """The second person's part, with the platform's share: the tender's private key. Raises NotOpened."""
    own = key.halves.get(f"{taker}>{giver}")
    if own is None or taker not in given:  # the same person twice, or somebody who is no opener
        raise NotOpened("person")
    human = _xor(_read(identity, given[taker], "half"), _read(identity, own, "half"))
    try:
        return x25519.Identity.from_str(SecretBox(_tender_box(tender, platform, human)).decrypt(key.wrapped).decode())
    except CryptoError:
        raise NotOpened("share") from None


def _tender_box(tender: str, platform: bytes, human: bytes) -> bytes:
    return HKDF(SHA256(), SecretBox.KEY_SIZE, salt=platform, info=f"tender|{tender}".encode()).derive(human)


def _to(public: str, content: bytes) -> bytes:
    sealed: bytes = pyrage.encrypt(content, [x25519.Recipient.from_str(public)])
    return sealed


def _read(identity: x25519.Identity, content: bytes, what: str) -> bytes:
    try:
        opened: bytes = pyrage.decrypt(content, [identity])
    except pyrage.DecryptError:
        raise NotOpened(what) from None
    return opened


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


# The platform's share, for the key process


def wrap_share(key: bytes, share: bytes, tender: str, deadline: datetime) -> bytes:
    """The share, readable only together with exactly this tender and this deadline."""
    return bytes(SecretBox(_share_box(key, tender, deadline)).encrypt(share))


def unwrap_share(key: bytes, wrapped: bytes, tender: str, deadline: datetime) -> bytes:
    """Raises NotOpened for another tender, deadline or sealing key."""
    try:
        return SecretBox(_share_box(key, tender, deadline)).decrypt(wrapped)
    except (CryptoError, ValueError):
        raise NotOpened("share") from None


def _share_box(key: bytes, tender: str, deadline: datetime) -> bytes:
    return hmac.digest(key, b"share|" + canonical([tender, moment(deadline)]), "sha256")


# Envelopes


def seal(public: str, content: bytes) -> Envelope:
    """The content under the tender's key. The salt goes inside, so the commitment says nothing until the opening."""
    salt = secrets.token_bytes(SHARE)
    return Envelope(_to(public, salt + content), commitment(salt, content))


def unseal(identity: x25519.Identity, ciphertext: bytes) -> tuple[bytes, bytes]:
    """Salt and content. Raises NotOpened."""
    inside = _read(identity, ciphertext, "envelope")
    return inside[:SHARE], inside[SHARE:]


def commitment(salt: bytes, content: bytes) -> str:
    return hashlib.sha256(b"bid|" + salt + content).hexdigest()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pack(said: Mapping[str, Any], files: Iterable[bytes] = ()) -> bytes:
    """What a bid says and its files as one piece; `said["files"]` has name, type and size of each, in order."""
    head = canonical(said)
    return b"".join([len(head).to_bytes(LENGTH), head, *files])


def unpack(content: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Raises NotOpened where the pieces are not those the head names."""
    end = LENGTH + int.from_bytes(content[:LENGTH])
    try:
        said: dict[str, Any] = json.loads(content[LENGTH:end])
        sizes = [int(file["size"]) for file in said.get("files", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotOpened("content") from None
    files = []
    for size in sizes:
        files.append(content[end : end + size])
        end += size
    if end != len(content):
        raise NotOpened("content")
    return said, files
