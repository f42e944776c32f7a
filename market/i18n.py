"""Languages: catalogues, plural forms, days, numbers and money as each language writes them.

Message ids are the English texts; German and Polish are written in `market/locale/{de,pl}/*.po`, one file an area,
merged at the start. English needs a file only where the text differs from its id. No sentence is built from parts.
"""

import gettext
import io
import sys
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from market.values import DEFAULT_LANGUAGE, LANGUAGES, ZONE, Language

LOCALE = Path(__file__).parent / "locale"
OWN_NAMES: dict[Language, str] = {"de": "Deutsch", "en": "English", "pl": "polski"}
_LOCALES: dict[Language, Locale] = {"de": Locale("de"), "en": Locale("en", "GB"), "pl": Locale("pl")}


def language_of(code: str | None) -> Language:
    """The language of a code, the default one for codes we do not speak."""
    return next((language for language in LANGUAGES if language == code), DEFAULT_LANGUAGE)


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """All areas of one language as one catalogue. Raises ValueError naming the file when one cannot be read."""
    merged = Catalog(locale=str(_LOCALES[language]))
    for path in sorted((LOCALE / language).glob("*.po")):
        try:
            part = read_po(io.BytesIO(path.read_bytes()), locale=str(_LOCALES[language]), abort_invalid=True)
        except Exception as error:
            raise ValueError(f"{path.name} ({language}): {error}") from error
        for message in part:
            if message.id and not message.fuzzy:
                merged[message.id] = message
    packed = io.BytesIO()
    write_mo(packed, merged)
    packed.seek(0)
    return gettext.GNUTranslations(packed)


def translate(language: Language, message: str, **values: object) -> str:
    """One text with its `%(name)s` places filled."""
    text = translations(language).gettext(message)
    return text % values if values else text


class Words:
    """Everything a template or letter needs to speak one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.locale = _LOCALES[language]
        self.gettext = translations(language).gettext
        self.ngettext = translations(language).ngettext

    def __call__(self, message: str, **values: object) -> str:
        text = self.gettext(message)
        return text % values if values else text

    def day(self, value: date | datetime, form: str = "medium") -> str:
        """A day: `short` 24.11.26, `medium` 24.11.2026, `long` 24. November 2026, `month` Nov. 2026."""
        value = value.astimezone(ZONE).date() if isinstance(value, datetime) else value
        if form == "month":
            return dates.format_skeleton("yMMM", value, locale=self.locale)
        if form == "day":
            return dates.format_skeleton("MMMd", value, locale=self.locale)
        return dates.format_date(value, form, locale=self.locale)

    def moment(self, value: datetime) -> str:
        """A moment in the region's time zone: weekday, day and time."""
        local = value.astimezone(ZONE)
        weekday = dates.format_datetime(local, "EEE", locale=self.locale)
        clock = dates.format_time(local.time(), "HH:mm", locale=self.locale)
        return f"{weekday}, {self.day(local.date(), 'long')}, {clock}"

    def number(self, value: float) -> str:
        return _decimal(self.language, value)

    def money(self, cents: int, currency: str = "EUR") -> str:
        """An amount given in cents; without cents where there are none."""
        pattern = "#,##0\xa0¤" if cents % 100 == 0 else "#,##0.00\xa0¤"
        if self.language == "en":
            pattern = "¤#,##0" if cents % 100 == 0 else "¤#,##0.00"
        return numbers.format_currency(cents / 100, currency, format=pattern, locale=self.locale, currency_digits=False)

    def in_language(self, texts: dict[str, str], own: str = DEFAULT_LANGUAGE) -> tuple[str, str]:
        """The text in this language, else in the author's, with the language it is in."""
        for code in (self.language, own, *LANGUAGES):
            if texts.get(code):
                return texts[code], code
        return "", self.language


@lru_cache(maxsize=8192)
def _decimal(language: Language, value: float) -> str:
    """A page of hits writes some seventy numbers, mostly the same ones."""
    return numbers.format_decimal(value, locale=_LOCALES[language])


@cache
def words(language: Language) -> Words:
    return Words(language)


def _extracted() -> Iterable[tuple[str, object]]:
    root = Path(__file__).parent.parent
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "pgettext": ((1, "c"), 2)}
    options = {"jinja2": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}}
    for folder in ("market", "templates"):
        for file, line, message, *_ in extract_from_dir(
            root / folder,
            method_map=methods,
            options_map={pattern: options.get(kind, {}) for pattern, kind in methods},
            keywords=keywords,
            directory_filter=lambda path: Path(path).name != "__pycache__",  # Babel's own leaves out _layout, _macros
        ):
            yield f"{folder}/{file}:{line}", message


def missing() -> list[str]:
    """Every text of code and templates without a German or Polish translation, as a line each."""
    lines = []
    for place, message in _extracted():
        key = message[0] if isinstance(message, tuple) else message
        for language in ("de", "pl"):
            catalogue = translations(language)._catalog  # type: ignore[attr-defined]
            if key not in catalogue and (key, 0) not in catalogue:
                lines.append(f"{place}: {language}: {key!r}")
    return sorted(set(lines))


def ambiguous() -> list[str]:
    """Every text that two areas translate differently, as a line each: the last one would be read everywhere."""
    lines = []
    for language in ("de", "pl"):
        known: dict[object, tuple[object, str]] = {}
        for path in sorted((LOCALE / language).glob("*.po")):
            for message in read_po(io.BytesIO(path.read_bytes()), locale=language):
                said, where = known.setdefault(message.id, (message.string, path.name))
                if message.id and said != message.string:
                    lines.append(f"{path.name}: {language}: {message.id!r} is {message.string!r}, in {where} {said!r}")
    return lines


def main(arguments: list[str]) -> int:
    """`python -m market.i18n check`: exit 1 and a line for each missing or ambiguous text."""
    lines = [*missing(), *ambiguous()]
    print(*lines, sep="\n", end="\n" if lines else "")
    print(f"{len(lines)} texts missing or ambiguous", file=sys.stderr)
    return 1 if lines else 0


def N_(message: str) -> str:
    """Marks a text for translation that is looked up later."""
    return message


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
