"""Choosing a type of certificate: by a few letters, or by what it is about."""

from market.i18n import N_, Words
from market.taxonomy import certificates as catalogue
from market.taxonomy.certificates import CertificateType
from market.values import Language, fold

GROUPS = (
    (
        "management",
        N_("Management and safety at work"),
        ("iso-9001", "iso-14001", "iso-45001", "iso-50001", "scc", "scp"),
    ),
    ("service", N_("Trades and technology"), ()),
    ("residual", N_("Waste and residual materials"), ()),
    ("rail", N_("Railway"), ()),
    ("lab_test", N_("Laboratory and testing"), ()),
    ("training", N_("Training"), ()),
    ("person", N_("Certificates of people"), ()),
)
"""The first that fits takes the type; persons before all, since theirs are private."""


def groups(w: Words) -> list[tuple[str, list[CertificateType]]]:
    """Every type once, under the name of its group, by name."""
    found: dict[str, list[CertificateType]] = {name: [] for name, _, _ in GROUPS}
    for known in catalogue.types().values():
        found[_group(known)].append(known)
    named = [(w(text), sorted(found[name], key=lambda t: fold(t.names[w.language]))) for name, text, _ in GROUPS]
    return [(text, types) for text, types in named if types]


def _group(known: CertificateType) -> str:
    if known.private:
        return "person"
    for name, _, types in GROUPS:
        if known.id in types:
            return name
    narrow = [kind for kind in ("rail", "residual", "lab_test", "training") if kind in known.applies_to]
    return narrow[0] if narrow and len(known.applies_to) <= 2 else "service"


def matching(typed: str, language: Language) -> list[CertificateType]:
    """Types of which a name or alias holds every word typed; those that begin with it first."""
    words = fold(typed).split()

    def said(known: CertificateType) -> str:
        return fold(" ".join([*catalogue.words(known.id), known.id.replace("-", " "), known.standard, *known.levels]))

    found = [known for known in catalogue.types().values() if all(word in said(known) for word in words)]
    return sorted(found, key=lambda t: (not said(t).startswith(words[0]), fold(t.names[language])))
