"""What an answer would cost the firm: the proofs a need asks for, and how many of them the wallet holds on the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.certificates.models import Certificate
from market.i18n import N_, Words
from market.needs.models import Need
from market.needs.parts import Requirement
from market.taxonomy import certificates


@dataclass(frozen=True)
class Proofs:
    """`missing` are the codes asked for that nothing covers on `day`."""

    wanted: Sequence[str]
    missing: Sequence[str]
    day: date

    @property
    def held(self) -> int:
        return len(self.wanted) - len(self.missing)

    def text(self, w: Words) -> str:
        if not self.wanted:
            return w(N_("No proofs are asked for"))
        said = w.ngettext("You hold %(held)s of %(num)s proof", "You hold %(held)s of %(num)s proofs", len(self.wanted))
        return said % {"held": self.held, "num": len(self.wanted)}


def proofs(session: Session, organisation_id: int, needs: Sequence[Need], today: date) -> list[Proofs]:
    """For each need, on the day its work begins; those bound to a person count, too: the firm's own page alone shows
    this."""
    asked = _asked(session, needs)
    types = {wanted.partition(":")[0] for codes in asked.values() for wanted in codes}
    query = select(Certificate).where(
        Certificate.organisation_id == organisation_id, Certificate.state == "verified", Certificate.type.in_(types)
    )
    held = list(session.scalars(query)) if types else []
    found = []
    for need in needs:
        day = max(need.execution_from or today, today)
        wanted = asked[need.id]
        missing = [code for code in wanted if not any(covers(one, code, day) for one in held)]
        found.append(Proofs(wanted, missing, day))
    return found


def _asked(session: Session, needs: Sequence[Need]) -> dict[int, Sequence[str]]:
    """Codes of the proofs each need asks for, in its head and in its requirements, each once."""
    query = select(Requirement).where(Requirement.need_id.in_([need.id for need in needs]))
    rows = list(session.scalars(query.where(Requirement.type == "certificate").order_by(Requirement.place)))
    more: dict[int, list[str]] = {need.id: [] for need in needs}
    for row in rows:
        more[row.need_id].append(code_of(row))
    return {need.id: list(dict.fromkeys([*need.certificates, *filter(None, more[need.id])])) for need in needs}


def code_of(requirement: Requirement) -> str:
    """`type` or `type:level` of a requirement that is a certificate."""
    return ":".join(str(requirement.limits[key]) for key in ("type", "level") if requirement.limits.get(key))


def covers(certificate: Certificate, wanted: str, day: date) -> bool:
    """Whether a certificate answers `type` or `type:level` on a day: unknown is not valid."""
    type_, _, level = wanted.partition(":")
    return (
        certificate.type == type_
        and certificate.valid_on(day)
        and certificates.covers(type_, certificate.level or "", level)
    )
