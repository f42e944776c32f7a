"""How people write the fixed words of a record in German, English and Polish."""

import re
from typing import Any, Final

from market.exchange import cells
from market.values import fold

KINDS: Final = {
    "service": "service dienstleistung leistung handwerk usluga uslugi",
    "training": "training schulung kurs lehrgang weiterbildung qualifizierung szkolenie kurs",
    "lab_test": "labtest laboratorytest labor laborpruefung pruefung analyse laboratorium badanie badanielaboratoryjne",
    "residual": "residual residualmaterial reststoff reststoffe nebenprodukt abfall pozostalosc odpad odpady",
    "rail": "rail railandshunting bahn schiene bahnundrangieren rangieren kolej kolejimanewry",
}
STATES: Final = {
    "draft": "draft entwurf szkic",
    "published": "published veroeffentlicht online aktiv opublikowane opublikowana aktywne",
    "paused": "paused pausiert pause wstrzymane wstrzymana",
    "archived": "archived archiviert archiv zarchiwizowane archiwum",
}
PRICES: Final = {
    "on_request": "onrequest aufanfrage anfrage nazapytanie zapytanie",
    "from": "from ab od abpreis",
    "fixed": "fixed fest festpreis fix stala cenastala",
}
AUDIENCES: Final = {
    "business_only": "businessonly businesses gewerblich nurgewerbe b2b firmen firmy dlafirm",
    "open_to_consumers": "opentoconsumers privat auchprivat b2c private rowniezprywatni dlawszystkich",
}
LANGUAGES: Final = {
    "de": "deutsch german niemiecki",
    "en": "englisch english angielski",
    "pl": "polnisch polish polski",
    "cs": "tschechisch czech czeski",
    "uk": "ukrainisch ukrainian ukrainski",
    "ru": "russisch russian rosyjski",
}
_YES: Final = frozenset("ja j yes y true wahr x 1 tak t".split())
_NO: Final = frozenset("nein n no false falsch 0 nie -".split())
COUNTRIES: Final = {"de": "deutschland germany niemcy", "pl": "polen poland polska"}


def _turned(words: dict[str, str]) -> dict[str, str]:
    return {said: word for word, all_ in words.items() for said in all_.split()}


FIXED: Final = {
    "kind": _turned(KINDS),
    "status": _turned(STATES),
    "price_mode": _turned(PRICES),
    "audience": _turned(AUDIENCES),
    "country": _turned(COUNTRIES),
    "lang": _turned(LANGUAGES),
}


def fixed(name: str, value: Any) -> Any:
    """The word of the record for what somebody wrote; anything else stays, for the record to refuse."""
    if not isinstance(value, str):
        return value
    return FIXED[name].get(re.sub(r"[^a-z0-9]", "", fold(value)), value)


def spoken(value: Any) -> Any:
    """Languages by code or by name."""
    listed = cells.items(value.replace(",", ";") if isinstance(value, str) else value)
    if not isinstance(listed, list):
        return listed
    names = FIXED["lang"]
    return [names.get(fold(part), part) if isinstance(part, str) else part for part in listed]


def yes_or_no(value: Any) -> Any:
    """`ja`, `tak`, `x` and their opposites; anything else stays."""
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else value
    written = str(value).strip().lower()
    return True if written in _YES else False if written in _NO else value
