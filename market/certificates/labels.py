"""How a certificate reads on a page."""

from market.certificates.levels import LEVELS
from market.certificates.models import Certificate
from market.i18n import N_, Words
from market.taxonomy import certificates as catalogue


def level_name(w: Words, level: str) -> str:
    if level.startswith("module "):
        return w(N_("module %(letter)s"), letter=level.removeprefix("module "))
    return w(LEVELS[level]) if level in LEVELS else level


def title(w: Words, certificate: Certificate) -> str:
    """`EN 1090-2, EXC3`: the standard as people call it, with the level held."""
    level = certificate.level
    short = catalogue.short_name(certificate.type)
    if not level or level.lower() in short.lower():
        return short
    return level if short.lower() in level.lower() else f"{short}, {level_name(w, level)}"


def text(w: Words, certificate: Certificate) -> str:
    """What it is about, who issued it, and whether we have seen it; for verified ones."""
    parts = [catalogue.name(certificate.type, w.language), certificate.scope, certificate.issuer]
    if certificate.number:
        parts.append(w(N_("no. %(number)s"), number=certificate.number))
    parts.append(w(N_("taken from a list")) if certificate.source == "import" else w(N_("seen by us")))
    return ", ".join(dict.fromkeys(part for part in parts if part))


def name(w: Words, type_id: str) -> str:
    return catalogue.name(type_id, w.language)


def wanted(w: Words, code: str) -> str:
    """A certificate somebody asks for, `type` or `type:level`."""
    type_id, _, level = code.partition(":")
    full = catalogue.name(type_id, w.language)
    return f"{full}, {level_name(w, level)}" if level else full


def chip(w: Words, code: str) -> str:
    """The same, short."""
    type_id, _, level = code.partition(":")
    short = catalogue.short_name(type_id)
    if not level or level.lower() in short.lower():
        return short
    return level if short.lower() in level.lower() else f"{short} {level_name(w, level)}"
