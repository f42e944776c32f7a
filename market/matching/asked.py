"""What a need asks for, whether it stands in the database or comes from a program; and what its text says besides."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from market.movements.plausibility import Train
from market.needs.models import Need
from market.taxonomy import codes, trades
from market.taxonomy.languages import language_of_text
from market.taxonomy.suggest import suggester
from market.values import Language, day_number
from search.terms import waste_codes

LIKELY, SURE = 3, 0.6
"""Trades read out of a text, and how well they have to fit."""
FURTHER = 0.6
"""What a further trade counts beside the main one."""
SUGGESTED = 0.7
"""What a code read out of a text counts beside a stated one."""


@dataclass(frozen=True)
class Asked:
    """A need as matching sees it. `on_date` is a day number, None where no day is named."""

    title: str
    text: str = ""
    language: Language = "de"
    kind: str | None = None
    cpv: tuple[str, ...] = ()
    ewc: tuple[str, ...] = ()
    trades: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    district: str = ""
    on_date: int | None = None
    certificates: tuple[str, ...] = ()
    """`type` or `type:level`."""
    languages: tuple[str, ...] = ()
    tonnes: float | None = None
    """Of a residual material, in a year or once."""
    train: Train = field(default_factory=Train)
    exclude: Collection[str] = frozenset()
    """References never returned."""
    codes: Mapping[str, float] = field(default_factory=dict)
    """CPV codes stated (weight 1) and suggested (less)."""
    likely: Mapping[str, float] = field(default_factory=dict)
    """Trades stated (the main one 1) and read out of the text (less)."""


def with_meaning(session: Session, asked: Asked) -> Asked:
    """The same need with the codes and trades its own text speaks of, waste codes and train included."""
    vector = suggester(session, "cpv").vector(asked.title, asked.text, asked.language)
    meant = {code: SUGGESTED * weight for code, weight in vector.items()} | dict.fromkeys(asked.cpv, 1.0)
    stated = asked.trades or trades.from_cpv(asked.cpv, asked.kind)
    likely = {}
    if not stated:
        found = suggester(session, "trade").best(asked.title, asked.text[:1500], asked.language, LIKELY)
        likely = {id_: SUGGESTED * score for id_, score in found if score >= SURE}
    whole = f"{asked.title}\n{asked.text}"
    return replace(
        asked,
        codes=dict(sorted(meant.items(), key=lambda pair: -pair[1])),
        likely={id_: 1.0 if place == 0 else FURTHER for place, id_ in enumerate(stated)} | likely,
        ewc=asked.ewc or (_known_waste(session, whole) if asked.kind == "residual" else ()),
        train=train_in(whole) if asked.kind == "rail" else Train(),
    )


def _known_waste(session: Session, text: str) -> tuple[str, ...]:
    return tuple(code for code in waste_codes(text) if codes.is_known(session, "ewc", code))


def of_need(need: Need) -> Asked:
    """A need of ours; `with_meaning` completes it."""
    texts = [need.summary, need.description]
    return Asked(
        title=need.title,
        text=" ".join(text for text in texts if text),
        language=language(need.lang, need.title, need.description),
        kind=need.kind,
        cpv=need.cpv,
        ewc=need.ewc,
        trades=need.trades,
        lat=need.lat,
        lon=need.lon,
        district=need.district,
        on_date=day_number(need.execution_from) if need.execution_from else None,
        certificates=need.certificates,
        languages=need.languages,
        tonnes=tonnes(need.quantity, need.unit),
    )


def language(said: str | None, *texts: str) -> Language:
    return said if said in ("de", "en", "pl") else language_of_text(" ".join(texts))  # type: ignore[return-value]


def tonnes(quantity: float | None, unit: str) -> float | None:
    """None where it is counted otherwise."""
    factor = {"TNE": 1.0, "KGM": 0.001}.get(unit)
    return quantity * factor if quantity is not None and factor else None


_NUMBER = r"(\d{1,3}(?:[. ]\d{3})+|\d+(?:[.,]\d+)?)"
_LENGTH = r"(?:zuglänge|wagenzuglänge|länge des zuges|train length|length of train|długość (?:pociągu|składu))"
_AXLE = r"(?:achslast|radsatzlast|axle load|nacisk(?:u)? (?:na )?osi?)"
_MASS = r"(?:zugmasse|bruttomasse|zuggewicht|zughakenlast|gross (?:mass|weight)|trailing load|masa (?:pociągu|brutto))"


def train_in(text: str) -> Train:
    """The figures a text names beside their words: "Zuglänge bis 450 m", "Achslast 22,5 t"."""
    return Train(
        length_m=_figure(text, _LENGTH, r"m(?:eter)?\b"),
        axle_load_t=_figure(text, _AXLE, r"t\b"),
        gross_mass_t=_figure(text, _MASS, r"t(?:onnen)?\b"),
    )


def _figure(text: str, words: str, unit: str) -> float | None:
    found = re.search(rf"{words}[^\d\n]{{0,25}}{_NUMBER}\s*{unit}", text, re.IGNORECASE)
    return number(found[1]) if found else None


def number(written: str) -> float:
    """`1.200` and `1 200` are twelve hundred, `22,5` and `22.5` twenty-two and a half."""
    plain = re.sub(r"[. ](?=\d{3}\b)", "", written)
    return float(plain.replace(",", "."))
