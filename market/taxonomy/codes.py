"""CPV and waste codes: their form, their subtree, their labels."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from market.errors import Said
from market.i18n import N_
from market.taxonomy.models import Code
from market.values import Language

_CPV = re.compile(r"^(\d{8})(-\d)?$")
_EWC = re.compile(r"^(\d{2}) ?(\d{2}) ?(\d{2}) ?(\*?)$")


def normalise_cpv(text: str) -> str:
    """`45231100-6` and `45231100` become `45231100`. Raises ValueError saying what is wanted."""
    found = _CPV.match(text.strip())
    if found is None:
        raise Said(N_("%(value)r is no CPV code; it has eight digits, e.g. 45231100"), value=text)
    return found[1]


def normalise_ewc(text: str) -> str:
    """`100201` and `10 02 01` become `10 02 01`; the star of hazardous waste stays. Raises ValueError."""
    found = _EWC.match(text.strip())
    if found is None:
        raise Said(N_("%(value)r is no waste code; it has six digits, e.g. 10 02 01 or 19 12 11*"), value=text)
    return f"{found[1]} {found[2]} {found[3]}{found[4]}"


def stem(code: str) -> str:
    """A CPV code without trailing zeros, at least its division of two digits."""
    return code[:2] + code[2:].rstrip("0")


def cpv_prefixes(code: str) -> list[str]:
    """Stems of the code and of all above it: `45231100` -> 45, 452, 4523, 45231, 452311."""
    return [code[:length] for length in range(2, len(stem(code)) + 1)]


def all_prefixes(codes: Iterable[str]) -> list[str]:
    """Prefixes of several codes, each once: a filter on one of them is a filter on its subtree."""
    return list(dict.fromkeys(prefix for code in codes for prefix in cpv_prefixes(code)))


def in_subtree(code: str, root: str) -> bool:
    """Whether a code is the root or stands below it."""
    return code.startswith(stem(root))


@lru_cache(maxsize=20_000)
def _remembered(labels: tuple[str, str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for label in labels if label))


class Labels:
    """Labels of one process, read once per code: lists change only by `market load-taxonomy`, then a rebuild is due."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, session: Session, scheme: str, codes: Sequence[str]) -> list[str]:
        wanted = [code for code in codes if (scheme, code) not in self.known]
        if wanted:
            rows = session.scalars(select(Code).where(Code.scheme == scheme, Code.code.in_(wanted)))
            found = {row.code: _remembered((row.label_de, row.label_en, row.label_pl)) for row in rows}
            self.known |= {(scheme, code): found.get(code, ()) for code in wanted}
        return [label for code in codes for label in self.known[scheme, code]]


_labels = Labels()


def labels(session: Session, cpv: Sequence[str], ewc: Sequence[str]) -> list[str]:
    """Labels of the codes in all languages, each once."""
    return list(dict.fromkeys([*_labels.of(session, "cpv", cpv), *_labels.of(session, "ewc", ewc)]))


def forget_labels() -> None:
    """After a list was loaded."""
    _labels.known.clear()


def is_known(session: Session, scheme: str, code: str) -> bool:
    """Whether the loaded list has the code."""
    return session.scalar(select(Code.id).where(Code.scheme == scheme, Code.code == code)) is not None


def label(session: Session, scheme: str, code: str, language: Language) -> str:
    """One label in a language, the code itself where we know none."""
    row = session.scalar(select(Code).where(Code.scheme == scheme, Code.code == code))
    return (row.label(language) if row else "") or code


def search(session: Session, scheme: str, text: str, language: Language, limit: int = 20) -> list[tuple[str, str]]:
    """Codes that begin with the digits typed, or whose label holds the words; code and label."""
    said = text.strip()
    column = {"de": Code.label_de, "en": Code.label_en, "pl": Code.label_pl}[language]
    begins = Code.code.startswith(said.replace("-", ""), autoescape=True)
    query = select(Code).where(Code.scheme == scheme)
    query = query.where(begins if said[:1].isdigit() else or_(column.icontains(said, autoescape=True)))
    return [(row.code, row.label(language)) for row in session.scalars(query.order_by(Code.code).limit(limit))]
