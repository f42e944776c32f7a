"""What a column of a firm's table may be: targets, how people call them in three languages, the guess."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from market.i18n import N_, words
from market.intake.details import FIELDS, NAMES, Detail
from market.values import LANGUAGES, fold


@dataclass(frozen=True)
class Target:
    """`key` is the record's field."""

    key: str
    name: str
    explain: str


COMMON: Final = (
    Target(
        "external_id", N_("Your number"), N_("Under which you know the offering. The same number again changes it.")
    ),
    Target("title", N_("Title"), N_("What you offer, in one line. Required.")),
    Target("summary", N_("Short text"), N_("One or two sentences for the list of results.")),
    Target("description", N_("Description"), N_("Everything else a buyer should know.")),
    Target("kind", N_("Kind"), N_("Service, training, laboratory test, residual material or rail.")),
    Target("status", N_("State"), N_("Draft, published, paused or archived. Empty: published.")),
    Target("cpv", N_("CPV codes"), N_("Eight digits, several separated by semicolons, the main one first.")),
    Target("keywords", N_("Keywords"), N_("Words buyers search for, separated by semicolons.")),
    Target("languages", N_("Languages"), N_("Languages you speak with customers: de; pl; en.")),
    Target("postcode", N_("Postcode"), N_("Of the place from which you work.")),
    Target("place", N_("Town"), N_("From which you work. Empty: the town of your firm.")),
    Target("country", N_("Country"), N_("DE or PL.")),
    Target("radius_km", N_("Radius in km"), N_("How far you travel.")),
    Target("available_on", N_("Free from"), N_("First free day, for example 2027-01-15 or 15.01.2027.")),
    Target("lead_time_days", N_("Lead time in days"), N_("Days from the order to the start.")),
    Target("price", N_("Price"), N_("Net, for example 58,50. Empty: on request.")),
    Target("price_mode", N_("Kind of price"), N_("Fixed, from or on request.")),
    Target("currency", N_("Currency"), N_("EUR or PLN. Empty: EUR.")),
    Target("unit", N_("Unit"), N_("hour, day, piece, t, m, person, lump sum")),
    Target("audience", N_("For whom"), N_("Businesses, or private customers, too.")),
    Target("trades", N_("Trades"), N_("Our names of trades. Empty: they follow from the CPV code.")),
    Target("lang", N_("Language of the text"), N_("de, en or pl. Empty: we see it from the text.")),
    Target("lat", N_("Latitude"), N_("Only with the longitude; usually the town is enough.")),
    Target("lon", N_("Longitude"), N_("Only with the latitude.")),
    Target("ref", N_("Our reference"), N_("From an export of ours; never to be typed.")),
    Target("provider", N_("Firm"), N_("Your firm. Rows of another firm are not taken.")),
    Target("details", N_("Details as JSON"), N_("From an export of ours.")),
)
TEXT_NAMES: Final = {
    "title": {"de": N_("Title in German"), "en": N_("Title in English"), "pl": N_("Title in Polish")},
    "summary": {"de": N_("Short text in German"), "en": N_("Short text in English"), "pl": N_("Short text in Polish")},
    "description": {
        "de": N_("Description in German"),
        "en": N_("Description in English"),
        "pl": N_("Description in Polish"),
    },
}
TRANSLATED: Final = {
    f"texts.{code}.{name}": said[code] for name, said in TEXT_NAMES.items() for code in ("de", "en", "pl")
}
TARGETS: Final = {target.key: target for target in COMMON}

