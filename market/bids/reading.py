"""Reads sealed bids with the tender's key: slow, and without a database. What is not what was sealed is said so."""

import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pyrage import x25519

from market.bids import sealing
from market.bids.sealing import NotOpened
from market.errors import Unavailable
from market.files.checks import Fit
from market.files.service import Taken, take_fit
from market.files.stores import Missing, Store


@dataclass(frozen=True)
class Sealed:
    """A bid as it lies in the store."""

    ref: str
    key: str
    sha256: str


@dataclass(frozen=True)
class Found:
    """What a bid says, its files stored anew as they are; or why it cannot be read."""

    fault: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    salt: bytes = b""
    files: tuple[Taken, ...] = ()


def read(store: Store, identity: x25519.Identity, bids: Iterable[Sealed]) -> dict[str, Found]:
    """By reference; one at a time in memory. Raises Unavailable where the store is away: then none counts as read."""
    found: dict[str, Found] = {}
    try:
        for bid in bids:
            found[bid.ref] = _read(store, identity, bid)
    except Unavailable:
        leave(found)
        raise
    return found


def _read(store: Store, identity: x25519.Identity, bid: Sealed) -> Found:
    try:
        ciphertext = b"".join(store.read(bid.key))
    except Missing:
        return Found("missing")
    if sealing.digest(ciphertext) != bid.sha256:
        return Found("changed")
    try:
        salt, content = sealing.unseal(identity, ciphertext)
        said, files = sealing.unpack(content)
    except NotOpened:
        return Found("unreadable")
    return Found("", said, salt, _stored(store, said, files))


def _stored(store: Store, said: Mapping[str, Any], files: Iterable[bytes]) -> tuple[Taken, ...]:
    taken: list[Taken] = []
    try:
        for facts, raw in zip(said.get("files", []), files, strict=True):
            taken.append(take_fit(store, Fit(facts["name"], facts["type"], io.BytesIO(raw), len(raw))))
    except Unavailable:
        _leave(taken)
        raise
    return tuple(taken)


def leave(found: Mapping[str, Found]) -> None:
    """Forget the files of which no row speaks in the end."""
    for one in found.values():
        _leave(one.files)


def _leave(files: Iterable[Taken]) -> None:
    for taken in files:
        with suppress(Unavailable):
            taken.leave()
