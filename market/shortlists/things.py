"""What can be kept, compared and asked for: an offering (`oREF`) or a firm (`pREF`), and what became of it since."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.offerings.models import Offering
from market.offerings.rules import listed
from market.offerings.views import is_anonymous

OFFERING, FIRM = "o", "p"
LENGTH = 11
"""Letters of a code: its sort and the reference."""


@dataclass(frozen=True)
class Thing:
    """`state` is `open`, `paused` or `gone`: what is not open any more is said, not hidden."""

    code: str
    organisation: Organisation
    offering: Offering | None = None
    state: str = "open"

    @property
    def anonymous(self) -> bool:
        return self.offering is not None and is_anonymous(self.offering)

    @property
    def firm(self) -> str:
        """Name of the firm, empty for a listing that does not name it."""
        return "" if self.anonymous else self.organisation.name


def code_of(offering: Offering | None, provider: Organisation | None) -> str:
    """Empty for a thing that was deleted."""
    if offering is not None:
        return OFFERING + offering.ref
    return FIRM + provider.ref if provider is not None else ""


def readable(codes: Iterable[object]) -> list[str]:
    """The codes that can be one, each once, in their order."""
    good = (code for code in codes if isinstance(code, str) and len(code) == LENGTH and code[0] in (OFFERING, FIRM))
    return list(dict.fromkeys(code for code in good if code[1:].isalnum() and code.isascii()))


def find(session: Session, codes: Iterable[str]) -> dict[str, Thing]:
    """The things behind codes, those there are, in their order. Drafts, never public, are not there."""
    wanted = readable(codes)
    refs = {sort: [code[1:] for code in wanted if code[0] == sort] for sort in (OFFERING, FIRM)}
    found: dict[str, Thing] = {}
    if refs[OFFERING]:
        for offering in session.scalars(select(Offering).where(Offering.ref.in_(refs[OFFERING]))):
            if offering.published_at is not None:
                code = OFFERING + offering.ref
                found[code] = Thing(code, offering.organisation, offering, state_of(offering))
    if refs[FIRM]:
        query = select(Organisation, listed()).where(Organisation.ref.in_(refs[FIRM]))
        for organisation, is_listed in session.execute(query):
            code = FIRM + organisation.ref
            found[code] = Thing(code, organisation, None, "open" if is_listed else "gone")
    return {code: found[code] for code in wanted if code in found}


def state_of(offering: Offering) -> str:
    if offering.is_public:
        return "open"
    return "paused" if offering.status == "paused" and offering.organisation.is_public else "gone"
