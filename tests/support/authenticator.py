"""A security key in software: it makes keys and signs answers, right ones and, where told so, wrong ones."""

import hashlib
import json
import os
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost"
NO_AAGUID = bytes(16)


class Authenticator:
    """One key on one device. Whatever an answer says can be said wrongly by name: `origin="https://evil.example"`."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.handle = b""
        self.count = 0

    def create(self, options: dict[str, Any], **wrong: Any) -> str:
        """The answer to `navigator.credentials.create`, as JSON."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = NO_AAGUID + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data({"flags": PRESENT | VERIFIED | ATTESTED} | wrong, options["rp"]["id"], attested)
        said = {
            "clientDataJSON": self._client("webauthn.create", options["challenge"], wrong),
            "attestationObject": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        }
        return self._answer(said, transports=["internal"])

    def get(self, options: dict[str, Any], **wrong: Any) -> str:
        """The answer to `navigator.credentials.get`, as JSON."""
        data = self._data({"flags": PRESENT | VERIFIED} | wrong, options["rpId"], b"")
        client = self._client("webauthn.get", options["challenge"], wrong)
        signed = data + hashlib.sha256(client).digest()
        key = wrong.get("key", self.key)
        said = {
            "clientDataJSON": client,
            "authenticatorData": data,
            "signature": wrong.get("signature", key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        if handle := wrong.get("handle", self.handle):
            said["userHandle"] = handle
        return self._answer(said, id_=wrong.get("id", self.id))

    def _client(self, type_: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        right = {"type": type_, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False}
        said = right | {name: wrong[name] for name in right if name in wrong}
        return json.dumps(said).encode()

    def _data(self, said: dict[str, Any], rp_id: str, attested: bytes) -> bytes:
        self.count = said.get("count", self.count + 1)
        where = hashlib.sha256(said.get("rp_id", rp_id).encode()).digest()
        return where + bytes([said["flags"]]) + struct.pack(">I", self.count) + attested

    def _answer(self, said: dict[str, bytes], id_: bytes | None = None, **more: Any) -> str:
        name = bytes_to_base64url(id_ or self.id)
        response = {part: bytes_to_base64url(value) for part, value in said.items()} | more
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
