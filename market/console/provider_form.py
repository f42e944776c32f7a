"""What the operator types about an identity provider, and how a row is shown for editing."""

import re

from pydantic import field_validator

from market.accounts.providers import IdentityProvider
from market.accounts.rules import PARTNER_ROLES
from market.i18n import N_
from market.web.forms import Form

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
TAKEN = frozenset({"step-up", "sent", "code", "link"})
"""Addresses below `/sign-in/` that mean something else."""


class ProviderForm(Form):
    """`client_secret` may stay empty where one is kept already."""

    key: str
    issuer: str
    client_id: str
    client_secret: str = ""
    scope: str = "openid email profile"
    required_claims: str = ""
    role_claim: str = "groups"
    role_map: str = ""
    domains: str = ""
    note: str = ""

    @field_validator("key")
    @classmethod
    def fits_an_address(cls, value: str) -> str:
        if not _KEY.fullmatch(value) or value in TAKEN:
            raise ValueError(N_("Two to 40 small letters, digits or hyphens; it stands in the address."))
        return value

    @field_validator("issuer", "client_id", "client_secret", "role_claim", "note")
    @classmethod
    def is_one_line(cls, value: str) -> str:
        if len(value) > 500:
            raise ValueError(N_("Please write it shorter, with at most 500 characters."))
        return value

    @field_validator("scope")
    @classmethod
    def asks_for_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError(N_("The scope has to contain openid."))
        return " ".join(value.split())

    @field_validator("required_claims", "role_map")
    @classmethod
    def are_pairs(cls, value: str) -> str:
        pairs(value)
        return value

    @field_validator("role_map")
    @classmethod
    def gives_roles_we_know(cls, value: str) -> str:
        if set(pairs(value).values()) - set(PARTNER_ROLES):
            raise ValueError(N_("After the equals sign stands a role: admin, buyer, approver, opener or reader."))
        return value

    @field_validator("domains")
    @classmethod
    def are_domains(cls, value: str) -> str:
        if not all(_DOMAIN.fullmatch(domain) for domain in domains_of(value)):
            raise ValueError(N_("Write e-mail domains like this: firm.example, separated by spaces."))
        return value

    def fields(self) -> dict[str, object]:
        """As the row keeps them, without the secret."""
        return {
            "key": self.key,
            "issuer": self.issuer,
            "client_id": self.client_id,
            "scope": self.scope,
            "required_claims": pairs(self.required_claims),
            "role_claim": self.role_claim,
            "role_map": pairs(self.role_map),
            "domains": domains_of(self.domains),
            "note": self.note,
        }


def pairs(text: str) -> dict[str, str]:
    """`name = value`, one a line. Raises ValueError for a line that is none, or a name that comes twice."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, sign, value = (part.strip() for part in line.rpartition("="))
        if not (sign and name and value) or name in found:
            raise ValueError(N_("One pair a line, like this: name = value. No name twice."))
        found[name] = value
    return found


def domains_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.lower().lstrip("@") for part in re.split(r"[\s,;]+", text) if part))


def shown(provider: IdentityProvider) -> dict[str, str]:
    """The fields of a row as the form shows them; the secret never."""
    return {
        "key": provider.key,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "client_secret": "",
        "scope": provider.scope,
        "required_claims": _lines(provider.required_claims),
        "role_claim": provider.role_claim,
        "role_map": _lines(provider.role_map),
        "domains": " ".join(provider.domains),
        "note": provider.note,
    }


def _lines(given: dict[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in given.items())
