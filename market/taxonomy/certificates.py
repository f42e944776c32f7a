"""Types of certificate: what they are called, who holds them, how their levels are ordered (certificates.yaml)."""

from dataclasses import dataclass
from functools import cache

from market.taxonomy.source import read
from market.values import Language, fold


@dataclass(frozen=True)
class CertificateType:
    """`levels` are ordered, lowest first, and a higher one covers the lower; `variants` have no order."""

    id: str
    names: dict[Language, str]
    holder: str
    """firm, person or method."""
    standard: str
    issuer: str
    months: int | None
    """Usual validity; the date on the certificate always wins."""
    levels: tuple[str, ...]
    variants: tuple[str, ...]
    private: bool
    """Bound to a person: never public, never in the index."""
    applies_to: tuple[str, ...]
    aliases: tuple[str, ...]


@cache
def types() -> dict[str, CertificateType]:
    """All types by id, in the order of the file."""
    return {
        record["id"]: CertificateType(
            id=record["id"],
            names=record["names"],
            holder=record["holder"],
            standard=record.get("standard", ""),
            issuer=record.get("issuer", ""),
            months=(record.get("validity") or {}).get("months"),
            levels=tuple(str(level) for level in record.get("levels", ())),
            variants=tuple(str(variant) for variant in record.get("variants", ())),
            private=bool(record.get("private")),
            applies_to=tuple(record.get("applies_to", ())),
            aliases=tuple(str(alias) for alias in record.get("aliases", ())),
        )
        for record in read("certificates")["certificates"]
    }


def get(type_id: str) -> CertificateType:
    """Raises KeyError for an unknown id."""
    return types()[type_id]


def name(type_id: str, language: Language) -> str:
    """Display name; the id itself for a type that was taken out of the list."""
    known = types().get(type_id)
    return known.names[language] if known else type_id


@cache
def short_name(type_id: str) -> str:
    """What stands on a chip: the standard's short form, e.g. "ISO 9001", the same in every language."""
    known = types().get(type_id)
    if known is None:
        return type_id
    return known.aliases[0] if known.aliases else known.standard or type_id


def is_private(type_id: str) -> bool:
    """Unknown types count as private: what we cannot place is not shown."""
    known = types().get(type_id)
    return known is None or known.private


def levels_covered(type_id: str, held: str) -> list[str]:
    """The held level and all lower ones; a level outside the order covers only itself."""
    known = types().get(type_id)
    if not held:
        return []
    if known is None or held not in known.levels:
        return [held]
    return list(known.levels[: known.levels.index(held) + 1])


def levels_covering(type_id: str, wanted: str) -> list[str]:
    """The wanted level and all higher ones."""
    known = types().get(type_id)
    if known is None or wanted not in known.levels:
        return [wanted]
    return list(known.levels[known.levels.index(wanted) :])


def covers(type_id: str, held: str, wanted: str) -> bool:
    """Whether a certificate of one level answers a demand for another; no demand is always met."""
    return not wanted or wanted in levels_covered(type_id, held)


@cache
def words(type_id: str) -> tuple[str, ...]:
    """Names and aliases, for the text search."""
    known = types().get(type_id)
    return tuple(dict.fromkeys([*known.names.values(), *known.aliases])) if known else ()


@cache
def _aliases() -> dict[str, str]:
    rows: dict[str, str] = {}
    for known in types().values():
        for word in (known.id, *known.names.values(), *known.aliases, known.standard):
            rows.setdefault(fold(word), known.id)
    return rows


def find(text: str) -> tuple[str, str] | None:
    """Type and level of what somebody typed ("EN 1090 EXC2", "SCC**", "iso-9001"); None if we do not know it."""
    wanted = fold(text).strip()
    for known in types().values():
        for level in known.levels:
            if wanted in (fold(level), fold(f"{known.id}:{level}"), fold(f"{known.standard} {level}")):
                return known.id, level
    if wanted in _aliases():
        return _aliases()[wanted], ""
    for known in types().values():
        for level in known.levels:
            if wanted.endswith(fold(level)) and wanted.removesuffix(fold(level)).strip(" :") in _aliases():
                found = _aliases()[wanted.removesuffix(fold(level)).strip(" :")]
                if found == known.id:
                    return found, level
    return None
