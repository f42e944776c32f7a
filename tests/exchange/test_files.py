"""Rows from files of every kind, also from broken ones."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from market.errors import Invalid
from market.exchange import files
from market.exchange.files import Row
from market.exchange.records import OfferingRecord

COLUMNS = list(OfferingRecord.model_fields)


def read(data: bytes, kind: files.Format = "csv", encoding: str | None = None) -> list[Row]:
    return list(files.rows(io.BytesIO(data), kind, COLUMNS, encoding))


def test_json_lines_are_counted_and_empty_ones_skipped() -> None:
    data = b'\xef\xbb\xbf{"title": "a"}\n\n{"title": "b"}'
    assert [(row.line, row.values) for row in read(data, "jsonl")] == [(1, {"title": "a"}), (3, {"title": "b"})]


@pytest.mark.parametrize(
    "line",
    [b"{", b"[1]", b'"x"', b"\xff\xfe", b'{"a": NaN}', b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000],
)
def test_a_bad_json_line_stops_no_other(line: bytes) -> None:
    first, second = read(line + b'\n{"title": "b"}', "jsonl")
    assert first.reason
    assert not first.values
    assert (second.line, second.values) == (2, {"title": "b"})


def test_an_endless_line_is_refused_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LINE_BYTES", 100)
    first, second = read(b'{"title": "' + b"x" * 500 + b'"}\n{"title": "b"}\n', "jsonl")
    assert "longer" in first.reason
    assert second.values == {"title": "b"}


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_separator_is_the_one_that_names_most_columns(separator: str) -> None:
    head = separator.join(("external_id", "title", "keywords"))
    data = f'{head}\n1{separator}Schweißen{separator}"a; b"\n'.encode()
    assert read(data)[0].values == {"external_id": "1", "title": "Schweißen", "keywords": "a; b"}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Schweißen für Rohre und Behälter", "utf-8"),
        ("Schweißen für Rohre und Behälter", "utf-8-sig"),
        ("Schweißen für Rohre und Behälter bis 30 m³", "cp1252"),
        ("Usługi spawalnicze na budowie i w zakładzie oraz remonty", "cp1250"),
    ],
)
def test_the_encoding_follows_the_language(text: str, encoding: str) -> None:
    assert read(f"external_id;title\n1;{text}\n".encode(encoding))[0].values["title"] == text


def test_an_encoding_can_be_named_and_a_wrong_one_is_told() -> None:
    assert read("title\nłuk\n".encode("cp1250"), encoding="cp1250")[0].values["title"] == "łuk"
    with pytest.raises(Invalid, match="--encoding"):
        read("title\nSchweißen\n".encode("cp1252"), encoding="utf-8")
    with pytest.raises(Invalid, match="no encoding"):
        read(b"title\nx\n", encoding="klingon")
    with pytest.raises(Invalid, match="--encoding"):
        read(b"title\n\x81\x8d\n")


def test_columns_may_be_written_as_people_do() -> None:
    assert read(b"External ID;TITLE;Radius km\n1;x;50\n")[0].values == {
        "external_id": "1",
        "title": "x",
        "radius_km": "50",
    }


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    with pytest.raises(Invalid, match="no column 'titel'; did you mean 'title'"):
        read(b"external_id;titel\n1;x\n")
    with pytest.raises(Invalid, match="twice"):
        read(b"title;title\n1;x\n")


def test_an_empty_table_says_what_is_missing() -> None:
    with pytest.raises(Invalid, match="first line"):
        read(b"\n;;\n")


def test_a_row_with_too_many_cells_is_refused_alone() -> None:
    rows = read(b"external_id;title\n1;a;b\n2;c\n3\n4;d;;\n")
    assert [(row.line, bool(row.reason)) for row in rows] == [(2, True), (3, False), (4, False), (5, False)]
    assert "quotation marks" in rows[0].reason
    assert rows[2].values == {"external_id": "3", "title": ""}


def test_lines_count_from_the_beginning_of_a_record() -> None:
    rows = read(b'external_id;title\n1;"two\nlines"\n2;x\n')
    assert [row.line for row in rows] == [2, 4]


def test_an_open_quotation_mark_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FIELD_CHARACTERS", 50)
    with pytest.raises(Invalid, match="quotation mark"):
        read(b'external_id;title\n1;"' + b"x" * 200)


def test_a_workbook_is_read_from_its_first_sheet() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["external_id", "title", "postcode", None])
    sheet.append([1, "Schweißen", 15890, None])
    sheet.append([None, None, None, None])
    sheet.append(["x", "'=1+1", None, None])
    packed = io.BytesIO()
    book.save(packed)
    rows = read(packed.getvalue(), "xlsx")
    assert [(row.line, row.values) for row in rows] == [
        (2, {"external_id": 1, "title": "Schweißen", "postcode": 15890}),
        (4, {"external_id": "x", "title": "=1+1", "postcode": ""}),
    ]


def test_a_broken_workbook_is_refused() -> None:
    with pytest.raises(Invalid, match="no workbook"):
        read(b"no zip at all", "xlsx")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x")
    with pytest.raises(Invalid, match="no workbook"):
        read(packed.getvalue(), "xlsx")


def test_a_workbook_that_unpacks_to_a_flood_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILE_BYTES", 100_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 200_000)
    with pytest.raises(Invalid, match="too large"):
        read(packed.getvalue(), "xlsx")
    with pytest.raises(Invalid, match="larger"):
        read(b"x" * 100_001, "csv")


def test_the_format_follows_the_ending() -> None:
    assert files.format_of("a.CSV") == "csv"
    assert files.format_of("/x/b.xlsx") == "xlsx"
    with pytest.raises(Invalid, match="--format"):
        files.format_of("c.pdf")
