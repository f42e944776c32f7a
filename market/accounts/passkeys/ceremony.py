"""What WebAuthn wants of us: a challenge asked once, an answer checked against it, the count that only rises.

A challenge waits five minutes in the database under the cookie of the browser that asked, for one purpose and, where
somebody is signed in, for that session; whichever way an answer ends, it is used up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import (
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from market import journal
from market.accounts.models import MAIL, Person
from market.accounts.oidc import states
from market.accounts.passkeys.models import Passkey, of_person
from market.config import Settings
from market.viewer import SYSTEM, Viewer

LASTS: Final = timedelta(minutes=5)
MOST: Final = 20
"""Passkeys of one person."""
LONGEST: Final = 20_000
"""Characters of an answer; real ones have about a thousand."""
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)
"""What the library raises at answers no browser gives."""


class Refused(Exception):
    """An answer that does not count; the argument is a short reason."""


@dataclass(frozen=True)
class Site:
    """For whom a passkey is: host name and origin of our public address."""

    id: str
    origin: str


def site_of(settings: Settings) -> Site | None:
    """None where the public address is a number: passkeys are bound to names."""
    parts = urlsplit(settings.base_url)
    try:
        ip_address(settings.host)
    except ValueError:
        return Site(settings.host, f"{parts.scheme}://{parts.netloc}")
    return None


def _keep(session: Session, purpose: str, browser: str, challenge: bytes, whose: Viewer, now: datetime) -> None:
    data = {"session": whose.session_id}
    states.keep(session, f"passkey:{purpose}", browser, bytes_to_base64url(challenge), data, now, LASTS)


def _take(session: Session, purpose: str, browser: str, client_data: bytes, whose: Viewer, now: datetime) -> bytes:
    """The challenge an answer is for, used up. Raises Refused."""
    said = parse_client_data_json(client_data)
    challenge = bytes_to_base64url(said.challenge)
    kept = states.take(session, f"passkey:{purpose}", browser, challenge, now)
    if kept is None or kept["session"] != whose.session_id:
        raise Refused("challenge")
    if said.cross_origin:
        raise Refused("frame")
    return said.challenge


def creation(session: Session, site: Site, viewer: Viewer, person: Person, browser: str, now: datetime) -> Any:
    """Options for `navigator.credentials.create`.

    People of a company use a passkey to confirm only, so theirs need not offer itself at the sign-in.
    """
    own = person.issuer == MAIL
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name="Werkplatz Ostbrandenburg",
        user_id=person.ref.encode(),
        user_name=person.email or person.name,
        user_display_name=person.shown,
        timeout=int(LASTS.total_seconds() * 1000),
        exclude_credentials=_described(of_person(session, person.id)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED if own else ResidentKeyRequirement.DISCOURAGED,
            require_resident_key=own,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    _keep(session, "add", browser, options.challenge, viewer, now)
    return options_to_json_dict(options)


def question(
    session: Session, site: Site, purpose: str, viewer: Viewer, browser: str, now: datetime, *, among: Iterable[Passkey]
) -> Any:
    """Options for `navigator.credentials.get`; `among` none leaves the choice to the browser."""
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        timeout=int(LASTS.total_seconds() * 1000),
        allow_credentials=_described(among),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(session, purpose, browser, options.challenge, viewer, now)
    return options_to_json_dict(options)


def _described(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    known = {transport.value: transport for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id, transports=[known[name] for name in passkey.transports if name in known] or None
        )
        for passkey in passkeys
    ]


def add(
    session: Session, site: Site, viewer: Viewer, person: Person, browser: str, answer: str, name: str, now: datetime
) -> Passkey:
    """The passkey a device has made for the person. Raises Refused."""
    try:
        said: RegistrationCredential = parse_registration_credential_json(_short(answer))
        challenge = _take(session, "add", browser, said.response.client_data_json, viewer, now)
        made = webauthn.verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except UNREADABLE as fault:
        raise Refused(type(fault).__name__) from fault
    if made.credential_id != said.raw_id or len(made.credential_id) > 1023:
        raise Refused("id")
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    if len(of_person(session, person.id)) >= MOST:
        raise Refused("many")
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise Refused("known")
    passkey = Passkey(
        person=person,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=tuple(sorted(t.value for t in said.response.transports or ())),
        name=name,
        created_at=now,
    )
    session.add(passkey)
    journal.record(session, viewer, "accounts.passkey_added", passkey, now, tell=())
    return passkey


def shown(
    session: Session, site: Site, purpose: str, viewer: Viewer, browser: str, answer: str, now: datetime
) -> Passkey:
    """The passkey somebody has just used; whoever is signed in, one of their own. Raises Refused.

    Somebody who is not signed in is named by the device alone, so there it has to say for whom the key was made.
    """
    try:
        said: AuthenticationCredential = parse_authentication_credential_json(_short(answer))
        challenge = _take(session, purpose, browser, said.response.client_data_json, viewer, now)
        passkey = session.scalar(select(Passkey).where(Passkey.credential_id == said.raw_id).with_for_update())
        if passkey is None or passkey.person.erased_at is not None:
            raise Refused("unknown")
        if viewer.person_id is not None and passkey.person_id != viewer.person_id:
            raise Refused("another person")
        handle = said.response.user_handle
        if handle != passkey.person.ref.encode() and (handle or viewer.person_id is None):
            raise Refused("another person")
        used = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # compared below, where a step back can be told from a wrong signature
            require_user_verification=True,
        )
    except UNREADABLE as fault:
        raise Refused(type(fault).__name__) from fault
    _count(session, passkey, used.new_sign_count, now)
    passkey.used_at = now
    return passkey


def _count(session: Session, passkey: Passkey, count: int, now: datetime) -> None:
    """A count that does not rise means that the key was copied. Raises Refused, and leaves an entry in the journal."""
    if count <= passkey.sign_count and (count or passkey.sign_count):
        data: dict[str, object] = {"reason": "count went back", "known": passkey.sign_count, "shown": count}
        journal.record(session, SYSTEM, "accounts.passkey_refused", passkey, now, tell=(), data=data)
        raise Refused("count")
    passkey.sign_count = count


def _short(answer: str) -> str:
    if not 0 < len(answer) <= LONGEST:
        raise Refused("length")
    return answer
