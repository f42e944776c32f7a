"""Tables as a firm keeps them, with faults of ten sorts, four of each, in rows we know."""

import csv
import io
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]

HEAD = (
    "Artikelnr.", "Bezeichnung", "Kurzbeschreibung", "Art", "CPV", "Preis netto", "Einheit", "Sprachen", "Umkreis",
    "Verfügbar ab", "PLZ", "Notdienst", "Lieferzeit", "Interne Notiz",
)  # fmt: skip
FAULTS: tuple[tuple[str, Any], ...] = (
    ("Artikelnr.", ""),
    ("Artikelnr.", "A-00000"),
    ("Bezeichnung", ""),
    ("Bezeichnung", "x" * 301),
    ("Art", "Zauberei"),
    ("CPV", "4523"),
    ("Preis netto", "viel"),
    ("Sprachen", "Klingonisch"),
    ("Umkreis", "5000"),
    ("Verfügbar ab", "31.02.2027"),
)
"""Column and what stands in it; the second one repeats the number of the first row."""


def rows(count: int, faults: bool = True, word: str = "Arbeit") -> tuple[list[list[Any]], dict[int, str]]:
    """The rows below the head, and the column at fault by line of the file (the head is line 1)."""
    found = [
        [f"A-{number:05}", f"{word} {number}", "Sauber und pünktlich, auch nachts", "Dienstleistung", "45262670",
         58.5, "Stunde", "Deutsch; Polnisch", 50, "15.01.2027", "15890", "ja" if number % 2 else "nein", 5, "geheim"]
        for number in range(count)
    ]  # fmt: skip
    wrong: dict[int, str] = {}
    if faults:
        step = (count - 1) // (4 * len(FAULTS))
        for place in range(4 * len(FAULTS)):
            column, value = FAULTS[place % len(FAULTS)]
            number = 1 + place * step
            found[number][HEAD.index(column)] = value
            wrong[number + 2] = column
    return found, wrong


def xlsx(lines: list[list[Any]], head: tuple[str, ...] = HEAD) -> bytes:
    out = io.BytesIO()
    with Workbook(out) as book:
        sheet = book.add_worksheet("Leistungen")
        for place, line in enumerate([list(head), *lines]):
            sheet.write_row(place, 0, line)
    return out.getvalue()


def written(lines: list[list[Any]], encoding: str = "utf-8-sig", separator: str = ";") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([list(HEAD), *lines])
    return text.getvalue().encode(encoding)