CALLED: Final = """
external_id: externalid id nummer nr artikelnummer artikelnr artnr leistungsnummer sku number itemnumber numer kod
external_id: numerkatalogowy lp
title: titel bezeichnung leistung name angebot produkt service tytul nazwa usluga oferta kursname kurs szkolenie
summary: kurztext kurzbeschreibung zusammenfassung kurzinfo shorttext skrot krotkiopis streszczenie
description: beschreibung langtext text details erlaeuterung leistungsbeschreibung opis szczegoly
kind: art typ type leistungsart angebotsart rodzaj typuslugi
status: zustand state stan
cpv: cpvcode cpvcodes cpvnummer kodcpv kodycpv
keywords: schlagworte schlagwoerter stichworte stichwoerter suchbegriffe tags slowakluczowe
languages: sprachen sprache language jezyki jezyk
postcode: plz postleitzahl zip zipcode kodpocztowy
place: ort stadt town city standort sitz miejscowosc miasto
country: land laenderkennung kraj
radius_km: radius umkreis umkreiskm einsatzradius reichweite promien promienkm zasieg
available_on: verfuegbarab freiab ab availablefrom dostepneod wolneod
lead_time_days: leadtime vorlauf vorlauftage vorlaufzeit lieferzeit lieferzeittage czasrealizacji
price: preis nettopreis preisnetto preiseur preisineur einzelpreis kosten cena cenanetto
price_mode: preisart preistyp rodzajceny
currency: waehrung waluta
unit: einheit mengeneinheit me jednostka jm
audience: zielgruppe kundenkreis odbiorcy
trades: gewerke gewerk trade branche
lang: textsprache jezyktekstu
lat: latitude breite breitengrad
lon: lng longitude laenge laengengrad
ref: referenz
provider: anbieter firma firmenname dostawca
details.crew_size: teamgroesse mannschaft mitarbeiter personal zespol liczbaosob
details.emergency_24_7: notdienst notdienst247 bereitschaft dyzur pogotowie
details.work_place: einsatzort arbeitsort miejscepracy
details.shift_work: schichtarbeit schicht pracazmianowa
details.qualification: abschluss qualifikation kwalifikacja uprawnienie
details.standards: normen norm standard norma normy
details.prerequisites: voraussetzungen wymagania
details.teaching_units: unterrichtseinheiten ue godzinylekcyjne
details.group_size: gruppengroesse wielkoscgrupy
details.venue: veranstaltungsort schulungsort miejsceszkolenia
details.sessions: termine kurstermine terminy
details.alliance.occupations: ausbildungsberuf ausbildungsberufe beruf berufe occupation zawod zawody
details.alliance.weeks: wochen modulwochen wochendesmoduls tygodnie
details.alliance.years: ausbildungsjahr ausbildungsjahre lehrjahr lehrjahre rocznik roknauki latanauki
details.alliance.apprentices_per_year: azubisprojahr auszubildendeprojahr plaetzeprojahr apprentices uczniowrocznie
details.alliance.contract: ausbildungsvertrag umowaonauke
details.alliance.lead: leitbetrieb firmawiodaca
details.alliance.partners: partnerbetriebe verbundpartner firmypartnerskie
details.methods: verfahren pruefverfahren methoden metody
details.material: stoff werkstoff reststoff odpad
details.direction: richtung kierunek
details.ewc_code: avv avvschluessel abfallschluessel ewc kododpadu
details.quantity: menge ilosc
details.per: zeitraum okres
details.services: bahnleistungen uslugikolejowe
details.slots: zeitfenster okna
"""
"""How people head such a column, folded to letters and digits, besides our own names in three languages."""


def details(kind: str = "") -> list[Detail]:
    """The details of one kind, or of all."""
    return [detail for detail in FIELDS if not kind or detail.kind == kind]


def name_of(key: str) -> str:
    """The name of a target, to be translated."""
    if key in TARGETS:
        return TARGETS[key].name
    return TRANSLATED.get(key) or NAMES.get(key.rpartition(".")[2], key)


def keys() -> list[str]:
    return [*TARGETS, *TRANSLATED, *(detail.key for detail in FIELDS)]


def plain(head: str) -> str:
    """`Preis (netto)` and `preis_netto` are one: folded letters and digits."""
    return re.sub(r"[^a-z0-9]", "", fold(head))


def guess(head: Sequence[str]) -> list[str]:
    """The target of each column, or empty; each target at most once, our own names before what people call it."""
    taken: set[str] = set()
    found = [""] * len(head)
    for names in (_ours(), _called()):
        for place, cell in enumerate(head):
            key = names.get(plain(cell), "")
            if not found[place] and key and key not in taken:
                found[place] = key
                taken.add(key)
    return found


@cache
def _ours() -> dict[str, str]:
    """Names as the templates and the export write them; common ones win over details of the same name."""
    names: dict[str, str] = {}
    for key in reversed(keys()):
        names |= {plain(words(language)(name_of(key))): key for language in LANGUAGES}
        names |= {plain(key): key, plain(key.removeprefix("details.")): key}
    return names | {plain(f"{key.split('.')[2]}_{key.split('.')[1]}"): key for key in TRANSLATED}


@cache
def _called() -> dict[str, str]:
    names: dict[str, str] = {}
    for line in CALLED.strip().splitlines():
        key, _, said = line.partition(": ")
        for word in said.split():
            names.setdefault(word, key)
    return names
