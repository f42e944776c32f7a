"""Words everyone may use: languages, days, references, slugs, distances."""

import re
import secrets
from datetime import UTC, date, datetime
from math import asin, cos, radians, sin, sqrt
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

Language: TypeAlias = Literal["de", "en", "pl"]
LANGUAGES: Final[tuple[Language, ...]] = ("de", "en", "pl")
DEFAULT_LANGUAGE: Final[Language] = "de"
ZONE: Final = ZoneInfo("Europe/Berlin")

KINDS: Final = ("service", "training", "lab_test", "residual", "rail")

_WRITES_NOTHING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 15))
    + "]"
)
_ONLY_GUIDES = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_REF_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_FOLD = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ą": "a", "ć": "c", "ę": "e", "ń": "n"}
    | {"ó": "o", "ś": "s", "ź": "z", "ż": "z", "é": "e", "è": "e", "á": "a"}
)


_PERSONAL = re.compile(r"@|https?:|www\.|\d[\d /().-]{6,}\d")


def is_personal(text: str) -> bool:
    """Whether what somebody typed holds an address or a telephone number."""
    return _PERSONAL.search(text) is not None


def new_ref() -> str:
    """A short random reference for use outside: 10 letters and digits without look-alikes, about 49 bits."""
    return "".join(secrets.choice(_REF_LETTERS) for _ in range(10))


def fold(text: str) -> str:
    """Lower case with umlauts as ae/oe/ue/ss and Polish letters without their marks, for comparing."""
    return text.lower().translate(_FOLD)


def readable(text: str) -> str:
    """The text with a space for each code point that writes nothing: controls, halves of a pair, private ones.

    Tabs and line ends stay. No database, letter and HTML page takes all of the others. What only says where a word may
    be broken, or turns the direction of writing, is taken out: copied along from a PDF it would keep a word from being
    found, and could make a name look like another.
    """
    return _WRITES_NOTHING.sub(" ", _ONLY_GUIDES.sub("", text))


def first_of_month(day: date, later: int = 0) -> date:
    """The first day of the month of a day, or of one so many months later, earlier where negative."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def slug(text: str) -> str:
    """The readable end of an address: folded, words joined by hyphens, at most 60 letters."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:60].rstrip("-") or "x"


def day_number(day: date) -> int:
    """A day as the integer yyyymmdd, the form the index filters on."""
    return day.year * 10_000 + day.month * 100 + day.day


def from_day_number(number: int) -> date:
    """The inverse of `day_number`. Raises ValueError on a number that is no day."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def week_of(day: date) -> str:
    """The calendar week a day lies in, `2026-W49`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


FOREVER: Final = 99_991_231
"""The day number of "without end"."""


def local_day(moment: datetime) -> date:
    """The calendar day in the region's time zone."""
    return moment.astimezone(ZONE).date()


def utc_now() -> datetime:
    """The present, for the edges only (web, relay, command line): below them time is an argument."""
    return datetime.now(UTC)


Point = tuple[float, float]
"""Latitude and longitude, WGS 84."""


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres (haversine, mean earth radius 6371.0088 km)."""
    a, b = radians(lat1), radians(lat2)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * asin(min(1.0, sqrt(h)))
